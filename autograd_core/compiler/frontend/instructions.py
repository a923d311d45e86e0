"""Primitives that only compiled programs have: no `Value` records them."""

from __future__ import annotations

from autograd_core.engine.primitive import Primitive

# The sum of a number over all rows.
SUM_OVER_ROWS = Primitive("sum_over_rows", lambda a: a, (None,))

# The same of the value of each row, for the reduced value: compensated, so that it is as good as rounded once. It is
# summed once a row, and neither split into its terms nor computed as part of a product.
SUM_OF_VALUES = Primitive("sum_of_values", lambda a: a, (None,))

OVER_ROWS = frozenset({SUM_OVER_ROWS, SUM_OF_VALUES})

# The same number. A sum behind it is not split into its terms, since they cancel before anything else is added.
OPAQUE = Primitive("opaque", lambda a: a, (1.0,))

# The larger of two numbers, if neither is nan. Unlike `maximum` it has no gradient, and of two zeros it may give either
# one, as the instruction of a processor does.
LARGER = Primitive("larger", lambda a, b: a if a > b else b, (None, None), arguments=("a", "b"))
