"""The first number that is not finite is found where it arises, not where it is passed on."""

from __future__ import annotations

from math import inf, nan

from autograd_core import Value, explain, log, sqrt
from autograd_core.graph.first_nonfinite import first_nonfinite
from autograd_core.show.picture.picture import draw


def test_values_come_before_gradients_and_only_those_on_the_way_to_the_result_count() -> None:
    sources = [(), (), (0,), (1,), (2, 3)].__getitem__
    assert first_nonfinite([1, 2, 3, 4, 5], [1.0, None, 3.0, 4.0, 5.0], sources) is None
    assert first_nonfinite([1, -1, 3, nan, nan], [nan] * 5, sources) == (3, "first nan here")
    assert first_nonfinite([1, -1, inf, 4, 5], [1.0] * 5, sources) is None, "the result is finite"
    assert first_nonfinite([0, 0, 3, 4, 5], [inf, nan, 3.0, inf, 5.0], sources) == (3, "first ∞ gradient here")


def test_a_gradient_that_is_infinite_marks_the_node_that_receives_it() -> None:
    x = Value(0.0, label="x")
    y = sqrt(x * 2.0) + 1.0
    y.backward()
    for picture in (draw(y), draw(y, depth=3)):
        assert picture.svg.count("first ∞ gradient here") == 1


def test_what_follows_the_first_keeps_its_own_look() -> None:
    picture = draw(log(Value(-1.0, label="x")) * Value(2.0, label="w") + 1.0, depth=2)
    kinds = [part.classes for part in picture._scene.parts if part.kind == "card"]
    assert sum("nonfinite" in kind for kind in kinds) == 1


def test_a_step_through_takes_its_own_gradients() -> None:
    output = sqrt(Value(0.0, label="x") * 2.0) + 1.0
    scene = explain(output)._step_through.picture.scene
    marked = [part for part in scene.parts if part.kind == "card" and "nonfinite" in part.classes]
    assert [dict(part.data)["name"] for part in marked] == ["v1"]
