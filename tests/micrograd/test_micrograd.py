"""Programs written for micrograd run with the import lines alone changed: its tests, its lecture, its demo, a GPT."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tarfile
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import autograd_core
from autograd_core.micrograd import draw_dot
from autograd_core.micrograd.engine import Value
from autograd_core.micrograd.nn import MLP
from nn.data import two_moons
from tests.support.gpt_on_scalars import losses

FIELD_NAMES = os.environ.get("AUTOGRAD_CORE_NAMES", "")


def test_its_own_tests_pass(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="micrograd's tests compare with PyTorch: pip install -e '.[torch]'")
    fetch = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--no-binary",
        ":all:",
        "--quiet",
        "micrograd==0.1.0",
    ]
    if subprocess.run(fetch, cwd=tmp_path, check=False, capture_output=True).returncode:
        pytest.skip("the source of micrograd 0.1.0 cannot be fetched here")
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        member = archive.extractfile("micrograd-0.1.0/test/test_engine.py")
        assert member is not None
        program = member.read().decode()
    scope: dict[str, Any] = {}
    exec(program.replace("from micrograd", "from autograd_core.micrograd"), scope)
    tests = [scope[name] for name in scope if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


def test_the_chain_rule_of_its_lecture_by_hand_and_by_backward() -> None:
    a, b, c, f = Value(2.0, label="a"), Value(-3.0), Value(10.0), Value(-2.0)
    e = a * b
    d = e + c
    root = d * f
    assert (a.grad, root.data, root._op, e._op, d._prev) == (0, -8.0, "*", "*", {e, c})
    root.grad = 1.0
    root._backward()
    d._backward()
    e._backward()
    by_hand = [number.grad for number in (a, b, c, f, e, d)]
    assert by_hand == [6.0, -4.0, -2.0, 4.0, -2.0, -2.0]
    for number in (a, b, c, f, root):
        number.grad = 0
    root.backward()
    assert [number.grad for number in (a, b, c, f, e, d)] == by_hand
    assert repr(a) == "Value(data=2.0, grad=6.0)"
    assert "a" in str(draw_dot(root))
    with pytest.raises(ValueError, match="svg"):
        draw_dot(root, format="pdf")


def test_equality_is_identity_and_order_is_refused() -> None:
    a, b = Value(1.0), Value(1.0)
    assert a == a
    assert a != b
    assert len({a, b, a}) == 2
    with pytest.raises(TypeError, match="'<' not supported"):
        assert a < b
    assert (a.relu()._op, a.exp()._op, (-a)._op, (2 / a).data, (2 - a).data, sum([a, b]).data) == (
        "ReLU",
        "exp",
        "-",
        2.0,
        1.0,
        2.0,
    )


def test_every_operation_has_the_gradient_of_our_own_value() -> None:
    def function(x: Any, w: Any) -> Any:
        return (x * w - 3).relu() + (x / w).tanh() * 2 ** (w - 1) - (x.exp() + 1).log() / (1 - w**3)

    x, w = Value(2.5), Value(1.7)
    y = function(x, w)
    y.backward()
    value, (dx, dw) = autograd_core.value_and_grad(
        lambda x, w: (
            autograd_core.relu(x * w - 3)
            + autograd_core.tanh(x / w) * 2 ** (w - 1)
            - autograd_core.log(autograd_core.exp(x) + 1) / (1 - w**3)
        )
    )(2.5, 1.7)
    assert (y.data, x.grad, w.grad) == (value, dx, dw)


def test_its_demo_trains() -> None:
    random.seed(1337)
    rows, labels = two_moons(30, seed=1)
    targets = [2 * int(label) - 1 for label in labels]
    model = MLP(2, [8, 8, 1])
    assert (len(model.parameters()), str(model).count("ReLUNeuron"), str(model).count("LinearNeuron")) == (105, 16, 1)
    hits = 0
    for step in range(36):
        scores = [model(list(map(float, row))) for row in rows]
        loss = sum((1 - t * s).relu() for t, s in zip(targets, scores, strict=True)) * (1.0 / len(scores))
        loss = loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= (1.0 - 0.9 * step / 40) * p.grad
        hits = sum((t > 0) == (s.data > 0) for t, s in zip(targets, scores, strict=True))
    assert hits >= 26  # a line reaches 25
    with pytest.raises(ValueError, match="2 weights"):
        model([1.0])


@pytest.mark.field_names
@pytest.mark.skipif(not FIELD_NAMES, reason="set AUTOGRAD_CORE_NAMES to the field's list of names")
def test_a_gpt_gives_the_published_losses() -> None:
    published = "3.3660 3.4243 3.1778 3.0664 3.2209 2.9452 3.2894 3.3245 2.8990 3.2229 2.7964 2.9345 3.0544"
    names = Path(FIELD_NAMES).read_text().splitlines()
    assert " ".join(f"{loss:.4f}" for loss in islice(losses(Value, names), 13)) == published


def test_a_gpt_trains_on_any_names() -> None:
    first, *_, last = islice(losses(Value, ["ada"]), 4)
    assert 0.0 < last < first - 0.3
