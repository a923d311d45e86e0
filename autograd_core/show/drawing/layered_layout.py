"""Our own layout: the sheets of all frames, inner ones first, put into each other.

It is deterministic, without recursion over the graph, and about linear in its size. `along` is the direction of the
computation and `across` the other one; only the last step converts them to x and y.
"""

from __future__ import annotations

from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.frame_tree import FrameTree
from autograd_core.show.drawing.layout import Direction, Layout, Point, frame_title_size, note_size
from autograd_core.show.drawing.placement import Placement
from autograd_core.show.drawing.sheet import Measures, Sheet


def own_layout(diagram: Diagram, direction: Direction = "LR") -> Layout:
    """Place a diagram in layers from left to right, or from the top down."""
    lying = direction == "LR"
    tree = FrameTree(diagram)
    measures = _measures(diagram, tree, lying)
    sheets: list[Sheet | None] = [None] * tree.whole
    for number in reversed(range(tree.whole)):
        if tree.units[number]:
            sheets[number] = Sheet(number, measures, sheets)
    return Placement(diagram, measures, [*sheets, Sheet(tree.whole, measures, sheets)], lying).layout()


def _measures(diagram: Diagram, tree: FrameTree, lying: bool) -> Measures:
    def turn(size: Point) -> Point:
        return size if lying else (size[1], size[0])

    depths, deepest = [0] * len(diagram.cards), [0] * len(diagram.cards)
    for link in sorted(diagram.links, key=lambda link: link.head):
        deepest[link.head] = max(deepest[link.head], depths[link.tail])
        depths[link.head] = max(depths[link.head], depths[link.tail] + 1)
    return Measures(
        tree,
        [turn((card.width, card.height)) for card in diagram.cards],
        depths,
        [link.tail for link in diagram.links],
        [depths[link.tail] == deepest[link.head] for link in diagram.links],
        [(turn(link.plate), turn(note_size(link.note))) for link in diagram.links],
        [turn(frame_title_size(frame.title, frame.why)) for frame in diagram.frames],
        titles_beside=lying,
    )
