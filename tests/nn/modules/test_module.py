"""Modules: parameters found wherever they are, their state in and out, and what a reader sees of them."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import GraphError, NumberError, Value, compile, draw, scope  # noqa: A004
from autograd_core.graph.boxes import view
from nn import MLP, Linear, Module, Neuron, Parameter, PReLU, Sequential, Threshold, fit, mse_loss, tanh
from nn.modules.tensor_lists import leaves
from nn.modules.unreachable import mark_unreachable


class Everywhere(Module):
    """Parameters as attributes, in nested lists, dictionaries and modules; and things that are none."""

    def __init__(self) -> None:
        self.rate = 0.5
        self.words = ["not", "a", "parameter"]
        self.gain = Parameter(1.0)
        self.table = [[Parameter(2.0), Parameter(3.0)], [Parameter(4.0)]]
        self.mixed = [Parameter(5.0), 0.0, PReLU(6.0)]
        self.named = {"left": Parameter(7.0), "right": [Parameter(8.0)]}
        self.again = self.gain

    def forward(self, x: Any) -> Any:
        return self.gain * x


def test_parameters_are_found_everywhere_in_definition_order_and_once() -> None:
    found = {name: parameter.data for name, parameter in Everywhere().named_parameters()}
    assert found == {
        "gain": 1.0,
        "table[0][0]": 2.0,
        "table[0][1]": 3.0,
        "table[1][0]": 4.0,
        "mixed.0": 5.0,
        "mixed.2.slope": 6.0,
        "named.left": 7.0,
        "named.right[0]": 8.0,
    }
    assert list(found) == sorted(found, key=found.__getitem__)


def test_a_module_needs_no_call_of_its_base_and_labels_its_parameters() -> None:
    module = Everywhere()
    assert [parameter.label for parameter in module.parameters()][:3] == ["gain", "table[0][0]", "table[0][1]"]
    assert module(2.0).data == 2.0


def test_shared_modules_and_parameters_count_once() -> None:
    layer = Linear(2, 2, rng=0)
    model = Sequential(layer, tanh, layer)
    assert len(list(model.parameters())) == 6
    assert [name for name, _ in model.named_modules()] == ["", "0", "1"]
    assert "Sequential(): 6 parameters" in repr(model)
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"], "each name, as PyTorch lists them"


def test_a_module_with_a_reference_to_its_parent_is_not_visited_twice() -> None:
    class Child(Module):
        pass

    child, parent = Child(), Everywhere()
    parent.child = child
    child.parent = parent
    assert len(list(parent.parameters())) == 8
    assert [name for name, _ in parent.named_modules()] == ["", "mixed.2", "child"]
    assert "Everywhere" in repr(parent)


def test_a_module_without_forward_says_so() -> None:
    with pytest.raises(NotImplementedError, match=r"Module has no forward\. Write"):
        Module()(1.0)


# ------------------------------------------------------------------------------------------------------ state


def test_state_has_pytorchs_keys_and_shapes() -> None:
    state = MLP(2, 3, 1, rng=0).state_dict()
    assert {name: np.shape(numbers) for name, numbers in state.items()} == {
        "layers.0.weight": (3, 2),
        "layers.0.bias": (3,),
        "layers.1.weight": (1, 3),
        "layers.1.bias": (1,),
    }


@settings(max_examples=20, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    seeds=st.tuples(st.integers(0, 99), st.integers(100, 199)),
    as_arrays=st.booleans(),
)
def test_a_loaded_state_gives_the_same_numbers(sizes: list[int], seeds: tuple[int, int], as_arrays: bool) -> None:
    first, second = (MLP(*sizes, rng=seed, activation="prelu") for seed in seeds)
    state = first.state_dict()
    if as_arrays:
        state = {name: np.array(numbers) for name, numbers in state.items()}
    second.load_state_dict(state)
    row = [0.5] * sizes[0]
    assert [number.data for number in first(row)] == [number.data for number in second(row)]
    assert second.state_dict() == first.state_dict()


def test_every_misfit_is_named_and_nothing_changed() -> None:
    model = MLP(2, 3, 1, rng=0)
    before = model.state_dict()
    wrong = {**MLP(2, 3, 1, rng=1).state_dict(), "layers.1.weight": [[1.0, 2.0]], "layers.2.weight": [[1.0]]}
    del wrong["layers.0.bias"]
    with pytest.raises(ValueError, match="does not fit MLP, which was left as it is") as caught:
        model.load_state_dict(wrong)
    message = str(caught.value)
    assert "missing: layers.0.bias" in message
    assert "unexpected: layers.2.weight" in message
    assert "misshapen: layers.1.weight is (1, 3) here, (1, 2) in the state" in message
    assert model.state_dict() == before


@pytest.mark.parametrize("bad", ["text", None, 1j])
def test_a_state_of_no_numbers_changes_nothing(bad: Any) -> None:
    model = Linear(2, 2, rng=0)
    before = model.state_dict()
    with pytest.raises(NumberError, match=r"bias\[1\] in the state"):
        model.load_state_dict({"weight": [[9.0, 9.0], [9.0, 9.0]], "bias": [9.0, bad]})
    assert model.state_dict() == before


def test_a_state_is_a_dictionary() -> None:
    with pytest.raises(TypeError, match="a state is a dictionary such as state_dict"):
        Linear(1, 1, rng=0).load_state_dict([[1.0]])  # type: ignore[arg-type]


def test_a_shared_parameter_cannot_be_given_two_numbers() -> None:
    module = Everywhere()
    state = {**module.state_dict(), "again": 9.0}
    with pytest.raises(ValueError, match="in conflict: again shares a parameter"):
        module.load_state_dict(state)
    module.load_state_dict({**state, "gain": 9.0})
    assert module.gain.data == module.again.data == 9.0


def test_ragged_lists_have_a_shape_of_their_own() -> None:
    module = Everywhere()
    with pytest.raises(ValueError, match=r"misshapen: table is \(2, \[\(2,\), \(1,\)\]\) here, \(2, 2\) in the state"):
        module.load_state_dict({**module.state_dict(), "table": [[1.0, 2.0], [3.0, 4.0]]})


def test_copies_are_apart_and_pickles_whole() -> None:
    model = MLP(2, 3, 1, rng=0)
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert twin.state_dict() == model.state_dict()
        assert set(twin.parameters()).isdisjoint(model.parameters())
        assert [parameter.label for parameter in twin.parameters()] == [
            parameter.label for parameter in model.parameters()
        ]


def test_zero_grad_and_modes_reach_every_part() -> None:
    model = Sequential(Linear(2, 2, rng=0), Sequential(Linear(2, 1, rng=1)))
    model([1.0, 2.0])[0].backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    model.zero_grad()
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module.training for module in model.eval().modules())
    assert all(module.training for module in model.train().modules())


# --------------------------------------------------------------------------------------------- what is found


class Net(Module):
    def __init__(self) -> None:
        self.hidden = Linear(2, 2, rng=0)
        self.last = [Linear(2, 1, rng=1)]

    def forward(self, x: Any) -> Any:
        return self.last[0]([tanh(value) for value in self.hidden(x)])[0]


def groups(node: Value) -> str:
    return repr(node.scope)


def test_every_modules_scope_is_on_its_nodes() -> None:
    output = Net()([1.0, 2.0])
    found = [groups(box.node) for box in view(output).boxes if box.entry is not None]
    assert found == [
        *["<scope 'Net/hidden/neuron 1/affine/dot'>", "<scope 'Net/hidden/neuron 1/affine'>"],
        "<scope 'Net'>",
        *["<scope 'Net/hidden/neuron 2/affine/dot'>", "<scope 'Net/hidden/neuron 2/affine'>"],
        "<scope 'Net'>",
        *["<scope 'Net/last.0/neuron 1/affine/dot'>", "<scope 'Net/last.0/neuron 1/affine'>"],
    ]


def test_a_perceptrons_nodes_lie_in_model_layer_neuron_affine() -> None:
    output = MLP(2, 2, 1, activation="sigmoid", rng=0)([1.0, 2.0])[0]
    with scope("more"):
        root = output * 2.0
    boxes = [box for box in view(root).boxes if box.entry is not None]
    found = [(box.name, [scope.name for scope in reversed(box.enclosing())]) for box in boxes]
    assert found == [
        ("v1", ["MLP", "layer 1", "neuron 1", "affine"]),
        ("v2", ["MLP", "layer 1", "neuron 1", "affine"]),
        ("h1[0]", ["MLP", "layer 1", "neuron 1"]),
        ("v3", ["MLP", "layer 1", "neuron 2", "affine"]),
        ("v4", ["MLP", "layer 1", "neuron 2", "affine"]),
        ("h1[1]", ["MLP", "layer 1", "neuron 2"]),
        ("v5", ["MLP", "layer 2", "neuron 1", "affine"]),
        ("o[0]", ["MLP", "layer 2", "neuron 1", "affine"]),
        ("out", ["more"]),
    ]
    formulas = {scope.name: scope.definition for box in boxes for scope in box.enclosing()}
    assert formulas["layer 1"] == "h1 = sigmoid(W1 x + b1)"
    assert formulas["layer 2"] == "o = W2 h1 + b2"
    picture = draw(root).svg
    assert all(name in picture for name in ("layer 1", "neuron 2", "affine", "W1[1][0]", "b2[0]"))


def test_parameters_are_drawn_as_parameters_with_short_names() -> None:
    boxes = view(Linear(2, 1, rng=0)([Value(1.0, label="x"), 2.0])[0]).boxes
    assert [(box.name, box.kind) for box in boxes if box.entry is None] == [
        ("W[0][0]", "parameter"),
        ("W[0][1]", "parameter"),
        ("x", "input"),
        ("x2", "input"),
        ("b[0]", "parameter"),
    ]


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (MLP(2, 4, 1, rng=0), "2 → 1, 17 parameters"),
        (Linear(2, 3, rng=0), "2 → 1, 3 parameters"),
        (Neuron(2, activation="tanh", rng=0), "2 → 1, 3 parameters"),
        (Sequential(Linear(2, 3, rng=0), "tanh", Linear(3, 1, rng=0)), "2 → 1, 13 parameters"),
    ],
)
def test_plain_numbers_are_inputs_in_the_picture_and_in_the_shapes(model: Module, shape: str) -> None:
    output = model([1.0, 2.0])
    text = str(draw(output[0] if isinstance(output, list) else output, depth=1))
    assert shape in text
    assert re.search(r"x₁ +input +value 1,", text)
    assert re.search(r"x₂ +input +value 2,", text)


class Derived(Module):
    """A model with a number derived from its parameter, in one of several forms."""

    def __init__(self, derive: Any) -> None:
        self.w = Parameter(1.0)
        self.derived = derive(self.w)

    def forward(self, x: Any) -> list[Any]:
        return [leaves(list(self.derived.values()) if isinstance(self.derived, dict) else self.derived)[-1] * x]


@pytest.mark.parametrize("backend", ["eager", "native", "auto"])
@pytest.mark.parametrize(
    ("derive", "place"),
    [
        (lambda w: w * 2, "Derived.derived"),
        (lambda w: [1.0, [w * 2]], "Derived.derived.1.0"),
        (lambda w: {"a": tanh(w)}, "Derived.derived.a"),
    ],
)
def test_weights_derived_once_are_refused_in_every_way_of_training(derive: Any, place: str, backend: str) -> None:
    model = Derived(derive)
    with pytest.raises(GraphError, match=f"{re.escape(place)} was computed before the first call, from the par"):
        fit(model, [1.0, 2.0], [1.0, 2.0], loss=mse_loss, backend=backend)
    with pytest.raises(GraphError, match=re.escape(place)):
        model.eval()(1.0)


def test_numbers_of_a_call_may_be_kept_for_a_look() -> None:
    class Watched(Module):
        def __init__(self) -> None:
            self.layer = Linear(1, 1, rng=0)
            self.fixed = (self.layer.weight[0][0] * 2).detach()

        def forward(self, x: Any) -> Any:
            self.last = self.layer(x)
            return [self.last[0] * self.fixed]

    model = Watched()
    fit(model, [[1.0], [2.0]], [1.0, 2.0], loss=mse_loss, epochs=2)
    assert model([1.0])[0].data == model.last[0].data * model.fixed.data


def test_a_compiled_model_keeps_a_row_of_plain_numbers_as_constants() -> None:
    model = MLP(2, 3, 1, activation="tanh", rng=0)
    program = compile(lambda t: (model([1.0, 2.0])[0] - t) ** 2, example=0.0)
    assert len(program.parameters) == 13
    assert program([0.5])[0] == pytest.approx((model([1.0, 2.0])[0].data - 0.5) ** 2, rel=1e-13)


def test_a_repr_shows_layers_settings_and_counts() -> None:
    assert repr(Sequential(Linear(2, 3, rng=0), "relu", MLP(3, 2, 1, rng=0, output="sigmoid"))).splitlines() == [
        "Sequential(): 20 parameters",
        "  0: Linear(2 → 3): 9 parameters",
        "  1: ReLU()",
        "  2: MLP(3 → 2 → 1, relu, output=sigmoid): 11 parameters",
        "    layers.0: Linear(3 → 2): 8 parameters",
        "    layers.1: Linear(2 → 1): 3 parameters",
        "    activations.0: ReLU()",
        "    activations.1: Sigmoid()",
    ]


def test_the_first_call_of_the_outermost_module_marks_all_parameters_in_one_walk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    walks = []

    def walk(outputs: Any) -> bool:
        walks.append(len(outputs))
        return mark_unreachable(outputs)

    monkeypatch.setattr("nn.modules.module.mark_unreachable", walk)
    model = Sequential(Linear(2, 3, rng=0), Threshold(), Linear(3, 1, rng=0))
    for _ in range(2):
        model([1.0, 2.0])
    assert walks == [1]
    assert {parameter.cut_off_by for parameter in model[0].parameters()} == {"threshold"}
    assert {parameter.cut_off_by for parameter in model[2].parameters()} == {""}
    model[0]([1.0, 2.0])
    assert walks == [1]


def test_a_first_call_that_fails_leaves_the_marks_to_the_next_one() -> None:
    model = Sequential(Threshold(), Linear(2, 1, rng=0), Threshold())
    with pytest.raises(ValueError, match="2 numbers"):
        model([1.0])
    model([1.0, 2.0])
    assert {parameter.cut_off_by for parameter in model.parameters()} == {"threshold"}
