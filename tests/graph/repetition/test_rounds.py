"""Rounds: everything is computed once, after what it is computed from; turns that can wait for each other do."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from autograd_core.engine import primitives
from autograd_core.graph.repetition.roles import Roles, cycles
from autograd_core.graph.repetition.rounds import rounds


@given(
    graph=st.lists(st.lists(st.integers(0, 10**6), max_size=3), min_size=1, max_size=60),
    kinds=st.integers(1, 5),
    seed=st.integers(0, 100),
)
def test_rounds_hold_every_node_once_and_after_its_inputs(graph: list[list[int]], kinds: int, seed: int) -> None:
    inputs = [[pick % index for pick in picks] if index else [] for index, picks in enumerate(graph)]
    generator = random.Random(seed)
    roles = [generator.randrange(kinds) for _ in inputs]
    members = [index for index in range(len(inputs)) if generator.random() < 0.9]
    done: set[int] = set(range(len(inputs))) - set(members)
    listed: list[int] = []
    for batch in rounds(members, inputs, roles):
        assert batch
        assert all(source in done for index in batch for source in inputs[index])
        done.update(batch)
        listed += batch
    assert sorted(listed) == members


def planted(turns: int, depth: int, lead: int, generator: random.Random) -> tuple[list[tuple[str, list[int]]], int]:
    """A graph of `turns` equal chains of `depth` operations behind chains of up to `lead` others, in shuffled order."""
    nodes: list[tuple[str, list[int]]] = [("leaf", [])]
    waiting = []
    for _ in range(turns):
        names = ["before"] * generator.randint(0, lead) + ["anchor"] + [f"step{i}" for i in range(depth)]
        waiting.append([names, 0])
    while waiting:
        chain = generator.choice(waiting)
        names, last = chain
        nodes.append((names.pop(0), [last]))
        chain[1] = len(nodes) - 1
        if not names:
            waiting.remove(chain)
    return nodes, turns


@given(turns=st.integers(1, 9), depth=st.integers(1, 5), lead=st.integers(0, 6), seed=st.integers(0, 1000))
def test_planted_turns_are_computed_side_by_side(turns: int, depth: int, lead: int, seed: int) -> None:
    nodes, _ = planted(turns, depth, lead, random.Random(seed))
    roles = Roles(len(nodes))
    for index, (name, sources) in enumerate(nodes[1:], 1):
        if name == "anchor":
            roles.give(index, "anchor")
        else:
            roles.compute(index, name, sources)
    found = list(rounds(range(1, len(nodes)), [sources for _, sources in nodes], roles.of))
    for name in ("anchor", *(f"step{i}" for i in range(depth))):
        together = [batch for batch in found if any(nodes[index][0] == name for index in batch)]
        assert [sum(nodes[index][0] == name for index in batch) for batch in together] == [turns], name


def test_a_sum_has_one_role_in_whatever_order_it_is_added_up() -> None:
    roles = Roles(12)
    for leaf in range(4):
        roles.give(leaf, "input")
    for index, (a, b) in enumerate([(0, 1), (4, 2), (5, 3), (2, 3), (4, 7), (1, 0)], 4):
        roles.compute(index, primitives.add, [a, b])
    assert len(set(roles.of[4:10])) == 1


def test_steps_that_depend_on_each_other_have_a_round_each() -> None:
    roles = [0] * 50
    found = list(rounds(range(50), [[index - 1] if index else [] for index in range(50)], roles))
    assert found == [[index] for index in range(50)]


def test_what_a_recurrence_leaves_for_later_waits_for_all_of_its_steps() -> None:
    inputs: list[list[int]] = []
    for step in range(10):
        inputs += [[2 * step - 2] if step else [], [2 * step]]  # the next state, and what is computed from it
    found = list(rounds(range(20), inputs, [0, 1] * 10))
    assert found == [*[[2 * step] for step in range(10)], [2 * step + 1 for step in range(10)]]


@given(edges=st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=30))
def test_the_roles_of_cycles_are_those_with_a_way_back(edges: set[tuple[int, int]]) -> None:
    sources = {role: {source for reader, source in edges if reader == role} for role in range(9)}
    reached = {role: set(before) for role, before in sources.items()}
    for _ in range(9):
        for before in reached.values():
            before |= {further for source in before for further in reached[source]}
    found = cycles(sources)
    assert found.keys() == {role for role in range(9) if role in reached[role]}
    for a in found:
        for b in found:
            assert (found[a] == found[b]) == (a == b or (a in reached[b] and b in reached[a]))
