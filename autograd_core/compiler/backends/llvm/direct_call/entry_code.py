"""The machine code of an `Entry`: see there what it is for, and what to know of CPython.

Nothing in it makes or keeps a Python object but its result, so there is nothing to be freed; an array whose buffer is
being looked at when it declines is let go at `decline`.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from autograd_core.compiler.backends.llvm import machine
from autograd_core.compiler.backends.llvm.direct_call.guarded import Guarded
from autograd_core.compiler.backends.llvm.direct_call.object_layout import Layout, layout
from autograd_core.compiler.backends.llvm.ir.code import Code, Number, Operand, Shape

# What the function is told of the program: a table of whole numbers and addresses. arguments: for each of the program's
# its dimensions, its columns, the address of the call that reads it and that of this call's own arguments.
TABLE = {
    "none": "ptr",
    "array_type": "ptr",
    "float_type": "ptr",
    "arguments": "ptr",
    "how_many": "i64",  # arguments there are
    "readers": "ptr",  # by the letter of the kind of numbers: the kernel that reads it, or 0
    "values": "ptr",  # the Values that are read
    "own": "i64",  # how many of them receive gradients, and may be given as an array
    "read": "i64",  # how many there are
    "once": "ptr",
    "results": "ptr",
    "gradients": "i64",  # how many
    "state": "ptr",  # of `over_rows`, and behind it whether the runner is in use
    "block": "i64",
    "most": "i64",  # rows that are taken
    "is_by_row": "i64",  # whether the array given is for the values of the rows, not for the gradients
    "by_row": "ptr",  # where its address belongs then, otherwise somewhere
}
BUSY = 9  # the place in the state
Known = dict[str, Operand]  # the table, as it was read, and a buffer

_DOUBLE = ord("d")
_DESCRIBED = 0x1C  # PyBUF_FORMAT | PyBUF_STRIDES
_FUNCTIONS = (
    "PyBuffer_Release",
    "PyErr_Clear",
    "PyFloat_FromDouble",
    "PyLong_AsVoidPtr",
    "PyObject_GetBuffer",
    "PyTuple_GetItem",
    "PyTuple_Size",
    "Py_IncRef",
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the buffer protocol says of an array: where it begins, whether it may not be written to, the letter of its
    kind, and of its first and its last dimension how many entries there are and how many bytes from one to the next."""

    data: Operand
    fixed: Operand
    letter: Operand
    rows: Operand
    down: Operand
    columns: Operand
    along: Operand


def _looked_at(code: Guarded, at: Layout, thing: Operand, dimensions: Operand, known: Known) -> _Found:
    code.require_equal(code.load("ptr", code.address(thing, at.type, "i8"), 8), known["array_type"], "ptr")
    buffer = known["buffer"]
    asked = ("ptr", thing), ("ptr", buffer), ("i32", str(_DESCRIBED))
    code.require_equal(code.python("i32", "PyObject_GetBuffer", *asked), 0, "i32")
    number = code.load("i32", code.address(buffer, 9, "i32"), 4)
    code.require_equal(code.of(f"sext i32 {number} to i64"), dimensions)
    data, letters, lengths, steps = (code.word(buffer, i, "ptr") for i in (0, 5, 6, 7))
    size, last = code.word(buffer, 3), code.of(f"sub i64 {dimensions}, 1")
    found = _Found(
        data,
        code.load("i32", code.address(buffer, 8, "i32"), 4),
        code.of(f"zext i8 {code.load('i8', letters, 1)} to i64"),
        *(code.word(one, place) for place in (0, last) for one in (lengths, steps)),
    )
    code.require_equal(code.load("i8", code.address(letters, 1, "i8"), 1), 0, "i8")
    bits = code.of(f"or i64 {code.of(f'ptrtoint ptr {data} to i64')}, {code.of(f'or i64 {found.down}, {found.along}')}")
    code.require_equal(code.of(f"and i64 {bits}, {code.of(f'sub i64 {size}, 1')}"), 0)  # aligned
    code.do("PyBuffer_Release", buffer)
    return found


def entry(name: str, shape: Shape) -> Code:
    """The function; see `Entry`. %self is the address of its table, %a its arguments, %count how many."""
    at = layout()
    assert at is not None
    for one in _FUNCTIONS:
        machine.offer(one, ctypes.cast(getattr(ctypes.pythonapi, one), ctypes.c_void_p).value or 0)
    code = Guarded(name)
    buffer = code.of("alloca [10 x i64], align 8")
    code.store("ptr", "null", code.address(buffer, 1, "i64"), 8)  # it holds no array
    table = code.python("ptr", "PyLong_AsVoidPtr", ("ptr", "%self"))
    known = {one: code.word(table, i, TABLE[one]) for i, one in enumerate(TABLE)} | {"buffer": buffer}
    data, parameters, out, rate = (code.argument(i, "ptr") for i in range(4))
    code.require_equal(code.word(known["state"], BUSY), 0)
    rows = _read_data(code, at, data, known)
    code.require(f"icmp sge i64 {rows}, 1")
    code.require(f"icmp sle i64 {rows}, {known['most']}")
    moving, fixed = _read_parameters(code, at, shape, parameters, known)
    _tell_rows(code, shape, rows, known)
    by_row = code.of(f"icmp ne i64 {known['is_by_row']}, 0")
    moves = code.of(f"icmp ne ptr {rate}, {known['none']}")
    with code.given(moves, ("double", "0.0")) as step:
        code.require_equal(code.load("ptr", code.address(rate, at.type, "i8"), 8), known["float_type"], "ptr")
        step.next = [code.load("double", code.address(rate, at.number, "i8"), 8)]
        code.require(f"fcmp oge double {step.next[0]}, 0.0")
        code.require(f"fcmp olt double {step.next[0]}, 0x7FF0000000000000")
        code.require_equal(fixed, 0, "i32")
        code.require_equal(shape.bytes, 8)
    with code.given(code.of(f"xor i1 {moves}, true"), ("ptr", "null")) as fill:
        found = _looked_at(code, at, out, "1", known)
        code.require_equal(found.rows, code.of(f"select i1 {by_row}, i64 {rows}, i64 {known['gradients']}"))
        code.store("ptr", found.data, known["by_row"], 8)
        fill.next = [found.data]
    code.line(f"call void @over_rows(ptr {known['state']})")
    count = code.of(f"select i1 {by_row}, i64 0, i64 {code.add(known['gradients'], 1)}")
    finite = code.load(shape.type, code.address(known["results"], count, shape.type), shape.bytes)
    code.require(f"fcmp oeq {shape.type} {finite}, 0.0")
    gradients = code.address(known["results"], 1, shape.type)
    with code.given(code.of(f"xor i1 {moves}, true")):
        _copy(code, shape, shape.type, gradients, fill.values[0], known["gradients"])
    if shape.bytes == 8:
        with code.given(moves):
            _move(code, shape, moving, gradients, step.values[0], known["own"])
    value = code.load(shape.type, known["results"], shape.bytes)
    if shape.bytes == 4:
        value = code.of(f"fpext float {value} to double")
    code.line(f"ret ptr {code.python('ptr', 'PyFloat_FromDouble', ('double', value))}")
    code.decline()
    code.do("PyBuffer_Release", buffer)
    code.do("PyErr_Clear")
    code.do("Py_IncRef", known["none"])
    code.line(f"ret ptr {known['none']}")
    return code


def _read_data(code: Guarded, at: Layout, data: Operand, known: Known) -> Operand:
    """Point the calls that read rows at the arrays; returns how many rows there are."""
    code.require_equal(code.python("i64", "PyTuple_Size", ("ptr", data)), known["how_many"])
    with code.loop(0, known["how_many"], 1, [("i64", "-1")]) as i:
        array = code.python("ptr", "PyTuple_GetItem", ("ptr", data), ("i64", i.index))
        about = code.address(known["arguments"], code.multiply(i.index, 4), "i64")
        dimensions = code.word(about, 0)
        found = _looked_at(code, at, array, dimensions, known)
        flat = code.of(f"icmp eq i64 {dimensions}, 1")
        same = code.of(f"icmp eq i64 {found.columns}, {code.word(about, 1)}")
        code.require(f"or i1 {flat}, {same}")
        first = code.of(f"icmp eq i64 {i.index}, 0")
        code.require_equal(found.rows, code.of(f"select i1 {first}, i64 {found.rows}, i64 {i.values[0]}"))
        reader = code.word(known["readers"], found.letter, "ptr")
        code.require(f"icmp ne ptr {reader}, null")
        code.store("ptr", reader, code.word(about, 2, "ptr"), 8)
        call = code.word(about, 3, "ptr")
        for place, (type_, operand) in enumerate((("ptr", found.data), ("i64", found.down), ("i64", found.along))):
            code.store(type_, operand, code.address(call, place, "i64"), 8)
        i.next = [found.rows]
    return i.values[0]


def _read_parameters(code: Guarded, at: Layout, shape: Shape, array: Operand, known: Known) -> tuple[Operand, Operand]:
    """The parameters to the beginning of ONCE: from the array, if one is given, and from the Values what is left.
    Returns where the array begins, and whether it may not be written to."""
    is_given = code.of(f"icmp ne ptr {array}, {known['none']}")
    with code.given(is_given, ("ptr", "null"), ("i32", "1")) as kept:
        found = _looked_at(code, at, array, "1", known)
        code.require_equal(found.rows, known["own"])
        code.require_equal(found.letter, _DOUBLE)
        code.require_equal(found.down, 8)
        _copy(code, shape, "double", found.data, known["once"], known["own"])
        kept.next = [found.data, found.fixed]
    start = code.of(f"select i1 {is_given}, i64 {known['own']}, i64 0")
    with code.loop(start, known["read"]) as i:
        value = code.word(known["values"], i.index, "ptr")
        number = code.load("ptr", code.address(value, at.data, "i8"), 8)
        code.require(f"icmp ne ptr {number}, null")
        type_ = code.load("ptr", code.address(number, at.type, "i8"), 8)
        code.require_equal(type_, known["float_type"], "ptr")
        _keep(code, shape, code.load("double", code.address(number, at.number, "i8"), 8), known["once"], i.index)
    return kept.values[0], kept.values[1]


def _tell_rows(code: Guarded, shape: Shape, rows: Operand, known: Known) -> None:
    """How many rows there are, for the program and for `over_rows`, with as equal blocks as whole vectors allow."""
    number = code.of(f"sitofp i64 {rows} to double")
    _keep(code, shape, number, known["once"], known["read"])
    _keep(code, shape, code.of(f"fdiv double 1.0, {number}"), known["once"], code.add(known["read"], 1))

    def parts(whole: Operand, size: Operand) -> Operand:
        return code.of(f"udiv i64 {code.add(code.add(whole, size), -1)}, {size}")

    even = parts(rows, parts(rows, known["block"]))
    block = code.multiply(parts(even, str(shape.lanes)), shape.lanes)
    for place, told in ((6, rows), (7, str(block)), (8, "0")):
        code.store("i64", told, code.address(known["state"], place, "i64"), 8)


def _keep(code: Code, shape: Shape, number: Operand, file: Operand, place: Number) -> None:
    kept = number if shape.bytes == 8 else code.of(f"fptrunc double {number} to float")
    code.store(shape.type, kept, code.address(file, place, shape.type), shape.bytes)


def _copy(code: Code, shape: Shape, type_: str, source: Operand, target: Operand, count: Operand) -> None:
    """Numbers of a type to numbers of the shape's: in vectors, then what is left one by one."""
    start: Number = 0
    for lanes in (shape.lanes, 1):
        given, kept = f"<{lanes} x {type_}>", f"<{lanes} x {shape.type}>"
        with code.loop(start, count, lanes) as i:
            numbers = code.load(given, code.address(source, i.index, type_), 4)
            if given != kept:
                numbers = code.of(f"fptrunc {given} {numbers} to {kept}")
            code.store(kept, numbers, code.address(target, i.index, shape.type), shape.bytes)
        start = i.index


def _move(code: Code, shape: Shape, target: Operand, source: Operand, rate: Operand, count: Operand) -> None:
    """Numbers less `rate` times others, as `descent` does a step of plain SGD."""
    start: Number = 0
    for some in (shape, Shape(shape.type, 1, shape.registers, shape.stride)):
        many = code.splat(some, rate)
        with code.loop(start, count, some.lanes) as i:
            places = [code.address(one, i.index, some.type) for one in (target, source)]
            number, by_number = (code.load(some.vector, one, some.bytes) for one in places)
            way = code.of(f"fmul {some.vector} {many}, {by_number}")
            code.store(some.vector, code.of(f"fsub {some.vector} {number}, {way}"), places[0], some.bytes)
        start = i.index
