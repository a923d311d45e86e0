"""Lines end at the borders of cards and run through nothing; words on links lie on nothing else: in ten graphs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations, pairwise

import pytest

from autograd_core import Value, sin
from autograd_core.graph.boxes import view
from autograd_core.practice.quiz.picture import exercise_picture
from autograd_core.practice.quiz.quiz import quiz
from autograd_core.show.drawing.layout.places import Direction, Point, Rectangle
from autograd_core.show.drawing.scene import Outline, Scene, ScenePart
from autograd_core.show.record.record import record
from autograd_core.show.record.steps import explained_steps
from autograd_core.show.stepper.final_picture import FinalPicture, final_picture
from autograd_core.show.theme import LAYER_GAP, LINE_HEIGHT, SMALL, text_width
from tests.support.ten_graphs import TEN_GRAPHS

CELL = 200.0
SAMPLES = 12  # of each piece of a spline
GRAPHS = [(name, direction) for name in TEN_GRAPHS for direction in ("LR", "TB")]


@cache
def picture_of(name: str, direction: Direction) -> FinalPicture:
    graph_view = view(TEN_GRAPHS[name](), "all" if name == "opened sigmoid" else ())
    of_graph = record(graph_view)
    return final_picture(graph_view, of_graph, explained_steps(of_graph), direction)


def parts_of(scene: Scene, kind: str) -> list[ScenePart]:
    return [part for part in scene.parts if part.kind == kind]


def outlines(part: ScenePart) -> list[Outline]:
    return [mark for mark in part.marks if isinstance(mark, Outline)]


def around(points: Iterable[Point]) -> Rectangle:
    points = list(points)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def shrunk(rectangle: Rectangle, by: float) -> Rectangle:
    left, top, right, bottom = rectangle
    return left + by, top + by, right - by, bottom - by


def overlap(first: Rectangle, second: Rectangle) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def cells(rectangle: Rectangle) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = (math.floor(side / CELL) for side in rectangle)
    return ((x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def colliding(named: dict[str, Rectangle]) -> list[tuple[str, str]]:
    """The pairs of overlapping rectangles."""
    by_cell: dict[tuple[int, int], list[str]] = {}
    for name, rectangle in named.items():
        for cell in cells(rectangle):
            by_cell.setdefault(cell, []).append(name)
    pairs = {pair for names in by_cell.values() for pair in combinations(names, 2)}
    return sorted(pair for pair in pairs if overlap(named[pair[0]], named[pair[1]]))


def along(path: tuple[Point, ...]) -> list[Point]:
    """Points along a spline."""
    points = []
    for start in range(0, len(path) - 1, 3):
        for step in range(SAMPLES):
            t = step / SAMPLES
            weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
            pieces = list(zip(weights, path[start : start + 4], strict=True))
            points.append((sum(weight * x for weight, (x, _) in pieces), sum(weight * y for weight, (_, y) in pieces)))
    return [*points, path[-1]]


def distance_to_border(point: Point, outline: Outline) -> float:
    corners = list(outline.points) if outline.straight else along(outline.points)
    return min(distance_to_side(point, start, end) for start, end in pairwise([*corners, corners[0]]))


def distance_to_side(point: Point, start: Point, end: Point) -> float:
    (x, y), (a, b), (c, d) = point, start, end
    length = (c - a) ** 2 + (d - b) ** 2
    t = max(0.0, min(1.0, ((x - a) * (c - a) + (y - b) * (d - b)) / length)) if length else 0.0
    return math.dist(point, (a + t * (c - a), b + t * (d - b)))


def plates(picture: FinalPicture) -> dict[str, Rectangle]:
    """Every plate as large as its product: the most that it ever holds."""
    lines = {contribution.link: contribution.lines for contribution in picture.contributions}
    found = {}
    for part in parts_of(picture.scene, "carried"):
        left, top, right, bottom = around(outlines(part)[0].points)
        *factors, result = lines[part.index]
        widths = [text_width(result, SMALL, bold=True), *(text_width(line, SMALL) for line in factors)]
        wide = max(right - left, *(width + 10.0 for width in widths))
        high = max(bottom - top, len(lines[part.index]) * SMALL * LINE_HEIGHT + 4.0)
        x, y = (left + right) / 2, (top + bottom) / 2
        found[f"plate {part.index}"] = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
    return found


@pytest.mark.parametrize(("name", "direction"), GRAPHS)
def test_words_lie_on_no_card_no_other_words_no_title_and_no_arrow_head(name: str, direction: Direction) -> None:
    picture = picture_of(name, direction)
    scene = picture.scene
    named = plates(picture)
    named |= {f"note {part.index}": around(outlines(part)[0].points) for part in parts_of(scene, "note")}
    named |= {f"head {part.index}": around(outlines(part)[1].points) for part in parts_of(scene, "link")}
    for part in parts_of(scene, "card"):
        named[f"card {part.index}"] = around(point for outline in outlines(part) for point in outline.points)
    for number, part in enumerate(parts_of(scene, "caption")):
        named[f"caption {number}"] = around(point for outline in outlines(part) for point in outline.points)
    named = {key: shrunk(rectangle, 0.5) for key, rectangle in named.items()}
    pairs = [set(pair) for pair in colliding(named)]
    touching = {frozenset({f"head {index}", f"card {head}"}) for index, (_, head) in enumerate(picture.links)}
    assert [pair for pair in pairs if frozenset(pair) not in touching] == []
    assert sum(key.startswith("plate") for key in named) == sum(
        contribution.edge.contribution is not None for contribution in picture.contributions
    )


@pytest.mark.parametrize(("name", "direction"), GRAPHS)
def test_lines_run_from_border_to_border_and_through_nothing(name: str, direction: Direction) -> None:
    picture = picture_of(name, direction)
    scene = picture.scene
    cards = {part.index: part for part in parts_of(scene, "card")}
    obstacles = {f"card {index}": shrunk(around(outlines(card)[0].points), 2.0) for index, card in cards.items()}
    obstacles |= plates(picture)
    for number, part in enumerate(parts_of(scene, "caption")):
        obstacles[f"caption {number}"] = around(point for outline in outlines(part) for point in outline.points)
    by_cell: dict[tuple[int, int], list[str]] = {}
    for key, rectangle in obstacles.items():
        for cell in cells(rectangle):
            by_cell.setdefault(cell, []).append(key)
    for index, link in enumerate(parts_of(scene, "link")):
        line, head = outlines(link)
        tail_card, head_card = (outlines(cards[end]) for end in picture.links[index])
        for point, of_card in ((line.points[0], tail_card), (head.points[1], head_card)):
            assert min(distance_to_border(point, outline) for outline in of_card) < 1.0
        crossed = set()
        for x, y in along(line.points):
            for key in by_cell.get((math.floor(x / CELL), math.floor(y / CELL)), ()):
                left, top, right, bottom = obstacles[key]
                if left < x < right and top < y < bottom:
                    crossed.add(key)
        own = {f"plate {index}", *(f"card {end}" for end in picture.links[index])}
        assert crossed <= own


@pytest.mark.parametrize(("name", "direction"), GRAPHS)
def test_links_touch_a_card_at_points_of_their_own(name: str, direction: Direction) -> None:
    picture = picture_of(name, direction)
    ends: dict[tuple[int, bool], list[Point]] = {}
    for link, (tail, head) in zip(parts_of(picture.scene, "link"), picture.links, strict=True):
        line, arrow = outlines(link)
        ends.setdefault((tail, True), []).append(line.points[0])
        ends.setdefault((head, False), []).append(arrow.points[1])
    for points in ends.values():
        assert all(math.dist(first, second) > 4.0 for first, second in combinations(points, 2))


def test_a_chain_with_constants_runs_straight_in_lines_that_fill_a_screen() -> None:
    picture = picture_of("chain", "LR")
    chain = [part for part in parts_of(picture.scene, "card") if "constant" not in part.classes]
    places = [around(outlines(part)[0].points) for part in chain]
    lines: list[list[Rectangle]] = []
    for before, place in zip([None, *places], places, strict=False):
        if before is None or place[0] < before[0]:
            lines.append([])
        lines[-1].append(place)
    assert len(lines) > 3
    for line in lines:
        middles = [(top + bottom) / 2 for _, top, _, bottom in line]
        assert max(middles) - min(middles) < 0.5
        assert all(before[2] + LAYER_GAP <= after[0] for before, after in pairwise(line))
    for line, below in pairwise(lines):
        assert max(bottom for *_, bottom in line) < min(top for _, top, _, _ in below)
    assert 1 < picture.scene.width / picture.scene.height < 2.5


def test_small_graphs_can_be_read_on_the_smallest_screen() -> None:
    """In the pane of a window of 1366 x 768, letters of 12 pixels have 9 at least."""
    pane = (922, 562)
    for name in list(TEN_GRAPHS)[:6]:
        scene = picture_of(name, "LR").scene
        assert min(pane[0] / scene.width, pane[1] / scene.height) >= 0.75, name


def test_parameters_stand_in_the_frames_that_use_them() -> None:
    picture = picture_of("loss of a small net", "LR")
    frames = [around(outlines(part)[0].points) for part in parts_of(picture.scene, "frame")]
    cards = parts_of(picture.scene, "card")

    def frames_around(card: ScenePart) -> list[Rectangle]:
        left, top, right, bottom = around(outlines(card)[0].points)
        return [
            frame for frame in frames if frame[0] < left and frame[1] < top and right < frame[2] and bottom < frame[3]
        ]

    links = [(cards[tail], cards[head]) for tail, head in picture.links]
    depths = {"parameter": 0, "input": 0}
    for tail, head in links:
        if tail.classes in depths:
            depths[tail.classes] = max(depths[tail.classes], len(frames_around(tail)))
            assert tail.classes == "input" or frames_around(tail) == frames_around(head)
    assert depths == {"parameter": 4, "input": 0}


# ----------------------------------------------------------------------------------------------------- exercises


def crossing() -> Value:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    return (a + b) * (a * b)


def side_by_side() -> Value:
    a = Value(2.0, label="a")
    return a * a * (a + 1)


def survey() -> Value:
    a, b = Value(2.0, label="a"), Value(5.0, label="b")
    return sin(a * b) * (a + b) - a * a


@pytest.mark.parametrize("graph", [crossing, side_by_side, survey])
def test_no_blank_of_an_exercise_hides_another(graph) -> None:
    asked = quiz(graph(), ask="contributions")
    blanks = [part for part in exercise_picture(asked._view, asked.blanks).parts if part.kind == "blank"]
    assert len(blanks) == len(asked.blanks)
    assert not colliding({str(number): around(outlines(part)[0].points) for number, part in enumerate(blanks)})
