"""The steps as still pictures: each shows what is known by then, nothing more."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pytest

from autograd_core import DrawingError, Value, explain, relu, sigmoid
from autograd_core.graph.boxes import view
from autograd_core.show.drawing.graphviz import png, program
from autograd_core.show.drawing.scene import Lettering, Outline, Scene, ScenePart
from autograd_core.show.record.steps import explained_steps
from autograd_core.show.stepper.frames import frames
from autograd_core.show.stepper.step_through import StepThrough

needs_graphviz = pytest.mark.skipif(program("graphviz-pure") is None, reason="graphviz-pure is not installed")


def graph() -> Value:
    x, w = Value(2.0, label="x"), Value(-0.5, label="w")
    return sigmoid(w * x) * x + relu(w)


def numbers_on_cards(scene: Scene) -> dict[str, list[str]]:
    return {
        dict(part.data)["name"]: [
            mark.text for mark in part.marks if isinstance(mark, Lettering) and mark.anchor == "end"
        ]
        for part in scene.parts
        if part.kind == "card" and "name" in dict(part.data)
    }


def test_every_frame_shows_the_numbers_known_so_far() -> None:
    y = graph()
    explanation = explain(y)
    known = {box.name: ["–", "–"] for box in view(y).boxes}
    scenes = frames(StepThrough(explanation.record, view(y)))
    steps = explained_steps(explanation.record)
    assert len(scenes) == len(steps)
    for step, scene in zip(steps, scenes, strict=True):
        for change in step.changes:
            known[change.node][change.what == "grad"] = change.text
        shown = {name: [text.lstrip("+") for text in texts] for name, texts in numbers_on_cards(scene).items()}
        assert shown == known
        words = " ".join(mark.text for mark in scene.parts[-1].marks if isinstance(mark, Lettering))
        assert step.words[:40] in words


def shapes(part: ScenePart) -> list[Outline]:
    return [mark for mark in part.marks if isinstance(mark, Outline)]


def test_a_frame_on_the_way_back_looks_as_the_page_does() -> None:
    y = graph()
    explanation = explain(y)
    steps = explained_steps(explanation.record)
    through = StepThrough(explanation.record, view(y))
    at = next(at for at, step in enumerate(steps) if step.phase == "backward" and step.source == "x")
    scene, final = frames(through)[at], through.picture
    cards = {dict(part.data).get("name"): part for part in scene.parts if part.kind == "card"}
    for name, width in ((steps[at].node, 12.0), ("x", 8.0)):
        rings = [mark.points for mark in shapes(cards[name]) if mark.width == width]
        sheets = [mark.points for mark in shapes(cards[name]) if mark.fill]
        assert rings == sheets, "a ring has the shape of its card"
    contribution = next(c for c in final.contributions if c.edge.node == steps[at].node and c.edge.source == "x")
    (line, head), (before, _) = (
        next(shapes(part) for part in drawn.parts if part.kind == "link" and part.index == contribution.link)
        for drawn in (scene, final.scene)
    )
    assert head.points[0] == before.points[0], "the arrow head points at the source"
    assert head.fill == line.stroke == ("positive" if contribution.edge.contribution > 0 else "negative")  # type: ignore[operator]
    assert math.dist(line.points[0], before.points[0]) < 15.0
    (plate,) = [part for part in scene.parts if part.kind == "carried" and part.index == contribution.link]
    assert " ".join(mark.text for mark in plate.marks if isinstance(mark, Lettering)) == contribution.product


def test_a_closed_gate_takes_no_contribution_from_the_picture() -> None:
    x = Value(-1.0, label="x")
    y = x * 2 + relu(x)
    record = explain(y).record
    carrying = [edge for step in record.sweeps[0].steps for edge in step.edges if edge.contribution is not None]
    last = frames(StepThrough(record, view(y)))[-1]
    assert sum(part.kind == "carried" for part in last.parts) == len(carrying) == 3


def test_the_layout_stays_still() -> None:
    y = graph()
    sizes = {(scene.width, scene.height) for scene in frames(StepThrough(explain(y).record, view(y)))}
    assert len(sizes) == 1


@needs_graphviz
def test_film_slides_and_one_step_are_written(tmp_path: Path) -> None:
    explanation = explain(graph())
    count = len(explained_steps(explanation.record))
    film = explanation.to_gif(tmp_path / "steps.gif", seconds=0.5)
    assert (tmp_path / "steps.gif").read_bytes() == film
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed").open(io.BytesIO(film))
    assert image.n_frames == count
    assert image.width <= 1200
    assert explanation.to_png(0).startswith(b"\x89PNG")
    slides = explanation.to_pdf(tmp_path / "steps.pdf")
    assert slides.startswith(b"%PDF")
    assert slides.count(b"/Type /Page\n") == count
    with pytest.raises(IndexError):
        explanation.to_png(1000)


def test_forward_mode_says_what_to_do_instead() -> None:
    with pytest.raises(DrawingError, match="to_text"):
        explain(graph(), mode="forward").to_pdf()


def painted_words(*texts: str) -> list[int]:
    """How many dark pixels the words have, each painted in a line of its own."""
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    scene = Scene("", 400, 40.0 * len(texts))
    words = [Lettering(text, 10.0, 25.0 + 40.0 * index, 15.0, "ink") for index, text in enumerate(texts)]
    scene.parts.append(ScenePart("words", tuple(words)))
    pixels = png(scene, "light", dpi=72)
    assert pixels is not None
    grey = image.open(io.BytesIO(pixels)).convert("L")
    high = grey.height // len(texts)
    return [
        sum(grey.crop((0, line * high, grey.width, (line + 1) * high)).histogram()[:128]) for line in range(len(texts))
    ]


@needs_graphviz
def test_a_backslash_is_painted_as_it_is_written_and_loses_nothing_after_it() -> None:
    slash, backslash, two_slashes, *following = painted_words(
        "one/two", "one\\two", "one//two", "\\\\", "one\\n", 'one\\"', "one\\", "last"
    )
    assert abs(backslash - slash) < (two_slashes - slash) / 2
    [last] = painted_words("last")
    assert abs(following[-1] - last) <= last // 10
    assert min(following) > 0
