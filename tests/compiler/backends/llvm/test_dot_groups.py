"""Sums of products with common factors: each is computed once, and from its own factors."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograd_core.compiler.backends.llvm.dot_groups import dot_groups
from autograd_core.compiler.vectorise.vector_program import Dot, File, Span

factors = st.sampled_from([(1, 2, 3), (3, 2, 1), (4, 5), (5, 6), (1,), (7, 7, 8, 9)])
sums = st.lists(st.tuples(factors, factors, st.integers(0, 2)).filter(lambda s: len(s[0]) == len(s[1])), min_size=1)


@given(sums)
def test_each_sum_is_in_one_group_with_its_own_factors(
    wanted: list[tuple[tuple[int, ...], tuple[int, ...], int]],
) -> None:
    left, right, minus = zip(*wanted, strict=True)
    step = Dot(Span(File.ROWS, 0, len(wanted)), left, right, minus, tuple(range(len(wanted))))
    found = {}
    for size, groups in dot_groups(step).items():
        for group in groups:
            assert len(group.rights) == len(group.out) == size
            for number, other in zip(group.out, group.rights, strict=True):
                assert number not in found
                found[number] = sorted(zip(group.left, other, strict=True)), group.minus
    assert len(found) == len(wanted)
    for number, (a, b, subtracted) in enumerate(wanted):
        pairs, same = found[number]
        assert pairs in (sorted(zip(a, b, strict=True)), sorted(zip(b, a, strict=True)))
        assert same == subtracted


def test_the_scores_of_a_query_are_computed_together() -> None:
    queries, keys = [(4 * i, 4 * i + 1) for i in range(3)], [(100 + 4 * j, 101 + 4 * j) for j in range(9)]
    pairs = [(query, key) for query in queries for key in keys]
    left, right = zip(*pairs, strict=True)
    step = Dot(Span(File.ROWS, 0, 27), left, right, (0,) * 27, tuple(range(27)))
    groups = dot_groups(step)
    assert {size: len(found) for size, found in groups.items()} == {4: 6, 1: 3}
    assert {group.left for group in groups[4]} == set(queries)
