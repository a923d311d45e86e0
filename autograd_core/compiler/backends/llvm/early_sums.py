"""The sums over the rows where their terms are computed: while these are in the cache, and so that they soon leave
their room to others. In the vectorised program all sums are at the end."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autograd_core.compiler.backends.llvm.fusion import Pass
from autograd_core.compiler.vectorise.vector_program import (
    File,
    Outer,
    ScatterAdd,
    Span,
    Step,
    Total,
    VectorProgram,
    operands_of,
)


def early_sums(program: VectorProgram, items: Sequence[Pass | Step]) -> list[Pass | Step]:
    """The items of the body, with each sum over the rows behind the last item that it reads a result of."""
    written = np.full(program.rows, -1)
    at: dict[Pass | Step, int] = {}
    of_outer: dict[Span, int] = {}
    for number, item in enumerate(items):
        if isinstance(item, (Outer, Total, ScatterAdd)):
            spans = [operand for operand in operands_of(item) if isinstance(operand, Span)]
            at[item] = max(written[span.start : span.stop].max() for span in spans)
            if isinstance(item, Outer):
                of_outer[item.left] = at[item]
            continue
        at[item] = number
        outputs = item.outputs if isinstance(item, Pass) else [item.out]
        for file, start, size in outputs:
            if file is File.ROWS:
                written[start : start + size] = number
    for item in items:
        if isinstance(item, Total):  # which one kernel computes beside an outer product with the same left side
            at[item] = max(at[item], of_outer.get(item.operand, -1))
    return sorted(items, key=at.__getitem__)
