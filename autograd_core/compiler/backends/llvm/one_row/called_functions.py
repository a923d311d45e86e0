"""Functions that the code for one row calls: elementary functions on a few numbers, and products in loops.

Each is written once for a program, whatever its number of calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from autograd_core.compiler.backends.llvm.functions.called import CalledFunctions
from autograd_core.compiler.backends.llvm.functions.table import PAIRS, PARTNERS
from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import multiply_add
from autograd_core.engine.primitive import Primitive

_ACCUMULATORS = 8  # so that a sum does not wait for the one before


def narrow(shape: VectorShape, lanes: int) -> VectorShape:
    """The shape of vectors with fewer numbers."""
    return VectorShape(shape.type, lanes, shape.registers, shape.stride)


class Regular(NamedTuple):
    """Sums whose places are evenly spaced: for some `sums` of `terms` products the distances of the left and the right
    number from sum to sum and from term to term, and of the numbers the sums start from (None for 0)."""

    sums: int
    terms: int
    left: tuple[int, int]
    right: tuple[int, int]
    start: int | None
    subtracts: bool


class Functions(CalledFunctions):
    """The functions of one program for one row."""

    def __init__(self, shape: VectorShape) -> None:
        super().__init__()
        self.shape = shape
        self._paired: dict[tuple[Primitive, Primitive], set[int]] = {}

    def find_pairs(self, operations: Iterable[tuple[Primitive | None, Sequence[int]]]) -> None:
        """Note the numbers of which both functions of a pair are computed; operations: functions and their operands."""
        of: dict[Primitive, set[int]] = {}
        for primitive, operand in operations:
            if primitive in PARTNERS:
                of.setdefault(primitive, set()).update(operand)
        self._paired = {pair: of.get(pair[0], set()) & of.get(pair[1], set()) for pair in PAIRS}

    def pair_of(self, primitive: Primitive, operand: Iterable[int]) -> tuple[Primitive, Primitive] | None:
        """The pair of functions that is computed of all these numbers."""
        pair = PARTNERS.get(primitive)
        return pair if pair is not None and self._paired[pair].issuperset(operand) else None

    def sums(self, about: Regular) -> str:
        """The name of a function of the addresses left, right, start, out."""
        if about not in self.names:
            self.names[about] = name = f"sums{len(self.names)}"
            code = Code(name, "ptr %l, ptr %r, ptr %b, ptr noalias %o")
            write = _across if 1 in (about.left[0], about.right[0]) else _along
            write(code, self.shape, about)
            self.codes.append(code)
        return self.names[about]

    def gather(self, offsets: tuple[int, ...]) -> str:
        """The name of a function of the addresses of the numbers and of their copies."""
        key = "gather", offsets
        if key not in self.names:
            self.names[key] = name = f"gather{len(self.names)}"
            code, shape = _Gathering(name, "ptr %l, ptr noalias %o", offsets), self.shape
            with code.loop(0, len(offsets)) as i:
                offset = code.load("i32", code.address(f"@{name}_table", i.index, "i32"), 4)
                place = code.address("%l", code.of(f"sext i32 {offset} to i64"), shape.type)
                number = code.load(shape.type, place, shape.bytes)
                code.store(shape.type, number, code.address("%o", i.index, shape.type), shape.bytes)
            self.codes.append(code)
        return self.names[key]

    def written(self, write: Callable[..., Code], *about: Any) -> str:
        """The name of a function that `write` writes, from a name, the shape of vectors, and `about`."""
        key = write, about
        if key not in self.names:
            self.names[key] = name = f"{write.__name__}{len(self.names)}"
            self.codes.append(write(name, self.shape, *about))
        return self.names[key]

    def product(self, rows: int, columns: int, left: int, down: int) -> str:
        """The name of a function of the addresses left, right, out: out[i * down + j] = left[i * left] * right[j]."""
        key = "product", rows, columns, left, down
        if key not in self.names:
            self.names[key] = name = f"product{len(self.names)}"
            code = Code(name, "ptr %l, ptr %r, ptr noalias %o")
            shape = self.shape
            with code.loop(0, rows) as i:
                place = code.address("%l", code.multiply(i.index, left), shape.type)
                number = code.load(shape.type, place, shape.bytes)
                top = code.address("%o", code.multiply(i.index, down), shape.type)
                done = 0
                for part in parts(shape, columns):
                    many = (columns - done) // part.lanes
                    factor = code.splat(part, number)
                    with code.loop(done, done + many * part.lanes, part.lanes) as j:
                        right = code.load(part.vector, code.address("%r", j.index, part.type), part.bytes)
                        result = code.of(f"fmul {part.vector} {factor}, {right}")
                        code.store(part.vector, result, code.address(top, j.index, part.type), part.bytes)
                    done += many * part.lanes
            self.codes.append(code)
        return self.names[key]


class _Gathering(Code):
    """A function with a table of whole numbers."""

    def __init__(self, name: str, parameters: str, table: tuple[int, ...]) -> None:
        super().__init__(name, parameters)
        self._table = table

    def text(self) -> str:
        numbers = ", ".join(f"i32 {number}" for number in self._table)
        table = f"@{self.name}_table = private constant [{len(self._table)} x i32] [{numbers}]"
        return f"{table}\n{super().text()}"


def parts(shape: VectorShape, count: int) -> list[VectorShape]:
    """The widths of vectors that `count` numbers need: whole registers, then halves."""
    found, lanes = [], shape.lanes
    while count:
        if count >= lanes:
            found.append(narrow(shape, lanes))
            count %= lanes
        lanes //= 2
    return found


def _number(code: Code, shape: VectorShape, base: str, offset: IrInt) -> IrValue:
    return code.splat(shape, code.load(shape.type, code.address(base, offset, shape.type), shape.bytes))


def _across(code: Code, shape: VectorShape, about: Regular) -> None:
    """Several sums in a vector: one side has them next to each other."""
    done = 0
    for part in parts(shape, about.sums):
        many = (about.sums - done) // part.lanes
        for tile in (4, 2, 1):
            while many >= tile:
                if many >= 2 * tile:
                    rounds = many // tile
                    with code.loop(done, done + rounds * tile * part.lanes, tile * part.lanes) as at:
                        _tile_across(code, part, about, at.index, tile)
                    done, many = done + rounds * tile * part.lanes, many - rounds * tile
                else:
                    _tile_across(code, part, about, done, tile)
                    done, many = done + tile * part.lanes, many - tile


def _tile_across(code: Code, shape: VectorShape, about: Regular, first: IrInt, tile: int) -> None:
    unroll = max(1, min(_ACCUMULATORS // tile, about.terms))
    rounds = about.terms // unroll

    def term(j: IrInt, t: int, total: IrValue) -> IrValue:
        sides = []
        for base, (across, along) in (("%l", about.left), ("%r", about.right)):
            offset = code.add(code.multiply(j, along), code.multiply(code.add(first, t * shape.lanes), across))
            if across:
                sides.append(code.load(shape.vector, code.address(base, offset, shape.type), shape.bytes))
            else:
                sides.append(_number(code, shape, base, offset))
        if about.subtracts:
            sides[0] = code.of(f"fneg {shape.vector} {sides[0]}")
        return multiply_add(code, shape, sides[0], sides[1], total)

    totals = []
    for t in range(tile):
        if about.start is None:
            totals.append("zeroinitializer")
        elif about.start:
            place = code.address("%b", code.add(first, t * shape.lanes), shape.type)
            totals.append(code.load(shape.vector, place, shape.bytes))
        else:
            totals.append(_number(code, shape, "%b", 0))
    totals += ["zeroinitializer"] * (tile * (unroll - 1))
    if rounds > 1:
        with code.loop(0, rounds * unroll, unroll, [(shape.vector, total) for total in totals]) as j:
            for u in range(unroll):
                row = code.add(j.index, u)
                j.next += [term(row, t, j.values[u * tile + t]) for t in range(tile)]
        totals = j.values
        done = rounds * unroll
    else:
        done = 0
    for j_rest in range(done, about.terms):
        u = (j_rest - done) % unroll
        for t in range(tile):
            totals[u * tile + t] = term(j_rest, t, totals[u * tile + t])
    width = unroll
    while width > 1:
        half = (width + 1) // 2
        for u in range(width - half):
            for t in range(tile):
                pair = f"{totals[u * tile + t]}, {totals[(u + half) * tile + t]}"
                totals[u * tile + t] = code.of(f"fadd {shape.vector} {pair}")
        width = half
    for t in range(tile):
        place = code.address("%o", code.add(first, t * shape.lanes), shape.type)
        code.store(shape.vector, totals[t], place, shape.bytes)


def _along(code: Code, shape: VectorShape, about: Regular) -> None:
    """Several terms in a vector; the lanes of a few sums are added up at once."""
    done = 0
    for part in parts(shape, about.sums):
        many = (about.sums - done) // part.lanes
        if many > 1:
            with code.loop(done, done + many * part.lanes, part.lanes) as at:
                _tile_along(code, shape, about, at.index, part.lanes)
        else:
            _tile_along(code, shape, about, done, part.lanes)
        done += many * part.lanes


def _tile_along(code: Code, shape: VectorShape, about: Regular, first: IrInt, tile: int) -> None:
    """`tile` sums, a power of two."""
    totals: list[IrValue] = ["zeroinitializer"] * tile
    ends = (("%l", about.left), ("%r", about.right))
    tops = [
        [
            code.address(base, code.multiply(code.add(first, t), across), shape.type)
            for t in range(tile if across else 1)
        ]
        for base, (across, _) in ends
    ]

    def term(j: IrInt, part: VectorShape, before: list[IrValue]) -> list[IrValue]:
        read = []
        for side in tops:
            read.append([code.load(part.vector, code.address(top, j, part.type), part.bytes) for top in side])
        left, right = (side * tile if len(side) == 1 else side for side in read)
        return [multiply_add(code, part, left[t], right[t], before[t]) for t in range(tile)]

    rounds = about.terms // shape.lanes
    if rounds > 1:
        with code.loop(0, rounds * shape.lanes, shape.lanes, [(shape.vector, total) for total in totals]) as j:
            j.next = term(j.index, shape, j.values)
        totals = j.values
    elif rounds:
        totals = term(0, shape, totals)
    total = None
    if rounds:
        total = add_lanes(code, shape, totals)
    done = rounds * shape.lanes
    for part in parts(shape, about.terms - done):
        rest = add_lanes(code, part, term(done, part, ["zeroinitializer"] * tile))
        out = narrow(shape, tile)
        total = rest if total is None else code.of(f"fadd {out.vector} {total}, {rest}")
        done += part.lanes
    out = narrow(shape, tile)
    if about.subtracts:
        total = code.of(f"fneg {out.vector} {total}")
    if about.start is not None:
        place = code.address("%b", first if about.start else 0, shape.type)
        start = code.load(out.vector, place, shape.bytes) if about.start else _number(code, out, "%b", 0)
        total = code.of(f"fadd {out.vector} {total}, {start}")
    assert total is not None
    code.store(out.vector, total, code.address("%o", first, shape.type), shape.bytes)


def add_lanes(code: Code, shape: VectorShape, totals: list[IrValue]) -> IrValue:
    """A vector with the sum of the lanes of each of the vectors, whose number is a power of two."""
    lanes = shape.lanes
    groups = 1
    while len(totals) > 1 and groups < lanes:
        paired = []
        for a, b in zip(totals[::2], totals[1::2], strict=True):
            size = lanes // groups  # numbers of a sum in a vector
            even, odd = [], []
            for source in (0, lanes):
                for group in range(groups):
                    for i in range(0, size, 2):
                        even.append(source + group * size + i)
                        odd.append(source + group * size + i + 1)
            first, second = (code.shuffle(shape, a, b, order) for order in (even, odd))
            paired.append(code.of(f"fadd {shape.vector} {first}, {second}"))
        totals, groups = paired, groups * 2
    if len(totals) > 1:  # more sums than lanes
        return _join(code, shape, totals)
    (total,) = totals
    while lanes > groups:
        orders = [list(range(start, lanes, 2)) for start in (0, 1)]
        wide = narrow(shape, lanes)
        first, second = (code.shuffle(wide, total, "poison", order) for order in orders)
        lanes //= 2
        total = code.of(f"fadd {narrow(shape, lanes).vector} {first}, {second}")
    return total


def _join(code: Code, shape: VectorShape, halves: list[IrValue]) -> IrValue:
    lanes = shape.lanes
    while len(halves) > 1:
        wide = narrow(shape, lanes)
        order = list(range(2 * lanes))
        halves = [code.shuffle(wide, a, b, order) for a, b in zip(halves[::2], halves[1::2], strict=True)]
        lanes *= 2
    return halves[0]
