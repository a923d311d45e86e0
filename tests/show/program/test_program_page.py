"""The page of a compiled program: in JavaScript it gives the numbers of the engine."""

from __future__ import annotations

import json
import math
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    CompileError,
    DrawingError,
    ModelMap,
    Value,
    choose,
    compile,  # noqa: A004
    compile_sequences,
    custom_primitive,
    erf,
    exp,
    gelu,
    log,
    maximum,
    relu,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
    to_page,
    where,
)
from autograd_core.formulas.symbols import name_text
from nn import MLP

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="runs under Node.js: apt-get install nodejs")
SCRIPT = Path(__file__).with_name("run_page.js")


def data_of(page: str) -> dict[str, Any]:
    found = re.search('<script type="application/json">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def in_javascript(page: str, steps: int = 0, row: int = 0, **choices: Any) -> dict[str, Any]:
    request = {"page": data_of(page), "row": row, "steps": steps, "choose": choices}
    command = ["node", "--experimental-default-type=module", "--no-warnings", str(SCRIPT)]
    run = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def weights(*shape: int, seed: int = 0) -> Any:
    generator = random.Random(seed)
    if not shape:
        return Value(generator.gauss(0, 1))
    return [weights(*shape[1:], seed=1000 * seed + number + 1) for number in range(shape[0])]


def line() -> tuple[Any, dict[str, Any], Any]:
    w, b = Value(2.0, label="w"), Value(-1.0, label="b")
    return lambda x, t: (w * x + b - t) ** 2, {}, ([0.5, 1.0, -2.0], [1.0, 3.0, 0.0])


def network() -> tuple[Any, dict[str, Any], Any]:
    first, second = weights(5, 3, seed=1), weights(5, seed=2)

    def loss(x: list[Any], t: Any) -> Any:
        h = [gelu(sum(w * a for w, a in zip(row, [*x, 1.0], strict=True))) for row in first]
        s = sum(w * a for w, a in zip(second, h, strict=True))
        return t * softplus(-s) + (1.0 - t) * softplus(s)

    flat = [w for row in first for w in row]
    data = np.random.default_rng(0).normal(size=(30, 2)), [0.0, 1.0, 1.0] * 10
    return loss, {"once": lambda: 0.01 * sum(w * w for w in flat)}, data


def many_operations() -> tuple[Any, dict[str, Any], Any]:
    a, b = Value(0.7), Value(-1.3)

    def f(x: list[Any]) -> Any:
        y = sin(a * x[0]) + erf(x[1]) * exp(b) + sqrt(x[0] * x[0] + 1.0) / (1.0 + x[1] * x[1])
        return where(y > 0.0, log(y + 2.0), tanh(y)) + maximum(x[0], a) ** 2 + relu(x[1] - b)

    return f, {"reduce": "sum"}, (np.random.default_rng(1).normal(size=(8, 2)),)


def looked_up() -> tuple[Any, dict[str, Any], Any]:
    table = weights(4, seed=3)
    return lambda i, x: sigmoid(choose(i, table) * x), {}, ([0, 3, 1, 3], [1.0, -2.0, 0.5, 4.0])


def behind_a_closed_gate() -> tuple[Any, dict[str, Any], Any]:
    w = Value(0.0)
    return lambda x: where(x * w > 1.0, log(w), w * x), {}, ([1.0, 2.0],)


PROGRAMS = [line, network, many_operations, looked_up, behind_a_closed_gate]


@needs_node
@pytest.mark.parametrize("make", PROGRAMS)
def test_value_and_gradients_are_those_of_the_engine(make: Callable[[], Any]) -> None:
    f, options, data = make()
    program = compile(f, example=tuple(column[1] for column in data), backend="numpy", **options)
    found = in_javascript(to_page(program, data=data), row=1)["before"]
    value, gradients, inputs = program.value_and_grad(*data, inputs=True)
    parts = inputs if isinstance(inputs, tuple) else (inputs,)
    columns = np.hstack([np.reshape(part, (len(data[0]), -1)) for part in parts])
    np.testing.assert_allclose(found["value"], value, rtol=1e-12)
    np.testing.assert_allclose(found["fast"], value, rtol=1e-12)
    np.testing.assert_allclose(found["gradient"], gradients, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found["inputs"], columns.T, rtol=1e-12, atol=1e-15)
    own = tuple(np.asarray(column)[1:2] for column in data)
    np.testing.assert_allclose(found["row"], program.value_and_grad(*own)[0], rtol=1e-12)


@needs_node
@pytest.mark.parametrize(
    ("name", "rule", "numbers"), [("SGD", "sgd", {}), ("momentum", "sgd", {"momentum": 0.9}), ("Adam", "adam", {})]
)
def test_steps_are_those_of_the_engine(name: str, rule: str, numbers: dict[str, float]) -> None:
    f, options, data = network()
    program = compile(f, example=(data[0][0], 1.0), backend="numpy", **options)
    page = to_page(program, data=data, learning_rate=0.05, batch_size=8)
    found = in_javascript(page, steps=9, optimiser=name)
    program.train(*data, steps=9, rule=rule, learning_rate=0.05, batch_size=8, **numbers)
    np.testing.assert_allclose(found["parameters"], [value.data for value in program.parameters], rtol=1e-12)
    assert found["step"] == 9


@needs_node
def test_a_step_whose_gradient_needs_care_is_made_as_the_engine_makes_it() -> None:
    f, _, data = behind_a_closed_gate()
    program = compile(f, example=1.0, backend="numpy")
    found = in_javascript(to_page(program, data=data, learning_rate=0.5), steps=1)
    program.train(*data, steps=1, learning_rate=0.5)
    assert found["step"] == 1
    np.testing.assert_allclose(found["parameters"], [program.parameters[0].data])


@needs_node
def test_the_plane_shows_the_outputs_of_the_model() -> None:
    parts = weights(3, 3, seed=5)

    def model(x: list[Any]) -> list[Any]:
        scores = [exp(sum(w * a for w, a in zip(row, [*x, 1.0], strict=True))) for row in parts]
        return [score / sum(scores) for score in scores]

    X, y = [[0.0, 1.0], [2.0, -1.0], [-1.0, 0.5]], [0, 1, 2]
    program = compile(lambda x, t: -log(choose(t, model(x))), example=(X[0], 0), backend="numpy")
    found = in_javascript(to_page(program, data=(X, y), model=model, map=ModelMap(X, y, "classes")))
    places = np.reshape(found["grid"], (-1, 2))
    for place in (0, 39, 700, 1599):
        numbers = [output.data for output in model(places[place].tolist())]
        assert found["classes"][place] == int(np.argmax(numbers))
        lead = sorted(numbers)[-1] - sorted(numbers)[-2]
        assert found["shares"][place] == pytest.approx(lead, rel=1e-12)
    curve = compile(lambda x, t: (sin(parts[0][0] * x) - t) ** 2, example=(1.0, 1.0), backend="numpy")
    data = ([0.0, 2.0], [1.0, 3.0])
    of_curve = ModelMap([[0.0], [2.0]], [1.0, 3.0], "curve")
    found = in_javascript(to_page(curve, data=data, model=lambda x: sin(parts[0][0] * x), map=of_curve))
    expected = [math.sin(parts[0][0].data * x) for x in found["grid"]]
    np.testing.assert_allclose(found["lines"], [expected], rtol=1e-12)


def test_without_rows_it_shows_the_example_and_without_a_script_the_gradient() -> None:
    w = Value(2.0, label="w")
    page = to_page(compile(lambda x, y: (w * x - y) ** 2, example=(1.0, 3.5)))
    assert data_of(page)["rows"] == [[1.0], [3.5]]
    assert "mean over 1 rows is 2.25" not in page
    assert "is 2.25" in page
    assert "<td>2</td><td>−3</td>" in page


def test_what_cannot_be_a_page_is_said() -> None:
    w = Value(2.0, label="w")
    cube = custom_primitive("cube", lambda a: a**3, [lambda y, a: 3 * a**2])
    program = compile(lambda x, t: (w * x - t) ** 2, example=(1.0, 1.0), backend="numpy")
    with pytest.raises(CompileError, match="JavaScript has no rule for cube"):
        to_page(compile(lambda x: cube(w * x), example=1.0, backend="numpy"))
    with pytest.raises(TypeError, match=r"got function\. Compile the function first"):
        to_page(lambda x: x)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="got SequenceProgram"):
        to_page(compile_sequences(lambda xs: [w * x for x in xs], example=[0.0, 0.0]))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="optimiser is one of 'SGD', 'momentum', 'Adam'"):
        to_page(program, optimiser="RMSprop")
    with pytest.raises(ValueError, match="learning_rate is a number from 0 up, got nan"):
        to_page(program, learning_rate=math.nan)
    with pytest.raises(ValueError, match="there are no rows"):
        to_page(program, data=([], []))
    with pytest.raises(ValueError, match="200,000 numbers, a page takes 100,000"):
        to_page(program, data=(np.zeros(100_000), np.zeros(100_000)))
    with pytest.raises(ValueError, match="model and map belong together"):
        to_page(program, model=lambda x: w * x)
    plane = ModelMap([[0.0, 1.0], [1.0, 0.0]], [0, 1], "score")
    with pytest.raises(ValueError, match="a score map needs a program of a row of 2 and its target"):
        to_page(program, model=lambda x: w * x, map=plane)
    with pytest.raises(DrawingError, match="suffix"):
        to_page(program, "page.txt")


def test_the_parameters_of_a_matrix_are_one_group_whatever_the_order_of_computation() -> None:
    model, scale = MLP(2, 11, 1, rng=0), Value(2.0, label="scale")
    program = compile(lambda x: scale * model(x)[0], example=[0.5, -0.5])
    page = data_of(to_page(program))
    groups = [(group["name"], len(group["numbers"])) for group in page["groups"]]
    assert groups == [("", 1), ("W⁽¹⁾", 22), ("b⁽¹⁾", 11), ("W⁽²⁾", 11), ("b⁽²⁾", 1)]
    assert page["groups"][2]["numbers"][9:] == ["b⁽¹⁾₉", "b⁽¹⁾₁₀"]
    named = [pair for group in page["groups"] for pair in zip(group["numbers"], group["places"], strict=True)]
    values = {name: page["parameters"][at] for name, at in named}
    assert values == {name_text(value.label): value.data for value in program.parameters}
    rows = [{program.parameters[at].label.rpartition("[")[0] for at in places} for places in page["filters"]]
    assert all(len(row) == 1 for row in rows)
    assert sorted(map(len, page["filters"])) == [1, 1, *[2] * 11, 11, 11]


def test_parameters_of_two_modules_with_equal_names_are_two_groups() -> None:
    first, second = MLP(2, 1, rng=0), MLP(1, 1, rng=1)
    page = data_of(to_page(compile(lambda x: second(first(x))[0], example=[0.5, -0.5])))
    assert sorted((group["name"], len(group["numbers"])) for group in page["groups"]) == [
        *[("W⁽¹⁾", 1), ("W⁽¹⁾", 2)],
        *[("b⁽¹⁾", 1), ("b⁽¹⁾", 1)],
    ]


def test_layers_that_do_not_fit_are_refused() -> None:
    model = MLP(2, 3, 1, rng=0)
    program = compile(lambda x: model(x)[0], example=[0.5, -0.5])
    first, second = (layer.weight for layer in model.layers)
    assert data_of(to_page(program))["network"] is None
    assert data_of(to_page(program, layers=[first, second]))["network"]["units"][0] == ["x₀", "x₁"]
    with pytest.raises(ValueError, match=r"layer 2 of layers has 3 inputs, .* got \[2\]"):
        to_page(program, layers=[first, first])
    with pytest.raises(ValueError, match="a weight in layer 1 of layers is no parameter of the program"):
        to_page(program, layers=[MLP(2, 3, rng=0).layers[0].weight, second])


def test_it_is_small_and_names_are_only_text() -> None:
    w = Value(2.0, label="</script><b>w")
    page = to_page(compile(lambda x: w * x, example=1.0))
    assert len(page.encode()) < 150_000
    assert "<b>w" not in page
