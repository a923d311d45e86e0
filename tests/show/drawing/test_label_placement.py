"""Words on links do not hide each other, also where links cross or run side by side."""

from __future__ import annotations

from itertools import combinations

import pytest

from autograd_core import Value, sin
from autograd_core.graph.boxes import view
from autograd_core.practice.quiz.picture import exercise_picture
from autograd_core.practice.quiz.quiz import quiz
from autograd_core.show.drawing.label_placement import spline_points
from autograd_core.show.drawing.layered_layout import Point
from autograd_core.show.drawing.scene import Outline, ScenePart
from autograd_core.show.record.record import record
from autograd_core.show.record.steps import explained_steps
from autograd_core.show.stepper.final_picture import final_picture


def crossing() -> Value:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    return (a + b) * (a * b)


def side_by_side() -> Value:
    a = Value(2.0, label="a")
    return a * a * (a + 1)


def survey() -> Value:
    a, b = Value(2.0, label="a"), Value(5.0, label="b")
    return sin(a * b) * (a + b) - a * a


def share_a_point(first: ScenePart, second: ScenePart) -> bool:
    """Whether the plates below the words of two parts overlap."""
    corners: list[list[Point]] = []
    for part in (first, second):
        plate = part.marks[0]
        assert isinstance(plate, Outline)
        corners.append(list(plate.points))
    return all(
        min(point[axis] for point in corners[0]) < max(point[axis] for point in corners[1])
        and min(point[axis] for point in corners[1]) < max(point[axis] for point in corners[0])
        for axis in (0, 1)
    )


@pytest.mark.parametrize("graph", [crossing, side_by_side, survey])
def test_no_contribution_hides_another(graph) -> None:
    graph_view = view(graph())
    of_graph = record(graph_view)
    labels = [
        part
        for part in final_picture(graph_view, of_graph, explained_steps(of_graph)).scene.parts
        if part.kind == "carried"
    ]
    assert len(labels) == sum(len(step.edges) for step in of_graph.sweeps[0].steps)
    assert not [pair for pair in combinations(labels, 2) if share_a_point(*pair)]


@pytest.mark.parametrize("graph", [crossing, side_by_side, survey])
def test_no_blank_of_an_exercise_hides_another(graph) -> None:
    asked = quiz(graph(), ask="contributions")
    blanks = [part for part in exercise_picture(asked._view, asked.blanks).parts if part.kind == "blank"]
    assert len(blanks) == len(asked.blanks)
    assert not [pair for pair in combinations(blanks, 2) if share_a_point(*pair)]


def test_points_along_a_spline_go_from_its_start_to_its_end() -> None:
    points = spline_points([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)])
    assert points[0] == (0.0, 0.0)
    assert points[-1] == (3.0, 0.0)
    assert points == sorted(points)
