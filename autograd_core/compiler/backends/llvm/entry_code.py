"""The machine code of a `NativeEntry`, which says what it is for and what it relies on.

It creates no Python object except its result, so nothing has to be freed; an array whose buffer is held when it
declines is released at `decline`.
"""

from __future__ import annotations

import ctypes
import struct
import sys
import sysconfig
from dataclasses import dataclass

from autograd_core.compiler.backends.llvm import machine
from autograd_core.compiler.backends.llvm.ir.code import Code, IrInt, IrValue, VectorShape
from autograd_core.compiler.backends.llvm.ir.python_function import PythonFunction
from autograd_core.compiler.backends.llvm.kernels.moves import (
    BLOCK,
    BUSY,
    ONE_ROW_READY,
    READY,
    ROWS,
    START,
    copy_numbers,
)

# What the function reads of the program: a table of whole numbers and addresses. arguments: for each of the program's
# its dimensions, the address of their lengths within a row, that of the call that reads it and that of this call's own
# arguments.
TABLE = {
    "none": "ptr",
    "array_type": "ptr",
    "arguments": "ptr",
    "argument_count": "i64",
    "readers": "ptr",  # by the letter of the kind of numbers: the kernel that reads it, or 0
    "own": "i64",  # how many of the numbers may come in an array
    "read": "i64",  # how many numbers are read
    "once": "ptr",
    "results": "ptr",
    "gradients": "i64",  # how many
    "state": "ptr",  # of `over_rows`
    "block": "i64",
    "most": "i64",  # the most rows accepted
    "is_by_row": "i64",  # whether the array is for the values of the rows, not for the gradients
    "by_row": "ptr",  # where its address goes then, otherwise anywhere
}
# What it reads of a step that moves the parameters: the state of the step's own run, where the learning rate goes, and
# where the address of the parameters goes, as what is read and as what is written.
STEP_TABLE = ("state", "rate", "read", "written")

ADDRESS_BYTES = 8
_ARGUMENTS = 6
_DOUBLE = ord("d")
_DESCRIBED = 0x1C  # PyBUF_FORMAT | PyBUF_STRIDES
_FUNCTIONS = (
    "PyBuffer_Release",
    "PyErr_Clear",
    "PyErr_Occurred",
    "PyFloat_AsDouble",
    "PyFloat_FromDouble",
    "PyList_GetItem",
    "PyList_Size",
    "PyLong_AsVoidPtr",
    "PyObject_GetBuffer",
    "PyObject_Type",
    "PyTuple_GetItem",
    "PyTuple_Size",
    "Py_DecRef",
    "Py_IncRef",
)


def is_supported() -> bool:
    """Whether this Python can call machine code this way: CPython with its lock, on 64 bits."""
    has_lock = not sysconfig.get_config_var("Py_GIL_DISABLED")
    return sys.implementation.name == "cpython" and has_lock and struct.calcsize("P") == ADDRESS_BYTES


@dataclass(frozen=True, slots=True)
class _Array:
    """An array by the buffer protocol: where it begins, whether it is read-only, the letter of its kind, the number of
    rows, the bytes from row to row, and those from number to number in a row."""

    data: IrValue
    is_fixed: IrValue
    letter: IrValue
    rows: IrValue
    down: IrValue
    along: IrValue


def _array(
    code: PythonFunction,
    candidate: IrValue,
    dimensions: IrValue,
    fields: dict[str, IrValue],
    row: IrValue | None = None,
) -> _Array:
    """A plain NumPy array of so many dimensions, aligned and in the order of bytes of this machine. row: the address of
    the lengths of all but the first; the numbers of a row must be evenly spaced."""
    type_ = code.python("ptr", "PyObject_Type", ("ptr", candidate))
    code.do("Py_DecRef", type_)
    code.require_equal(type_, fields["array_type"], "ptr")
    buffer = fields["buffer"]
    wanted = ("ptr", candidate), ("ptr", buffer), ("i32", str(_DESCRIBED))
    code.require_equal(code.python("i32", "PyObject_GetBuffer", *wanted), 0, "i32")
    number = code.load("i32", code.address(buffer, 9, "i32"), 4)
    code.require_equal(code.of(f"sext i32 {number} to i64"), dimensions)
    data, letters, lengths, steps = (code.word(buffer, i, "ptr") for i in (0, 5, 6, 7))
    size, last = code.word(buffer, 3), code.of(f"sub i64 {dimensions}, 1")
    array = _Array(
        data,
        code.load("i32", code.address(buffer, 8, "i32"), 4),
        code.of(f"zext i8 {code.load('i8', letters, 1)} to i64"),
        code.word(lengths, 0),
        code.word(steps, 0),
        code.word(steps, last),
    )
    if row is not None:
        with code.loop(0, last, 1, [("i64", array.along)]) as inner:
            place = code.of(f"sub i64 {last}, {inner.index}")
            length = code.word(lengths, place)
            code.require_equal(length, code.word(row, code.add(place, -1)))
            code.require_equal(code.word(steps, place), inner.values[0])
            inner.next = [code.of(f"mul nsw i64 {length}, {inner.values[0]}")]
    code.require_equal(code.load("i8", code.address(letters, 1, "i8"), 1), 0, "i8")
    bits = code.of(f"or i64 {code.of(f'ptrtoint ptr {data} to i64')}, {code.of(f'or i64 {array.down}, {array.along}')}")
    code.require_equal(code.of(f"and i64 {bits}, {code.of(f'sub i64 {size}, 1')}"), 0)  # aligned
    code.do("PyBuffer_Release", buffer)
    return array


def entry(name: str, shape: VectorShape) -> Code:
    """The function; see `NativeEntry`. %self is the address of its table, %a its arguments, %count how many."""
    for function in _FUNCTIONS:
        machine.offer(function, ctypes.cast(getattr(ctypes.pythonapi, function), ctypes.c_void_p).value or 0)
    code = PythonFunction(name)
    buffer = code.of("alloca [10 x i64], align 8")
    code.store("ptr", "null", code.address(buffer, 1, "i64"), 8)  # it holds no array
    table = code.python("ptr", "PyLong_AsVoidPtr", ("ptr", "%self"))
    fields = {field: code.word(table, i, TABLE[field]) for i, field in enumerate(TABLE)} | {"buffer": buffer}
    code.require_equal("%count", _ARGUMENTS)
    data, parameters, numbers, out, rate, step = (code.argument(i, "ptr") for i in range(_ARGUMENTS))
    moves = code.of(f"icmp ne ptr {step}, {fields['none']}")
    with code.only_if(moves, ("double", "0.0"), ("ptr", "null")) as read:
        read.next = [
            code.python("double", "PyFloat_AsDouble", ("ptr", rate)),  # -1 where it is not a number
            code.python("ptr", "PyLong_AsVoidPtr", ("ptr", step)),
        ]
    speed, step_table = read.values
    code.require(f"fcmp oge double {speed}, 0.0")
    code.require(f"fcmp olt double {speed}, 0x7FF0000000000000")
    code.require_equal(code.word(fields["state"], BUSY), 0)
    rows = _read_data(code, data, fields)
    code.require(f"icmp sge i64 {rows}, 1")
    code.require(f"icmp sle i64 {rows}, {fields['most']}")
    is_one = code.of(f"icmp eq i64 {rows}, 1")
    ready = [code.word(fields["state"], place) for place in (ONE_ROW_READY, READY)]
    code.require(f"icmp ne i64 {code.of(f'select i1 {is_one}, i64 {ready[0]}, i64 {ready[1]}')}, 0")
    moving, is_fixed = _read_parameters(code, shape, parameters, numbers, fields)
    _set_rows(code, shape, rows, fields)
    by_row = code.of(f"icmp ne i64 {fields['is_by_row']}, 0")
    with code.only_if(moves):
        code.require_equal(is_fixed, 0, "i32")
    stays = code.of(f"xor i1 {moves}, true")
    with code.only_if(stays, ("ptr", "null")) as fill:
        array = _array(code, out, "1", fields)
        code.require_equal(array.rows, code.of(f"select i1 {by_row}, i64 {rows}, i64 {fields['gradients']}"))
        code.store("ptr", array.data, fields["by_row"], 8)
        fill.next = [array.data]
    code.line(f"call void @over_rows(ptr {fields['state']})")
    count = code.of(f"select i1 {by_row}, i64 0, i64 {code.add(fields['gradients'], 1)}")
    finite = code.load(shape.type, code.address(fields["results"], count, shape.type), shape.bytes)
    code.require(f"fcmp oeq {shape.type} {finite}, 0.0")
    gradients = code.address(fields["results"], 1, shape.type)
    with code.only_if(stays):
        copy_numbers(code, shape, (shape.type, gradients), (shape.type, fill.values[0]), fields["gradients"])
    with code.only_if(moves):
        state, rate_place, read_place, written_place = (code.word(step_table, i, "ptr") for i in range(len(STEP_TABLE)))
        code.store("double", speed, rate_place, 8)
        code.store("ptr", moving, read_place, 8)
        code.store("ptr", moving, written_place, 8)
        code.line(f"call void @over_rows(ptr {state})")
    value = code.load(shape.type, fields["results"], shape.bytes)
    if shape.bytes == 4:
        value = code.of(f"fpext float {value} to double")
    code.line(f"ret ptr {code.python('ptr', 'PyFloat_FromDouble', ('double', value))}")
    code.decline()
    code.do("PyBuffer_Release", buffer)
    code.do("PyErr_Clear")
    code.do("Py_IncRef", fields["none"])
    code.line(f"ret ptr {fields['none']}")
    return code


def _read_data(code: PythonFunction, data: IrValue, fields: dict[str, IrValue]) -> IrValue:
    """Point the calls that read rows at the arrays; return the number of rows."""
    code.require_equal(code.python("i64", "PyTuple_Size", ("ptr", data)), fields["argument_count"])
    with code.loop(0, fields["argument_count"], 1, [("i64", "-1")]) as i:
        argument = code.python("ptr", "PyTuple_GetItem", ("ptr", data), ("i64", i.index))
        about = code.address(fields["arguments"], code.multiply(i.index, 4), "i64")
        dimensions = code.word(about, 0)
        array = _array(code, argument, dimensions, fields, code.word(about, 1, "ptr"))
        first = code.of(f"icmp eq i64 {i.index}, 0")
        code.require_equal(array.rows, code.of(f"select i1 {first}, i64 {array.rows}, i64 {i.values[0]}"))
        reader = code.word(fields["readers"], array.letter, "ptr")
        code.require(f"icmp ne ptr {reader}, null")
        code.store("ptr", reader, code.word(about, 2, "ptr"), 8)
        call = code.word(about, 3, "ptr")
        for place, (type_, operand) in enumerate((("ptr", array.data), ("i64", array.down), ("i64", array.along))):
            code.store(type_, operand, code.address(call, place, "i64"), 8)
        i.next = [array.rows]
    return i.values[0]


def _read_parameters(
    code: PythonFunction, shape: VectorShape, array: IrValue, numbers: IrValue, fields: dict[str, IrValue]
) -> tuple[IrValue, IrValue]:
    """Copy the parameters to the beginning of ONCE: from the array, if there is one, and the rest from a list of
    floats. Returns where the array begins, and whether it is read-only."""
    has_array = code.of(f"icmp ne ptr {array}, {fields['none']}")
    with code.only_if(has_array, ("ptr", "null"), ("i32", "1")) as pointed:
        found = _array(code, array, "1", fields)
        code.require_equal(found.rows, fields["own"])
        code.require_equal(found.letter, _DOUBLE)
        code.require_equal(found.down, 8)
        copy_numbers(code, shape, ("double", found.data), (shape.type, fields["once"]), fields["own"])
        pointed.next = [found.data, found.is_fixed]
    start = code.of(f"select i1 {has_array}, i64 {fields['own']}, i64 0")
    count = code.of(f"sub i64 {fields['read']}, {start}")
    code.require_equal(code.python("i64", "PyList_Size", ("ptr", numbers)), count)
    with code.loop(0, count) as i:
        item = code.python("ptr", "PyList_GetItem", ("ptr", numbers), ("i64", i.index))
        number = code.python("double", "PyFloat_AsDouble", ("ptr", item))
        _store(code, shape, number, fields["once"], code.add(start, i.index))
    code.require_equal(code.python("ptr", "PyErr_Occurred"), "null", "ptr")
    return pointed.values[0], pointed.values[1]


def _set_rows(code: PythonFunction, shape: VectorShape, rows: IrValue, fields: dict[str, IrValue]) -> None:
    """Set the number of rows, for the program and for `over_rows`, in blocks as equal as whole vectors allow."""
    number = code.of(f"sitofp i64 {rows} to double")
    _store(code, shape, number, fields["once"], fields["read"])
    _store(code, shape, code.of(f"fdiv double 1.0, {number}"), fields["once"], code.add(fields["read"], 1))

    def parts(whole: IrValue, size: IrValue) -> IrValue:
        return code.of(f"udiv i64 {code.add(code.add(whole, size), -1)}, {size}")

    even = parts(rows, parts(rows, fields["block"]))
    block = code.multiply(parts(even, str(shape.lanes)), shape.lanes)
    for place, number in ((ROWS, rows), (BLOCK, str(block)), (START, "0")):
        code.store("i64", number, code.address(fields["state"], place, "i64"), 8)


def _store(code: PythonFunction, shape: VectorShape, number: IrValue, file: IrValue, place: IrInt) -> None:
    rounded = number if shape.bytes == 8 else code.of(f"fptrunc double {number} to float")
    code.store(shape.type, rounded, code.address(file, place, shape.type), shape.bytes)
