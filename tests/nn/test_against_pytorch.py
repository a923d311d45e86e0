"""Layers, activations, losses, optimisers and schedules against PyTorch in float64; where we differ, it is said why."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

import nn
from autograd_core import (
    Value,
    compile,  # noqa: A004
)
from autograd_core.engine.backward import adjoints
from nn.training.compiled_steps import many_steps

torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install -e '.[torch]'")
functional = torch.nn.functional

INF, NAN = math.inf, math.nan
GRID = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -3.0, 15.0, -15.0, 30.0, -30.0, 800.0, -800.0, 1000.0, -1000.0]
SPECIAL = [INF, -INF, NAN]


def soft_rows(rng: random.Random) -> tuple[list[list[float]], list[list[float]]]:
    """Rows of scores, and a distribution over the classes for each: one-hot, soft, or with classes of probability 0."""
    classes = rng.randint(2, 5)
    scores, targets = [], []
    for _ in range(rng.randint(1, 4)):
        scores.append([rng.gauss(0.0, 1.0) * 10.0 ** rng.uniform(-2, 3) for _ in range(classes)])
        shares = [rng.random() * (rng.random() < 0.7) for _ in range(classes)]
        shares[rng.randrange(classes)] += 0.1
        label = rng.randrange(classes)
        is_one_hot = rng.random() < 0.3
        targets.append(
            [float(place == label) for place in range(classes)] if is_one_hot else [s / sum(shares) for s in shares]
        )
    return scores, targets


def test_cross_entropy_of_one_hot_and_soft_targets() -> None:
    rng = random.Random(0)
    for _ in range(100):
        scores, targets = soft_rows(rng)
        theirs, their_targets = tensor(scores), tensor(targets)
        right = functional.cross_entropy(theirs, their_targets)
        right.backward()
        for as_values in (False, True):  # a target may be a Value, as it is while a function is compiled
            ours = [[Value(score) for score in row] for row in scores]
            t: Any = [[Value(share) for share in row] for row in targets] if as_values else targets
            loss = nn.cross_entropy(ours, t)
            loss.backward()
            assert loss.data == pytest.approx(right.item(), rel=1e-13)
            assert [[s.grad for s in row] for row in ours] == pytest.approx(np.array(theirs.grad.tolist()), abs=1e-14)
            if as_values:
                assert [[s.grad for s in row] for row in t] == pytest.approx(
                    np.array(their_targets.grad.tolist()), rel=1e-12
                )


def tensor(numbers: Any) -> Any:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def agree(ours: float, theirs: float, relative: float = 1e-12, absolute: float = 1e-300) -> bool:
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    return ours == theirs or abs(ours - theirs) <= relative * abs(theirs) + absolute


def compare(ours: Any, theirs: Any, numbers: Any) -> list[tuple[float, float]]:
    """(ours, PyTorch's) for the value and each derivative of a function of a flat list of numbers."""
    inputs, tensors = [Value(number) for number in numbers], [tensor(number) for number in numbers]
    output, their_output = Value(0.0) + ours(inputs), theirs(tensors)
    total = adjoints(output)
    gradient = torch.autograd.grad(their_output, tensors, allow_unused=True, materialize_grads=True)
    pairs = [(output.data, their_output.item())]
    return pairs + [(total.get(source) or 0.0, tensor.item()) for source, tensor in zip(inputs, gradient, strict=True)]


# ------------------------------------------------------------------------------------------------ activations

# Our module, PyTorch's, and where we differ on purpose.
ACTIVATIONS: list[tuple[Any, Any, Callable[[float], bool], str]] = [
    (nn.Sigmoid(), torch.nn.Sigmoid(), lambda x: 15.0 <= x < 800.0, "y (1 - y) keeps no digit in the upper tail"),
    (nn.Tanh(), torch.nn.Tanh(), lambda x: 15.0 <= abs(x) <= 30.0, "1 - y*y keeps no digit in the tails"),
    (nn.ReLU(), torch.nn.ReLU(), lambda x: False, ""),
    (nn.LeakyReLU(0.2), torch.nn.LeakyReLU(0.2), math.isnan, "the slope at nan is that of the open branch, 1"),
    (nn.PReLU(0.2), torch.nn.PReLU(init=0.2, dtype=torch.float64), math.isnan, "likewise"),
    (nn.ELU(1.5), torch.nn.ELU(1.5), lambda x: False, ""),
    (nn.SiLU(), torch.nn.SiLU(), lambda x: False, ""),
    (nn.GELU(), torch.nn.GELU(), lambda x: x in (-15.0, -30.0), "1 + erf cancels in the lower tail"),
    (
        nn.GELU(approximate="tanh"),
        torch.nn.GELU(approximate="tanh"),
        lambda x: -800.0 < x < -1.0 or math.isinf(x),
        "1 + tanh cancels in the lower tail, and inf * 0 is nan",
    ),
    (nn.Softplus(), torch.nn.Softplus(threshold=40.0), lambda x: False, ""),
]


@pytest.mark.parametrize(("ours", "theirs", "differs", "reason"), ACTIVATIONS, ids=lambda module: type(module).__name__)
def test_activations_on_a_grid_of_special_values(ours: Any, theirs: Any, differs: Any, reason: str) -> None:
    differences = 0
    for x in GRID + SPECIAL:
        pairs = compare(lambda inputs: ours(inputs[0]), lambda inputs: theirs(inputs[0].reshape(1)).squeeze(), [x])
        equal = all(agree(*pair) for pair in pairs)
        if differs(x):
            differences += not equal
        else:
            assert equal, f"{ours}({x}): {pairs}"
    assert (differences > 0) == bool(reason), "a difference that is gone must leave the list"


def test_the_slope_of_prelu() -> None:
    module, theirs = nn.PReLU(0.2), torch.nn.PReLU(init=0.2, dtype=torch.float64)
    sum(module([-2.0, 3.0, -1.0]), Value(0.0)).backward()
    theirs(torch.tensor([-2.0, 3.0, -1.0], dtype=torch.float64)).sum().backward()
    (slope,) = module.parameters()
    assert slope.grad == theirs.weight.grad.item()


@pytest.mark.parametrize("scores", [[1.0, 2.0, 3.0], [1000.0, -1000.0, 999.0], [-1000.0] * 3, [0.25], [-INF, 1.0]])
def test_softmax(scores: list[float]) -> None:
    for place in range(len(scores)):

        def theirs(tensors: Any, place: int = place) -> Any:
            return torch.softmax(torch.stack(tensors), 0)[place]

        pairs = compare(lambda values, place=place: nn.softmax(values)[place], theirs, scores)
        for ours, wanted in pairs:
            if INF in map(abs, scores) and place == 0:
                continue  # the share of -inf itself: inf - inf on the way
            assert agree(ours, wanted, absolute=1e-16), pairs


# ----------------------------------------------------------------------------------------------------- losses


def with_target(loss: Any, target: float) -> Any:
    return lambda tensors: loss(tensors[0], torch.tensor(target, dtype=torch.float64))


PROBABILITIES = [0.0, 1e-50, 1e-9, 0.25, 0.5, 1.0 - 1e-9, 1.0]


@pytest.mark.parametrize("target", [0.0, 1.0, 0.3])
def test_losses_of_one_prediction(target: float) -> None:
    hinge_target = 1.0 if target else -1.0
    for x in GRID + SPECIAL:
        pairs = compare(lambda inputs: nn.mse_loss(inputs[0], target), with_target(functional.mse_loss, target), [x])
        assert all(agree(*pair) for pair in pairs), (x, pairs)
        for delta in (0.5, 2.0):
            theirs = with_target(lambda p, t, delta=delta: functional.huber_loss(p, t, delta=delta), target)
            pairs = compare(lambda inputs, delta=delta: nn.huber_loss(inputs[0], target, delta), theirs, [x])
            if not math.isnan(x):  # a gate is closed for nan here, where PyTorch multiplies
                assert all(agree(*pair) for pair in pairs), (x, pairs)
        pairs = compare(
            lambda inputs: nn.hinge_loss(inputs[0], hinge_target),
            lambda inputs: torch.relu(1.0 - hinge_target * inputs[0]),
            [x],
        )
        assert math.isnan(x) or all(agree(*pair) for pair in pairs), (x, pairs)
    for x in GRID:
        theirs = with_target(functional.binary_cross_entropy_with_logits, target)
        pairs = compare(lambda inputs: nn.binary_cross_entropy_with_logits(inputs[0], target), theirs, [x])
        # PyTorch subtracts two large terms, and takes sigmoid(z) - t: 1e-15 of what was subtracted is left.
        assert all(agree(*pair, absolute=1e-15 * max(1.0, abs(x))) for pair in pairs), (x, pairs)


@pytest.mark.parametrize("target", [0.0, 1.0, 0.3])
@pytest.mark.parametrize("p", PROBABILITIES)
def test_binary_cross_entropy(p: float, target: float) -> None:
    theirs = with_target(functional.binary_cross_entropy, target)
    (value, *_), slope = pairs = compare(lambda inputs: nn.binary_cross_entropy(inputs[0], target), theirs, [p])
    assert agree(*pairs[0]), (p, target)
    assert value == pairs[0][0]
    # PyTorch's backward divides by max(p (1 - p), 1e-12) though its forward is held at -100: there it is not the
    # derivative of the loss.
    if 1e-12 < p < 1.0 - 1e-12:
        assert agree(*slope, relative=1e-7), (p, target)  # 1 - 1e-9 has lost seven digits before either begins


@pytest.mark.parametrize("scores", [[1.0, 2.0, 3.0], [1000.0, -1000.0, 0.0], [0.5], [-800.0, -800.0], [-INF, 1.0, 2.0]])
def test_cross_entropy_of_a_row(scores: list[float]) -> None:
    for label in range(len(scores)):

        def theirs(tensors: Any, label: int = label) -> Any:
            return functional.cross_entropy(torch.stack(tensors), torch.tensor(label))

        if scores[label] == -INF:
            continue  # infinite here as there; its gradient is nan in both
        pairs = compare(lambda values, label=label: nn.cross_entropy(values, label), theirs, scores)
        assert all(agree(*pair, absolute=1e-15) for pair in pairs), pairs


def test_losses_of_batches_are_means() -> None:
    flat = [0.3, -1.2, 0.7, 2.0, -0.1, 0.9]
    targets = [0.0, 1.0, 1.0, 0.25, 0.5, 0.0]
    for ours, theirs in (
        (nn.mse_loss, functional.mse_loss),
        (nn.huber_loss, functional.huber_loss),
        (nn.binary_cross_entropy_with_logits, functional.binary_cross_entropy_with_logits),
    ):
        pairs = compare(
            lambda values, ours=ours: ours([values[:3], values[3:]], [targets[:3], targets[3:]]),
            lambda tensors, theirs=theirs: theirs(torch.stack(tensors), torch.tensor(targets, dtype=torch.float64)),
            flat,
        )
        assert all(agree(*pair) for pair in pairs), ours
    pairs = compare(
        lambda values: nn.cross_entropy([values[:3], values[3:]], [2, 0]),
        lambda tensors: functional.cross_entropy(torch.stack(tensors).reshape(2, 3), torch.tensor([2, 0])),
        flat,
    )
    assert all(agree(*pair) for pair in pairs)


# ----------------------------------------------------------------------------------------------------- models


def test_a_state_of_pytorch_loads_and_gives_the_same_outputs_and_gradients() -> None:
    torch.manual_seed(0)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 2)).double()
    ours = nn.Sequential(nn.Linear(3, 4, rng=0), nn.Tanh(), nn.Linear(4, 2, rng=0))
    ours.load_state_dict(theirs.state_dict())
    row, label = [0.5, -1.0, 2.0], 1
    expected = theirs(torch.tensor([row], dtype=torch.float64))
    assert [number.data for number in ours(row)] == pytest.approx(expected[0].tolist(), rel=1e-14)
    functional.cross_entropy(expected, torch.tensor([label])).backward()
    nn.cross_entropy(ours(row), label).backward()
    gradients = [number for parameter in theirs.parameters() for number in parameter.grad.flatten().tolist()]
    assert [parameter.grad for parameter in ours.parameters()] == pytest.approx(gradients, rel=1e-12)
    table = nn.Embedding(5, 2, rng=0)
    table.load_state_dict(torch.nn.Embedding(5, 2).double().state_dict())


# ------------------------------------------------------------------------------------------------- optimisers

OPTIMISERS: list[tuple[Any, Any, dict[str, Any]]] = [
    (nn.SGD, torch.optim.SGD, {}),
    (nn.SGD, torch.optim.SGD, {"weight_decay": 0.1}),
    (nn.SGD, torch.optim.SGD, {"momentum": 0.9}),
    (nn.SGD, torch.optim.SGD, {"momentum": 0.9, "weight_decay": 0.1}),
    (nn.SGD, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    (nn.SGD, torch.optim.SGD, {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    (nn.Adam, torch.optim.Adam, {}),
    (nn.Adam, torch.optim.Adam, {"betas": (0.5, 0.9), "epsilon": 1e-3}),
    (nn.Adam, torch.optim.Adam, {"weight_decay": 0.1}),
    (nn.AdamW, torch.optim.AdamW, {}),
    (nn.AdamW, torch.optim.AdamW, {"betas": (0.5, 0.9), "weight_decay": 0.1}),
]
STARTS = [1.5, -0.7, 0.0, 20.0]


def ours_and_theirs(ours: Any, theirs: Any, settings: dict[str, Any], rate: float) -> Any:
    parameters = [nn.Parameter(number, label=f"p{i}") for i, number in enumerate(STARTS)]
    tensors = [tensor(number) for number in STARTS]
    their_settings = {"eps" if name == "epsilon" else name: setting for name, setting in settings.items()}
    optimiser = ours(parameters, learning_rate=rate, **settings)
    return parameters, tensors, optimiser, theirs(tensors, lr=rate, **their_settings)


def set_gradients(step: int, parameters: Any, tensors: Any, skipping: bool = True) -> None:
    """Gradients that depend on where each side stands, so that a difference would grow; now and then there is none."""
    for place, (parameter, two) in enumerate(zip(parameters, tensors, strict=True)):
        if skipping and (step + place) % 7 == 3:
            parameter.grad = two.grad = None
            continue
        factor = math.sin(step + 2 * place) + 0.3
        parameter.grad = factor * parameter.data - 0.1
        two.grad = factor * two.detach() - 0.1


@pytest.mark.parametrize("rate", [0.05, 0.5])
@pytest.mark.parametrize(("ours", "theirs", "settings"), OPTIMISERS, ids=str)
def test_fifty_steps_agree(ours: Any, theirs: Any, settings: dict[str, Any], rate: float) -> None:
    parameters, tensors, optimiser, their_optimiser = ours_and_theirs(ours, theirs, settings, rate)
    for step in range(50):
        set_gradients(step, parameters, tensors)
        optimiser.step()
        their_optimiser.step()
        for parameter, tensor in zip(parameters, tensors, strict=True):
            assert parameter.data == pytest.approx(tensor.item(), rel=1e-12, abs=1e-12), (step, parameter.label)
    for parameter, tensor in zip(parameters, tensors, strict=True):
        their_state = their_optimiser.state[tensor]
        for name, number in optimiser.state[parameter].items():
            assert number == pytest.approx(float(their_state[name]), rel=1e-12, abs=1e-12), name


@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize("rate", [0.05, 0.5])
@pytest.mark.parametrize(("ours", "theirs", "settings"), OPTIMISERS, ids=str)
def test_fifty_compiled_steps_agree(
    ours: Any, theirs: Any, settings: dict[str, Any], rate: float, backend: str
) -> None:
    parameters, tensors, optimiser, their_optimiser = ours_and_theirs(ours, theirs, settings, rate)
    program = compile(  # whose gradients are those of `set_gradients`
        lambda factors: sum(0.5 * f * p * p - 0.1 * p for f, p in zip(factors, parameters, strict=True)),
        example=[0.0] * len(parameters),
        parameters=parameters,
        backend=backend,
    )
    factors = [[math.sin(step + 2 * place) + 0.3 for place in range(len(parameters))] for step in range(50)]
    for ten in range(0, 50, 10):
        assert many_steps(program, optimiser, (factors[ten : ten + 10],), 1) is not None
        for step in range(ten, ten + 10):
            set_gradients(step, parameters, tensors, skipping=False)
            their_optimiser.step()
        for parameter, tensor in zip(parameters, tensors, strict=True):
            assert parameter.data == pytest.approx(tensor.item(), rel=1e-12, abs=1e-12), (ten, parameter.label)
            for name, number in optimiser.state[parameter].items():
                theirs_of_it = float(their_optimiser.state[tensor][name])
                assert number == pytest.approx(theirs_of_it, rel=1e-12, abs=1e-12), (ten, name)


SCHEDULES: list[tuple[Any, Callable[[Any], Any], int]] = [
    (nn.step_decay(3, 0.5), lambda optimiser: torch.optim.lr_scheduler.StepLR(optimiser, 3, 0.5), 20),
    (nn.exponential_decay(0.9), lambda optimiser: torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.9), 20),
    (nn.cosine_decay(20, 0.1), lambda optimiser: torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 20, 0.05), 20),
    (nn.warm_up(5), lambda optimiser: torch.optim.lr_scheduler.LinearLR(optimiser, total_iters=5), 20),
    (
        nn.warm_up(5, 0.2, then=nn.cosine_decay(10)),
        lambda optimiser: torch.optim.lr_scheduler.SequentialLR(
            optimiser,
            [
                torch.optim.lr_scheduler.LinearLR(optimiser, 0.2, total_iters=5),
                torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10),
            ],
            [5],
        ),
        15,
    ),
]


@pytest.mark.filterwarnings("ignore::UserWarning:torch")  # SequentialLR warns of its own way to call its parts
@pytest.mark.parametrize(("factor", "theirs", "steps"), SCHEDULES)
def test_schedules_agree_in_rates_and_in_steps(factor: Any, theirs: Any, steps: int) -> None:
    parameters, tensors, optimiser, their_optimiser = ours_and_theirs(nn.SGD, torch.optim.SGD, {"momentum": 0.5}, 0.5)
    schedule, their_schedule = nn.Schedule(optimiser, factor), theirs(their_optimiser)
    for step in range(steps):
        assert optimiser.learning_rate == pytest.approx(their_optimiser.param_groups[0]["lr"], rel=1e-12, abs=1e-15)
        set_gradients(step, parameters, tensors, skipping=False)
        optimiser.step()
        their_optimiser.step()
        schedule.step()
        their_schedule.step()
    assert [parameter.data for parameter in parameters] == pytest.approx(
        [tensor.item() for tensor in tensors], rel=1e-11
    )


@pytest.mark.parametrize(("size", "limit"), list(product([0.01, 1.0, 1e6], [0.5, 5.0])))
def test_clipping_agrees(size: float, limit: float) -> None:
    for ours, theirs in (
        (nn.clip_grad_norm, torch.nn.utils.clip_grad_norm_),
        (nn.clip_grad_value, torch.nn.utils.clip_grad_value_),
    ):
        parameters, tensors = [nn.Parameter(0.0) for _ in STARTS], [tensor(0.0) for _ in STARTS]
        for parameter, two, number in zip(parameters, tensors, STARTS, strict=True):
            parameter.grad, two.grad = size * number, torch.tensor(size * number, dtype=torch.float64)
        found, wanted = ours(parameters, limit), theirs(tensors, limit)
        assert [parameter.grad for parameter in parameters] == pytest.approx(
            [tensor.grad.item() for tensor in tensors], rel=1e-14
        )
        assert found is wanted is None or found == pytest.approx(wanted.item(), rel=1e-14)
