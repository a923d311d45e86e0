"""The widget in Python: its step, what it refuses, and what stands in its place without a kernel."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from autograd_core import Value, explain, sigmoid
from autograd_core.errors import DrawingError
from autograd_core.show.record.steps import explained_steps
from autograd_core.show.stepper import widget as module
from autograd_core.show.stepper.explain import Explanation


def explained() -> Explanation:
    return explain(sigmoid(Value(2.0, label="x") * Value(-3.0, label="w")))


@pytest.fixture
def widget() -> Iterator[Any]:
    pytest.importorskip("anywidget", reason="makes a widget: pip install -e '.[widget]'")
    widget = explained().widget()
    yield widget
    widget.close()


def test_its_steps_are_those_of_the_explanation(widget: Any) -> None:
    assert widget.steps == explained_steps(explained().record)
    assert widget.last == len(widget.steps) - 1
    assert widget.step == 0
    assert widget.steps[widget.last].words.startswith("Back from v₁ to")


def test_observers_of_the_step_are_called(widget: Any) -> None:
    steps: list[int] = []
    widget.observe(lambda change: steps.append(change["new"]), "step")
    widget.step = widget.last
    widget.step = 2
    widget.set_state({"step": 3})  # as a message of the page arrives
    assert steps == [widget.last, 2, 3]


@pytest.mark.parametrize("wrong", [-1, 10**6, "2", 1.5, None])
def test_a_missing_step_is_refused(widget: Any, wrong: Any) -> None:
    traitlets = pytest.importorskip("traitlets")
    widget.step = 1
    with pytest.raises(traitlets.TraitError, match=r"step"):
        widget.step = wrong
    assert widget.step == 1


def test_the_number_of_the_last_step_cannot_be_set(widget: Any) -> None:
    traitlets = pytest.importorskip("traitlets")
    with pytest.raises(traitlets.TraitError, match="read-only"):
        widget.last = 3


def test_the_front_end_is_given_what_the_page_needs(widget: Any) -> None:
    state = widget.get_state()
    assert {"step", "last", "_page", "_esm", "_css"} <= set(state)
    assert "data-autograd-stepper" in state["_page"]


def test_a_reader_without_widgets_sees_the_picture_and_the_page(widget: Any) -> None:
    data, _ = widget._repr_mimebundle_()
    plain = explained()._repr_mimebundle_()
    assert {kind: data[kind] for kind in plain} == plain
    assert "application/vnd.jupyter.widget-view+json" in data


def test_two_widgets_keep_their_own_steps(widget: Any) -> None:
    other = explained().widget()
    widget.step = 4
    assert (widget.step, other.step) == (4, 0)
    other.close()


def test_without_anywidget_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    module._widget_class.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(DrawingError, match=r"pip install -e '\.\[widget\]' in the clone"):
        explained().widget()


def test_no_widget_of_a_forward_sweep() -> None:
    pytest.importorskip("anywidget", reason="makes a widget: pip install -e '.[widget]'")
    with pytest.raises(DrawingError, match="forward mode"):
        explain(Value(1.0) * 2, mode="forward").widget()
