"""Kernels that move numbers: rows in and results out, places gathered and spread; and the kernel that calls the others.
See `matrices` for the arguments of a kernel."""

from __future__ import annotations

from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import PARAMETERS, vectors

# Places in the state of `over_rows` behind its three lists of calls, and the length of the state.
ROWS, BLOCK, START, BUSY, STATE_SIZE = 6, 7, 8, 9, 10

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


def read_rows(shape: VectorShape, kind: str) -> Code:
    """Copy the data of an argument to ROWS; arguments: data, the distances in bytes between rows and between columns,
    how many columns, out."""
    code = Code(reader(kind), PARAMETERS)
    type_, conversion = _KINDS[kind]
    size = int(kind[1:])
    data, out = code.argument(0, "ptr"), code.argument(4, "ptr")
    down, along, columns = (code.argument(1 + i) for i in range(3))
    first = code.address(data, code.multiply("%start", down), "i8")
    in_vectors = "0"
    if type_ == shape.type:
        in_vectors = code.of(f"select i1 {code.of(f'icmp eq i64 {down}, {size}')}, i64 %width, i64 0")
    with code.loop(0, columns) as column:
        top = code.address(first, code.multiply(column.index, along), "i8")
        into = code.address(out, code.multiply(column.index, shape.stride), shape.type)
        with code.loop(0, in_vectors, shape.lanes) as several:
            numbers = code.load(shape.vector, code.address(top, several.index, shape.type), size)
            code.store(shape.vector, numbers, code.address(into, several.index, shape.type), size)
        with code.loop(several.index, "%width") as row:
            number = code.load(type_, code.address(top, code.multiply(row.index, down), "i8"), size)
            if type_ != shape.type:
                how = conversion or ("fptrunc" if size > shape.bytes else "fpext")
                number = code.of(f"{how} {type_} {number} to {shape.type}")
            code.store(shape.type, number, code.address(into, row.index, shape.type), shape.bytes)
    return code


def readers(shape: VectorShape) -> list[Code]:
    """The kernels for every kind of data."""
    return [read_rows(shape, kind) for kind in _KINDS]


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
    of rows, the rows in a block, the first row, and whether the files are in use, which it does not set. A call is the
    address of a kernel and that of its arguments."""
    code = Code(name, "ptr %a")
    lists = [(code.argument(2 * i, "ptr"), code.argument(2 * i + 1)) for i in range(3)]
    rows, block, first = code.argument(ROWS), code.argument(BLOCK), code.argument(START)
    _call_all(code, lists[0], "0", "0")
    blocks = code.of(f"udiv i64 {code.add(code.add(rows, block), -1)}, {block}")
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


KERNELS = (write_rows, gather, gather_conditions, spread, pack, scatter, copy, zero, over_rows)
