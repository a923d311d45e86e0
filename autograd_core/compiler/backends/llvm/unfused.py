"""Instructions of which each is a pass of its own: those of a graph that is large and irregular.

There may be half a million of them, mostly on single numbers. All that are alike are calls of one kernel, so that their
number costs LLVM nothing: each call is the address of the kernel and those of the places it works on.
"""

from __future__ import annotations

from typing import Protocol

from autograd_core.compiler.backends.llvm.kernels.elementwise import Kernel, Kind, Operation
from autograd_core.compiler.vectorise.vector_program import Elementwise, File, Operand, Places, Span

Place = tuple[File, int, int]  # the file, the first place, how many
End = tuple[Kind, int, int]  # what an operand or a result is, its address, how many places on its next number is


class Builder(Protocol):
    """Where the calls go, and the addresses of places; `plan.Plan` is one."""

    @property
    def condition_bytes(self) -> int: ...
    @property
    def row_numbers(self) -> int: ...
    def row(self, place: int) -> int: ...
    def condition(self, place: int) -> int: ...
    def single(self, place: int) -> int: ...
    def singles(self, places: Places, neighbours: bool = False) -> tuple[int, int]: ...
    def named(self, kernel: Kernel, in_rows: bool) -> str: ...
    def add_pass(self, name: str, arguments: list[int]) -> None: ...


class Alone:
    """Hands instructions to a builder, each as a pass of its own, whose kernel serves all that are like it."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder
        self._names: dict[tuple[object, ...], str] = {}
        places = {File.ONCE: builder.single, File.ROWS: builder.row, File.CONDITIONS: builder.condition}
        self._first = {file: place(0) for file, place in places.items()}
        self._apart = {file: place(1) - place(0) for file, place in places.items()}

    def add(self, step: Elementwise) -> None:
        """Hand over one instruction."""
        file, start, size = step.out
        if size > 1:
            ends = [self._end(one, step) for one in step.operands]
            key = (step.primitive, file, True, *[kind for kind, _, _ in ends])
            name = self._names.get(key) or self._named(step, ends, key)
            self._builder.add_pass(name, arguments(self._builder, ends, [(file, start, size)], size))
            return
        first, apart = self._first, self._apart
        files: list[File] = []
        addresses = [1] if file is File.ONCE else []
        for one in step.operands:
            if isinstance(one, Span):
                where, place, _ = one
            else:
                where, place = File.ONCE, one.item()
            files.append(where)
            addresses.append(first[where] + place * apart[where])
        addresses.append(first[file] + start * apart[file])
        key = (step.primitive, file, False, *files)
        name = self._names.get(key) or self._named(step, [self._end(one, step) for one in step.operands], key)
        self._builder.add_pass(name, addresses)

    def _named(self, step: Elementwise, ends: list[End], key: tuple[object, ...]) -> str:
        file, _, size = step.out
        kind = Kind.MASK if file is File.CONDITIONS else Kind.VECTOR
        operation = Operation(step.primitive, tuple(range(len(ends))), kind)
        kernel = Kernel(size > 1, [kind for kind, _, _ in ends], [operation], [0])
        name = self._names[key] = self._builder.named(kernel, file is not File.ONCE)
        return name

    def _end(self, operand: Operand, step: Elementwise) -> End:
        builder, several, in_rows = self._builder, step.out.size > 1, step.out.file is not File.ONCE
        if isinstance(operand, Span):
            kind, place = (Kind.VECTOR, builder.row) if operand.file is File.ROWS else (Kind.MASK, builder.condition)
            return kind, place(operand.start), 0 if several and operand.size == 1 else 1
        address, distance = builder.singles(operand, neighbours=not in_rows)
        single = in_rows or (several and len(operand) == 1)
        return Kind.SINGLE if single else Kind.VECTOR, address, distance


def arguments(builder: Builder, inputs: list[End], outputs: list[Place], size: int) -> list[int]:
    """Those of a pass over `size` places, see `elementwise`."""
    if outputs[0][0] is File.ONCE:
        places = [builder.single(start) for _, start, _ in outputs]
        return [size, *[address for _, address, _ in inputs], *places]
    ends = inputs.copy()
    for file, start, _ in outputs:
        if file is File.ROWS:
            ends.append((Kind.VECTOR, builder.row(start), 1))
        else:
            ends.append((Kind.MASK, builder.condition(start), 1))
    if size == 1:
        return [address for _, address, _ in ends]
    units = {Kind.SINGLE: 1, Kind.MASK: builder.condition_bytes, Kind.VECTOR: builder.row_numbers}
    return [size, *[one for kind, address, step in ends for one in (address, step * units[kind])]]
