"""The tape: a recorded graph and its gradients run again on other numbers, with the very results of eager mode."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import Value, exp, log, logsumexp, maximum, minimum, relu, where
from autograd_core.engine.gates import gated_edges
from autograd_core.engine.primitive import PRIMITIVES
from autograd_core.engine.scope import COMPOSITIONS
from autograd_core.graph.tape import Register, Tape, append_gradients, append_graph, numbers_on_tape

Function = Callable[..., Any]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 1e-9, 800.0, -800.0, math.inf, -math.inf, math.nan]
anything = st.one_of(st.sampled_from(SPECIAL), st.floats(-4, 4))


def on_tape(function: Function, recorded_at: list[float], run_at: list[float]) -> tuple[float, list[float]]:
    """The value and the gradient of `function`, recorded on a tape at one place and run at another."""
    leaves = [Value(number) for number in recorded_at]
    tape, held = Tape(), {}
    for leaf in leaves:
        held[leaf] = tape.leaf()
    root = function(*leaves)
    order = append_graph(tape, root, held)
    adjoints = append_gradients(order, held)
    registers = [tape.register(adjoints[leaf].number if leaf in adjoints else 0.0).index for leaf in leaves]
    numbers = tape.run(run_at)
    return numbers[tape.register(held[root]).index], [numbers[index] for index in registers]


def eagerly(function: Function, at: list[float]) -> tuple[float, list[float]]:
    leaves = [Value(number) for number in at]
    root = function(*leaves)
    root.backward()
    return root.data, [leaf.grad or 0.0 for leaf in leaves]


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def assert_same(function: Function, recorded_at: list[float], run_at: list[float]) -> None:
    value, gradient = on_tape(function, recorded_at, run_at)
    expected, expected_gradient = eagerly(function, run_at)
    assert same(value, expected), (function, run_at, value, expected)
    assert all(map(same, gradient, expected_gradient)), (function, run_at, gradient, expected_gradient)


TABLE = [*PRIMITIVES.values(), *(entry for entry in COMPOSITIONS.values() if not entry.takes_lists)]


@pytest.mark.parametrize("entry", TABLE, ids=lambda entry: entry.name)
@settings(deadline=None)
@given(data=st.data())
def test_every_entry_of_the_table_runs_again_elsewhere_as_if_it_were_recorded_there(entry: Any, data: Any) -> None:
    count = len(entry.arguments)
    numbers = st.lists(anything, min_size=count, max_size=count)
    assert_same(entry, data.draw(numbers), data.draw(numbers))


def gated(x: Any, y: Any) -> Any:
    """Behind the closed gates lie partials that are not finite."""
    return relu(log(x) * y) + where(y > 0, exp(800 * x), x) + maximum(log(y), x) * minimum(x / y, y)


@settings(deadline=None)
@given(st.lists(anything, min_size=2, max_size=2), st.lists(anything, min_size=2, max_size=2))
def test_a_closed_gate_stops_inf_and_nan_beyond_it(there: list[float], here: list[float]) -> None:
    value, gradient = on_tape(gated, there, here)
    expected, expected_gradient = eagerly(gated, here)
    assert same(value, expected)
    for number, other in zip(gradient, expected_gradient, strict=True):
        assert same(number, other) or math.isclose(number, other, rel_tol=1e-12), (here, gradient, expected_gradient)


def test_a_list_keeps_its_branches() -> None:
    def spread(*numbers: Any) -> Any:
        return logsumexp(numbers)

    assert_same(spread, [1.0, 2.0, 3.0], [5.0, -800.0, 4.0])


def test_an_instruction_on_the_tape_is_not_appended_again() -> None:
    x = Value(2.0)
    tape, held = Tape(), {}
    append_graph(tape, exp(x) * exp(x) + exp(x), held)
    assert [instruction.primitive.name for instruction in tape.instructions if instruction.primitive] == [
        "exp",
        "multiply",
        "add",
    ]


def test_a_cut_history_is_a_constant() -> None:
    x = Value(2.0)
    cut = (x * 3).detach()
    tape, held = Tape(), {}
    order = append_graph(tape, cut * x, held)
    adjoints = append_gradients(order, held)
    assert tape.run([5.0])[held[order[-1]].index] == 30.0
    assert adjoints[x].number == 6.0
    root = order[-1]
    edges = gated_edges(root, root.primitive, root.inputs, numbers_on_tape(root, held), held)
    assert [(adjoints[root] * partial).number for _, _, partial in edges if isinstance(partial, float)] == [6.0]


def test_a_tape_prints_as_numbered_lines_and_refuses_a_wrong_count() -> None:
    tape = Tape()
    x = tape.leaf()
    _ = 2.0 * x
    assert str(tape).splitlines() == ["r0 = leaf", "r1 = 2.0", "r2 = multiply(r1, r0)"]
    with pytest.raises(ValueError, match="1 leaves, got 2"):
        tape.run([1.0, 2.0])
    with pytest.raises(TypeError, match="where"):
        bool(x)
    assert isinstance(x, Register)
