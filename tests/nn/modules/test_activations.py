"""The activations as modules, softmax, their notes, and the warning for training through a threshold."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp

import nn
from autograd_core import COMPOSITIONS, Composition, Value, compile, jacobian, no_grad, scope  # noqa: A004
from autograd_core.formulas.notation import evaluate_formula
from autograd_core.graph.boxes import view
from nn import ACTIVATIONS, MLP, SGD, Linear, Module, NothingLearntWarning, Parameter, Sequential, mse_loss, softmax
from nn.modules.activations import MODULES, as_activation
from nn.modules.softmax import share
from tests.support.backends import INSTALLED

SCALARS = [name for name in ACTIVATIONS if name != "softmax"]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_its_function_number_by_number(name: str) -> None:
    module = MODULES[name]()
    function: Any = module.note.function
    settings = {"prelu": (0.25,)}.get(name, ())
    numbers = [-1.5, 0.0, 0.5]
    expected = [float(function(number, *settings)) for number in numbers]
    assert [float(number) for number in module(numbers)] == expected
    assert [float(number) for number in module(np.array(numbers))] == expected
    assert [[float(number)] for number in expected] == [
        [float(number[0])] for number in module([[number] for number in numbers])
    ]
    (node,) = {box.name: box for box in view(module(Value(0.5, label="x"))).boxes if box.is_root}.values()
    assert [scope.name for scope in node.enclosing()] == [type(module).__name__]


def test_the_settings_of_modules_count() -> None:
    assert nn.Threshold(1.0)([0.5, 1.0, 1.5]) == [0.0, 0.0, 1.0]
    assert nn.LeakyReLU(0.5)(-2.0) == -1.0
    assert nn.ELU(2.0)(-1.0) == 2.0 * math.expm1(-1.0)
    assert nn.GELU(approximate="tanh")(1.0) == nn.gelu_tanh(1.0) != nn.GELU()(1.0)
    with pytest.raises(ValueError, match='approximate is "none" or "tanh", got \'erf\''):
        nn.GELU(approximate="erf")
    shown = [nn.Threshold(1.0), nn.LeakyReLU(0.5), nn.ELU(2.0), nn.GELU("tanh")]
    assert [repr(module) for module in shown] == [
        "Threshold(theta=1)",
        "LeakyReLU(slope=0.5)",
        "ELU(alpha=2)",
        'GELU(approximate="tanh")',
    ]


def test_the_slope_of_prelu_learns() -> None:
    module = nn.PReLU()
    (slope,) = module.parameters()
    (module(-2.0) + module(3.0)).backward()
    assert slope.grad == -2.0


# ------------------------------------------------------------------------------------------------------ notes


def test_there_are_notes_on_every_activation() -> None:
    assert set(ACTIVATIONS) == {*MODULES, "softmax"} - {"silu"}
    for note in ACTIVATIONS.values():
        assert all((note.formula, note.range, note.kink, note.reason, note.weakness, note.source))


@pytest.mark.parametrize(
    "module", [*dict.fromkeys(type(make()) for make in MODULES.values()), nn.Softmax], ids=lambda m: m.__name__
)
def test_the_docstring_says_what_the_notes_say(module: Any) -> None:
    assert str(module.note) in module.__doc__
    for heading in ("Formula:", "Range:", "Kink:", "Reason:", "Weakness:", "Source:"):
        assert heading in module.__doc__


@pytest.mark.parametrize("name", [name for name in SCALARS if name in COMPOSITIONS])
def test_the_docstring_of_the_function_says_the_same_in_short(name: str) -> None:
    note = ACTIVATIONS[name]
    assert note.range in (note.function.__doc__ or "")
    assert "Weakness: " in (note.function.__doc__ or "")


@pytest.mark.parametrize("name", SCALARS)
def test_the_range_in_the_notes_is_the_range(name: str) -> None:
    """The least and the largest value over a wide grid, against the numbers the note names."""
    function: Any = ACTIVATIONS[name].function
    settings = {"prelu": (0.25,)}.get(name, ())
    values = [function(-300.0 + k / 100, *settings) for k in range(60_000)]
    written = ACTIVATIONS[name].range.strip("{}()[]").replace("alpha", "1").split(", ")
    low, high = (float(number) for number in written)
    assert min(values) == pytest.approx(low, abs=5e-5) if math.isfinite(low) else min(values) < -2
    assert max(values) == pytest.approx(high, abs=5e-5) if math.isfinite(high) else max(values) > 100


def test_an_activation_is_found_by_name_by_function_and_as_itself() -> None:
    module = nn.LeakyReLU(0.3)
    assert as_activation(module) is module
    assert isinstance(as_activation("silu"), nn.SiLU)
    assert isinstance(as_activation(nn.silu), nn.SiLU)
    assert isinstance(as_activation(nn.gelu_tanh), nn.GELU)
    assert repr(as_activation(nn.gelu_tanh)) == 'GELU(approximate="tanh")'


# ---------------------------------------------------------------------------------------------------- softmax

SCORES = st.lists(st.floats(-1000.0, 1000.0, allow_subnormal=False), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(SCORES)
def test_softmax_is_exact_and_so_is_its_jacobian(scores: list[float]) -> None:
    with mp.workdps(1000):
        shares = [mp.exp(number) for number in scores]
        total = mp.fsum(shares)
        true = [number / total for number in shares]
        for found, wanted in zip(softmax(scores), true, strict=True):
            # exp(-L) magnifies the rounding of L, which is 745 at most, L times
            assert abs(found - wanted) <= 3e-13 * wanted + 1e-323
        for i, row in enumerate(jacobian(softmax)(scores)):
            for k, found in enumerate(row):
                wanted = true[i] * (mp.fsum(number for n, number in enumerate(true) if n != i) if i == k else -true[k])
                assert abs(found - wanted) <= 1e-12 * abs(wanted) + 1e-323, (i, k)


@pytest.mark.parametrize("backend", ["eager", *INSTALLED])
@pytest.mark.parametrize(
    ("scores", "shares"),
    [
        ([-math.inf, 0.0, math.log(3.0)], [0.0, 0.25, 0.75]),
        ([math.log(3.0), -math.inf, 0.0], [0.75, 0.0, 0.25]),
        ([-math.inf, -math.inf, 7.0], [0.0, 0.0, 1.0]),
        ([-math.inf, -math.inf, -math.inf], [math.nan] * 3),
        ([0.0, math.nan, -math.inf], [math.nan] * 3),
    ],
)
def test_a_score_of_minus_infinity_has_no_share_and_no_gradient(
    scores: list[float], shares: list[float], backend: str
) -> None:
    def mean_place(numbers: list[Any]) -> Any:
        _, first, second = softmax(numbers)
        return first + 2.0 * second

    assert softmax(scores) == pytest.approx(shares, rel=1e-15, nan_ok=True)
    mean = shares[1] + 2.0 * shares[2]
    wanted = [share * (place - mean) for place, share in enumerate(shares)]
    if backend == "eager":
        inputs = [Value(score) for score in scores]
        mean_place(inputs).backward()
        found = [node.grad for node in inputs]
    else:
        program = compile(mean_place, example=([0.0] * 3,), backend=backend)
        value, _, found = program.value_and_grad([scores], inputs=True)
        assert value == pytest.approx(mean, rel=1e-15, nan_ok=True)
        found = found[0].tolist()
    assert found == pytest.approx(wanted, rel=1e-14, abs=1e-16, nan_ok=True)


def test_softmax_adds_up_and_is_drawn_as_boxes() -> None:
    outputs = softmax([Value(1000.0, label="a"), Value(-1000.0, label="b"), 1000.0])
    assert [value.data for value in outputs] == [0.5, 0.0, 0.5]
    box = view(outputs[0]).boxes[-1]
    assert (box.operation, box.textbook()) == ("share", "exp(a) / (exp(a) + exp(b) + exp(1000))")
    assert [scope.name for scope in box.enclosing()] == ["softmax"]
    with pytest.raises(ValueError, match="softmax of no numbers"):
        softmax([])
    with pytest.raises(TypeError, match="softmax takes a list of scores, got one float"):
        softmax(3.0)


@pytest.mark.parametrize("count", [1, 2, 4])
def test_the_textbook_form_of_softmax_is_what_is_computed(count: int) -> None:
    numbers = [0.3, -1.2, 2.0, 0.7][:count]
    inputs = [Value(number) for number in numbers]
    output = Value(0.0) + share(inputs)
    output.backward()
    known = dict(zip(share.input_names(count), numbers, strict=True))
    assert evaluate_formula(share.formula(count), known) == pytest.approx(output.data, rel=1e-12)
    for source, derivative in zip(inputs, share.derivatives(count), strict=True):
        expected = evaluate_formula(derivative, {**known, "y": output.data})
        assert source.grad == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_nothing_of_nn_is_entered_in_the_engines_table() -> None:
    assert isinstance(share, Composition)
    assert share.name not in COMPOSITIONS


# ---------------------------------------------------------------------------- training through a threshold


def take_step(model: Module, rows: Any, targets: Any) -> None:
    optimiser = SGD(model.parameters(), learning_rate=0.1)
    for _ in range(3):
        model.zero_grad()
        mse_loss([model(row)[0] for row in rows], targets).backward()
        optimiser.step()


ROWS, TARGETS = [[0.0, 1.0], [1.0, -1.0]], [1.0, 0.0]


def test_training_through_a_threshold_warns_once() -> None:
    model = MLP(2, 3, 1, activation="threshold", rng=0)
    hidden = model.layers[0].state_dict()
    with pytest.warns(NothingLearntWarning) as caught:
        take_step(model, ROWS, TARGETS)
    (warning,) = caught
    message = str(warning.message)
    assert "9 of 13 parameters cannot learn anything (W1[0][0], W1[0][1], W1[1][0], ...)" in message
    assert "is threshold, whose derivative is 0 everywhere" in message
    assert warning.filename == __file__, "the line of the user's program that take_step"
    assert model.layers[0].state_dict() == hidden


class Steps(Module):
    """A user's own module, which makes the same mistake with a comparison."""

    def __init__(self) -> None:
        self.inner = Linear(2, 1, rng=0)
        self.scale = Parameter(1.0)

    def forward(self, x: Any) -> Any:
        return [self.scale * (self.inner(x)[0] > 0.0)]


def test_a_comparison_in_a_custom_module_is_found_too() -> None:
    with pytest.warns(NothingLearntWarning, match=r"3 of 4 .*W\[0\]\[0\], W\[0\]\[1\], b\[0\].* is greater, whose"):
        take_step(Steps(), ROWS, TARGETS)


def test_no_warning_for_a_gradient_that_is_zero_for_another_reason() -> None:
    dead = MLP(2, 2, 1, activation="relu", rng=0)
    state = dead.state_dict()
    dead.load_state_dict({**state, "layers.0.bias": [-100.0, -100.0]})
    perfect = MLP(2, 2, 1, activation="tanh", rng=0)
    fitted = [perfect(row)[0].data for row in ROWS]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        take_step(dead, ROWS, TARGETS)
        take_step(perfect, ROWS, fitted)
        assert all(parameter.grad == 0.0 for parameter in perfect.parameters())


def test_no_warning_where_another_path_is_open_or_nothing_is_trained() -> None:
    class Both(Module):
        def __init__(self) -> None:
            self.inner = Linear(2, 1, rng=0)

        def forward(self, x: Any) -> Any:
            (z,) = self.inner(x)
            return [z * (z > 0.0)]

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        take_step(Both(), ROWS, TARGETS)
        perceptron = MLP(2, 3, 1, activation="threshold", rng=0)
        perceptron(ROWS[0])
        with no_grad():
            perceptron(ROWS[1])
        # Only what lies above the threshold is trained, as one does with random features.
        optimiser = SGD(perceptron.layers[1].parameters(), learning_rate=0.1)
        mse_loss(perceptron(ROWS[0]), [1.0]).backward()
        optimiser.step()


def test_a_model_that_was_first_used_without_training_is_examined_later() -> None:
    model = Sequential(Linear(2, 1, rng=0), "threshold", Linear(1, 1, rng=0)).eval()
    model(ROWS[0])
    with scope("training"), pytest.warns(NothingLearntWarning, match="3 of 5 parameters"):
        take_step(model.train(), ROWS, TARGETS)
