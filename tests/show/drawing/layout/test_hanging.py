"""Leaves that hang: above or below their card, apart from each other, with straight links."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from autograd_core.show.drawing.layout.frame_tree import PORT, Piece
from autograd_core.show.drawing.layout.hanging import Leaf, candidates, hang, room

sizes = st.tuples(st.floats(20.0, 300.0), st.floats(20.0, 150.0))
words = st.tuples(st.floats(10.0, 110.0), st.floats(14.0, 40.0)) | st.just((0.0, 0.0))


@given(sizes, st.lists(st.tuples(sizes, words, words), min_size=1, max_size=6))
def test_leaves_hang_apart_by_straight_links_with_their_words_on_them(card, leaves) -> None:
    pieces = [Piece(number, number, number + 1, 0) for number in range(len(leaves))]
    hung = hang(card, [Leaf(piece.tail, piece, *leaf) for piece, leaf in zip(pieces, leaves, strict=True)])
    if hung is None:
        return
    assert [place.leaf.piece for place in hung] == pieces
    length, above, below = room(card, hung)
    for place in hung:
        (long, broad), side = place.leaf.size, 1 if place.across > 0 else -1
        assert abs(place.line) <= card[0] / 2
        assert abs(place.line - place.along) <= long / 2
        assert place.end == side * card[1] / 2
        assert abs(place.start - place.across) - broad / 2 < 1e-9
        assert -card[1] / 2 - above - 1e-9 <= place.across - broad / 2
        assert place.across + broad / 2 <= card[1] / 2 + below + 1e-9
        assert abs(place.along) + long / 2 <= length / 2 + 1e-9
        for middle, (_, high) in ((place.plate, place.leaf.plate), (place.note, place.leaf.note)):
            if high:
                assert abs(place.end) + 10 < side * middle - high / 2
                assert side * middle + high / 2 < abs(place.start) - 10
    for first, second in pairwise(hung):
        if first.across * second.across > 0:
            assert first.along + first.leaf.size[0] / 2 < second.along - second.leaf.size[0] / 2
            assert first.line + first.leaf.words[0] / 2 < second.line - second.leaf.words[0] / 2


def test_only_leaves_with_one_user_that_has_other_inputs_may_hang() -> None:
    def found(*ends: tuple[int, int]) -> set[int]:
        pieces = [Piece(number, number, *end) for number, end in enumerate(ends)]
        units = {unit for end in ends for unit in end} - {PORT}
        return {piece.tail for ropes in candidates(units, pieces, 10).values() for piece in ropes}

    assert found((0, 1), (PORT, 1)) == {0}
    assert found((0, 2), (1, 2)) == set(), "an operation on leaves alone would have nothing before it"
    assert found((0, 1), (0, 2), (PORT, 1), (PORT, 2)) == set(), "a leaf with two users stands before both"
    assert found((0, 1), (PORT, 1), (1, 2), (3, 2)) == {0, 3}
    assert found((0, 12), (PORT, 12)) == set(), "a frame has no leaf of another sheet"
