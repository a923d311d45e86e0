"""Where CPython keeps what stands in its objects: nothing that it promises, so it is measured and not assumed."""

from __future__ import annotations

import ctypes
import functools
import struct
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import getattr_static

from autograd_core.engine.value import Value


@dataclass(frozen=True, slots=True)
class Layout:
    """How many bytes from its beginning an object keeps its type, a float its number, and a Value its `_data`."""

    type: int
    number: int
    data: int


@functools.cache
def layout() -> Layout | None:
    """Measured on some objects; None where it cannot be, or where several threads may run Python code at once."""
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED") or struct.calcsize("P") != 8:
        return None
    start = object.__basicsize__
    found = Layout(start - 8, start, start)
    places = set(range(start, Value.__basicsize__, 8))
    for number in (0.1, -2.5e300, 7.0):
        one = Value(0.0)
        one.data = number = number * 3  # a float that nothing else holds
        if _word(one, found.type) != id(Value) or _word(number, found.type) != id(float):
            return None
        if ctypes.c_double.from_address(id(number) + found.number).value != number:
            return None
        places = {place for place in places if _word(one, place) == id(number)}
    return Layout(found.type, found.number, *places) if len(places) == 1 else None


def holds_as_measured(values: Sequence[Value]) -> bool:
    """Whether there is a layout, and all of them keep their `_data` in it as a Value does."""
    found = layout()
    return found is not None and all(
        getattr_static(kind, "_data") is getattr_static(Value, "_data") and _word(one, found.data) == id(one._data)
        for kind, one in {type(one): one for one in values}.items()
    )


def _word(thing: object, offset: int) -> int:
    return ctypes.c_int64.from_address(id(thing) + offset).value
