"""`compile_sequences`: one program for rows of unequal length, with the numbers of eager mode."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import CompileError, Value, compile_sequences, exp, mean, tanh, update_rules
from autograd_core.compiler import sequence_program
from tests.support.backends import INSTALLED

LONGEST = 9
ENTRY = st.floats(-2.0, 2.0, allow_subnormal=False)
ROWS = st.lists(st.lists(ENTRY, min_size=1, max_size=LONGEST), min_size=1, max_size=4)


class Recurrent:
    """h = tanh(w h + u x + b) for each entry, and the squares of h - x."""

    def __init__(self) -> None:
        self.w, self.u, self.b = self.parameters = [Value(0.5), Value(-0.75), Value(0.125)]
        self.runs: list[int] = []

    def __call__(self, xs: list[Any]) -> list[Any]:
        self.runs.append(len(xs))
        h: Any = 0.0
        errors = []
        for x in xs:
            h = tanh(self.w * h + self.u * x + self.b)
            errors.append((h - x) ** 2)
        return errors


def eager(model: Recurrent, rows: list[list[float]]) -> tuple[float, list[float]]:
    for parameter in model.parameters:
        parameter.grad = None
    loss = mean([mean(model(row)) for row in rows])
    loss.backward()
    return loss.data, [parameter.grad or 0.0 for parameter in model.parameters]


@pytest.fixture(scope="module", params=INSTALLED)
def compiled(request: pytest.FixtureRequest) -> tuple[Recurrent, Any]:
    model = Recurrent()
    example = [0.0] * LONGEST
    return model, compile_sequences(model, example=example, backend=request.param, parameters=model.parameters)


@settings(deadline=None, max_examples=25)
@given(rows=ROWS)
def test_value_and_gradient_are_those_of_eager_mode_at_every_length(
    compiled: tuple[Recurrent, Any], rows: list[list[float]]
) -> None:
    model, program = compiled
    value, gradient = program.value_and_grad(rows)
    expected, partials = eager(model, rows)
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-14)
    assert gradient.tolist() == pytest.approx(partials, rel=1e-11, abs=1e-13)
    assert program(rows).tolist() == pytest.approx([eager(model, [row])[0] for row in rows], rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("backend", INSTALLED)
@pytest.mark.parametrize(("batch_size", "programs"), [(1, {3, 5, 9}), (3, {3, 9}), (None, {9})])
def test_training_makes_the_steps_of_eager_mode_with_one_program_and_with_shorter_ones(
    batch_size: int | None, programs: set[int], backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[0.5, 1.0], [1.0, -0.5, 0.25], [0.75], [0.5, 1.0, 0.5, -1.0, 0.25, 0.5, 1.0], [0.25, -0.5, 0.5, 1.0, -1.0]]
    size, steps = batch_size or len(rows), 12
    model = Recurrent()
    states: list[dict[str, Any]] = [{} for _ in model.parameters]
    expected, start = [], 0
    for _ in range(steps):
        loss, gradient = eager(model, rows[start : start + size])
        expected.append(loss)
        for parameter, slope, state in zip(model.parameters, gradient, states, strict=True):
            known = {"step": 0.0, "exp_avg": 0.0, "exp_avg_sq": 0.0} | state
            parameter.data, after = update_rules.adam(parameter.data, slope, known, 0.05)
            state.update(after)
        start = start + size if start + size < len(rows) else 0
    for worth in (10_000, 4):
        monkeypatch.setattr(sequence_program, "ROWS_WORTH_A_PROGRAM", worth)
        twin = Recurrent()
        program = compile_sequences(twin, example=[0.0] * LONGEST, backend=backend, parameters=twin.parameters)
        losses: list[float] = []
        state: dict[str, Any] = {}
        while len(losses) < steps:  # in two calls, the second of which goes on where the first one ended
            again = program.train(
                rows,
                steps=steps // 2,
                learning_rate=0.05,
                rule="adam",
                batch_size=batch_size,
                start=state.get("row", 0),
                state=state,
            )
            losses += again.tolist()
        assert losses == pytest.approx(expected, rel=1e-12)
        numbers = [parameter.data for parameter in model.parameters]
        assert [parameter.data for parameter in twin.parameters] == pytest.approx(numbers, rel=1e-12)
        assert state["row"] == start
        assert program._programs.keys() == (programs if worth == 4 else {9})


def test_the_function_is_recorded_at_the_length_of_the_example_and_compared_at_a_short_one() -> None:
    model = Recurrent()
    program = compile_sequences(model, example=[0.0] * LONGEST)
    assert model.runs == [LONGEST, LONGEST, 2, 2]
    for length in range(1, LONGEST + 1):
        program([[0.5] * length])
        program._make(length)([[0.5] * length], [[1.0 / length] * length])
    assert model.runs == [LONGEST, LONGEST, 2, 2]


@pytest.mark.parametrize("backend", INSTALLED)
def test_nothing_behind_a_sequence_reaches_it(backend: str) -> None:
    w = Value(1.0)

    def growing(xs: list[Any]) -> list[Any]:  # infinite from the third position on, where its slope is nan
        numbers, total = [], w
        for x in xs:
            total = exp(total * x)
            numbers.append(total - total * x)
        return numbers

    program = compile_sequences(growing, example=[0.0] * 8, backend=backend)
    value, (slope,) = program.value_and_grad([[2.0, 3.0]])
    w.grad = None
    loss = mean(growing([2.0, 3.0]))
    loss.backward()
    assert math.isfinite(value)
    assert (value, slope) == pytest.approx((loss.data, w.grad), rel=1e-12)


def test_entries_may_be_lists_and_several_arguments_go_side_by_side() -> None:
    w = Value(3.0)
    program = compile_sequences(
        lambda points, labels: [w * (a - b) * label for (a, b), label in zip(points, labels, strict=True)],
        example=([[0.0, 0.0]] * 3, [0.0] * 3),
    )
    values = program([[[1.0, 0.5], [2.0, 1.0]], np.array([[4.0, 2.0]])], [[2.0, 1.0], [0.5]])
    assert values.tolist() == [3.0, 3.0]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda xs: xs[::-1],
            "the number of position 1 depends on entry 4, which a sequence of 1 entries does not have",
        ),
        (lambda xs: [*[xs[0] * x for x in xs[:-1]], xs[-1] / len(xs)], "it depends on the length"),
        (lambda xs: [x / len(xs) for x in xs], "it depends on the length"),
        (lambda xs: [2.0 * x if len(xs) - i > 2 else x for i, x in enumerate(xs)], "it depends on the length"),
        (lambda xs: xs[0], "returned a Value"),
        (lambda xs: xs[1:], "for 4 positions this one returned 3 numbers"),
    ],
)
def test_functions_that_one_program_cannot_serve_are_refused(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(CompileError, match=message):
        compile_sequences(function, example=[0.0] * 4)


def test_rows_that_do_not_fit_are_refused_with_their_number() -> None:
    program = compile_sequences(
        lambda xs, ts: [x * t for x, t in zip(xs, ts, strict=True)], example=([0.0] * 3, [0] * 3)
    )
    with pytest.raises(ValueError, match="row 1 has 4 entries, but this program takes 1 to 3"):
        program([[1.0], [1.0] * 4], [[1.0], [1.0] * 4])
    with pytest.raises(ValueError, match="row 0 has 0 entries, but this program takes 1 to 3"):
        program([[]], [[]])
    with pytest.raises(ValueError, match="row 0 has 1 entries in xs and 2 in ts"):
        program([[1.0]], [[1.0, 2.0]])
    with pytest.raises(ValueError, match="xs has 1 rows, ts has 2"):
        program([[1.0]], [[1.0], [2.0]])
    with pytest.raises(ValueError, match="takes xs, ts: one list of sequences for each, got 1"):
        program([[1.0]])
    with pytest.raises(TypeError, match="xs is a list of sequences"):
        program([1.0], [1.0])
    with pytest.raises(ValueError, match="steps is a whole number from 0 up"):
        program.train([[1.0]], [[1.0]], steps=-1, learning_rate=0.1)


@pytest.mark.parametrize("example", [[], 1.0, ([0.0], [0.0, 0.0])])
def test_the_example_is_a_row_of_sequences_of_one_length(example: Any) -> None:
    with pytest.raises(ValueError, match="the example of compile_sequences is the longest row"):
        compile_sequences(lambda *row: row[0], example=example)


def test_a_function_that_reads_another_entry_or_parameter_the_second_time_is_refused() -> None:
    weights, calls = [Value(1.0), Value(1.0)], []

    def alternating(xs: list[Any]) -> list[Any]:
        calls.append(1)
        return [weights[len(calls) % 2] * x for x in xs]

    with pytest.raises(CompileError, match="something else the second time"):
        compile_sequences(alternating, example=[0.0] * 2)
