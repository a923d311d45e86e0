"""The columns of a graph in little room: what a page can compute from the others to the last bit is left out.

A product is computed from its factors, a partial from the operation, a gradient from those of the users: on floats of
64 bits a page gets the very same numbers. Only where that fails, such as for exp, does the number itself stand there.
What remains is compressed (RFC 1951). `unpack.js` reads it.
"""

from __future__ import annotations

import base64
import math
import zlib
from array import array
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from autograd_core.graph.columns import Columns

Column: TypeAlias = "array[Any] | bytes | bytearray"
# For each operation its value and its partials with respect to its inputs.
_FORMULAS: Mapping[str, tuple[Callable[..., float], Callable[..., tuple[float, ...]]]] = {
    "add": (lambda a, b: a + b, lambda a, b: (1.0, 1.0)),
    "subtract": (lambda a, b: a - b, lambda a, b: (1.0, -1.0)),
    "multiply": (lambda a, b: a * b, lambda a, b: (b, a)),
    "negative": (lambda a: -a, lambda a: (-1.0,)),
}


def pack(columns: Mapping[str, Column]) -> dict[str, Any]:
    """Columns of whole numbers and of floats as one text: {name: [type, length]} and the text.

    Whole numbers are written as differences, and by bytes of equal weight, since that repeats.
    """
    content = bytearray()
    kinds: dict[str, tuple[str, int]] = {}
    for name, column in columns.items():
        if isinstance(column, (bytes, bytearray)):
            kinds[name] = ("B", len(column))
            content += column
        elif column.typecode == "d":
            kinds[name] = ("d", len(column))
            content += _by_weight(column.tobytes(), 8)
        else:
            kinds[name] = ("i", len(column))
            differences = array("i", map(_difference, column, [0, *column[:-1]]))
            content += _by_weight(differences.tobytes(), 4)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = base64.b64encode(packer.compress(bytes(content)) + packer.flush()).decode()
    return {"kinds": kinds, "size": len(content), "text": text}


def numbers_to_keep(columns: Columns) -> dict[str, Column]:
    """The values, partials and gradients that a page cannot compute, each with a column that says where they stand."""
    values, first, sources = columns.values, columns.first, columns.sources
    given_values, given_partials = bytearray(len(values)), bytearray(len(sources))
    for node, value in enumerate(columns.order):
        start, end = first[node], first[node + 1]
        formulas = _FORMULAS.get(value.op)
        inputs = [values[source] for source in sources[start:end]]
        fits = formulas is not None and len(inputs) == len(value.inputs)
        given_values[node] = not (fits and formulas and _same(formulas[0](*inputs), values[node]))
        partials = formulas[1](*inputs) if fits and formulas else (math.nan,) * len(inputs)
        for edge, partial in zip(range(start, end), partials, strict=True):
            given_partials[edge] = columns.flowing[edge] and not _same(partial, columns.partials[edge])
    given_adjoints = bytearray(len(values))
    adjoints = array("d", bytes(8 * len(values)))
    adjoints[-1] = 1.0
    for user in reversed(range(len(values))):
        if not _same(adjoints[user], columns.adjoints[user]):
            given_adjoints[user], adjoints[user] = 1, columns.adjoints[user]
        upstream = adjoints[user]
        for edge in range(first[user], first[user + 1]):
            if columns.flowing[edge]:
                adjoints[sources[edge]] += upstream * columns.partials[edge]
    return {
        "givenValues": given_values,
        "values": _chosen(values, given_values),
        "givenPartials": given_partials,
        "partials": _chosen(columns.partials, given_partials),
        "givenAdjoints": given_adjoints,
        "adjoints": _chosen(columns.adjoints, given_adjoints),
    }


def _chosen(numbers: array[float], given: bytearray) -> array[float]:
    return array("d", [number for number, is_given in zip(numbers, given, strict=True) if is_given])


def _same(number: float, other: float) -> bool:
    """Whether two floats have the same bits; nan is never the same."""
    return number == other and (number != 0.0 or math.copysign(1.0, number) == math.copysign(1.0, other))


def _difference(number: int, before: int) -> int:
    return (number - before + (1 << 31)) % (1 << 32) - (1 << 31)


def _by_weight(content: bytes, width: int) -> bytes:
    """The first bytes of all numbers, then the second ones ..."""
    return b"".join([content[place::width] for place in range(width)])
