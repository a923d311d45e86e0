"""Values and partials that are not finite, planted in random graphs: `detect_anomaly` names those that reach the
result, and no others."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    NonFiniteError,
    Value,
    custom_primitive,
    detect_anomaly,
    jvp,
    nth_derivative,
    value_and_grad,
)
from autograd_core.engine.backward import adjoints

GRAPHS = 20_000
# From finite numbers of a usual size these give finite numbers with finite partials: only what is planted is not.
UNARY = [PRIMITIVES[name] for name in ("negative", "sin", "tanh", "atan", "erf", "abs", "floor")]
UNARY += [COMPOSITIONS[name] for name in ("sigmoid", "relu", "elu", "softplus", "threshold", "gelu")]
BINARY = [PRIMITIVES[name] for name in ("add", "subtract", "multiply", "maximum", "minimum", "less", "equal")]
NOT_FINITE = (math.inf, -math.inf, math.nan)


def planted_value(number: float) -> Any:
    return custom_primitive("planted", lambda a: number, [lambda y, a: 1.0])


def planted_partial(number: float) -> Any:
    return custom_primitive("planted", lambda a: a, [lambda y, a: number + 0.0 * a])


def random_graph(seed: int, plant: Callable[[Any], Any], place: int) -> Callable[[Any], Any]:
    """A function of one number, of eight to twenty operations, the one of number `place` being `plant`."""

    def function(x: Any) -> Any:
        rng = random.Random(seed)
        nodes = [x, Value(rng.uniform(-1.5, 1.5)), x * rng.uniform(-1.5, 1.5)]
        for number in range(rng.randint(8, 20)):
            a, b, c = (rng.choice(nodes[-5:]) for _ in range(3))
            unary, binary, kind = rng.choice(UNARY), rng.choice(BINARY), rng.random()
            if number == place:
                nodes.append(plant(a))
            elif kind < 0.4:
                nodes.append(unary(a))
            elif kind < 0.75:
                nodes.append(binary(a, b) * 0.5)
            else:
                nodes.append(PRIMITIVES["where"](a > 0.0, b, c))
        return nodes[-1] + 0.0 * x if rng.random() < 0.2 else nodes[-1]

    return function


def fault(seed: int, verdicts: Counter[str]) -> str:
    """What is wrong with what is said of one random graph, "" where nothing is."""
    rng = random.Random(seed)
    number = rng.choice(NOT_FINITE)
    plant = rng.choice((planted_value, planted_partial))(number)
    function = random_graph(seed, plant, rng.randrange(8))
    point = rng.uniform(-2.0, 2.0)
    x = Value(point)
    y = function(x)
    reaches = not all(
        math.isfinite(adjoint or 0.0) for node, adjoint in adjoints(y).items() if not node.op
    ) or not math.isfinite(y.data)
    verdicts["reached the result" if reaches else "held back"] += 1

    def sweep() -> None:
        function(Value(point)).backward()

    def only_for_x() -> None:
        value_and_grad(function)(point)
        jvp(function, point, 1.0)
        nth_derivative(function, 1)(point)

    message = _raised(sweep)
    if (message is not None) != reaches:
        return f"{seed}: {'nothing is said' if reaches else message}"
    if message is not None and not re.search(r"planted gave|\(planted, [^)]*\): upstream", message):
        return f"{seed}: the planted operation is not named: {message}"
    gradient = adjoints(y).get(x) or 0.0
    if math.isfinite(y.data) and math.isfinite(gradient) and (message := _raised(only_for_x)) is not None:
        return f"{seed}: of x alone: {message}"
    if not (math.isfinite(y.data) and math.isfinite(gradient)) and _raised(only_for_x) is None:
        return f"{seed}: of x alone: nothing is said"
    return ""


def _raised(function: Callable[[], None]) -> str | None:
    try:
        with detect_anomaly():
            function()
    except NonFiniteError as problem:
        return str(problem)
    return None


def faults(count: int, seed: int) -> tuple[list[str], Counter[str]]:
    """What is wrong in `count` random graphs, and how many of them a planted number went through."""
    verdicts = Counter[str]()
    found = [fault(seed + number, verdicts) for number in range(count)]
    return [text for text in found if text], verdicts


def run(part: float) -> str:
    found, verdicts = faults(round(GRAPHS * part), seed=2026)
    print(*found, sep="\n")
    counts = ", ".join(f"{number:,} {verdict}" for verdict, number in verdicts.most_common())
    return f"{counts}; {len(found)} told wrongly"
