"""The pieces of which the page makes the program of a network: tapes of one unit, differentiated by the engine.

A network of layers repeats few things: an affine map, an activation, a loss. The page puts these together for any
number of layers and units (`network_program.js`), so that it needs no Python. Each activation and each loss is a tape
of scalars with its derivative, made here by the same sweep as every gradient; the page runs it on vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.engine import functions, primitives
from autograd_core.engine.backward import Node
from autograd_core.engine.gates import Number
from autograd_core.engine.primitives import maximum
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.formulas.notation import evaluate_formula, write_formula, write_name, write_number
from autograd_core.graph.flat_zones import zones_of
from autograd_core.graph.tape import Tape, append_gradients, append_graph
from autograd_core.show.page.tape_data import tape_data
from autograd_core.show.record.record import json_safe
from autograd_core.show.training.optimiser_pieces import optimiser_pieces

ACTIVATIONS: dict[str, Any] = {
    "linear": None,
    "threshold": functions.threshold,
    "sigmoid": functions.sigmoid,
    "tanh": primitives.tanh,
    "relu": functions.relu,
    "leaky relu": functions.leaky_relu,
    "prelu": functions.prelu,
    "elu": functions.elu,
    "swish": functions.swish,
    "gelu": functions.gelu,
    "softplus": functions.softplus,
}
_NAMES = {"x": "z", "a": "z", "y": "h"}  # of the inputs and the output, in the formulas of a layer
_SETTINGS = {"slope": 0.01, "alpha": 1.0, "theta": 0.0}
_LEARNT = {"prelu": 0.25}  # the first number of a setting that a layer learns, as in PyTorch
FEATURES = ("x1", "x2", "x1**2", "x2**2", "x1 * x2", "sin(x1)", "sin(x2)")


def logistic_loss(score: Any, label: Any) -> Any:
    """-(t log p + (1 - t) log(1 - p)) with p = sigmoid(score), the same as t softplus(-s) + (1 - t) softplus(s)."""
    return label * functions.softplus(-score) + (1.0 - label) * functions.softplus(score)


def hinge_loss(score: Any, label: Any) -> Any:
    """max(0, 1 - y s) with y = 2t - 1, which is -1 or 1."""
    return maximum(0.0, 1.0 - (2.0 * label - 1.0) * score)


def squared_error(score: Any, target: Any) -> Any:
    """(s - t)**2."""
    error = score - target
    return error * error


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "logistic": logistic_loss,
    "hinge": hinge_loss,
    "squared": squared_error,
}
PENALTIES: dict[str, Callable[[Any, Any], Any]] = {
    "L2": lambda weight, strength: strength * weight * weight,
    "L1": lambda weight, strength: strength * primitives.abs(weight),
}


def compiled_pieces() -> dict[str, Any]:
    """All pieces, as data for the page."""
    pieces: dict[str, Any] = json_safe(_all_pieces())
    return pieces


def _all_pieces() -> dict[str, Any]:
    return {
        "activations": {name: _activation(function) for name, function in ACTIVATIONS.items()},
        "losses": {name: _piece(loss, loss) for name, loss in LOSSES.items()},
        "penalties": {name: _piece(penalty, penalty) for name, penalty in PENALTIES.items()},
        "features": {text: _feature(text) for text in FEATURES},
        "rules": optimiser_pieces(),
    }


def _activation(function: Any) -> dict[str, Any]:
    """The piece of h = function(z), whose gradient is that with respect to z, given dL/dh as a second leaf."""
    if function is None:
        piece = _piece(lambda z, upstream: z * upstream, lambda z, upstream: z)
        return {**piece, "formula": "z", "slope": "1", "zones": []}
    first = _LEARNT.get(function.name)
    piece = _piece(
        lambda z, upstream, *learnt: function(z, *learnt) * upstream,
        lambda z, upstream, *learnt: function(z, *learnt),
        first,
    )
    settings = tuple(_SETTINGS[name] if first is None else first for name in function.arguments[1:])
    names = {name: write_name(_NAMES[name]) for name in _NAMES}
    names |= {name: write_number(number) if first is None else write_name("a") for name, number in _SETTINGS.items()}
    zones = [[zone.kind, repr(zone.start), repr(zone.end)] for zone in zones_of(function, settings)]
    count = len(function.arguments)
    formula = function.formula(count) if isinstance(function, Composition) else f"{function.name}(a)"
    slope = function.derivatives(count)[0] if isinstance(function, Composition) else function.derivatives[0]
    return {
        **piece,
        "formula": write_formula(formula, names).text,
        "slope": write_formula(slope, names).text,
        "zones": zones,
    }


def _piece(function: Callable[..., Any], shown: Callable[..., Any], first: float | None = None) -> dict[str, Any]:
    """A function of two leaves as a tape: value, the register of `shown`, and gradient, that with respect to the first
    leaf. With `first` there is a third leaf, which a layer learns from that number on."""
    leaves = [Value(0.3), Value(0.7), *([] if first is None else [Value(first)])]
    tape = Tape()
    number_of: dict[Node, Number] = {}
    for leaf in leaves:
        number_of[leaf] = tape.leaf()
    value = shown(*leaves)
    order = append_graph(tape, function(*leaves), number_of)
    append_graph(tape, value, number_of)
    adjoints = append_gradients(order, number_of)
    gradients = [adjoints[leaf].number if leaf in adjoints else 0.0 for leaf in leaves[::2]]
    results = [tape.register(number).index for number in (number_of[value], *gradients)]
    data = tape_data(tape, results)
    places = [data.place[result] for result in results]
    return {
        "operations": data.operations,
        "tape": data.lines,
        "value": places[0],
        "gradient": places[1],
        "learnt": None if first is None else {"first": first, "gradient": places[2]},
    }


def _feature(text: str) -> dict[str, Any]:
    """A feature of the two inputs."""
    inputs = {"x1": Value(0.3), "x2": Value(0.7)}
    tape = Tape()
    number_of: dict[Node, Number] = {}
    for leaf in inputs.values():
        number_of[leaf] = tape.leaf()
    value = evaluate_formula(text, inputs)
    append_graph(tape, value, number_of)
    result = tape.register(number_of[value]).index
    data = tape_data(tape, [result])
    return {
        "operations": data.operations,
        "tape": data.lines,
        "value": data.place[result],
        "text": write_formula(text, {name: write_name(name) for name in inputs}).text,
    }
