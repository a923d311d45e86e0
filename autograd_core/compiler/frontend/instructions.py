"""Primitives that only compiled programs have: no `Value` records them."""

from __future__ import annotations

from autograd_core.engine.primitive import Primitive

# The sum of a number over all rows.
SUM_OVER_ROWS = Primitive("sum_over_rows", lambda a: a, (None,))

# The same number. A sum behind it is not split into its terms, since they cancel before anything else is added.
OPAQUE = Primitive("opaque", lambda a: a, (1.0,))

# The larger of two numbers, if neither is nan. Unlike `maximum` it has no gradient, and of two zeros it may give either
# one, as the instruction of a processor does.
LARGER = Primitive("larger", lambda a, b: a if a > b else b, (None, None), arguments=("a", "b"))
