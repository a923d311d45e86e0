"""Exercises by seed: small graphs with simple numbers on which each kind of mistake gives different numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from autograd_core.engine.backward import adjoints
from autograd_core.engine.value import Value
from autograd_core.formulas.expression import Expression
from autograd_core.graph.boxes import view
from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.misconceptions import paper_mistakes
from autograd_core.mistakes.mistakes import (
    FORGOT_INNER,
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    MISSED_PATH,
    SIGN,
    SWAPPED,
)

GraphForm = tuple[str, ...]  # "d = a * b", one operation after another, the last one being y


@dataclass(frozen=True, slots=True)
class Level:
    """The exercises of one level.

    forms: graphs that can distinguish the kinds of mistake. Most graphs cannot: where a node has two contributions and
    one path for each, overwriting the first and missing its path give the same number. numbers: the possible inputs.
    kinds: the mistakes that must be possible.
    """

    forms: tuple[GraphForm, ...]
    numbers: tuple[float, ...]
    kinds: frozenset[str]


EVERYWHERE = frozenset({FORGOT_UPSTREAM, FORGOT_PARTIAL, SWAPPED, MISSED_PATH, SIGN})
QUIZ_LEVELS = {
    1: Level(
        forms=(
            ("d = a * b", "e = d * a", "y = a + e"),
            ("d = b * a", "e = b * d", "y = e * b"),
            ("d = a * b", "e = d + a", "y = e * a"),
            ("d = b * a", "e = b + d", "y = e * b"),
            ("d = a * b", "e = a * d", "f = a + e", "y = a + f"),
            ("d = b * a", "e = d * b", "f = b + e", "y = f * b"),
            ("d = b * a", "e = d + a", "f = a + e", "y = f * a"),
            ("d = a * b", "e = d + a", "f = e * a", "y = a + f"),
        ),
        numbers=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0),
        kinds=EVERYWHERE,
    ),
    2: Level(
        forms=(
            ("d = a - b", "e = a + d", "f = e - b", "g = f * b", "y = g * f"),
            ("d = a * b", "e = d * a", "f = b - e", "g = f * a", "y = f + g"),
            ("d = a * b", "e = a * d", "f = e - b", "g = f + a", "y = g + f"),
            ("d = b - a", "e = b + d", "f = d + e", "g = a * f", "y = g * f"),
            ("d = b * a", "e = d * a", "f = e - b", "g = f * a", "y = f + g"),
            ("d = b * a", "e = b + d", "f = e + d", "g = f + a", "y = g * f"),
            ("d = a + b", "e = d * a", "f = e * b", "g = a - f", "y = g - f"),
            ("d = b - a", "e = b * d", "f = e * a", "g = f * a", "y = g + f"),
            ("d = b - a", "e = b * d", "f = d + e", "g = f * b", "y = g + f"),
            ("d = b + a", "e = b + d", "f = e * d", "g = f * a", "y = g - f"),
            ("d = b * a", "e = d * a", "f = e * b", "g = a + f", "y = g * f"),
            ("d = b * a", "e = a - b", "f = d + e", "g = f - b", "y = f * g"),
        ),
        numbers=(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, -1.0, -2.0, -3.0, -4.0, -5.0),
        kinds=EVERYWHERE,
    ),
    3: Level(
        forms=(
            ("d = a + b", "e = a + d", "f = sin(e)", "g = e + f", "h = a + g", "y = g * h"),
            ("d = b - a", "e = tanh(d)", "f = e * a", "g = d + f", "h = g * a", "y = h * g"),
            ("d = a - b", "e = d - b", "f = sigmoid(e)", "g = f - d", "h = g + b", "y = g * h"),
            ("d = b * a", "e = log(d)", "f = d + e", "g = f * a", "h = g * f", "y = g - h"),
            ("d = b * a", "e = d * b", "f = sin(e)", "g = f - e", "h = a + g", "y = h * g"),
            ("d = a + b", "e = b * d", "f = sigmoid(e)", "g = f * e", "h = a - g", "y = h - g"),
            ("d = a * b", "e = b + d", "f = e * a", "g = sin(f)", "h = b + g", "y = h + f"),
            ("d = b * a", "e = tanh(d)", "f = d + e", "g = f * a", "h = g * a", "y = f * h"),
            ("d = a * b", "e = d * a", "f = b * e", "g = sin(f)", "h = g * b", "y = h - f"),
            ("d = b - a", "e = sigmoid(d)", "f = e + d", "g = d * f", "h = g + f", "y = h * g"),
            ("d = b * a", "e = tanh(d)", "f = e * d", "g = f - b", "h = g * f", "y = h * a"),
            ("d = a - b", "e = log(d)", "f = d * e", "g = f + a", "h = b + g", "y = f * h"),
            ("d = b + a", "e = b * d", "f = e * a", "g = f * a", "h = sin(f)", "y = g - h"),
            ("d = a * b", "e = log(d)", "f = e + d", "g = a + f", "h = g * f", "y = b * h"),
        ),
        numbers=(0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, -0.5, -1.0, -1.5, -2.0),
        kinds=EVERYWHERE | {FORGOT_INNER},
    ),
}
MOST_TRIES = 2000
LARGEST = 400.0  # of the numbers in an exercise
DISTINCT = 0.011  # relative: two numbers this far apart never round to the same three digits


def generate_exercise(seed: int | str, level: int = 1) -> Value:
    """The output of the exercise of this seed and level, with all nodes labelled; the same in every process.

    Raises ValueError for a level other than 1, 2 and 3.
    """
    if level not in QUIZ_LEVELS:
        raise ValueError(f"there is no level {level!r}: give 1 (sums and products), 2 (shared nodes) or 3 (functions).")
    settings = QUIZ_LEVELS[level]
    # Only random() is guaranteed to stay the same in later versions of Python.
    name = f"autograd_core quiz, level {level}, seed {seed}"
    dice = Random(name.encode("utf-8", "surrogatepass")).random
    for _ in range(MOST_TRIES):
        form = settings.forms[int(dice() * len(settings.forms))]
        numbers = {name: settings.numbers[int(dice() * len(settings.numbers))] for name in ("a", "b")}
        output = build_graph(form, numbers)
        if settings.kinds <= distinguishable_kinds(output):
            return output
    raise RuntimeError(f"no exercise of level {level} was found for seed {seed!r}. Use another seed.")


def build_graph(form: Iterable[str], numbers: dict[str, float]) -> Value:
    """The graph of a form at these inputs."""
    nodes = {name: Value(number, name) for name, number in numbers.items()}
    for line in form:
        name, _, operation = line.partition(" = ")
        nodes[name] = Expression(operation)(nodes)
        nodes[name].label = name
    return nodes[name]


def distinguishable_kinds(output: Value) -> frozenset[str]:
    """The kinds of mistake that are possible, if each gives different numbers at every input; else none."""
    boxes = view(output)
    exact = adjoints(output)
    mistakes = [mistake for mistake in paper_mistakes(boxes) if mistake.kind in EVERYWHERE | {FORGOT_INNER}]
    kinds: set[str] = set()
    if not all(abs(box.number) <= LARGEST for box in boxes.boxes):
        return frozenset()
    for box in boxes.leaves:
        right = exact[box.node]
        if right is None or not 0.01 <= abs(right) <= LARGEST:
            return frozenset()
        found = [(mistake.adjoints[box.name], mistake.kind) for mistake in mistakes if box.name in mistake.adjoints]
        found = [(number, kind) for number, kind in found if math.isfinite(number) and not agrees(number, right)]
        for (number, kind), (near, other) in pairwise(sorted([*found, (right, "")])):
            if kind != other and abs(number - near) <= DISTINCT * abs(near):
                return frozenset()
        kinds |= {kind for _, kind in found}
    return frozenset(kinds)
