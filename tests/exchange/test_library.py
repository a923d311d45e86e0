"""The libraries of other tools: none is imported before it is used, and an absent one is named with its extra."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import nn
from autograd_core import Value, compile  # noqa: A004
from autograd_core.exchange import explain_torch, from_jax, from_sympy, to_sympy, torch_function
from autograd_core.exchange.library import library
from tests.support.imports import ROOT

LIBRARIES = ("jax", "marimo", "onnx", "onnxruntime", "orbax", "pandas", "polars", "sklearn", "sympy", "torch")


def test_importing_the_packages_imports_none_of_the_libraries() -> None:
    program = (
        "import sys, autograd_core, nn, nn.exchange, autograd_core.exchange\n"
        "dir(nn.exchange), dir(autograd_core.exchange)\n"
        f"assert not set({LIBRARIES!r}) & set(sys.modules), sorted(sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_an_absent_library_is_named_with_the_extra_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(ImportError, match=r'needs sympy.*the extra `sympy`: pip install -e "\.\[sympy\]"'):
        library("sympy", "sympy")
    with pytest.raises(ImportError, match="needs not_there, which is not installed"):
        library("not_there", "none")


def call_each() -> dict[str, tuple[str, Callable[[], Any]]]:
    """By the extra that it needs: the library, and what uses it."""
    model, y = nn.MLP(1, 1, 1, rng=0), Value(1.0, "x") * 2.0
    return {
        "torch": ("torch", lambda: nn.exchange.to_torch(model)),
        "torch ": ("torch", lambda: nn.exchange.from_torch(None)),
        "torch  ": ("torch", lambda: explain_torch(None)),
        "torch   ": ("torch", lambda: torch_function(abs)),
        "onnx": ("onnx", lambda: nn.exchange.to_onnx(model)),
        "onnx ": ("onnx", lambda: nn.exchange.from_onnx(b"")),
        "sympy": ("sympy", lambda: to_sympy(y)),
        "sympy ": ("sympy", lambda: from_sympy(None, {})),
        "jax": ("jax", lambda: from_jax(abs, 1.0)),
        "jax ": ("jax", lambda: compile(lambda x: x * x, example=1.0, backend="jax")(1.0)),
        "data": ("sklearn", lambda: nn.Classifier().fit([[0.0], [1.0]], [0, 1])),
        "checkpoints": ("orbax", lambda: nn.Checkpoints("folder")),
    }


@pytest.mark.parametrize("extra", call_each())
def test_each_says_which_extra_is_absent(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, call = call_each()[extra]
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, name, None)
    for own in [module for module in sys.modules if module.endswith("scikit_learn")]:
        monkeypatch.delitem(sys.modules, own)  # it was loaded with the library
    with pytest.raises(ImportError, match=rf"\[{extra.strip()}\]"):
        call()
