"""Lines of layers: none longer than it may be where a line can begin, and all layers in their order."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from autograd_core.show.drawing.cards import Card, Line, Word
from autograd_core.show.drawing.diagram import Diagram, Link
from autograd_core.show.drawing.layout.layered_layout import own_layout
from autograd_core.show.drawing.layout.lines import line_starts

layers = st.lists(st.tuples(st.floats(1.0, 300.0), st.none() | st.integers(0, 9)), min_size=1, max_size=60)


@given(layers, st.floats(50.0, 2000.0))
def test_a_line_begins_where_one_can_and_is_no_longer_than_allowed(layers, longest: float) -> None:
    rooms, cut = [room for room, _ in layers], [None, *(links for _, links in layers[1:])]
    starts = line_starts(rooms, cut, longest)
    assert all(cut[start] is not None for start in starts)
    for start, end in pairwise([0, *starts, len(rooms)]):
        assert start < end
        excess = next((layer for layer in range(start, end) if sum(rooms[start : layer + 1]) > longest), None)
        if excess is not None:
            assert all(cut[layer] is None for layer in range(start + 1, excess + 1))


def test_links_that_turn_into_the_next_line_keep_their_order_and_do_not_touch() -> None:
    """Three chains side by side: their turns are nested, so no two of them cross."""
    cards = [Card("operation", [Line((Word("v"),))]) for _ in range(300)]
    links = [Link(head - 3, head) for head in range(3, 300)]
    layout = own_layout(Diagram("three chains", cards, links))
    assert layout.width / layout.height < 3
    turns = [path for path in layout.paths if path[-1][0] < path[0][0]]
    assert len(turns) > 3
    for at in range(0, len(turns), 3):
        first, second, third = sorted(turns[at : at + 3], key=lambda path: path[0][1])
        for upper, lower in ((first, second), (second, third)):
            assert upper[-1][1] < lower[-1][1]
            assert max(upper)[0] > max(lower)[0]
            assert min(upper)[0] > min(lower)[0], "the one that is outside at the end of a line is inside at the start"


def test_a_short_or_tall_diagram_has_one_line() -> None:
    cards = [Card("operation", [Line((Word("v"),))]) for _ in range(40)]
    for links in ([Link(0, 1)], [Link(0, head) for head in range(1, 40)]):
        layout = own_layout(Diagram("one line", cards, links))
        assert all(path[0][0] < path[-1][0] for path in layout.paths)
