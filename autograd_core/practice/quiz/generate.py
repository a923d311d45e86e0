"""Exercises by seed. All of a level have the same operations and as many blanks; wiring and numbers differ."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from autograd_core.engine.backward import adjoints
from autograd_core.engine.value import Value
from autograd_core.formulas.expression import Expression
from autograd_core.graph.boxes import view
from autograd_core.mistakes.misconceptions import paper_mistakes

GraphForm = tuple[str, ...]  # "d = a * b", one node after another, the output last
Numbers = Sequence[float]
Nodes = dict[str, Value]


def _steps(least: float, most: float, step: float) -> Numbers:
    """The numbers from `least` to `most`, and their negatives."""
    count = round((most - least) / step) + 1
    return [sign * round(least + step * index, 6) for sign in (1, -1) for index in range(count)]


@dataclass(frozen=True, slots=True)
class Level:
    """The exercises of one level. words: what they are about. forms: graphs with the same operations. numbers: for the
    inputs. asked: the blanks. exchanged: inputs whose names may change places. rate: of a step. fits: what else has to
    hold of the nodes."""

    words: str
    forms: tuple[GraphForm, ...]
    numbers: Numbers
    asked: tuple[str, ...]
    exchanged: str = ""
    rate: float | None = None
    fits: Callable[[Nodes], bool] = lambda nodes: True


_UNIT = ("z = w1 * x1 + w2 * x2 + b", "p = sigmoid(z)", "e = p - t", "L = e**2")
_GATES = ("h1 = relu(u1 * x + b1)", "h2 = relu(u2 * x + b2)", "y = c1 * h1 + c2 * h2", "L = (y - t)**2")
_LAYER = ("z1 = w11 * x1 + w12 * x2", "z2 = w21 * x1 + w22 * x2", "h1 = tanh(z1)", "h2 = tanh(z2)")
_SCORES = ("s1 = w1 * x", "s2 = w2 * x", "s3 = w3 * x", "n = logsumexp(s1, s2, s3)")
QUIZ_LEVELS = {
    1: Level(
        "sums and products, with an input used twice",
        forms=(
            ("p = a * b", "q = p + c", "r = q * a", "y = r - d"),
            ("p = a + b", "q = p * c", "r = q - d", "y = r * a"),
            ("p = a - b", "q = p * c", "r = q * a", "y = r + d"),
            ("p = a * b", "q = c - a", "r = p * q", "y = r + d"),
            ("p = a + b", "q = a * c", "r = p * q", "y = r - d"),
            ("p = a - b", "q = p + c", "r = q * d", "y = r * a"),
        ),
        numbers=_steps(0.5, 6.0, 0.5),
        asked=("a", "b", "c", "d"),
        exchanged="abcd",
    ),
    2: Level("a logistic unit", (_UNIT,), _steps(0.2, 2.0, 0.1), ("w1", "w2", "b", "x1")),
    3: Level(
        "two gates, one of them closed",
        (_GATES,),
        _steps(0.2, 2.5, 0.1),
        ("u1", "u2", "c1", "c2", "x"),
        fits=lambda nodes: (nodes["h1"].data > 0.0) != (nodes["h2"].data > 0.0),
    ),
    4: Level(
        "weights shared by two steps",
        (("h1 = tanh(w * x1 + b)", "h2 = tanh(w * x2 + u * h1)", "y = c * h2"),),
        _steps(0.2, 1.8, 0.1),
        ("w", "u", "b", "x1"),
    ),
    5: Level(
        "a softmax, and the loss of a class",
        tuple((*_SCORES, f"L = n - s{label}") for label in (1, 2, 3)),
        _steps(0.2, 2.0, 0.1),
        ("w1", "w2", "w3", "x"),
    ),
    6: Level(
        "a layer of two, and a step of gradient descent",
        ((*_LAYER, "y = c1 * h1 + c2 * h2", "L = (y - t)**2"),),
        _steps(0.2, 1.8, 0.1),
        ("c1", "w11", "w21", "x1", "w11_new"),
        rate=0.1,
        fits=lambda nodes: abs(adjoints(nodes["L"])[nodes["w11"]] or 0.0) > 0.5 * abs(nodes["w11"].data),
    ),
}
MOST_TRIES = 2000
LARGEST = 400.0  # of the numbers in an exercise
SMALLEST = 0.01  # of its answers, but for those behind a closed gate
DISTINCT = 0.011  # relative: two numbers this far apart never round to the same three digits


def generate_exercise(seed: int | str, level: int = 1) -> tuple[Value, tuple[str, ...], float | None]:
    """The output of the exercise of this seed and level, what it asks for, and its learning rate, if any.

    All nodes are labelled; the same in every process. Raises ValueError for a level that does not exist.
    """
    if level not in QUIZ_LEVELS:
        levels = ", ".join(f"{number} ({settings.words})" for number, settings in QUIZ_LEVELS.items())
        raise ValueError(f"there is no level {level!r}: give {levels}.")
    settings = QUIZ_LEVELS[level]
    # Only random() is guaranteed to stay the same in later versions of Python.
    dice = Random(f"autograd_core quiz, level {level}, seed {seed}".encode("utf-8", "surrogatepass")).random
    for _ in range(MOST_TRIES):
        form = _exchange(settings.forms[int(dice() * len(settings.forms))], settings.exchanged, dice)
        nodes = build_graph(form, _draw(sorted(_inputs(form)), settings.numbers, dice))
        output = nodes[form[-1].partition(" = ")[0]]
        if settings.fits(nodes) and is_diagnosable(output, [nodes[name] for name in settings.asked if name in nodes]):
            return output, settings.asked, settings.rate
    raise RuntimeError(f"no exercise of level {level} was found for seed {seed!r}. Use another seed.")


def _exchange(form: GraphForm, names: str, dice: Callable[[], float]) -> GraphForm:
    """The form with the names of inputs in another order."""
    left, order = list(names), []
    while left:
        order.append(left.pop(int(dice() * len(left))))
    other = str.maketrans(names, "".join(order))
    return tuple(line.translate(other) for line in form)


def _draw(names: Sequence[str], numbers: Numbers, dice: Callable[[], float]) -> dict[str, float]:
    """A number for each name, no two of the same size."""
    drawn: dict[str, float] = {}
    for name in names:
        left = [number for number in numbers if abs(number) not in map(abs, drawn.values())]
        drawn[name] = left[int(dice() * len(left))]
    return drawn


def _inputs(form: GraphForm) -> set[str]:
    lines = [line.partition(" = ") for line in form]
    used = {name for _, _, operation in lines for name in Expression(operation).names}
    return used - {name for name, _, _ in lines}


def build_graph(form: Iterable[str], numbers: dict[str, float]) -> Nodes:
    """The nodes of a form at these inputs, by name."""
    nodes = {name: Value(number, name) for name, number in numbers.items()}
    for line in form:
        name, _, operation = line.partition(" = ")
        nodes[name] = Expression(operation)(nodes)
        nodes[name].label = name
    return nodes


def is_diagnosable(output: Value, asked: Sequence[Value]) -> bool:
    """Whether the numbers are fit for a sheet of paper, no two answers are alike, and no mistake nearly gives one."""
    boxes = view(output)
    reached = adjoints(output)
    answers = [reached.get(node) or 0.0 for node in asked]
    open_answers = [answer for answer in answers if answer != 0.0]
    if not all(abs(box.number) <= LARGEST for box in boxes.boxes) or not open_answers:
        return False
    if not all(SMALLEST <= abs(answer) <= LARGEST for answer in open_answers):
        return False
    if any(_are_near(abs(a), abs(b)) for a, b in combinations(open_answers, 2)):
        return False
    names = {boxes.box_of[node].name: answer for node, answer in zip(asked, answers, strict=True)}
    numbers = (
        (mistake.adjoints[name], right)
        for mistake in paper_mistakes(boxes)
        for name, right in names.items()
        if name in mistake.adjoints
    )
    return not any(
        math.isfinite(wrong) and not math.isclose(wrong, right, abs_tol=1e-12) and _are_near(wrong, right)
        for wrong, right in numbers
    )


def _are_near(a: float, b: float) -> bool:
    return abs(a - b) <= DISTINCT * max(abs(a), abs(b))
