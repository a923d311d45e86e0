"""A training run recorded: every number shown is the engine's at the parameters of its epoch."""

from __future__ import annotations

import io
import json
import math
import random
import re
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from autograd_core import ModelMap, Timeline, Value, draw, log, scope, sigmoid, tanh, topological_order
from autograd_core.show.drawing.graphviz import program
from autograd_core.show.drawing.scene import Lettering, Outline
from autograd_core.show.timeline.contour import join_segments
from autograd_core.show.timeline.decision_map import SIDE, map_sheet
from autograd_core.show.timeline.film import film_sheet
from nn import (
    MLP,
    Adam,
    Dropout,
    Embedding,
    Module,
    NothingLearntWarning,
    Recording,
    Sequential,
    Sigmoid,
    binary_cross_entropy_with_logits,
    cross_entropy,
    fit,
    huber_loss,
    mse_loss,
    record,
)
from nn.training.run_recording import select_states

needs_graphviz = pytest.mark.skipif(program("graphviz-pure") is None, reason="graphviz-pure is not installed")
XOR = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]


def run(epochs: int = 6, backend: str = "numpy", **options: Any) -> tuple[MLP, Recording]:
    model, recording = MLP(2, 3, 1, activation="tanh", rng=3), record(follow=2, **options)
    fit(
        model,
        *XOR,
        loss=binary_cross_entropy_with_logits,
        optimiser=Adam(model.parameters(), learning_rate=0.1),
        epochs=epochs,
        callbacks=recording,
        backend=backend,
        progress=False,
    )
    return model, recording


def data_of(page: str) -> Any:
    found = re.search(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize("backend", ["eager", "numpy"])
def test_every_number_is_the_engines_at_the_parameters_of_its_epoch(backend: str) -> None:
    model, recording = run(backend=backend)
    frames = recording.timeline.frames
    assert [frame.number for frame in frames] == list(range(7))
    assert [parameter.data for parameter in model.parameters()] == list(recording.states[-1].parameters)
    for frame, state in zip(frames, recording.states, strict=True):
        for parameter, number in zip(model.parameters(), state.parameters, strict=True):
            parameter.data = number
        model.zero_grad()
        x = [Value(1.0, label="x[0]"), Value(0.0, label="x[1]")]
        output = model(x)
        loss = binary_cross_entropy_with_logits([output], [1.0])
        loss.backward()
        assert frame.value == loss.data
        all_rows = binary_cross_entropy_with_logits([model(row) for row in XOR[0]], XOR[1])
        assert frame.loss == pytest.approx(all_rows.data, rel=1e-12)
        assert frame.largest is not None
        assert abs(frame.largest[1]) == max(abs(parameter.grad) for parameter in model.parameters())
        hidden = tanhs(loss)
        assert [number for [number] in frame.values[2:5]] == [node.data for node in hidden]
        assert [number for [number] in frame.gradients[2:5]] == pytest.approx([node.grad for node in hidden], rel=1e-12)
        assert frame.gradients[:2] == [[pytest.approx(value.grad, rel=1e-12)] for value in x]
        on_grid = [sigmoid(model(row)[0].data) for row in recording.timeline.map.grid()[:: SIDE * 8]]
        assert list(frame.outputs[0][:: SIDE * 8]) == pytest.approx(on_grid, abs=1e-12)
        rights = sum((model(row)[0].data > 0) == target for row, target in zip(*XOR, strict=True))
        assert dict(frame.facts)["rows right"] == f"{rights} of 4"
        assert dict(frame.facts)["output"].startswith(f"{output[0].data:.4g}")


def tanhs(loss: Value) -> list[Value]:
    return [node for node in topological_order(loss) if node.op == "tanh"]


def test_compiled_and_eager_training_give_the_same_frames() -> None:
    eager, compiled = run(backend="eager")[1].timeline.frames, run(backend="numpy")[1].timeline.frames
    for frame, other in zip(eager, compiled, strict=True):
        for numbers in ("values", "gradients"):
            for mine, theirs in zip(getattr(frame, numbers), getattr(other, numbers), strict=True):
                assert mine == pytest.approx(theirs, abs=1e-9)
        assert frame.loss == pytest.approx(other.loss, abs=1e-9)
        assert list(frame.outputs[0]) == pytest.approx(list(other.outputs[0]), abs=1e-9)
        assert frame.wrong == other.wrong


def test_the_texts_of_the_picture_are_those_of_a_picture_drawn_at_that_epoch() -> None:
    model, recording = run()
    content = recording.timeline.content()
    for moment, state in enumerate(recording.states):
        for parameter, number in zip(model.parameters(), state.parameters, strict=True):
            parameter.data = number
        loss = binary_cross_entropy_with_logits([model([Value(1.0, label="x[0]"), Value(0.0, label="x[1]")])], [1.0])
        folded = draw(loss, depth=3, fold=["layer 2", "binary_cross_entropy_with_logits"])
        expected = set(re.findall(r'"end"[^>]*>([−+]?\d[^< ]*)</text>', folded.svg))
        shown = {
            mark.text
            for group in content.sheet.at(moment).parts
            if group.kind.startswith("card")
            for mark in group.marks
            if isinstance(mark, Lettering) and mark.anchor == "end"
        }
        assert shown == expected


def test_only_texts_bars_and_links_change_from_one_epoch_to_the_next() -> None:
    model = MLP(2, 6, 1, activation="tanh", rng=0)
    recording = record()
    fit(model, *XOR, loss=mse_loss, epochs=4, callbacks=recording, backend="numpy", progress=False)
    sheet_of = recording.timeline.content().sheet
    assert sheet_of.bars
    scenes = [sheet_of.at(moment) for moment in range(5)]

    def places(scene: Any) -> list[Any]:
        found: list[Any] = [(scene.width, scene.height)]
        for group in scene.parts:
            if group.kind != "bars":
                found += [
                    (mark.x, mark.y, mark.size) if isinstance(mark, Lettering) else mark.points for mark in group.marks
                ]
        return found

    assert all(places(scene) == places(scenes[0]) for scene in scenes)
    widths = [[group.marks[0].width for group in scene.parts if group.kind.startswith("link")] for scene in scenes]
    assert widths[0] != widths[-1]


def test_bars_have_one_scale_over_the_whole_run() -> None:
    timeline = Timeline("scale", depth=1)
    for factor in (1.0, 0.25):
        with scope("layer"):
            nodes = [Value(factor * number) * 1.0 for number in (0.0, 1.0, -4.0, math.nan)]
        timeline.add(nodes[0] + nodes[1] * 2.0 + nodes[2] + nodes[3])
    [values, gradients] = timeline.content().sheet.bars
    assert values.heights == ((0, 50, -100, 127), (0, 25, -50, 127))
    assert gradients.heights[0] == (71, 100, 71, 71)


def test_all_epochs_are_shown_if_they_are_few_else_the_first_and_the_last_and_some_between() -> None:
    assert select_states(61, 61, "log") == list(range(61))
    for spread in ("log", "even"):
        for length in (62, 500, 100_000):
            places = select_states(length, 61, spread)
            assert len(places) == 61
            assert places == sorted(set(places))
            assert (places[0], places[-1]) == (0, length - 1)
    _, recording = run(epochs=40, frames=5)
    assert [frame.number for frame in recording.timeline.frames] == [0, 1, 3, 11, 40]
    assert "5 of 41 states, closer together at the beginning" in recording.to_html()
    assert "All 7 states" in run()[1].to_html()


def test_a_very_long_run_keeps_enough_states(monkeypatch: pytest.MonkeyPatch) -> None:
    model, recording = MLP(1, 1, rng=0), record(frames=3, spread="even")
    recording.begin(model, [[0.0], [1.0]], [0.0, 1.0], mse_loss)
    for _ in range(1000):
        next(iter(model.parameters())).data += 1.0
        recording.add()
    assert len(recording.states) <= 49
    first, _, last = recording.timeline.frames
    assert (first.number, last.number) == (0, 1000)
    assert last.leaves[0] == first.leaves[0] + 1000


def test_ctrl_c_keeps_what_was_recorded() -> None:
    model, recording = MLP(2, 3, 1, rng=0), record()

    def stop(epoch: Any) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    fit(model, *XOR, loss=mse_loss, epochs=9, callbacks=[recording, stop], progress=False, backend="eager")
    assert [frame.number for frame in recording.timeline.frames] == [0, 1, 2, 3]
    assert "epoch 3" in recording.to_html()


def test_later_training_does_not_change_what_was_recorded_and_recording_changes_nothing() -> None:
    model, recording = run()
    plain = MLP(2, 3, 1, activation="tanh", rng=3)
    fit(
        plain, *XOR, loss=binary_cross_entropy_with_logits, epochs=6, backend="numpy", progress=False,
        optimiser=Adam(plain.parameters(), learning_rate=0.1),
    )  # fmt: skip
    assert [parameter.data for parameter in model.parameters()] == [parameter.data for parameter in plain.parameters()]
    for parameter in model.parameters():
        parameter.data, parameter.grad = 7.0, 5.0
    before = recording.timeline.frames
    assert all(frame.leaves[0] != 7.0 for frame in before)
    assert all((parameter.data, parameter.grad) == (7.0, 5.0) for parameter in model.parameters())
    with pytest.warns(NothingLearntWarning, match="equal weights"):
        fit(model, *XOR, loss=binary_cross_entropy_with_logits, epochs=2, callbacks=recording, progress=False)
    assert [frame.number for frame in recording.timeline.frames] == list(range(9))


def test_a_loop_of_ones_own() -> None:
    model, recording = MLP(2, 2, 1, rng=0), record(follow=([0.5, 0.5], 1.0))
    recording.begin(model, *XOR, mse_loss)
    for _ in range(3):
        mse_loss([model(row) for row in XOR[0]], XOR[1]).backward()
        for parameter in model.parameters():
            parameter.data -= 0.1 * parameter.grad
        model.zero_grad()
        recording.add()
    losses = [frame.loss for frame in recording.timeline.frames]
    assert losses == sorted(losses, reverse=True)
    assert "one point followed" in str(recording)
    assert len(str(recording).splitlines()) == 7


def test_a_bare_loss_over_values_with_a_map() -> None:
    w, b = [Value(0.3, label="w[0]"), Value(-0.2, label="w[1]")], Value(0.1, label="b")

    def p(row: Any) -> Any:
        return sigmoid(w[0] * row[0] + w[1] * row[1] + b)

    plane = ModelMap(XOR[0], [0, 0, 0, 1], "score", middle=0.5, reach=0.5, followed=([1.0, 1.0], 1))
    timeline = Timeline("one logistic unit", map=plane)
    for _ in range(4):
        loss = (p([1.0, 1.0]) - 1.0) ** 2
        timeline.add(loss, facts={"p": p([1.0, 1.0]).data}, outputs=[p(row).data for row in plane.grid()])
        loss.backward()
        for parameter in (*w, b):
            parameter.data -= parameter.grad
            parameter.grad = None
    assert [frame.number for frame in timeline.frames] == [0, 1, 2, 3]
    assert {change.name for change in timeline.content().changes[1]} == {"w[0]", "w[1]", "b"}
    assert timeline.content().changes[0] == []
    assert "largest gradient" in str(timeline)
    assert "one logistic unit" in timeline.to_html()
    with pytest.raises(ValueError, match="needs outputs at the 1,681 rows"):
        timeline.add(loss, outputs=[1.0])


def test_another_graph_is_refused_and_says_where_it_differs() -> None:
    x, timeline = Value(2.0, label="x"), Timeline()
    timeline.add(tanh(x) * 3.0)
    for other, message in (
        (sigmoid(x) * 3.0, "nodes, the first had"),
        (tanh(x) + 3.0, "instead of 'out' there is add"),
    ):
        with pytest.raises(ValueError, match=message):
            timeline.add(other)
    with pytest.raises(TypeError, match="made of Values"):
        timeline.add(3.0)  # type: ignore[arg-type]
    assert len(timeline.frames) == 1
    with pytest.raises(ValueError, match="nothing is recorded yet"):
        Timeline().to_html()


def test_what_record_refuses() -> None:
    for wrong in ({"frames": 1}, {"spread": "some"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            record(**wrong)  # type: ignore[arg-type]
    model = MLP(2, 1, rng=0)
    with pytest.raises(ValueError, match="row 9 is not among the 4 training rows"):
        record(follow=9).begin(model, *XOR, mse_loss)
    with pytest.raises(ValueError, match="call begin"):
        record().add()
    with pytest.raises(TypeError, match="Timeline"):
        record().begin(lambda x: x, *XOR, mse_loss)  # type: ignore[arg-type]
    recording = record()
    recording.begin(model, *XOR, mse_loss)
    with pytest.raises(ValueError, match="another model"):
        recording.begin(MLP(2, 1, rng=0), *XOR, mse_loss)
    recording.begin(model, *XOR, mse_loss)
    weighted = record()
    for _ in range(2):
        weighted.begin(model, *XOR, partial(huber_loss, delta=1.0))
    with pytest.raises(ValueError, match="another loss: one curve"):
        weighted.begin(model, *XOR, partial(huber_loss, delta=2.0))
    rows, targets = XOR
    for changed, other in (
        ("rows", (rows[::-1], targets, mse_loss)),
        ("targets", (rows, [*targets[1:], 1.0], mse_loss)),
        ("loss", (*XOR, binary_cross_entropy_with_logits)),
    ):
        with pytest.raises(ValueError, match=f"(an)?other {changed}: one curve"):
            recording.begin(model, *other)


@pytest.mark.parametrize("numbers", [(1.0, 1e150, 1.7e308), (0.0, 1.0, 1.79e308), (5e-324, 1e-300, 1.0)])
def test_a_run_that_reaches_the_largest_numbers_is_shown(numbers: tuple[float, ...]) -> None:
    """As one does whose learning rate is too large, until its loss is inf."""
    w, timeline = Value(0.0, label="w"), Timeline()
    for w.data in numbers:
        timeline.add(w * 1.0)
    sheet = timeline.content().curve
    assert all(map(math.isfinite, [coordinate for place in sheet.places for coordinate in place]))
    assert sheet.places[2][1] < sheet.places[0][1]
    assert "epoch 2" in timeline.to_html()


def test_it_notes_the_epoch_of_the_model_after_early_stopping() -> None:
    model, recording = MLP(2, 3, 1, activation="tanh", rng=3), record()
    options = {"loss": mse_loss, "epochs": 40, "progress": False, "backend": "eager"}
    history = fit(
        model,
        *XOR,
        optimiser=Adam(model.parameters(), learning_rate=0.5),
        early_stopping=2,
        validation=([[0.5, 0.5]], [0.5]),
        callbacks=recording,
        **options,
    )
    assert history.best is not None
    assert history.best < recording.states[-1].epoch
    assert recording.timeline.note.endswith(f"; the model has gone back to epoch {history.best}")
    for parameter, number in zip(model.parameters(), recording.states[-1].parameters, strict=True):
        parameter.data = number
    assert "gone back" not in recording.timeline.note


def test_the_boundary_lies_where_the_output_crosses_its_middle() -> None:
    plane = ModelMap([[0.0, 0.0], [1.0, 1.0]], [0, 1], "score", middle=1.0, reach=1.0)
    timeline = Timeline(map=plane)
    timeline.add(Value(1.0) * 1.0, outputs=[x + y for x, y in plane.grid()])
    sheet = map_sheet(plane, timeline.frames)
    [line] = sheet.lines[0]
    left, top, right, bottom = sheet.box
    assert len(line) > SIDE // 2
    for at_x, at_y in line:
        x, y = (at_x - left) / (right - left), (bottom - at_y) / (bottom - top)
        assert x + y == pytest.approx(1.0, abs=0.002)
    assert sheet.shades is not None
    assert sheet.shades[0][0] == sheet.shades[0][-1] == 127  # the corners on the boundary
    assert sheet.shades[0][SIDE - 1] > 127 > sheet.shades[0][-SIDE]


def test_segments_that_meet_become_one_line() -> None:
    points = [(float(place), float(place % 3)) for place in range(9)]
    segments = list(pairwise(points))
    random.Random(0).shuffle(segments)
    [line] = join_segments(segments)
    assert line in (points, points[::-1])


def test_classes_curves_and_many_inputs() -> None:
    texts = ["<b>", "b", "c"]
    model = MLP(2, 3, 3, rng=0)
    recording = record()
    fit(model, [[0, 0], [1, 0], [0, 1]], texts, loss=cross_entropy, epochs=2, callbacks=recording, progress=False)
    frame = recording.timeline.frames[-1]
    assert len(frame.outputs) == 3
    assert sum(column[5] for column in frame.outputs) == pytest.approx(1.0)
    assert dict(frame.facts)["target"] == "<b>"
    assert "<b>" not in recording.to_html()
    line = record()
    fit(MLP(1, 2, 1, rng=0), [[0.0], [1.0]], [0.0, 3.0], loss=mse_loss, epochs=2, callbacks=line, progress=False)
    assert line.timeline.map is not None
    assert line.timeline.map.kind == "curve"
    assert data_of(line.to_html())["map"]["shades"] is None
    wide = record()
    fit(MLP(3, 2, 1, rng=0), [[0.0, 1.0, 2.0]] * 2, [0.0, 3.0], loss=mse_loss, epochs=2, callbacks=wide, progress=False)
    assert data_of(wide.to_html())["map"] is None
    with pytest.raises(ValueError, match="rows of 2 numbers"):
        ModelMap([[1.0]], [0], "score")


def test_dropout_and_embeddings_are_followed_in_eval_mode() -> None:
    model = Sequential(MLP(2, 2, rng=0), Dropout(0.5, rng=1), MLP(2, 1, rng=2), Sigmoid())
    recording = record()
    fit(model, *XOR, loss=mse_loss, epochs=3, callbacks=recording, progress=False, backend="eager")
    assert len(recording.timeline.frames) == 4

    class Words(Module):
        def __init__(self) -> None:
            self.table = Embedding(3, 2, rng=0)

        def forward(self, row: Any) -> Any:
            return [self.table(row)[0][0] * 2.0]

    words, looked_up = Words(), record()
    before = float(mse_loss([words([0]), words([2])], [0.0, 1.0]))
    fit(words, [[0], [2]], [0.0, 1.0], loss=mse_loss, epochs=2, callbacks=looked_up, progress=False, backend="eager")
    losses = [frame.loss for frame in looked_up.timeline.frames]
    assert losses[0] == pytest.approx(before, rel=1e-14)  # which fit has not measured
    assert all(map(math.isfinite, losses))
    assert "epoch 2" in looked_up.to_html()


def test_labels_are_data() -> None:
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    x = Value(2.0, label=hostile)
    with scope(hostile, hostile):
        y = tanh(x) * 3.0
    timeline = Timeline(hostile, note=hostile)
    timeline.add(y, facts={hostile: hostile})
    page = timeline.to_html()
    assert page.count("<script") == page.count("</script>") == 2
    assert "<img src=x" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    assert data_of(page)["facts"][0][1] == [hostile, hostile]


def test_numbers_that_are_not_finite_are_shown() -> None:
    plane = ModelMap(XOR[0], XOR[1], "score", middle=0.5)
    x, over_plane, line = Value(1.0, label="x"), Timeline(map=plane), Timeline(map=ModelMap([[0.0]], [1.0], "curve"))
    for number in (1.0, 1e200, -1.0, math.nan):
        x.data = number
        over_plane.add(log(x) * x * x, outputs=[number * 1e200] * SIDE * SIDE)
        line.add(x * x, outputs=[[number, 1.0]] * 60 + [[1.0, math.inf]] * 61)
    assert [row.split()[1] for row in str(over_plane).splitlines()[3:]] == ["0", "∞", "nan", "nan"]
    pages = data_of(over_plane.to_html()), data_of(line.to_html())
    assert ["! nan", "nonfinite", True] in pages[0]["words"]
    assert [path.count("M") for path in pages[1]["map"]["lines"]] == [2, 2, 2, 2]
    texts = [mark for group in line.content().curve.scene.parts for mark in group.marks if isinstance(mark, Lettering)]
    assert "all rows" not in [mark.text for mark in texts]


def test_a_page_of_sixty_epochs_stays_small() -> None:
    model, recording = MLP(2, 16, 16, 1, activation="tanh", rng=0), record()
    fit(model, *XOR, loss=mse_loss, epochs=9, callbacks=recording, progress=False, backend="numpy")
    page = len(recording.to_html())
    assert page + 51 / 10 * len(json.dumps(data_of(recording.to_html()))) < 1_500_000


def test_what_a_notebook_and_a_terminal_show() -> None:
    _, recording = run(epochs=2)
    bundle = recording._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html", "image/svg+xml"}
    assert bundle["text/plain"] == str(recording)
    header, _, *rows = str(recording).splitlines()[1:]
    assert header.split()[:2] == ["epoch", "loss"]
    assert [row.split()[0] for row in rows] == ["0", "1", "2"]
    assert repr(recording) == "<Recording: 3 states of a run, from epoch 0 to epoch 2>"
    assert "<script" not in bundle["text/html"].split("</table>")[0]  # what stands where no script runs
    assert record()._repr_mimebundle_() == {"text/plain": "<Recording: nothing recorded yet>"}


@needs_graphviz
def test_the_film_has_a_picture_for_every_epoch() -> None:
    image = pytest.importorskip("PIL.Image")
    _, recording = run(epochs=2)
    for theme in ("light", "dark"):
        film = image.open(io.BytesIO(recording.to_gif(theme=theme)))
        assert film.n_frames == 3
    drawn, corner = film_sheet(recording.timeline.content(), 1)
    assert corner is not None
    texts = [mark.text for group in drawn.parts for mark in group.marks if isinstance(mark, Lettering)]
    assert any(text.startswith("epoch 1: loss") for text in texts)
    points = [
        point for group in drawn.parts for mark in group.marks if isinstance(mark, Outline) for point in mark.points
    ]
    assert max(x for x, _ in points) <= drawn.width
    assert max(y for _, y in points) <= drawn.height


def test_the_boxes_that_are_open_can_be_chosen() -> None:
    _, recording = run(epochs=1, depth=1)
    assert len(recording.timeline.frames[0].values) == 4  # two inputs, the model, the loss
    _, opened = run(epochs=1, open="all")
    assert len(opened.timeline.frames[0].values) > 30
