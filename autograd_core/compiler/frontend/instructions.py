"""Primitives that only compiled programs have: no `Value` records them."""

from __future__ import annotations

import functools
from typing import NamedTuple

from autograd_core.engine.primitive import Primitive

SUM_CHOSEN = "sum_chosen"

# The sum of a number over all rows.
SUM_OVER_ROWS = Primitive("sum_over_rows", lambda a: a, (None,))

# The same of the value of each row, for the reduced value: compensated, so that it is as good as rounded once. It is
# summed once a row, and neither split into its terms nor computed as part of a product.
SUM_OF_VALUES = Primitive("sum_of_values", lambda a: a, (None,))

OVER_ROWS = {SUM_OVER_ROWS, SUM_OF_VALUES}


@functools.cache
def sum_chosen(count: int) -> Primitive:
    """For each of `count` pairs (index, number), the sum over the rows of the number where the index is k; all added.

    It is what row k of a table receives from all that choose from it.
    """
    names = [f"{name}{i}" for i in range(count) for name in ("i", "a")]
    primitive = Primitive(
        SUM_CHOSEN,
        lambda k, *pairs: sum(a for i, a in zip(pairs[::2], pairs[1::2], strict=True) if i == k),
        (None,) * (1 + 2 * count),
        arguments=("k", *names),
    )
    OVER_ROWS.add(primitive)
    return primitive


# The same number. A sum behind it is not split into its terms, since they cancel before anything else is added.
OPAQUE = Primitive("opaque", lambda a: a, (1.0,))

# The larger of two numbers, if neither is nan. Unlike `maximum` it has no gradient, and of two zeros it may give either
# one, as the instruction of a processor does.
LARGER = Primitive("larger", lambda a, b: a if a > b else b, (None, None), arguments=("a", "b"))


class SumLayout(NamedTuple):
    """The inputs of a sum of products: first the factors, two for each of `products`, of which the last `minus` are
    subtracted, then `terms`, of which the last `minus_terms` are subtracted."""

    products: int
    minus: int = 0
    terms: int = 0
    minus_terms: int = 0


LAYOUTS: dict[Primitive | None, SumLayout] = {}  # of the primitives that are sums of products in a row
LAYOUTS_OVER_ROWS: dict[Primitive | None, SumLayout] = {}  # of those that are sums over the rows


@functools.cache
def sum_of_products(layout: SumLayout) -> Primitive:
    """A sum of products and terms, which may be added up in any order."""
    primitive = _sum_of_products("sum_of_products", layout)
    LAYOUTS[primitive] = layout
    return primitive


@functools.cache
def products_over_rows(products: int, terms: int) -> Primitive:
    """The sum over all rows of a sum of products and terms: the gradient of a weight that is used several times."""
    layout = SumLayout(products, 0, terms)
    primitive = _sum_of_products("products_over_rows", layout)
    LAYOUTS_OVER_ROWS[primitive] = layout
    OVER_ROWS.add(primitive)
    return primitive


def _sum_of_products(name: str, layout: SumLayout) -> Primitive:
    products, minus, terms, minus_terms = layout

    def forward(*inputs: float) -> float:
        rest = inputs[2 * products :]
        parts = [inputs[2 * i] * inputs[2 * i + 1] * (1.0 if i < products - minus else -1.0) for i in range(products)]
        parts += [term if i < terms - minus_terms else -term for i, term in enumerate(rest)]
        return sum(parts)

    count = 2 * products + terms
    return Primitive(name, forward, (None,) * count, arguments=tuple([f"a{i}" for i in range(count)]))
