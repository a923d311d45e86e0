"""The verdict on a derivative beside the differences of its function, and the reason for it."""

from __future__ import annotations

import math
from typing import Any

from autograd_core.derivatives.finite_differences import SAFETY, Difference
from autograd_core.derivatives.rounding import derivative_error, is_of_the_table, what_rounding_hides
from autograd_core.engine.backward import topological_order
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.scope import enclosing_compositions, is_at_kink
from autograd_core.engine.value import Value
from autograd_core.formulas.notation import number_text

RIGHT, SUSPICIOUS, WRONG, KINK = "right", "suspicious", "wrong", "at a kink"
EXACT = 1e-8  # a relative difference below this needs no explanation


def judge(analytic: float, difference: Difference, tolerance: float) -> tuple[str, str]:
    """The verdict and, where there is something to say, the reason.

    Only differences that converge can call a derivative wrong.
    """
    left, right = difference.left, difference.right
    if not math.isfinite(analytic):
        return _judge_infinite(analytic, difference)
    if not difference.smooth and not (math.isnan(left) and math.isnan(right)):
        return _judge_at_kink(analytic, difference, tolerance)
    if not math.isfinite(difference.numeric):
        return SUSPICIOUS, "f is not finite around this point, so no difference can be taken"
    gap = abs(analytic - difference.numeric)
    scale = max(abs(analytic), abs(difference.numeric))
    explained = gap <= SAFETY * difference.error
    if gap <= EXACT * scale or (gap <= tolerance * scale and explained):
        return RIGHT, ""
    if not difference.converged:
        return SUSPICIOUS, "the differences do not converge here, so they cannot decide"
    if gap <= tolerance * scale:
        return SUSPICIOUS, "they agree to six digits, but differ by more than rounding explains"
    if explained:
        return SUSPICIOUS, f"differences are only accurate to {difference.error:.1e} here, so they cannot decide"
    return WRONG, ""


def _judge_infinite(analytic: float, difference: Difference) -> tuple[str, str]:
    """Correct derivatives may be infinite too (sqrt at 0, 1/x at 1e-200): differences then grow without limit."""
    found = [
        (difference.numeric, difference.error),
        *((side, difference.side_error) for side in (difference.left, difference.right)),
    ]
    if difference.converged and any(
        error <= 1e-3 * abs(slope) + 1e-9 for slope, error in found if math.isfinite(slope)
    ):
        return WRONG, "the analytic derivative is not finite"
    return SUSPICIOUS, f"the analytic derivative is {analytic!r}, and the differences have no limit"


def _judge_at_kink(analytic: float, difference: Difference, tolerance: float) -> tuple[str, str]:
    left, right = difference.left, difference.right
    sides = f"left {number_text(left, 6)}, right {number_text(right, 6)}"
    if math.isinf(left) or math.isinf(right):
        return KINK, f"f jumps; {sides}"
    low, high = (right, right) if math.isnan(left) else (left, left) if math.isnan(right) else sorted((left, right))
    outside = max(low - analytic, analytic - high)
    if outside <= tolerance * max(abs(low), abs(high)):
        return KINK, sides
    if not difference.converged:
        return SUSPICIOUS, f"the differences do not converge here, so they cannot decide: {sides}"
    if outside <= SAFETY * difference.side_error:
        return SUSPICIOUS, f"at a kink whose sides are only accurate to {difference.side_error:.1e}: {sides}"
    return WRONG, f"not between the two sides of the kink: {sides}"


def reconsider(result: Any, leaf: Value, analytic: float, difference: Difference, note: str) -> tuple[str, str]:
    """The verdict on a derivative that the differences call wrong, unless the graph shows why they may be wrong."""
    if not math.isfinite(analytic):
        if is_of_the_table(result):
            return SUSPICIOUS, f"the analytic derivative is {analytic!r} by the rules of IEEE 754"
        return WRONG, note
    if kink := kink_inside(result):
        return KINK, kink
    known = [slope for slope in (difference.numeric, difference.left, difference.right) if math.isfinite(slope)]
    gap = min(abs(analytic - slope) for slope in known)
    if gap <= SAFETY * derivative_error(result, leaf):
        return SUSPICIOUS, "the contributions to the analytic derivative cancel, so rounding may explain the gap"
    if hidden := what_rounding_hides(result, leaf, gap):
        return SUSPICIOUS, hidden
    return WRONG, note


def is_index(result: Any, leaf: Value) -> bool:
    """Whether `leaf` is the index of choices and nothing else: f is defined at whole numbers of it alone."""
    uses = [
        primitive.selects is not None and place == 0
        for node, primitive in operations_below(result)
        for place, source in enumerate(node.inputs)
        if source is leaf
    ]
    return bool(uses) and all(uses)


def operations_below(result: Any) -> list[tuple[Value, Primitive]]:
    """The nodes at and below the result that an operation computed, with that operation."""
    order = topological_order(result) if isinstance(result, Value) else []
    return [(node, node.primitive) for node in order if node.primitive is not None]


def outside_a_domain(result: Any) -> str:
    """Which custom primitive was given a number outside its domain, in words; empty where none was."""
    for node, primitive in operations_below(result):
        if primitive.is_bounded:
            for name, number, (low, high) in zip(
                primitive.arguments, node.input_numbers, primitive.domain, strict=True
            ):
                if not low <= number <= high:
                    return (
                        f"{primitive.name} is defined for {name} from {low!r} to {high!r}, "
                        f"and f gives it {name} = {number!r}"
                    )
    return ""


def kink_inside(result: Any) -> str:
    """What is at its kink among the operations below the result, in words; empty where nothing is."""
    for node, primitive in operations_below(result):
        if is_at_kink(node):
            name = ([primitive.name] + [composition.name for composition in enclosing_compositions(node)])[-1]
            return f"{name} is at its kink here, so its convention decides"
    return ""
