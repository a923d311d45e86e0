"""A program for one row as calls: functions of straight-line code, and loops where ranges are long."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from autograd_core.compiler.backends.llvm.ir.code import Code, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS
from autograd_core.compiler.backends.llvm.one_row.arrange import APART, Arrangement
from autograd_core.compiler.backends.llvm.one_row.called_functions import Functions, Regular
from autograd_core.compiler.backends.llvm.one_row.flatten import (
    Flat,
    FlatOperation,
    FlatProgram,
    Lookup,
    Numbers,
    ProductMatrix,
    RowSums,
    Sums,
)
from autograd_core.compiler.backends.llvm.one_row.operation_loops import Loops, OperationLoop
from autograd_core.compiler.backends.llvm.one_row.placed_code import PlacedCode
from autograd_core.compiler.backends.llvm.one_row.straight import Straight
from autograd_core.compiler.backends.llvm.one_row.table_functions import add_to_row, lookup, zeros
from autograd_core.engine import primitives

_LONG = 4  # vectors; longer operations are loops
_MANY = 8  # vectors of products; longer sums of products are loops
_GATHERED = 16  # numbers; more are copied by a loop over a table
_FUNCTION = 300  # instructions in a function, roughly
_TURN = 75  # instructions; fewer are no function of their own
_MOST = 100_000  # instructions that differ; a longer program is compiled for many rows alone

Write = Callable[[Straight], None]


@dataclass(slots=True)
class _Piece:
    """Something to be written. outside: the places it reads or writes in memory, if it is a call."""

    write: Write
    line: Flat | OperationLoop
    reads: list[int] = field(default_factory=list)


class OneRow:
    """The functions of `calls`, to be called in order, each with a table of these addresses; where there are none, of
    those of the three arrays: ONCE, `size` more numbers, and the results."""

    def __init__(self, flat: FlatProgram, columns: Sequence[int], shape: VectorShape) -> None:
        self._flat = flat
        self._shape = shape
        self._arrangement = arrangement = Arrangement(flat, columns, shape.lanes)
        self._at = arrangement.at
        self.size = arrangement.size
        self.functions = Functions(shape)
        operations = (line for line in arrangement.lines if isinstance(line, FlatOperation))
        self.functions.find_pairs((line.primitive, line.operands[0]) for line in operations)
        self._loops = Loops(shape, self._at)
        self._pieces: list[_Piece] = []
        for line in arrangement.lines:
            self._add(line)
        self._close_loop()
        self.calls: list[tuple[str, list[int]]] = []
        self.codes: list[Code] = []
        self._stored: set[int] = set()
        self.is_short = True  # whether compiling it takes no longer than it is worth
        self._write()

    def by_row(self) -> list[int]:
        """Where the results by row are, as addresses."""
        return list(map(self._at, self._flat.by_row))

    def columns(self) -> list[int]:
        """Where the numbers of each argument go, as addresses."""
        return list(map(self._at, self._flat.columns))

    # ------------------------------------------------------------------------------------------------ pieces

    def _add(self, line: Flat) -> None:
        if isinstance(line, FlatOperation):
            if len(line.out) > _LONG * self._shape.lanes and line.primitive and self._loops.is_regular(line):
                if not self._loops.fits(line):
                    self._close_loop()
                self._loops.add(line)
                return
            self._close_loop_if(line)
            self._straight(line)
            return
        self._close_loop_if(line)
        if isinstance(line, ProductMatrix):
            self._add_product(line)
        elif isinstance(line, Lookup):
            apart = self._arrangement.grid(line.table)
            name = self.functions.written(lookup, len(line.table), len(line.out), apart)
            self._call(name, line, [line.index, line.table[0][0], line.out[0]])
        elif isinstance(line, RowSums):
            self._add_row_sums(line)
        else:
            self._add_sums(line)

    def _close_loop_if(self, line: Flat) -> None:
        """End the open loop if an instruction reads a result of it."""
        if self._loops.writes(line.reads()):
            self._close_loop()

    def _close_loop(self) -> None:
        if (loop := self._loops.close()) is None:
            return

        def write(code: Straight) -> None:
            name, places = self._loops.write(loop, self._stored)
            code.code.line(f"call void @{name}({', '.join(f'ptr {code.address(place)}' for place in places)})")

        self._pieces.append(_Piece(write, loop, list(loop.reads())))

    def _add_product(self, line: ProductMatrix) -> None:
        left, right = (self._spacing(side) for side in (line.left, line.right))
        starts = [row[0] for row in line.rows]
        down = self._spacing(starts)
        size = len(line.left) * len(line.right)
        is_long = size > _LONG * self._shape.lanes
        if is_long and left and right == 1 and down and all(self._spacing(row) == 1 for row in line.rows):
            name = self.functions.product(len(line.left), len(line.right), left, down)
            self._call(name, line, [line.left[0], line.right[0], line.rows[0][0]])
            return
        if len(line.right) < self._shape.lanes:
            left_numbers = [number for number in line.left for _ in line.right]
            self._straight(FlatOperation(line.out, primitives.multiply, (left_numbers, line.right * len(line.left))))
            return
        for out_row, factor in zip(line.rows, line.left, strict=True):
            self._straight(FlatOperation(out_row, primitives.multiply, ([factor] * len(out_row), line.right)))

    def _add_row_sums(self, line: RowSums) -> None:
        """Zero for the matrix, then one call for each term."""
        height, width = len(line.rows), len(line.rows[0])
        clear = self.functions.written(zeros, height * width)
        add = self.functions.written(add_to_row, height, width)

        def write(code: Straight) -> None:
            matrix = code.address(line.rows[0][0])
            code.code.line(f"call void @{clear}(ptr {matrix})")
            for index, numbers in line.terms:
                ends = f"ptr {code.address(index)}, ptr {code.address(numbers[0])}, ptr {matrix}"
                code.code.line(f"call void @{add}({ends})")

        self._pieces.append(_Piece(write, line, list(line.reads())))

    def _straight(self, line: FlatOperation) -> None:
        if line.primitive is None and len(line.out) >= _GATHERED and (table := self._table(line)) is not None:
            self._call(*table)
            return
        self._pieces.append(_Piece(lambda code: code.line(line), line))

    def _call(self, name: str, line: Flat, places: Sequence[int | None]) -> None:
        def write(code: Straight) -> None:
            ends = ", ".join("ptr null" if place is None else f"ptr {code.address(place)}" for place in places)
            code.code.line(f"call void @{name}({ends})")

        self._pieces.append(_Piece(write, line, list(line.reads())))

    def _table(self, line: FlatOperation) -> tuple[str, Flat, list[int | None]] | None:
        """The call that copies numbers by a table; None if they are in several arrays."""
        (source,) = line.operands
        addresses = list(map(self._at, source))
        if not self._arrangement.are_neighbours(line.out) or len({each // APART for each in addresses}) > 1:
            return None
        name = self.functions.gather(tuple([each - addresses[0] for each in addresses]))
        return name, line, [source[0], line.out[0]]

    def _add_sums(self, line: Sums) -> None:
        lanes = self._shape.lanes
        start = 0
        straight: list[int] = []
        while start < len(line.out):
            stop, about = self._regular(line, start)
            if about is not None and about.sums * about.terms > _MANY * lanes:
                first = None if line.start is None else line.start[start]
                part = _part(line, range(start, stop))
                ends = [line.left[start][0], line.right[start][0], first, line.out[start]]
                self._call(self.functions.sums(about), part, ends)
            else:
                straight += range(start, stop)
            start = stop
        if straight:
            part = line if len(straight) == len(line.out) else _part(line, straight)
            self._pieces.append(_Piece(lambda code: code.sums(part), part))

    def _regular(self, line: Sums, start: int) -> tuple[int, Regular | None]:
        """The sums from one on that are evenly spaced: where they stop, and how; None if they are not."""
        left, right = line.left, line.right
        terms, minus = len(left[start]), line.minus[start]
        along = [self._spacing(side[start]) for side in (left, right)]
        if None in along or minus not in (0, terms):
            return start + 1, None
        across: list[int] | None = None
        bias: int | None = None
        i = start + 1
        while i < len(line.out):
            if (
                line.minus[i] != minus
                or len(left[i]) != terms
                or self._at(line.out[i]) != self._at(line.out[i - 1]) + 1
            ):
                break
            steps = [self._at(side[i][0]) - self._at(side[i - 1][0]) for side in (left, right)]
            step = 0 if line.start is None else self._at(line.start[i]) - self._at(line.start[i - 1])
            if across is None:
                across, bias = steps, step
                if step not in (0, 1) or max(map(abs, steps)) >= APART // 2:
                    break
            if steps != across or step != bias:
                break
            if any(
                side[i] is not side[i - 1] and self._spacing(side[i]) != apart
                for side, apart in zip((left, right), along, strict=True)
            ):
                break
            i += 1
        if i == start + 1:
            across, bias = [0, 0], 0
        assert across is not None
        assert along[0] is not None
        assert along[1] is not None
        about = Regular(
            i - start,
            terms,
            (across[0], along[0]),
            (across[1], along[1]),
            None if line.start is None else bias,
            minus > 0,
        )
        is_across = 1 in across and set(across) <= {0, 1}
        return i, about if is_across or (along == [1, 1] and 1 not in across) else None

    def _spacing(self, places: Numbers) -> int | None:
        """The distance between neighbours; None if they differ."""
        first = self._at(places[0])
        if len(places) == 1:
            return 1
        step = self._at(places[1]) - first
        even = all(self._at(place) == first + i * step for i, place in enumerate(places))
        return step if even and abs(step) < APART // 2 else None

    # ------------------------------------------------------------------------------------------------ code

    def _write(self) -> None:
        """Write the functions: where each stops is decided before, since a number that another one reads is stored."""
        stops, length = self._stops()
        if length > _MOST:
            self.is_short = False
            return
        outside = {place for piece in self._pieces for place in piece.reads}
        outside.update(self._flat.by_row)
        outside.update(self._arrangement.results)
        start = 0
        maker: dict[int, int] = {}
        for number, stop in enumerate(stops):
            for piece in self._pieces[start:stop]:
                maker.update(dict.fromkeys(piece.line.out, number))
            start = stop
        start = 0
        for number, stop in enumerate(stops):
            for piece in self._pieces[start:stop]:
                outside.update(place for place in piece.line.reads() if maker.get(place, number) != number)
            start = stop
        read = {place for piece in self._pieces for place in piece.line.reads()}
        self._stored = read.union(self._flat.by_row, self._arrangement.results)
        start = 0
        written: dict[str, list[PlacedCode]] = {}
        order: list[PlacedCode] = []
        for stop in stops:
            straight = Straight(self.functions, self._at, outside)
            for piece in self._pieces[start:stop]:
                piece.write(straight)
            written.setdefault(straight.code.text(), []).append(straight.code)
            order.append(straight.code)
            start = stop
        for number, alike in enumerate(written.values()):
            if len(alike) == 1:
                alike[0].fix()
            for code in alike:
                code.rename(f"row{number}", PARAMETERS)
        self.calls = [(code.name, [] if code.is_fixed else list(code.used)) for code in order]
        rows = [alike[0] for alike in written.values()]
        self.codes = [*rows, *self.functions.codes, *self._loops.codes.values()]

    def _stops(self) -> tuple[list[int], int]:
        """(where each function stops, the instructions of those that differ, roughly). One stops early where what
        follows does the same again, so that the turns of a recurrence share their functions."""
        lengths = list(map(self._length, self._pieces))
        kinds: list[Hashable] = [
            (type(line), getattr(line, "primitive", None), length, len(line.out))
            for line, length in zip([piece.line for piece in self._pieces], lengths, strict=True)
        ]
        stops: list[int] = []
        different: dict[tuple[Hashable, ...], int] = {}
        start = length = 0
        for stop, own in enumerate(lengths, 1):
            length += own
            recurs = length > _TURN and kinds[start:stop] == kinds[stop : 2 * stop - start]
            if recurs or length > _FUNCTION or stop == len(kinds):
                different[tuple(kinds[start:stop])] = length
                stops.append(stop)
                start, length = stop, 0
        return stops, sum(different.values())

    def _length(self, piece: _Piece) -> int:
        """About how many instructions a piece takes."""
        line = piece.line
        if not piece.reads and isinstance(line, FlatOperation):
            return 2 * -(-len(line.out) // self._shape.lanes) * (1 + len(line.operands))
        if not piece.reads and isinstance(line, Sums):
            return 6 * len(line.out) + 4 * sum(map(len, line.left)) // self._shape.lanes
        return 4


def _part(line: Sums, chosen: Iterable[int]) -> Sums:
    def of(numbers: Sequence) -> list:  # type: ignore[type-arg]
        return [numbers[i] for i in chosen]

    chosen = list(chosen)
    start = None if line.start is None else of(line.start)
    return Sums(of(line.out), of(line.left), of(line.right), of(line.minus), start)
