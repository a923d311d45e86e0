"""Kernels that sum: over the rows of one block, and over numbers of ONCE.

Each takes its table of arguments %a, the number of rows of the block, %width, and the first of them, %start. The lanes
of the last vector beyond the last row are undefined; a sum over the rows leaves them out.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape

PARAMETERS = "ptr noalias %a, i64 %width, i64 %start"
_SUMS = 4  # partial sums of a long sum


def breadths(shape: VectorShape) -> tuple[int, ...]:
    """How many columns of an outer product are computed together: as many as stay in registers."""
    return (4, 2, 1) if shape.registers >= 32 else (2, 1)


def vectors(code: Code, shape: VectorShape) -> IrValue:
    """How many vectors the rows of the block fill."""
    return code.of(f"lshr i64 {code.add('%width', shape.lanes - 1)}, {shape.lanes.bit_length() - 1}")


def multiply_add(code: Code, shape: VectorShape, a: IrValue, b: IrValue, c: IrValue) -> IrValue:
    """a * b + c, rounded once where the processor can."""
    vector = shape.vector
    suffix = f"v{shape.lanes}f{8 * shape.bytes}"
    return code.call(vector, f"llvm.fmuladd.{suffix}", (vector, a), (vector, b), (vector, c))


def sum_of_products(
    code: Code, shape: VectorShape, products: Sequence[tuple[IrValue, IrValue, bool]], start: IrValue | None
) -> IrValue:
    """start + left * right + ...; each product with whether it is subtracted. Several partial sums, since an addition
    waits for the one before it."""
    chains = min(_SUMS, max(1, len(products) // 2))
    totals = ["zeroinitializer" if start is None else start, *["zeroinitializer"] * (chains - 1)]
    for j, (left, right, minus) in enumerate(products):
        factor = code.of(f"fneg {shape.vector} {left}") if minus else left
        totals[j % chains] = multiply_add(code, shape, factor, right, totals[j % chains])
    while len(totals) > 1:
        half = (len(totals) + 1) // 2
        for i in range(len(totals) - half):
            totals[i] = code.of(f"fadd {shape.vector} {totals[i]}, {totals[i + half]}")
        totals = totals[:half]
    return totals[0]


def outer(name: str, shape: VectorShape) -> Code:
    """sums += left right^T, added up over the rows.

    Arguments: left, right, sums, the number of places of left and of right, the distances in sums down and along.
    """
    return _outer(name, shape, _heights(shape), False)


def outer_and_total(name: str, shape: VectorShape) -> Code:
    """As `outer`, for a right side with one of `breadths` places, and sums of left itself; further arguments: where
    those are added, and their distance."""
    return _outer(name, shape, (4, 1) if shape.registers >= 32 else (2, 1), True)


def _heights(shape: VectorShape) -> tuple[int, ...]:
    """The places of left that are read together: with more of them, right is read from the cache less often."""
    return (6, 4, 2, 1) if shape.registers >= 32 else (4, 2, 1)


def _outer(name: str, shape: VectorShape, heights: tuple[int, ...], totals: bool, over_turns: bool = False) -> Code:
    code = Code(name, PARAMETERS)
    left, right, sums = (code.argument(i, "ptr") for i in range(3))
    m, n, down, along = (code.argument(3 + i) for i in range(4))
    turns: tuple[IrInt, IrInt, IrInt] | None = None
    if over_turns:
        apart = [code.multiply(code.argument(number), shape.stride) for number in (8, 9)]
        turns = code.argument(7), apart[0], apart[1]
    beside, step = (code.argument(7, "ptr"), code.argument(8)) if totals else ("", 0)
    top: IrInt = 0
    for height in heights:
        with code.loop(top, m, height) as i:
            start: IrInt = 0
            for breadth in breadths(shape):
                with code.loop(start, n, breadth) as j:
                    rows = [code.multiply(code.add(i.index, row), shape.stride) for row in range(height)]
                    columns = [code.multiply(code.add(j.index, column), shape.stride) for column in range(breadth)]
                    lefts = [code.address(left, offset, shape.type) for offset in rows]
                    rights = [code.address(right, offset, shape.type) for offset in columns]
                    add_zero_multiple = _row_sums(code, shape, lefts, rights, totals, turns)
                    products = height * breadth
                    for tile, number in enumerate(add_zero_multiple[:products]):
                        below = code.multiply(code.add(i.index, tile // breadth), down)
                        place = code.add(below, code.multiply(code.add(j.index, tile % breadth), along))
                        add_to(code, shape, code.address(sums, place, shape.type), number)
                    for row, number in enumerate(add_zero_multiple[products:]):
                        place = code.multiply(code.add(i.index, row), step)
                        add_to(code, shape, code.address(beside, place, shape.type), number)
                start = j.index
        top = i.index
    return code


def total(name: str, shape: VectorShape) -> Code:
    """sums[i] += the sum of operand[i] over the rows; arguments: operand, sums, their number, the distance of the
    sums."""
    return _total(name, shape, over_turns=False)


def total_over_turns(name: str, shape: VectorShape) -> Code:
    """As `total`, added up over turns too; further arguments: their number, and the distance of the operand in places
    from turn to turn."""
    return _total(name, shape, over_turns=True)


def _total(name: str, shape: VectorShape, over_turns: bool) -> Code:
    code = Code(name, PARAMETERS)
    operand, sums = code.argument(0, "ptr"), code.argument(1, "ptr")
    n, along = code.argument(2), code.argument(3)
    turns: tuple[IrInt, IrInt, IrInt] | None = None
    if over_turns:
        turns = code.argument(4), code.multiply(code.argument(5), shape.stride), 0
    first: IrInt = 0
    for height in (8, 1):
        with code.loop(first, n, height) as i:
            starts = [code.multiply(code.add(i.index, row), shape.stride) for row in range(height)]
            totals = _row_sums(
                code, shape, [code.address(operand, offset, shape.type) for offset in starts], [], True, turns
            )
            for row, number in enumerate(totals):
                place = code.multiply(code.add(i.index, row), along)
                add_to(code, shape, code.address(sums, place, shape.type), number)
        first = i.index
    return code


def total_compensated(name: str, shape: VectorShape) -> Code:
    """The sum of one place over the rows, and beside it the sum of what its additions rounded away; arguments: operand,
    where the sum is, where the error is. Only the additions of the lanes of one block are not compensated."""
    code = Code(name, PARAMETERS)
    operand, total, error = (code.argument(i, "ptr") for i in range(3))
    vector, wide = shape.vector, shape.lanes * shape.bytes
    whole = code.of(f"sub nsw i64 {vectors(code, shape)}, 1")

    def read(at: IrInt) -> IrValue:
        return code.load(vector, code.address(operand, at, shape.type), wide)

    with code.loop(0, whole, 1, [(vector, "zeroinitializer")] * 2) as block:
        block.next = _add_exactly(code, vector, read(code.multiply(block.index, shape.lanes)), *block.values)
    start = code.multiply(whole, shape.lanes)
    inside = code.first_lanes(shape, code.of(f"sub nsw i64 %width, {start}"))
    last = code.of(f"select {shape.mask} {inside}, {vector} {read(start)}, {vector} zeroinitializer")
    summed, lost = sum_lanes(code, shape, _add_exactly(code, vector, last, *block.values))
    before = [code.load(shape.type, place, shape.bytes) for place in (total, error)]
    after, rounded = _add_exactly(code, shape.type, summed, *before)
    code.store(shape.type, after, total, shape.bytes)
    code.store(shape.type, code.of(f"fadd {shape.type} {rounded}, {lost}"), error, shape.bytes)
    return code


def _add_exactly(code: Code, type_: str, number: IrValue, total: IrValue, error: IrValue) -> list[IrValue]:
    """[total + number, error + what that rounded away]: Knuth's sum of two numbers of any size."""

    def of(operation: str, a: IrValue, b: IrValue) -> IrValue:
        return code.of(f"{operation} {type_} {a}, {b}")

    after = of("fadd", total, number)
    share = of("fsub", after, total)
    lost = of("fadd", of("fsub", total, of("fsub", after, share)), of("fsub", number, share))
    return [after, of("fadd", error, lost)]


def add_error(name: str, shape: VectorShape) -> Code:
    """Add its error to a sum, if that is finite; arguments: where they are."""
    code = Code(name, PARAMETERS)
    places = [code.argument(i, "ptr") for i in range(2)]
    total, error = (code.load(shape.type, place, shape.bytes) for place in places)
    nothing = code.of(f"fsub {shape.type} {error}, {error}")
    finite = code.of(f"fcmp oeq {shape.type} {nothing}, 0.0")
    added = code.of(f"fadd {shape.type} {total}, {error}")
    code.store(
        shape.type, code.of(f"select i1 {finite}, {shape.type} {added}, {shape.type} {total}"), places[0], shape.bytes
    )
    return code


def _row_sums(
    code: Code,
    shape: VectorShape,
    lefts: list[IrValue],
    rights: list[IrValue],
    totals: bool,
    turns: tuple[IrInt, IrInt, IrInt] | None = None,
) -> list[IrValue]:
    """The sums over the rows of the product of each left with each right; totals: followed by those of each left.

    turns: how many are added up, and the distances of left and right from one to the next.
    """
    vector, wide = shape.vector, shape.lanes * shape.bytes
    whole = code.of(f"sub nsw i64 {vectors(code, shape)}, 1")
    count = len(lefts) * (len(rights) + totals)

    def add_up(
        at: IrValue, inside: IrValue | None, sums: list[IrValue], lefts: list[IrValue], rights: list[IrValue]
    ) -> list[IrValue]:
        def read(address: IrValue) -> IrValue:
            numbers = code.load(vector, code.address(address, at, shape.type), wide)
            if inside is None:
                return numbers
            return code.of(f"select {shape.mask} {inside}, {vector} {numbers}, {vector} zeroinitializer")

        left, right = list(map(read, lefts)), list(map(read, rights))
        factors = [(a, b) for a in left for b in right]
        added = [multiply_add(code, shape, a, b, c) for (a, b), c in zip(factors, sums, strict=False)]
        return added + [code.of(f"fadd {vector} {a}, {b}") for a, b in zip(left, sums[len(factors) :], strict=False)]

    start = code.multiply(whole, shape.lanes)
    inside = code.first_lanes(shape, code.of(f"sub nsw i64 %width, {start}"))

    def add_rows(sums: list[IrValue], *sides: list[IrValue]) -> list[IrValue]:
        with code.loop(0, whole, 1, [(vector, number) for number in sums]) as block:
            block.next = add_up(str(code.multiply(block.index, shape.lanes)), None, block.values, *sides)
        return add_up(str(start), inside, block.values, *sides)

    nothing = ["zeroinitializer"] * count
    if turns is None:
        return sum_lanes(code, shape, add_rows(nothing, lefts, rights))
    with code.loop(0, turns[0], 1, [(vector, number) for number in nothing]) as turn:
        offsets = [code.multiply(turn.index, apart) for apart in turns[1:]]
        sides = [
            [code.address(place, offset, shape.type) for place in side]
            for side, offset in zip((lefts, rights), offsets, strict=True)
        ]
        turn.next = add_rows(turn.values, *sides)
    return sum_lanes(code, shape, turn.values)


def sum_lanes(code: Code, shape: VectorShape, sums: list[IrValue]) -> list[IrValue]:
    """The sum of the lanes of each vector: vectors are added in pairs, half the lanes of each, until one is left."""
    totals: list[IrValue] = []
    for first in range(0, len(sums), shape.lanes):
        level = sums[first : first + shape.lanes]
        size = len(level)
        distance = 1
        while distance < shape.lanes:
            if len(level) % 2:
                level.append("zeroinitializer")
            level = [_halves(code, shape, a, b, distance) for a, b in zip(level[::2], level[1::2], strict=True)]
            distance *= 2
        totals += [code.of(f"extractelement {shape.vector} {level[0]}, i64 {lane}") for lane in range(size)]
    return totals


def _halves(code: Code, shape: VectorShape, a: IrValue, b: IrValue, distance: int) -> IrValue:
    """Sums of lanes that are `distance` apart: of `a` in the lanes without that bit, of `b` in those with it."""
    lanes = shape.lanes
    low = [lane if not lane & distance else lanes + lane - distance for lane in range(lanes)]
    high = [lane + distance if not lane & distance else lanes + lane for lane in range(lanes)]
    return code.of(f"fadd {shape.vector} {code.shuffle(shape, a, b, low)}, {code.shuffle(shape, a, b, high)}")


def add_to(code: Code, shape: VectorShape, place: IrValue, number: IrValue) -> None:
    """Add a number to the one at an address."""
    before = code.load(shape.type, place, shape.bytes)
    code.store(shape.type, code.of(f"fadd {shape.type} {before}, {number}"), place, shape.bytes)


def product_once(name: str, shape: VectorShape) -> Code:
    """out = matrix @ x + bias on single numbers, in vectors where the numbers of x are next to each other and those of
    a row of the matrix too, or are one number.

    Arguments: matrix, x, out, bias, the numbers of rows and columns, the distances: down the matrix, along it, in x, in
    bias.
    """
    code = Code(name, PARAMETERS)
    matrix, x, out, bias = (code.argument(i, "ptr") for i in range(4))
    m, k, down, along, x_step, bias_step = (code.argument(4 + i) for i in range(6))
    neighbours = code.of(f"icmp eq i64 {x_step}, 1")
    with code.loop(0, m) as i:
        row = code.address(matrix, code.multiply(i.index, down), shape.type)
        total = code.load(shape.type, code.address(bias, code.multiply(i.index, bias_step), shape.type), shape.bytes)
        done: IrInt = 0
        for step in (0, 1):
            fits = code.of(f"and i1 {neighbours}, {code.of(f'icmp eq i64 {along}, {step}')}")
            summed, end = _in_vectors(code, shape, row, x, code.of(f"select i1 {fits}, i64 {k}, i64 0"), step)
            total, done = code.of(f"fadd {shape.type} {total}, {summed}"), code.add(done, end)
        with code.loop(done, k, 1, [(shape.type, total)]) as rest:
            a = code.load(shape.type, code.address(row, code.multiply(rest.index, along), shape.type), shape.bytes)
            b = code.load(shape.type, code.address(x, code.multiply(rest.index, x_step), shape.type), shape.bytes)
            product = code.of(f"fmul {shape.type} {a}, {b}")
            rest.next = [code.of(f"fadd {shape.type} {rest.values[0]}, {product}")]
        code.store(shape.type, rest.values[0], code.address(out, i.index, shape.type), shape.bytes)
    return code


def _in_vectors(
    code: Code, shape: VectorShape, row: IrValue, x: IrValue, count: IrValue, step: int
) -> tuple[IrValue, IrValue]:
    """(the sum of the products that fill vectors, how many numbers those are); several partial sums, since an addition
    waits for the one before it. step: from one number of the row to the next, 0 or 1."""
    vector = shape.vector
    sums: list[IrValue] = ["zeroinitializer"] * _SUMS
    start: IrInt = 0
    for several in (_SUMS, 1):
        with code.loop(start, count, several * shape.lanes, [(vector, total) for total in sums]) as j:
            j.next = list(j.values)
            for number in range(several):
                at = code.add(j.index, number * shape.lanes)
                b = code.load(vector, code.address(x, at, shape.type), shape.bytes)
                if step:
                    a = code.load(vector, code.address(row, at, shape.type), shape.bytes)
                else:
                    a = code.splat(shape, code.load(shape.type, row, shape.bytes))
                j.next[number] = multiply_add(code, shape, a, b, j.values[number])
        start, sums = j.index, j.values
    while len(sums) > 1:
        sums = [code.of(f"fadd {vector} {a}, {b}") for a, b in zip(sums[::2], sums[1::2], strict=True)]
    (summed,) = sum_lanes(code, shape, sums)
    return summed, j.index


def check(name: str, shape: VectorShape) -> Code:
    """Whether numbers are finite: the sum of 0 times each is 0 then, and nan otherwise; arguments: the numbers,
    how many, where to put the sum."""
    code = Code(name, PARAMETERS)
    numbers, count, out = code.argument(0, "ptr"), code.argument(1), code.argument(2, "ptr")
    vector = shape.vector

    def add_zero_multiple(total: IrValue, at: IrValue, type_: str, zero: str) -> IrValue:
        number = code.load(type_, code.address(numbers, at, shape.type), shape.bytes)
        return code.of(f"fadd {type_} {total}, {code.of(f'fmul {type_} {number}, {zero}')}")

    with code.loop(0, count, shape.lanes, [(vector, "zeroinitializer")]) as i:
        i.next = [add_zero_multiple(i.values[0], i.index, vector, "zeroinitializer")]
    (total,) = sum_lanes(code, shape, [i.values[0]])
    with code.loop(i.index, count, 1, [(shape.type, total)]) as rest:
        rest.next = [add_zero_multiple(rest.values[0], rest.index, shape.type, "0.0")]
    code.store(shape.type, rest.values[0], out, shape.bytes)
    return code


def outer_over_turns(name: str, shape: VectorShape) -> Code:
    """As `outer`, added up over turns too; further arguments: their number, and the distances in places of left and of
    right from turn to turn."""
    return _outer(name, shape, _heights(shape), False, over_turns=True)


KERNELS = (
    check,
    outer,
    outer_over_turns,
    outer_and_total,
    total,
    total_over_turns,
    total_compensated,
    add_error,
    product_once,
)
