"""How far rounding may move a function's value and its derivative: first-order bounds, read off the recorded graph.

Every operation rounds its result by at most half a unit in the last place; adjoints and partials carry that on
(Higham, Accuracy and Stability of Numerical Algorithms (2002), section 3.3, running error bounds).
"""

from __future__ import annotations

import math
import sys
from typing import Any

from autograd_core.engine.backward import adjoints, backward_steps, topological_order
from autograd_core.engine.forward import forward_steps
from autograd_core.engine.value import Value
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text

HALF_A_UNIT = sys.float_info.epsilon / 2.0
NO_DIGITS = 0.01  # a relative error at which no digit of a number is certain
SMALL = 1e-8  # an error too small to explain a gap


def value_error(result: Any) -> float:
    """How far the result may be off: the sum of |adjoint| * half a unit of every number computed on the way."""
    if not isinstance(result, Value):
        return 0.0
    total = math.fsum(
        abs(adjoint) * HALF_A_UNIT * abs(node.output_number)
        for node, adjoint in adjoints(result).items()
        if adjoint and node.inputs and math.isfinite(adjoint) and math.isfinite(node.output_number)
    )
    return total if math.isfinite(total) else 0.0


def derivative_error(result: Any, leaf: Value) -> float:
    """How far the derivative with respect to `leaf` may be off where its contributions cancel."""
    if not isinstance(result, Value):
        return 0.0
    sizes = {result: 1.0}
    for step in backward_steps(result):
        for source, partial in zip(step.inputs, step.partials, strict=True):
            if partial is not None and isinstance(source, Value):
                sizes[source] = sizes.get(source, 0.0) + sizes[step.node] * abs(partial)
    size = sizes.get(leaf, 0.0)
    return 4.0 * HALF_A_UNIT * size if math.isfinite(size) else 0.0


def what_rounding_hides(result: Any, leaf: Value, gap: float) -> str:
    """Why the differences cannot show a slope of the size of `gap`, in words; empty where they can."""
    if not isinstance(result, Value):
        return ""
    order = topological_order(result)
    if any(0.0 < abs(node.output_number) < sys.float_info.min or math.isinf(node.output_number) for node in order):
        return "a number on the way overflows, or is too small to have all its digits"
    reached = adjoints(result)
    noise = value_error(result)
    errors: dict[Value, float] = {}
    for step in forward_steps(result, {leaf: 1.0}):
        node, value = step.node, abs(step.node.output_number)
        carried = [
            (abs(partial), source)
            for source, partial in zip(step.inputs, step.partials, strict=True)
            if partial is not None and isinstance(source, Value)
        ]
        if not value and any(
            size and source.data and size * abs(source.data) < sys.float_info.min for size, source in carried
        ):
            return f"{visible_text(node.label) or node.op} is too small for any digit"
        errors[node] = HALF_A_UNIT * value + math.fsum(size * errors.get(source, 0.0) for size, source in carried)
        adjoint = abs(reached.get(node) or 0.0)
        if adjoint * abs(step.tangent) > 1e-3 * gap:
            reach = max(value, min(1.0, abs(step.tangent) * max(1.0, abs(leaf.data))))  # how far the node may move
            if errors[node] > max(NO_DIGITS * value, SMALL) or adjoint * reach <= 10.0 * noise:
                name = visible_text(node.label) or node.op
                return f"rounding hides how {name} = {number_text(node.output_number)} changes"
    for back in backward_steps(result):
        for partial, contribution in zip(back.partials, back.contributions, strict=True):
            if contribution is None or not partial or not back.upstream or not math.isfinite(partial):
                continue
            if not sys.float_info.min <= abs(contribution) < math.inf:
                return "a contribution on the way back overflows, or is too small to have all its digits"
    return ""


def is_of_the_table(result: Any) -> bool:
    """Whether only operations of the table lead to the result, whose partials follow IEEE 754 at every number."""
    return all(
        node.primitive is None or node.primitive.is_listed
        for node in (topological_order(result) if isinstance(result, Value) else ())
    )
