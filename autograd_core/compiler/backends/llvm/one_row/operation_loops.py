"""Long operations for one row as loops: those that follow one another on equally many numbers share one."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field

from autograd_core.compiler.backends.llvm.functions.table import PARTNERS, apply_both
from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.one_row.called_functions import parts
from autograd_core.compiler.backends.llvm.one_row.flatten import FlatOperation
from autograd_core.compiler.backends.llvm.operations import COMPARISONS, apply, compare, is_true, select, weight
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

_HEAVY = 400  # instructions in a loop, roughly

Key = tuple[int, int]  # the first and the last place of a range; the same for one number


@dataclass(slots=True, eq=False)
class OperationLoop:
    """One loop over several operations."""

    lines: list[FlatOperation] = field(default_factory=list)
    weight: int = 0
    made: set[int] = field(default_factory=set)

    @property
    def out(self) -> list[int]:
        """The places it computes."""
        return [place for line in self.lines for place in line.out]

    def reads(self) -> Iterable[int]:
        """The places it reads from elsewhere."""
        return (place for line in self.lines for place in line.reads() if place not in self.made)


class Loops:
    """Collects operations into loops. at: the address of a place."""

    def __init__(self, shape: VectorShape, at: Callable[[int], int]) -> None:
        self._shape = shape
        self._at = at
        self._open = OperationLoop()
        self.codes: dict[str, Code] = {}  # by their text before they had a name

    def writes(self, places: Iterable[int]) -> bool:
        """Whether the open loop computes one of the places."""
        return bool(self._open.made) and not self._open.made.isdisjoint(places)

    def is_regular(self, line: FlatOperation) -> bool:
        """Whether an operation can be in a loop: its numbers are neighbours, or one number for all."""
        return self._are_neighbours(line.out) and all(
            self._are_neighbours(operand) or operand.count(operand[0]) == len(operand) for operand in line.operands
        )

    def _are_neighbours(self, places: list[int]) -> bool:
        first = self._at(places[0])
        return all(self._at(place) == first + i for i, place in enumerate(places))

    def fits(self, line: FlatOperation) -> bool:
        """Whether the operation can be in the open loop."""
        loop = self._open
        if not loop.lines:
            return True
        results = {(each.out[0], each.out[-1]) for each in loop.lines}
        assert line.primitive is not None
        return (
            len(loop.lines[0].out) == len(line.out)
            and loop.weight + weight(line.primitive) <= _HEAVY
            and all((operand[0], operand[-1]) in results or loop.made.isdisjoint(operand) for operand in line.operands)
        )

    def add(self, line: FlatOperation) -> None:
        """Add an operation to the open loop."""
        assert line.primitive is not None
        self._open.lines.append(line)
        self._open.made.update(line.out)
        self._open.weight += weight(line.primitive)

    def close(self) -> OperationLoop | None:
        """The open loop, if there is one."""
        loop = self._open
        if not loop.lines:
            return None
        self._open = OperationLoop()
        return loop

    def write(self, loop: OperationLoop, stored: Container[int]) -> tuple[str, list[int]]:
        """The name of the function, and the places whose addresses are its arguments: loops that do the same elsewhere
        are one function. stored: the places that are read elsewhere."""
        read = [operand[0] for line in loop.lines for operand in line.operands if operand[0] not in loop.made]
        made = [line.out[0] for line in loop.lines if any(place in stored for place in line.out)]
        places = list(dict.fromkeys([*read, *made]))
        bases = {place: f"%p{number}" for number, place in enumerate(places)}
        parameters = ", ".join(f"ptr {base}" for base in bases.values())
        code = self._code(loop, stored, bases, Code("", parameters))
        found = self.codes.setdefault(code.text(), code)
        if found is code:
            code.rename(f"loop{len(self.codes) - 1}", parameters)
        return found.name, places

    def _code(self, loop: OperationLoop, stored: Container[int], bases: Mapping[int, IrValue], code: Code) -> Code:
        done, count = 0, len(loop.lines[0].out)
        for shape in parts(self._shape, count):
            many = (count - done) // shape.lanes
            singles: dict[Key, IrValue] = {}
            for line in loop.lines:
                for operand in line.operands:
                    if operand[0] == operand[-1] and operand[0] not in loop.made:
                        number = code.load(shape.type, code.address(bases[operand[0]], 0, shape.type), shape.bytes)
                        singles[operand[0], operand[0]] = code.splat(shape, number)
            if many == 1:
                self._once(code, shape, loop, stored, bases, singles, done)
            else:
                with code.loop(done, done + many * shape.lanes, shape.lanes) as at:
                    self._once(code, shape, loop, stored, bases, singles, at.index)
            done += many * shape.lanes
        return code

    def _once(
        self,
        code: Code,
        shape: VectorShape,
        loop: OperationLoop,
        stored: Container[int],
        bases: Mapping[int, IrValue],
        singles: dict[Key, IrValue],
        index: IrInt,
    ) -> None:
        held, masks, shared = dict(singles), dict[Key, IrValue](), dict[tuple[Primitive, Key], IrValue]()
        wanted = {(line.primitive, line.operands[0][0], line.operands[0][-1]) for line in loop.lines}

        def take(operand: list[int]) -> IrValue:
            key = operand[0], operand[-1]
            if key not in held:
                held[key] = code.load(shape.vector, code.address(bases[operand[0]], index, shape.type), shape.bytes)
            return held[key]

        for line in loop.lines:
            primitive, operands = line.primitive, line.operands
            key = line.out[0], line.out[-1]
            assert primitive is not None
            if primitive is primitives.where:
                condition = operands[0][0], operands[0][-1]
                mask = masks[condition] if condition in masks else is_true(code, shape, take(operands[0]))
                result = select(code, shape, mask, take(operands[1]), take(operands[2]))
            elif primitive in COMPARISONS:
                masks[key] = mask = compare(code, shape, primitive, *map(take, operands))
                result = code.of(f"uitofp {shape.mask} {mask} to {shape.vector}")
            elif (pair := PARTNERS.get(primitive)) is not None:
                ends = operands[0][0], operands[0][-1]
                if wanted.issuperset((each, *ends) for each in pair):
                    if (primitive, ends) not in shared:
                        names = apply_both(code, shape, pair, take(operands[0]))
                        shared.update({(each, ends): name for each, name in zip(pair, names, strict=True)})
                    result = shared[primitive, ends]
                else:
                    result = apply(code, shape, primitive, take(operands[0]))
            else:
                result = apply(code, shape, primitive, *map(take, operands))
            held[key] = result
            if any(place in stored for place in line.out):
                code.store(shape.vector, result, code.address(bases[line.out[0]], index, shape.type), shape.bytes)
