"""Kernels that move numbers: rows in and results out, places gathered and spread; and the kernel that calls the others.
See `matrices` for the arguments of a kernel."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS, vectors

# Places in the state of `over_rows` behind its three lists of calls, and the length of the state.
ROWS, BLOCK, START, BUSY, ONE_ROW, ONE_ROW_CALLS, READY, ONE_ROW_READY, STATE_SIZE = range(6, 15)

# By NumPy's name for a kind of number: LLVM's type, and the instruction that converts it to a float.
_KINDS = {
    "f8": ("double", ""),
    "f4": ("float", ""),
    **{f"i{size}": (f"i{8 * size}", "sitofp") for size in (1, 2, 4, 8)},
    **{f"u{size}": (f"i{8 * size}", "uitofp") for size in (1, 2, 4, 8)},
    "b1": ("i8", "uitofp"),
}


def reader(kind: str) -> str:
    """The kernel that reads data of a kind, as numpy names it."""
    return f"read_rows_{kind}"


def columns_to_read(read: Sequence[bool], lanes: int) -> tuple[list[int], list[int]]:
    """For `read_rows`: the first columns of squares of `lanes` columns, then all that are read as 2 * column, or as
    2 * column + 1 if in a square. A square may cover columns that nobody reads, and some twice."""
    squares: list[int] = []
    for column, is_read in enumerate(read):
        if is_read and lanes <= len(read) and (not squares or column >= squares[-1] + lanes):
            first = min(column, len(read) - lanes)
            if sum(read[column : first + lanes]) > 1:
                squares.append(first)
    inside = {column for first in squares for column in range(first, first + lanes)}
    return squares, [2 * column + (column in inside) for column, is_read in enumerate(read) if is_read]


def read_rows(shape: VectorShape, kind: str) -> Code:
    """Copy the data of an argument; arguments: data, the distances in bytes between rows and between columns, out, the
    distance of the columns in out; the first columns of squares, how many, the columns, how many: `columns_to_read`.
    Where the columns of a row are neighbours, squares of numbers are transposed in registers; where the rows of a
    column are, whole vectors are copied."""
    code = Code(reader(kind), PARAMETERS)
    type_, size = _KINDS[kind][0], int(kind[1:])
    data, out, squares, columns = (code.argument(i, "ptr") for i in (0, 3, 5, 7))
    down, along, apart, lanes = code.argument(1), code.argument(2), code.argument(4), shape.lanes
    first = code.address(data, code.multiply("%start", down), "i8")
    across = _if_equal(code, along, size, code.argument(6))
    tall = _if_equal(code, across, 0, "0", _whole(code, "%width", lanes))  # the rows in squares
    in_vectors = _if_equal(code, down, size, "%width")
    with code.loop(0, tall, lanes) as at:
        top = code.address(first, code.multiply(at.index, down), "i8")
        tops = [code.address(top, code.multiply(down, i), "i8") for i in range(lanes)]
        with code.loop(0, across) as square:
            column = code.load("i64", code.address(squares, square.index, "i64"), 8)
            rows = [_read(code, shape, kind, code.address(row, column, type_), lanes) for row in tops]
            for i, numbers in enumerate(transposed(code, shape, rows)):
                offset = code.add(code.multiply(code.add(column, i), apart), at.index)
                code.store(shape.vector, numbers, code.address(out, offset, shape.type), shape.bytes)
    with code.loop(0, code.argument(8)) as each:
        listed = code.load("i64", code.address(columns, each.index, "i64"), 8)
        column = code.of(f"lshr i64 {listed}, 1")
        top = code.address(first, code.multiply(column, along), "i8")
        into = code.address(out, code.multiply(column, apart), shape.type)
        done = code.multiply(code.of(f"and i64 {listed}, 1"), tall)
        with code.loop(done, in_vectors, lanes) as several:
            numbers = _read(code, shape, kind, code.address(top, several.index, type_), lanes)
            code.store(shape.vector, numbers, code.address(into, several.index, shape.type), shape.bytes)
        with code.loop(several.index, "%width") as row:
            number = _read(code, shape, kind, code.address(top, code.multiply(row.index, down), "i8"))
            code.store(shape.type, number, code.address(into, row.index, shape.type), shape.bytes)
    return code


def _read(code: Code, shape: VectorShape, kind: str, address: IrValue, lanes: int = 0) -> IrValue:
    """A number of a kind as one of the program's, or a vector of `lanes`."""
    (type_, conversion), size = _KINDS[kind], int(kind[1:])
    read, wanted = (f"<{lanes} x {type_}>", shape.vector) if lanes else (type_, shape.type)
    found = code.load(read, address, size)
    if type_ == shape.type:
        return found
    how = conversion or ("fptrunc" if size > shape.bytes else "fpext")
    return code.of(f"{how} {read} {found} to {wanted}")


def _if_equal(code: Code, a: IrInt, b: IrInt, then: IrInt, otherwise: IrInt = 0) -> IrValue:
    return code.of(f"select i1 {code.of(f'icmp eq i64 {a}, {b}')}, i64 {then}, i64 {otherwise}")


def _whole(code: Code, count: IrInt, lanes: int) -> IrValue:
    """As many numbers as fill whole vectors."""
    return code.of(f"and i64 {count}, {-lanes}")


def transposed(code: Code, shape: VectorShape, rows: list[IrValue]) -> list[IrValue]:
    """As many vectors as each has numbers, as the rows of a matrix: its columns. In each turn blocks of twice the
    size are exchanged."""
    size = 1
    while size < shape.lanes:
        low, high = ([], [])
        for lane in range(shape.lanes):
            partner = shape.lanes + lane
            low.append(lane if not lane & size else partner - size)
            high.append(lane + size if not lane & size else partner)
        pairs = list(rows)
        for i in range(shape.lanes):
            if not i & size:
                pairs[i] = code.shuffle(shape, rows[i], rows[i + size], low)
                pairs[i + size] = code.shuffle(shape, rows[i], rows[i + size], high)
        rows, size = pairs, 2 * size
    return rows


def readers(shape: VectorShape) -> list[Code]:
    """The kernels for every kind of data."""
    return [read_rows(shape, kind) for kind in _KINDS]


def read_one_row(name: str, shape: VectorShape) -> Code:
    """Copy the data of an argument in one row; arguments: where the address of the kernel for many rows is and, after
    it, that of its arguments; how many columns, out."""
    code = Code(name, PARAMETERS)
    call, columns, out = code.argument(0, "ptr"), code.argument(1), code.argument(2, "ptr")
    kernel, about = code.load("ptr", call, 8), code.load("ptr", code.address(call, 1, "i64"), 8)
    data = code.load("ptr", about, 8)
    down, along = (code.load("i64", code.address(about, i, "i64"), 8) for i in (1, 2))
    is_float64 = code.of(f"icmp eq ptr {kernel}, @{reader('f8')}")
    is_plain = code.of(f"and i1 {is_float64}, {code.of(f'icmp eq i64 {along}, 8')}")
    top = code.address(data, code.multiply("%start", down), "i8")
    at_once = code.of(f"select i1 {is_plain}, i64 {columns}, i64 0")
    copy_numbers(code, shape, ("double", top), (shape.type, out), at_once)
    table = code.of("alloca [9 x i64], align 8")
    lists = [("i64", code.load("i64", code.address(about, i, "i64"), 8)) for i in range(5, 9)]
    numbers = [("ptr", data), ("i64", down), ("i64", along), ("ptr", out), ("i64", "1"), *lists]
    for i, (type_, value) in enumerate(numbers):
        code.store(type_, value, code.address(table, i, "i64"), 8)
    with code.loop(0, code.of(f"select i1 {is_plain}, i64 0, i64 1")):
        code.line(f"call void {kernel}(ptr {table}, i64 1, i64 %start)")
    return code


def write_one_row(name: str, shape: VectorShape) -> Code:
    """Copy a number to an array for all rows; arguments: the number, where the address of the array is."""
    code = Code(name, PARAMETERS)
    number = code.load(shape.type, code.argument(0, "ptr"), shape.bytes)
    array = code.load("ptr", code.argument(1, "ptr"), 8)
    code.store(shape.type, number, code.address(array, "%start", shape.type), shape.bytes)
    return code


def write_rows(name: str, shape: VectorShape) -> Code:
    """Copy one place of ROWS to an array for all rows; arguments: the place, the array."""
    code = Code(name, PARAMETERS)
    place = code.argument(0, "ptr")
    into = code.address(code.argument(1, "ptr"), "%start", shape.type)
    with code.loop(0, "%width", shape.lanes) as i:
        numbers = code.load(shape.vector, code.address(place, i.index, shape.type), shape.lanes * shape.bytes)
        code.store(shape.vector, numbers, code.address(into, i.index, shape.type), shape.bytes)
    with code.loop(i.index, "%width") as rest:
        number = code.load(shape.type, code.address(place, rest.index, shape.type), shape.bytes)
        code.store(shape.type, number, code.address(into, rest.index, shape.type), shape.bytes)
    return code


def gather(name: str, shape: VectorShape) -> Code:
    """Copy places of ROWS next to each other; arguments: the file, the numbers of the places, how many, out."""
    code = Code(name, PARAMETERS)
    file, places, out = (code.argument(i, "ptr") for i in (0, 1, 3))
    many = code.argument(2)
    count = code.multiply(vectors(code, shape), shape.lanes)
    wide = shape.lanes * shape.bytes
    with code.loop(0, many) as i:
        place = code.load("i64", code.address(places, i.index, "i64"), 8)
        top = code.address(file, code.multiply(place, shape.stride), shape.type)
        into = code.address(out, code.multiply(i.index, shape.stride), shape.type)
        with code.loop(0, count, shape.lanes) as at:
            numbers = code.load(shape.vector, code.address(top, at.index, shape.type), wide)
            code.store(shape.vector, numbers, code.address(into, at.index, shape.type), wide)
    return code


def gather_conditions(name: str, shape: VectorShape) -> Code:
    """Copy places of CONDITIONS next to each other; arguments as for `gather`."""
    code = Code(name, PARAMETERS)
    file, places, out = (code.argument(i, "ptr") for i in (0, 1, 3))
    many = code.argument(2)
    count, apart, mask = vectors(code, shape), shape.stride // shape.lanes, f"i{max(8, shape.lanes)}"
    with code.loop(0, many) as i:
        place = code.load("i64", code.address(places, i.index, "i64"), 8)
        top = code.address(file, code.multiply(place, apart), mask)
        into = code.address(out, code.multiply(i.index, apart), mask)
        with code.loop(0, count) as at:
            bits = code.load(mask, code.address(top, at.index, mask), 1)
            code.store(mask, bits, code.address(into, at.index, mask), 1)
    return code


def spread(name: str, shape: VectorShape) -> Code:
    """Copy numbers of ONCE to every row; arguments: the numbers, their distance, how many, out."""
    code = Code(name, PARAMETERS)
    numbers, apart, many, out = code.argument(0, "ptr"), code.argument(1), code.argument(2), code.argument(3, "ptr")
    count = code.multiply(vectors(code, shape), shape.lanes)
    with code.loop(0, many) as i:
        number = code.load(shape.type, code.address(numbers, code.multiply(i.index, apart), shape.type), shape.bytes)
        into, repeated = code.address(out, code.multiply(i.index, shape.stride), shape.type), code.splat(shape, number)
        with code.loop(0, count, shape.lanes) as at:
            code.store(shape.vector, repeated, code.address(into, at.index, shape.type), shape.lanes * shape.bytes)
    return code


def pack(name: str, shape: VectorShape) -> Code:
    """Copy numbers of ONCE next to each other; arguments: the file, the numbers of the places, how many, out."""
    return _copy_listed(name, shape, scatters=False)


def scatter(name: str, shape: VectorShape) -> Code:
    """The reverse: copy numbers that are next to each other to their places; arguments as for `pack`."""
    return _copy_listed(name, shape, scatters=True)


def _copy_listed(name: str, shape: VectorShape, scatters: bool) -> Code:
    code = Code(name, PARAMETERS)
    file, places, packed = (code.argument(i, "ptr") for i in (0, 1, 3))
    with code.loop(0, code.argument(2)) as i:
        place = code.load("i64", code.address(places, i.index, "i64"), 8)
        ends = [code.address(file, place, shape.type), code.address(packed, i.index, shape.type)]
        if scatters:
            ends.reverse()
        code.store(shape.type, code.load(shape.type, ends[0], shape.bytes), ends[1], shape.bytes)
    return code


def copy(name: str, shape: VectorShape) -> Code:
    """Copy numbers that are next to each other; arguments: from, how many, to."""
    code = Code(name, PARAMETERS)
    source, count, target = code.argument(0, "ptr"), code.argument(1), code.argument(2, "ptr")
    copy_numbers(code, shape, (shape.type, source), (shape.type, target), count)
    return code


def copy_numbers(
    code: Code, shape: VectorShape, source: tuple[str, IrValue], target: tuple[str, IrValue], count: IrInt
) -> None:
    """Copy numbers that are next to each other, (their type, their address): in vectors, then the rest one by
    one. float64 numbers may become float32 ones."""
    start: IrInt = 0
    for lanes in (shape.lanes, 1):
        read, written = f"<{lanes} x {source[0]}>", f"<{lanes} x {target[0]}>"
        with code.loop(start, count, lanes) as i:
            numbers = code.load(read, code.address(source[1], i.index, source[0]), 4)
            if read != written:
                numbers = code.of(f"fptrunc {read} {numbers} to {written}")
            code.store(written, numbers, code.address(target[1], i.index, target[0]), 4)
        start = i.index


def zero(name: str, shape: VectorShape) -> Code:
    """Set numbers to 0; arguments: where, how many."""
    code = Code(name, PARAMETERS)
    where, count = code.argument(0, "ptr"), code.argument(1)
    start: IrInt = 0
    for type_, lanes in ((shape.vector, shape.lanes), (shape.type, 1)):
        with code.loop(start, count, lanes) as i:
            code.store(type_, "zeroinitializer", code.address(where, i.index, shape.type), shape.bytes)
        start = i.index
    return code


def over_rows(name: str, shape: VectorShape) -> Code:
    """A whole run; %a: a list of calls, how many, for those before, for each block of rows, and after; then the number
    of rows, the rows in a block, the first row, whether the files are in use, which it does not set, and a list of
    calls that is made instead of the three for one row, if it has any. A call is the address of a kernel and that of
    its arguments."""
    code = Code(name, "ptr %a")
    rows, block, first = code.argument(ROWS), code.argument(BLOCK), code.argument(START)
    is_one = code.of(f"icmp eq i64 {rows}, 1")
    of_one = code.of(f"select i1 {is_one}, i64 {code.argument(ONE_ROW_CALLS)}, i64 0")
    _call_all(code, (code.argument(ONE_ROW, "ptr"), of_one), "1", first)
    is_done = code.of(f"icmp ne i64 {of_one}, 0")
    lists = [
        (code.argument(2 * i, "ptr"), code.of(f"select i1 {is_done}, i64 0, i64 {code.argument(2 * i + 1)}"))
        for i in range(3)
    ]
    _call_all(code, lists[0], "0", "0")
    in_blocks = code.of(f"udiv i64 {code.add(code.add(rows, block), -1)}, {block}")
    blocks = code.of(f"select i1 {is_done}, i64 0, i64 {in_blocks}")
    with code.loop(0, blocks) as number:
        start = code.of(f"mul nsw i64 {number.index}, {block}")
        rest = code.of(f"sub nsw i64 {rows}, {start}")
        width = code.of(f"select i1 {code.of(f'icmp slt i64 {rest}, {block}')}, i64 {rest}, i64 {block}")
        _call_all(code, lists[1], width, str(code.add(start, first)))
    _call_all(code, lists[2], "0", "0")
    return code


def _call_all(code: Code, listed: tuple[IrValue, IrValue], width: IrValue, start: IrValue) -> None:
    calls, count = listed
    with code.loop(0, count) as i:
        call = code.address(calls, code.multiply(i.index, 2), "i64")
        kernel, arguments = code.load("ptr", call, 8), code.load("ptr", code.address(call, 1, "i64"), 8)
        code.line(f"call void {kernel}(ptr {arguments}, i64 {width}, i64 {start})")


KERNELS = (
    write_rows,
    read_one_row,
    write_one_row,
    gather,
    gather_conditions,
    spread,
    pack,
    scatter,
    copy,
    zero,
    over_rows,
)
