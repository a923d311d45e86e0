"""Where links run: bundled ones have pieces in common, and shared weights meet in a hub."""

from __future__ import annotations

import random

import nn
from autograd_core import Value
from autograd_core.graph.folding.cut import choose_open, cut
from autograd_core.graph.folding.fold import fold
from autograd_core.show.drawing.cards import Card, Line, Word
from autograd_core.show.drawing.diagram import Diagram, Frame, Link
from autograd_core.show.drawing.folded_diagram import folded_diagram
from autograd_core.show.drawing.frame_tree import PORT, FrameTree
from autograd_core.show.drawing.layered_layout import own_layout
from autograd_core.show.picture.picture import draw


def cards(*frames: int | None) -> list[Card]:
    return [Card("operation", [Line((Word("v"),))], frame=frame) for frame in frames]


def loss_of_a_batch() -> Value:
    chosen = random.Random(0)
    model = nn.MLP(2, 3, 1, activation="tanh", rng=0)
    rows = [[chosen.gauss(0, 1), chosen.gauss(0, 1)] for _ in range(20)]
    return nn.mse_loss([model(row) for row in rows], [1.0] * 20)


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


def test_twenty_rows_share_their_weights_in_one_place() -> None:
    folding = fold(loss_of_a_batch())
    diagram = folded_diagram(cut(folding, choose_open(folding, depth=2)))
    tree = FrameTree(diagram)
    hubs = [unit for sheet in tree.units for unit in sheet if unit >= tree.cards + tree.whole]
    assert len(hubs) == 1
    assert sum(len(pieces) for pieces in tree.pieces) <= len(diagram.links) / 2
    assert {link.note for link in diagram.links} >= {"13", "2"}, "weights and inputs of each model"


def test_a_line_between_boxes_is_as_wide_as_the_gradient_it_carries() -> None:
    x, w = Value(1.0, label="x"), Value(100.0, label="w")
    scene = draw(x * w + w * 0.01, depth=1)._scene
    widths = {part.marks[0].width for part in scene.parts if part.kind == "link"}  # type: ignore[union-attr]
    assert len(widths) > 1
