"""Rules of optimisers: the same function moves floats and is compiled, a student's own like those of the table."""

from __future__ import annotations

import importlib.util
import math
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    CompileError,
    Value,
    compile,  # noqa: A004
    custom_primitive,
    sqrt,
    tanh,
    update_rules,
    where,
)
from nn import MLP, Optimiser, fit, mse_loss
from nn.training.compiled_steps import many_steps

Rule = Callable[..., Any]

BACKENDS = ["numpy", *(["native"] if importlib.util.find_spec("llvmlite") else [])]
X, Y = np.random.default_rng(0).normal(size=(20, 2)), np.random.default_rng(1).normal(size=20)


def lion(
    parameter: Any, gradient: Any, state: Any, learning_rate: Any, betas: Any = (0.9, 0.99), weight_decay: float = 0.0
) -> Any:
    """Chen et al., NeurIPS 2023: the sign of a mixture of mean and gradient."""
    mixed = betas[0] * state["mean"] + (1.0 - betas[0]) * gradient
    sign = where(mixed > 0.0, 1.0, where(mixed < 0.0, -1.0, 0.0))
    mean = betas[1] * state["mean"] + (1.0 - betas[1]) * gradient
    return parameter - learning_rate * (sign + weight_decay * parameter), {"mean": mean}


def cooling(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> Any:
    """A learning rate that falls with a count of steps, which all parameters share."""
    count = state["count"] + 1.0
    return parameter - learning_rate / sqrt(count) * gradient, {"count": count}


def without_change(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> Any:
    return parameter, {"seen": gradient, "before": state["seen"]}


RULES: dict[str, tuple[Rule, dict[str, Any]]] = {
    "sgd": (update_rules.sgd, {}),
    "momentum": (update_rules.sgd, {"momentum": 0.9, "weight_decay": 0.01}),
    "nesterov": (update_rules.sgd, {"momentum": 0.8, "nesterov": True}),
    "adam": (update_rules.adam, {"weight_decay": 0.01}),
    "adamw": (update_rules.adamw, {"betas": (0.8, 0.95), "epsilon": 1e-3, "weight_decay": 0.1}),
    "lion": (lion, {"weight_decay": 0.01}),
    "cooling": (cooling, {}),
    "without change": (without_change, {}),
}


def program_of(backend: str, **options: Any) -> Any:
    w = [Value(0.3 * i - 0.5) for i in range(5)]
    hidden = w[:2]
    return compile(
        lambda x, y: (w[4] * tanh(hidden[0] * x[0] + hidden[1] * x[1] + w[2]) + w[3] - y) ** 2,
        example=([0.0, 0.0], 0.0),
        parameters=w,
        backend=backend,
        **options,
    )


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", RULES)
def test_compiled_steps_are_those_on_floats(name: str, backend: str) -> None:
    rule, numbers = RULES[name]
    program = program_of(backend)
    expected = [value.data for value in program.parameters]
    states: list[dict[str, float]] = [{} for _ in expected]
    for step in range(8):
        rows = slice(6 * (step % 4), min(6 * (step % 4) + 6, 20))
        _, gradients = program.value_and_grad(X[rows], Y[rows], parameters=np.array(expected))
        for i, gradient in enumerate(gradients.tolist()):
            expected[i], states[i] = rule(expected[i], gradient, defaultdict(float, states[i]), 0.05, **numbers)
    state: dict[str, Any] = {}
    for steps in (3, 5):
        start = state.get("row", 0)
        program.train(
            X, Y, steps=steps, batch_size=6, start=start, learning_rate=0.05, rule=rule, state=state, **numbers
        )
    assert [value.data for value in program.parameters] == pytest.approx(expected, rel=1e-13, abs=1e-15)
    assert state["step"] == 8
    for key in states[0]:
        assert np.broadcast_to(state[key], 5) == pytest.approx([each[key] for each in states], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_shared_state_that_differs_between_parameters_is_kept_for_each(backend: str) -> None:
    program = program_of(backend)
    before = np.array([value.data for value in program.parameters])
    _, gradient = program.value_and_grad(X, Y)
    counts = np.array([0.0, 3.0, 8.0, 0.0, 3.0])
    state = {"count": counts.copy()}
    program.train(X, Y, steps=1, learning_rate=0.1, rule=cooling, state=state)
    after = [value.data for value in program.parameters]
    assert after == pytest.approx(before - 0.1 / np.sqrt(counts + 1.0) * gradient, rel=1e-14)
    assert state["count"].tolist() == (counts + 1.0).tolist()


@pytest.mark.parametrize("backend", BACKENDS)
def test_adam_without_betas_divides_the_gradient_by_its_size(backend: str) -> None:
    program = program_of(backend)
    before = np.array([value.data for value in program.parameters])
    for _ in range(3):
        _, gradient = program.value_and_grad(X, Y)
        before = np.array([value.data for value in program.parameters])
        state: dict[str, Any] = {}
        program.train(X, Y, steps=1, learning_rate=0.125, rule="adam", betas=(0.0, 0.0), epsilon=0.0, state=state)
        assert state["exp_avg"].tolist() == gradient.tolist()
        assert state["exp_avg_sq"].tolist() == (gradient * gradient).tolist()
        assert [parameter.data for parameter in program.parameters] == (
            before - 0.125 * gradient / np.abs(gradient)
        ).tolist()
    m, v = 0.3, 0.7
    _, state = update_rules.adam(1.0, -1e-3, {"step": 4.0, "exp_avg": m, "exp_avg_sq": v}, 0.1, betas=(0.0, 0.0))
    assert state == {"step": 5.0, "exp_avg": -1e-3, "exp_avg_sq": 1e-3 * 1e-3}


@pytest.mark.parametrize("backend", BACKENDS)
def test_float32_programs_keep_their_parameters_in_float64(backend: str) -> None:
    exact, coarse = program_of(backend), program_of(backend, dtype="float32")
    for rule in ("sgd", "adam"):
        losses = [program.train(X, Y, steps=20, learning_rate=0.01, rule=rule) for program in (exact, coarse)]
        assert losses[1].dtype == np.float32
        assert losses[1] == pytest.approx(losses[0], rel=1e-5)
    there, here = ([value.data for value in program.parameters] for program in (exact, coarse))
    assert here == pytest.approx(there, rel=1e-4)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_gradient_whose_square_is_not_finite_makes_its_step(backend: str) -> None:
    w = Value(3.0)
    program = compile(lambda x: w * x, example=1.0, backend=backend)
    assert program.train([1e300], steps=2, learning_rate=1e-300).tolist() == pytest.approx([3e300, 2e300], rel=1e-15)
    assert w.data == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_values_and_primitives_of_ones_own_go_into_a_rule(backend: str) -> None:
    clip = custom_primitive("clip", lambda a: min(max(a, -0.5), 0.5), None)
    scale = Value(2.0)

    def rule(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> Any:
        return parameter - learning_rate * scale * clip(gradient), {}

    program = program_of(backend)
    for factor in (2.0, 3.0):
        scale.data = factor
        before = np.array([value.data for value in program.parameters])
        _, gradient = program.value_and_grad(X, Y)
        program.train(X, Y, steps=1, learning_rate=0.1, rule=rule)
        after = [value.data for value in program.parameters]
        assert after == pytest.approx(before - 0.1 * factor * np.clip(gradient, -0.5, 0.5), rel=1e-14)


def test_a_rule_that_cannot_be_compiled_is_refused_with_its_line() -> None:
    def branching(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> Any:
        if gradient > 0.0:
            return parameter - learning_rate, {}
        return parameter + learning_rate, {}

    def constant(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> Any:
        return 1.0, {}

    program = program_of("numpy")
    with pytest.raises(CompileError, match=r"if gradient > 0.0:"):
        program.train(X, Y, steps=2, learning_rate=0.1, rule=branching)
    with pytest.raises(CompileError, match="neither the parameter nor its gradient"):
        program.train(X, Y, steps=2, learning_rate=0.1, rule=constant)
    with pytest.raises(TypeError, match=r"train takes no 'momentum'; the numbers of a rule are betas, weight_decay\."):
        program.train(X, Y, steps=2, learning_rate=0.1, rule=lion, momentum=0.9)
    with pytest.raises(TypeError, match=r"the numbers of a rule are none\."):
        program.train(X, Y, steps=2, learning_rate=0.1, rule=cooling, momentum=0.9)


class Lion(Optimiser):
    """A student's own optimiser."""

    rule = staticmethod(lion)

    def numbers(self) -> dict[str, Any]:
        return {"weight_decay": self.weight_decay}


class LionInPython(Lion):
    """The same, one step after the other."""

    def updated(self, data: float, gradient: float, state: dict[str, float]) -> float:
        return super().updated(data, gradient, state)


class Branching(Optimiser):
    """One that has to stay in Python."""

    @staticmethod
    def rule(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> Any:
        return parameter - math.copysign(learning_rate, gradient), {}


@pytest.mark.parametrize("backend", BACKENDS)
def test_fit_trains_a_students_optimiser_compiled(backend: str) -> None:
    found = []
    for kind in (Lion, LionInPython):
        model = MLP(2, 4, 1, activation="tanh", rng=0)
        optimiser = kind(model.parameters(), learning_rate=0.01, weight_decay=0.1)
        history = fit(
            model, X.tolist(), Y.tolist(), loss=mse_loss, optimiser=optimiser, epochs=5, progress=False, backend=backend
        )
        assert all((parameter.grad is None) is (kind is Lion) for parameter in model.parameters())
        found.append((history.losses, [optimiser.state[parameter] for parameter in model.parameters()]))
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-12)
    for state, other in zip(found[0][1], found[1][1], strict=True):
        assert state == pytest.approx(other, abs=1e-12)


def test_a_rule_that_needs_floats_is_stepped_in_python() -> None:
    model = MLP(2, 3, 1, activation="tanh", rng=0)
    program = compile(lambda x, t: mse_loss([model(x)], [t]), example=([0.0, 0.0], 0.0), backend="numpy")
    optimiser = Branching(model.parameters(), learning_rate=0.01)
    assert many_steps(program, optimiser, (X, Y), 5) is None
    program.backward(X, Y)
    before = [parameter.data for parameter in model.parameters()]
    optimiser.step()
    steps = [abs(parameter.data - number) for parameter, number in zip(model.parameters(), before, strict=True)]
    assert steps == pytest.approx([0.01] * len(before))
