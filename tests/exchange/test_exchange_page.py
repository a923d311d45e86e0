"""The page on other tools: its examples run where the libraries are installed, and its names exist."""

from __future__ import annotations

import re

import pytest

import autograd_core
import nn
from tests.support.imports import ROOT

PAGE = (ROOT / ".github" / "EXCHANGE.md").read_text(encoding="utf-8")
LIBRARIES = {name: name for name in ("torch", "jax", "sympy", "onnxruntime", "sklearn")}
LIBRARIES["Checkpoints"] = "orbax.checkpoint"


@pytest.mark.parametrize("example", re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL))
def test_the_examples_run(example: str) -> None:
    for word in LIBRARIES.keys() & set(re.findall(r"\w+", example)):
        pytest.importorskip(LIBRARIES[word], reason=f"the example needs {LIBRARIES[word]}")
    exec(example, {})


def test_the_names_exist() -> None:
    named = set(re.findall(r"`(?:autograd_core|nn)\.exchange\.(\w+)", PAGE))
    assert named <= {*autograd_core.exchange.__all__, *nn.exchange.__all__}
