"""What all sheets of a picture share: the sizes of their parts, and the length of a line."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.layout.frame_tree import FrameTree
from autograd_core.show.drawing.layout.hanging import Size
from autograd_core.show.drawing.layout.places import Point, frame_title_size, note_size


@dataclass(frozen=True, slots=True)
class Measures:
    """What all sheets of a picture share.

    sizes: of each card. depths: the operations before each card. tails: of each link the card it comes from. main: for
    each link, whether it comes from the longest of the computations that meet at its head. words: the sizes of the
    plate and of the note on each link. titles: of each frame. lying: whether layers follow each other from left to
    right; then titles lie above the links that come in, and notes above the lines. hangs: whether leaves hang where
    that saves a layer. columns: over how many the leaves and the words of a layer are spread where they are many.
    longest: the length of a line in a frame, and in the whole picture.
    """

    tree: FrameTree
    sizes: Sequence[Size]
    depths: Sequence[int]
    tails: Sequence[int]
    main: Sequence[bool]
    words: Sequence[tuple[Size, Size]]
    titles: Sequence[Size]
    lying: bool
    hangs: bool = False
    columns: int = 1
    longest: tuple[float, float] = (math.inf, math.inf)


def measures(diagram: Diagram, lying: bool) -> Measures:
    """The measures of a diagram."""

    def turn(size: Point) -> Point:
        return size if lying else (size[1], size[0])

    depths, deepest = [0] * len(diagram.cards), [0] * len(diagram.cards)
    for link in sorted(diagram.links, key=lambda link: link.head):
        deepest[link.head] = max(deepest[link.head], depths[link.tail])
        depths[link.head] = max(depths[link.head], depths[link.tail] + 1)
    return Measures(
        FrameTree(diagram),
        [turn((card.width, card.height)) for card in diagram.cards],
        depths,
        [link.tail for link in diagram.links],
        [depths[link.tail] == deepest[link.head] for link in diagram.links],
        [(turn(link.plate), turn(note_size(link.note))) for link in diagram.links],
        [turn(frame_title_size(frame)) for frame in diagram.frames],
        lying,
    )
