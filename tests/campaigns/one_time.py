"""Random graphs whose leaves change after they are computed: every view must keep its numbers, but for the notes."""

from __future__ import annotations

import itertools
import json
import math
import random
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import nn
from autograd_core import (
    COMPOSITIONS,
    PRIMITIVES,
    DrawingError,
    NumberError,
    Value,
    compare,
    draw,
    explain,
    forward_steps,
    matrix_view,
    quiz,
    scope,
    summary,
)
from autograd_core.graph.boxes import view
from autograd_core.practice.quiz.picture import exercise_picture
from autograd_core.show.drawing.scene import Lettering, Scene
from autograd_core.show.matrix.page import matrix_output
from autograd_core.show.picture.page import fold_output
from autograd_core.show.stepper.frames import frames
from autograd_core.show.stepper.panels import panels
from autograd_core.show.stepper.static_tables import tables

GRAPHS = 300
MOST_IN_FILM = 12  # boxes
NUMBERS = (2.0, -1.5, 0.5, 3.0, 0.0, -0.25, 1.0, 10.0, 1e-3, -700.0, 1e200)
ENTRIES = [entry for entry in (*PRIMITIVES.values(), *COMPOSITIONS.values()) if entry.name != "choose"]
NOTE = r"(?:also [^()]*|now [^()]*)"
NOTES = re.compile(rf" ?\\quad \\text\{{\({NOTE}\)\}}| \({NOTE}\)|\n?^[^\n]*computed with [^\n]*$", re.MULTILINE)
PAGE_NOTE = re.compile(r'"changed":"[^"]*"|<p>computed with[^<]*</p>\n|"changed":\[(?:\[[^]]*\],?)*\],')
NOTED = ("ledger", "forward", "LaTeX", "steps", "static tables", "picture", "textbook", "compare", "summary")


def random_graph(rng: random.Random) -> tuple[Value, list[Value]]:
    """A root that was computed from leaves, and these leaves."""
    kinds = (Value, nn.Parameter)
    leaves = [
        rng.choice(kinds)(rng.choice(NUMBERS), label=rng.choice(("", name))) for name in "xwbv"[: rng.randint(1, 4)]
    ]
    if rng.random() < 0.5:
        for leaf in leaves:
            leaf.data = rng.choice(NUMBERS)  # as after a step of training: not the number it began with
    pool: list[Value] = [*leaves]
    for number in range(rng.randint(1, 6)):
        if rng.random() < 0.3:
            with scope(f"block {number}"):
                pool += [grow(rng, pool) for _ in range(2)]
        else:
            pool.append(grow(rng, pool))
    root = pool[-1] if rng.random() < 0.5 else pool[-1] * pool[-2] + grow(rng, pool)
    if rng.random() < 0.5:
        root.backward()
    return root, leaves


def grow(rng: random.Random, pool: list[Value]) -> Value:
    def pick() -> Any:
        return rng.choice(pool) if rng.random() < 0.85 else rng.choice(NUMBERS)

    kind = rng.random()
    if kind < 0.1:
        model = nn.MLP(2, 2, 1, activation=rng.choice(("relu", "tanh", "sigmoid")), rng=rng.randrange(9))
        output = model([rng.choice(pool), rng.choice(pool)])
        return output if isinstance(output, Value) else output[0]
    entry: Any = rng.choice(ENTRIES)
    if getattr(entry, "takes_lists", False):
        result = entry(*([rng.choice(pool), pick()] for _ in entry.arguments))
    else:
        result = entry(rng.choice(pool), *(pick() for _ in entry.arguments[1:]))
    return result if isinstance(result, Value) else rng.choice(pool) + 0.0


def views(root: Value, opened: Any) -> Iterator[tuple[str, Callable[[], str]]]:
    """The name of every view of a graph, and its content."""
    boxes = view(root, opened)
    names = [box.name for box in boxes.leaves]
    explanation = explain(root, open=opened)
    through = explanation._step_through
    yield "ledger", lambda: str(explanation)
    yield "forward", lambda: str(explain(root, mode="forward", open=opened))
    yield "LaTeX", explanation.to_latex
    yield "record", lambda: re.sub(r'"changed": "[^"]*"', "", explanation.to_json())
    yield "order", lambda: str(explanation.order())
    yield "paths", lambda: "\n".join(str(explanation.paths(name)) for name in names)
    yield "steps", lambda: "\n".join(step.words for step in through.steps)
    yield "static tables", lambda: tables(explanation.record, through.steps, lambda formula: formula.latex)
    yield "what if", lambda: json.dumps(panels(through))
    yield "descent", lambda: str(explain(root, open=opened, learning_rate=0.25, steps=2))
    if len(boxes.boxes) <= MOST_IN_FILM:
        yield "film", lambda: "\n".join(map(letters, frames(through)))
    yield "picture", lambda: f"{letters(draw(root, open=opened)._scene)}\n{draw(root, open=opened)}"
    yield "textbook", lambda: str(draw(root, form="textbook"))
    yield "compare", lambda: repr(compare(dict.fromkeys(names, 1.0), of=root, open=opened))
    yield "quiz", lambda: quiz(root).to_text()
    yield "quiz picture", lambda: letters(exercise_picture(boxes, quiz(root).blanks))
    yield "quiz answers", lambda: f"{quiz(root).key()}\n{quiz(root).check(dict.fromkeys(quiz(root).key(), 0.5))!r}"
    yield "summary", lambda: str(summary(root))
    yield "matrix view", lambda: str(matrix_view(root))
    yield "matrix LaTeX", lambda: matrix_view(root).to_latex()
    yield "matrix page", lambda: re.sub(PAGE_NOTE, "", matrix_output(matrix_view(root).layers))
    folded = draw(root, depth=1)
    yield "folded picture", lambda: f"{letters(folded._scene)}\n{folded}"
    yield "folded page", lambda: re.sub(PAGE_NOTE, "", page_data(fold_output(folded.cut, "", "")))
    for leaf in boxes.leaves:
        yield "why", lambda leaf=leaf: str(nn.why_gradient(root, leaf.node))
        yield (
            "tangents",
            lambda leaf=leaf: repr(
                [(step.partials, step.contributions, step.tangent) for step in forward_steps(root, {leaf.node: 1.0})]
            ),
        )


def contents(root: Value, opened: Any) -> list[tuple[str, str]]:
    """Every view, or the reason why there is none (a gradient of nan is no exercise), without the notes."""
    found = []
    for name, content in views(root, opened):
        try:
            text = content()
        except (DrawingError, NumberError, ValueError) as reason:
            text = f"refused: {reason}"
        found.append((name, text))
    return found


def letters(scene: Scene) -> str:
    """The texts of a picture, without the notes on cards."""
    texts = [mark.text for part in scene.parts for mark in part.marks if isinstance(mark, Lettering)]
    tips = [part.tooltip for part in scene.parts]
    return "\n".join(text for text in (*texts, *tips) if not re.fullmatch(rf"{NOTE}|\d+ numbers? changed since", text))


def page_data(html: str) -> str:
    return html.partition('type="application/json">')[2].partition("</script>")[0]


def without_notes(text: str) -> str:
    """`text` without notes on changed numbers, and what makes room for them: spaces in tables, ends of lines."""
    return re.sub(r"[\s─]+", " ", NOTES.sub("", text)).strip()


def changed_views(rng: random.Random) -> list[str]:
    """The views of one random graph that tell other numbers once leaves have changed, or have no note of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        root, leaves = random_graph(rng)
        opened = rng.choice(((), "all", ("sigmoid", "dot")))
        before = contents(root, opened)
        moved = [leaf for leaf in leaves if rng.random() < 0.6]
        for leaf in moved:
            leaf.data = rng.choice([number for number in (*NUMBERS, math.nan, math.inf) if number != leaf.data])
        after = contents(root, opened)
    found = [
        f"{name}:\n{without_notes(old)}\n--- after {moved}\n{without_notes(new)}"
        for (name, old), (_, new) in itertools.zip_longest(before, after, fillvalue=("", ""))
        if without_notes(old) != without_notes(new)
    ]
    below = {box.node for box in view(root).leaves}
    if root.inputs and not below.isdisjoint(moved):
        found += [
            f"{name}: no note of {moved}"
            for name, text in after
            if name in NOTED and NOTES.search(text) is None and not text.startswith("refused")
        ]
    return found


def run(part: float) -> str:
    count = round(GRAPHS * part)
    found = [problem for seed in range(count) for problem in changed_views(random.Random(seed))]
    print(*found[:5], sep="\n\n")
    return f"{count:,} graphs, {len(found)} views with numbers of another time"
