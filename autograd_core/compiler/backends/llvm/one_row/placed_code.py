"""Functions on numbers at fixed addresses, of which those that do the same elsewhere share their code."""

from __future__ import annotations

from autograd_core.compiler.backends.llvm.ir.code import Code, IrValue
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS
from autograd_core.compiler.backends.llvm.one_row.arrange import APART

ARRAYS = 3  # in which numbers are, see `Arrangement`


class PlacedCode(Code):
    """A function whose first argument is a table of addresses: of those in `used` if several calls share the function,
    or of the arrays, which takes fewer loads. type_: that of a number."""

    def __init__(self, type_: str) -> None:
        super().__init__("", PARAMETERS)
        self._type = type_
        self.used: dict[int, IrValue] = {}
        self.is_fixed = False
        self._at: list[int] = []  # the lines in which those are defined

    def place(self, address: int) -> IrValue:
        """The name of an address."""
        if address not in self.used:
            self._at.append(len(self._lines))
            number = len(self.used)
            self.used[address] = self.of(f"load ptr, ptr %a{number}")
            self._lines[-1] = f"  %a{number} = getelementptr inbounds i64, ptr %a, i64 {number}\n{self._lines[-1]}"
        return self.used[address]

    def fix(self) -> None:
        """Put the addresses into the function, which is for one call then."""
        self.is_fixed = True
        for line, (address, value) in zip(self._at, self.used.items(), strict=True):
            array, number = divmod(address, APART)
            self._lines[line] = f"  {value} = getelementptr inbounds {self._type}, ptr %base{array}, i64 {number}"
        for array in range(ARRAYS):
            self._lines.insert(2, f"  %base{array} = load ptr, ptr %slot{array}")
            self._lines.insert(2, f"  %slot{array} = getelementptr inbounds i64, ptr %a, i64 {array}")
