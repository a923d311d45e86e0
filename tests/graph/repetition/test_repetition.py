"""What recurs in a graph, against programs whose loops are known."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd_core import Value, logsumexp, repetition, sin, summary, tanh


def matrix(rows: int, columns: int) -> list[list[Value]]:
    return [[Value(0.1 * (i + 1) - 0.2 * j) for j in range(columns)] for i in range(rows)]


def times(weights: list[list[Value]], x: list[Any]) -> list[Any]:
    return [sum(w * number for w, number in zip(row, x, strict=True)) for row in weights]


def flat(*matrices: list[list[Value]]) -> list[Value]:
    return [value for each in matrices for row in each for value in row]


@given(steps=st.integers(3, 8), size=st.integers(2, 4), inputs=st.integers(1, 3), backwards=st.booleans())
def test_a_recurrence(steps: int, size: int, inputs: int, backwards: bool) -> None:
    """The state is carried on, and the weights are used in every step, in whatever order a step adds."""
    w, u = matrix(size, inputs), matrix(size, size)
    xs = [[Value(0.3 * step + i) for i in range(inputs)] for step in range(steps)]
    start: list[Any] = [Value(0.0) for _ in range(size)]
    h, states = start, []
    for x in xs:
        parts = times(w, x), times(u, h)
        h = [tanh(b + a if backwards else a + b) for a, b in zip(*parts, strict=True)]
        states.append(h)
    (found,) = repetition(sum(h), flat(w, u)).recurring
    assert (found.count, found.units, found.is_loop) == (steps, size, True)
    assert set(found.parameters) == set(flat(w, u))
    for step in range(steps):
        assert set(states[step]) <= set(found.turns[step])
        assert set(found.inputs[step]) == set(xs[step])
        assert set(found.carried[step]) == set(states[step - 1] if step else start)


@pytest.mark.parametrize(("steps", "size"), [(8, 3), (20, 4)])
def test_weights_that_nothing_declares_are_found_by_their_uses(steps: int, size: int) -> None:
    """An input is used once for each unit of a layer, and a weight once a step."""
    w, u = matrix(size, 1), matrix(size, size)
    h: list[Any] = [Value(0.0) for _ in range(size)]
    for step in range(steps):
        x = [Value(0.1 * step)]
        h = [tanh(a + b) for a, b in zip(times(w, x), times(u, h), strict=True)]
    found = repetition(sum(h))
    (turns,) = found.recurring
    assert (turns.count, turns.units, turns.is_loop) == (steps, size, True)
    assert set(turns.parameters) == set(flat(w, u))
    assert f"{steps} × {size}: {steps} turns of {size} units side by side" in str(found)


@given(rows=st.integers(2, 7), seed=st.integers(0, 100))
def test_rows_of_a_batch_in_any_order(rows: int, seed: int) -> None:
    """A layer recurs with its weights, and so does what follows it, though the rows are computed in shuffled order."""
    generator = random.Random(seed)
    w, v = matrix(3, 2), matrix(1, 3)
    xs = [[Value(generator.gauss(0, 1)) for _ in range(2)] for _ in range(rows)]
    order = [(row, part) for row in range(rows) for part in range(2)]
    generator.shuffle(order)
    hidden: dict[int, list[Any]] = {}
    errors = []
    for row, part in sorted(order, key=lambda pair: pair[1]):
        if part == 0:
            hidden[row] = [tanh(z) for z in times(w, xs[row])]
        else:
            errors.append((times(v, hidden[row])[0] - 1.0) ** 2)
    generator.shuffle(errors)
    (found,) = repetition(sum(errors), flat(w, v)).recurring
    assert (found.count, found.units, found.is_loop) == (rows, 1, False)
    assert set(found.parameters) == set(flat(w, v))
    assert {frozenset(part) for part in found.inputs} == {frozenset(x) for x in xs}
    of_row = {x[0]: row for row, x in enumerate(xs)}
    for turn, part in zip(found.turns, found.inputs, strict=True):
        row = next(of_row[value] for value in part if value in of_row)
        assert set(hidden[row]) <= set(turn)


def test_plain_numbers_are_data() -> None:
    """Rows and targets that are no Values: each row is a turn, also where a target is 0."""
    w, v = matrix(3, 2), matrix(1, 3)
    rows = [([0.5 * row, 1.0 - row], float(row % 2)) for row in range(4)]
    loss = sum([(times(v, [tanh(z) for z in times(w, x)])[0] - y) ** 2 for x, y in rows])
    (found,) = repetition(loss, flat(w, v)).recurring
    assert (found.count, found.units, found.is_loop) == (4, 1, False)
    assert set(found.parameters) == set(flat(w, v))
    assert found.operations["power"] == 1
    x = Value(2.0)
    assert repetition(2.0**x + x**2.0).recurring == repetition((1.0 - x) / 2.0 + 2.0 / (1.0 - x)).recurring == ()


def test_windows_channels_and_what_differs() -> None:
    """Each kernel slides along the row; two sums of the same terms, one with a minus, are not the same."""
    kernels, x = matrix(2, 3), [Value(float(i)) for i in range(6)]
    outputs = [tanh(z) for start in range(4) for z in times(kernels, x[start : start + 3])]
    a, b = Value(2.0), Value(3.0)
    found = repetition(logsumexp([*outputs, tanh(a * x[0] + b), tanh(a * x[1] - b)]), [*flat(kernels), a, b]).recurring
    assert [(each.count, each.units) for each in found] == [(4, 2)]
    assert {frozenset(part) for part in found[0].inputs} == {frozenset(x[start : start + 3]) for start in range(4)}


def test_a_chain_without_parameters_is_a_loop() -> None:
    x = Value(0.5)
    states = [x]
    for _ in range(200):
        states.append(sin(states[-1]) * 0.9)
    (found,) = repetition(states[-1]).recurring
    assert found.is_loop
    assert found.count >= 195
    assert found.operations == {"sin": 1, "multiply": 1}
    assert [carried for (carried,) in found.carried[1:]] == [turn[-1] for turn in found.turns[:-1]]


def test_nothing_recurs() -> None:
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    found = repetition(x * y + tanh(x - y))
    assert found.recurring == ()
    assert repr(found) == "out: 0 of 4 operations recur"
    assert repetition(x).nodes == 0


def test_a_gpt_reads_as_a_textbook_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Positions x units: 64 neurons of the perceptron, and queries, keys and values."""
    model = nn.GPT(5, 4, rng=0)
    losses = [nn.cross_entropy([scores], [1]) for scores in model([0, 1, 2, 3])]
    found = repetition(sum(losses))
    shapes = {(each.count, each.units): set(each.parameters) for each in found.recurring}
    block = model.blocks[0]
    assert shapes[4, 48] == {weight for row in block.self_attn.in_proj_weight for weight in row}
    assert shapes[4, 64].issuperset(block.linear1.parameters())
    monkeypatch.setenv("COLUMNS", "80")
    lines = repr(found).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == f"out: {found.sentence}"
    assert found.sentence in str(summary(sum(losses)))
