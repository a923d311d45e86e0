"""Instructions that only compiled programs have: no `Value` records them."""

from __future__ import annotations

from autograd_core.engine.primitive import Primitive

# The sum of a number over all rows.
SUM_OVER_ROWS = Primitive("sum_over_rows", lambda a: a, (None,))

# The same number, which is not to be taken apart into the terms it is a sum of: they cancel, before more is added.
WHOLE = Primitive("whole", lambda a: a, (1.0,))

# The larger of two numbers, if neither is nan. Unlike `maximum` it has no gradient and may give either of two zeros, so
# that it is what machines have.
LARGER = Primitive(
    "larger", lambda a, b: a if a > b else b, (None, None), arguments=("a", "b"), text="larger({0}, {1})"
)
