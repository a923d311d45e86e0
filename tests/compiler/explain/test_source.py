"""Source text of programs: NumPy, C and JavaScript, run here, give the numbers of the program."""

from __future__ import annotations

import ctypes
import json
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nn
from autograd_core import (
    CompileError,
    Value,
    compile,  # noqa: A004
    dot,
    exp,
    gelu,
    log,
    maximum,
    sigmoid,
    sin,
    where,
)
from autograd_core.compiler.program import Program
from tests.support.imports import ROOT

CC, NODE = shutil.which("cc"), shutil.which("node")  # where they are absent, the text alone is made


def numbered(count: int) -> list[Value]:
    source = random.Random(3)
    return [Value(source.uniform(-1.0, 1.0), f"p{i}") for i in range(count)]


def of_model(model: nn.Module, loss: Callable[..., Any], columns: int, in_order: bool = True) -> Program:
    parameters = list(model.parameters()) if in_order else ()
    return compile(loss, example=([0.0] * columns, 1.0), parameters=parameters)


def logistic() -> Program:
    w, b = numbered(2)
    return compile(lambda x, y: nn.binary_cross_entropy_with_logits(w * x + b, y), example=(0.0, 0.0))


def scalar() -> Program:
    w, b, c = numbered(3)
    return compile(
        lambda x, y: maximum(sin(w * x), b) ** 2 + where(x > c, exp(-x), gelu(x * w)) / (1.0 + abs(y)) + sigmoid(b * y),
        example=(0.0, 0.0),
    )


def mlp(activation: str, in_order: bool = True) -> Callable[[], Program]:
    def make() -> Program:
        model = nn.MLP(3, 4, 2, 1, activation=activation, rng=1)
        return of_model(model, lambda x, y: nn.mse_loss(model(x), [y]), 3, in_order)

    return make


def classes() -> Program:
    model = nn.MLP(2, 3, 3, rng=1)
    return of_model(model, lambda x, y: nn.cross_entropy(model(x), y), 2)


def penalised() -> Program:
    model = nn.MLP(2, 3, 1, activation="tanh", rng=1)
    return of_model(model, lambda x, y: nn.mse_loss(model(x), [y]) + nn.l2_penalty(model.parameters(), 0.1), 2, False)


def several() -> Program:
    ws = numbered(4)
    return compile(lambda x, y: log(1.0 + dot(ws, x) ** 2.0) * x[0] - y, example=([0.0] * 4, 0.0), reduce="sum")


PROGRAMS: dict[str, Callable[[], Program]] = {
    "logistic": logistic,
    "scalar": scalar,
    "tanh": mlp("tanh"),
    "relu": mlp("relu"),
    "sigmoid": mlp("sigmoid", in_order=False),
    "gelu": mlp("gelu"),
    "classes": classes,
    "penalised": penalised,
    "several": several,
}


def rows_of(program: Program) -> tuple[Any, Any, list[float]]:
    source = np.random.default_rng(0)
    shape = program.vectorised().columns[0].size
    X = source.normal(size=(6, shape)) * 2.0
    y = source.integers(0, 3, 6).astype(float) if shape == 2 else source.uniform(0.0, 1.0, 6)
    return X if shape > 1 else X[:, 0], y, [parameter.data for parameter in program.parameters]


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_text_in_numpy_gives_the_numbers_of_the_program(name: str) -> None:
    program = PROGRAMS[name]()
    X, y, theta = rows_of(program)
    namespace: dict[str, Any] = {}
    exec(program.source("numpy"), namespace)
    value, gradient = namespace["value_and_gradient"](X, y, theta)
    compare(program, X, y, value, gradient)


def compare(program: Program, X: Any, y: Any, value: float, gradient: Any) -> None:
    expected, slopes = program.value_and_grad(X, y)
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, slopes, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_text_in_c_gives_the_numbers_of_the_program(name: str, tmp_path: Path) -> None:
    program = PROGRAMS[name]()
    text = program.source("c")
    if CC is None:
        return
    (tmp_path / "program.c").write_text(text, encoding="utf-8")
    library = tmp_path / "program.so"
    command = [CC, "-std=c99", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", str(library)]
    subprocess.run([*command, str(tmp_path / "program.c"), "-lm"], check=True)
    run = ctypes.CDLL(str(library)).value_and_gradient
    run.restype = ctypes.c_double
    X, y, theta = rows_of(program)
    numbers, gradient = np.array(theta), np.empty(len(theta))
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (X, y, numbers, gradient)]
    compare(program, X, y, run(len(y), *pointers), gradient)


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name not in ("gelu", "scalar")])
def test_the_text_in_javascript_gives_the_numbers_of_the_program(name: str) -> None:
    program = PROGRAMS[name]()
    X, y, theta = rows_of(program)
    given = ", ".join(json.dumps(numbers) for numbers in (X.tolist(), y.tolist(), theta))
    script = f"{program.source('javascript')}\nconsole.log(JSON.stringify(valueAndGradient({given})));"
    if NODE is None:
        return
    found = json.loads(subprocess.run([NODE, "-e", script], capture_output=True, text=True, check=True).stdout)
    compare(program, X, y, found["value"], found["gradient"])


def test_the_text_reads_as_the_formulas() -> None:
    w, b = Value(0.5, "w"), Value(-1.0, "b")
    program = compile(lambda x, y: nn.mse_loss(sigmoid(w * x + b), y), example=(0.0, 0.0))
    text = program.source()
    for line in ("v1 = w * x", "h = sigmoid(z)", "# (p - t)**2", "# sum over the rows of", "# 1 / (1 + exp(-x))"):
        assert line in text
    model = nn.MLP(2, 3, 1, activation="tanh", rng=0)
    text = of_model(model, lambda x, y: nn.mse_loss(model(x), [y]), 2).source()
    for line in ("z1 = W1 @ x + b1[:, None]  ", "# W1 x + b1", "* (1 - h1 ** 2)", "dW1 = delta1 @ x.T", "# delta1 x^T"):
        assert line in text


def test_the_readme_shows_lines_of_its_program() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    model = nn.MLP(2, 16, 16, 1, rng=0)
    text = compile(lambda row, target: nn.mse_loss(model(row), target), example=([0.0, 0.0], 0.0)).source("numpy")
    for line in readme.split("```text\n")[1].split("```")[0].splitlines():
        assert line in text.splitlines()


def test_what_is_not_written_is_refused() -> None:
    program = logistic()
    with pytest.raises(ValueError, match="written in 'numpy', 'c', 'javascript', not in 'fortran'"):
        program.source("fortran")
    with pytest.raises(CompileError, match="JavaScript has no erf"):
        mlp("gelu")().source("javascript")
    table = nn.Embedding(9, 2, rng=0)
    lookup = compile(lambda i, y: dot(table(i), [y, y]), example=(1, 0.0))
    with pytest.raises(CompileError, match=r"instruction \(\w+\) that is not written as source"):
        lookup.source()
