"""Where links run: bundled ones have pieces in common, and shared weights meet in a hub."""

from __future__ import annotations

from dataclasses import replace

from autograd_core import Value
from autograd_core.show.drawing.cards import Card, Line, Word
from autograd_core.show.drawing.diagram import Diagram, Frame, Link
from autograd_core.show.drawing.folded_diagram import count_bundles
from autograd_core.show.drawing.layout.frame_tree import PORT, FrameTree
from autograd_core.show.drawing.layout.layered_layout import own_layout
from autograd_core.show.picture.picture import draw


def cards(*frames: int | None) -> list[Card]:
    return [Card("operation", [Line((Word("v"),))], frame=frame) for frame in frames]


def test_a_frame_that_links_leave_and_enter_again_is_not_drawn() -> None:
    links = [Link(0, 1), Link(1, 2)]
    diagram = Diagram("loop", cards(0, None, 0), links, [Frame("f", "", None)])
    assert own_layout(diagram).frames == [None]
    assert own_layout(Diagram("no loop", cards(0, 0, None), links, [Frame("f", "", None)])).frames != [None]


def test_links_of_a_picture_keep_apart_and_bundled_ones_enter_a_frame_together() -> None:
    for bundled, count in ((False, 2), (True, 1)):
        diagram = Diagram("two", cards(None, 0, 0), [Link(0, 1), Link(0, 2)], [Frame("f", "", None)], bundled)
        tree = FrameTree(diagram)
        assert [len(way) for way in tree.ways] == [2, 2]
        assert len(tree.pieces[tree.whole]) == count
        assert {piece.tail for piece in tree.pieces[0]} == {PORT}
        starts = {path[0] for path in own_layout(diagram).paths}
        assert len(starts) == count


def test_boxes_that_hand_the_same_numbers_to_many_others_meet_in_a_hub() -> None:
    weights, rows = range(4), range(4, 12)
    links = [Link(weight, row, sources=frozenset({weight})) for weight in weights for row in rows]
    diagram = Diagram("rows", cards(*[None] * 12), links, bundled=True)
    tree = FrameTree(diagram)
    assert len(tree.pieces[0]) == len(weights) + len(rows)
    assert {way[0][1].head for way in tree.ways} == {tree.cards + tree.whole}
    count_bundles(diagram)
    assert sorted({link.note for link in diagram.links}) == ["", "4"]
    own = [replace(link, sources=frozenset({link.tail, link.head})) for link in links]
    apart = FrameTree(Diagram("own numbers", cards(*[None] * 12), own, bundled=True))
    assert len(apart.pieces[0]) == len(links)


def test_a_line_between_boxes_is_as_wide_as_the_gradient_it_carries() -> None:
    x, w = Value(1.0, label="x"), Value(100.0, label="w")
    scene = draw(x * w + w * 0.01, depth=1)._scene
    widths = {part.marks[0].width for part in scene.parts if part.kind == "link"}  # type: ignore[union-attr]
    assert len(widths) > 1
