"""Into JAX and out of it: the same numbers and gradients as JAX has, on both sides."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import nn
from autograd_core import (
    ExchangeError,
    Value,
    choose,
    compile,  # noqa: A004
    exchange,
    explain,
    grad,
    log,
    relu,
    tanh,
    where,
)

jax = pytest.importorskip("jax", reason="runs on JAX: pip install -e '.[jax]'")
jnp = jax.numpy


@pytest.fixture(autouse=True)
def _with_64_bits() -> Any:
    with jax.enable_x64(True):
        yield


def net() -> tuple[Any, Any, Any]:
    model = nn.MLP(2, 3, 1, activation="tanh", rng=0)
    program = compile(lambda x, y: nn.mse_loss([model(x)], [y]), example=([0.1, 0.2], 0.5), backend="numpy")
    X = np.random.default_rng(0).normal(size=(7, 2))
    return program, X, np.sin(X[:, 0])


def test_a_program_is_jitted_mapped_and_differentiated() -> None:
    program, X, y = net()
    f = exchange.to_jax(program)
    theta = jnp.array([p.data for p in program.parameters])
    rows = jax.jit(jax.vmap(f, (None, 0, 0)))
    assert rows(theta, X, y) == pytest.approx(program(X, y), rel=1e-12)
    value, gradient = program.value_and_grad(X, y)
    loss = jax.jit(lambda theta: rows(theta, X, y).mean())
    assert loss(theta) == pytest.approx(value, rel=1e-12)
    assert jax.grad(loss)(theta) == pytest.approx(gradient, rel=1e-12, abs=1e-14)
    assert jax.jacfwd(loss)(theta) == pytest.approx(gradient, rel=1e-12, abs=1e-14)
    *_, inputs = program.value_and_grad(X, y, inputs=True)
    by_row = jax.vmap(jax.grad(f, (1, 2)), (None, 0, 0))(theta, X, y)
    assert np.asarray(by_row[0]) / len(X) == pytest.approx(inputs[0], rel=1e-12, abs=1e-14)
    assert np.asarray(by_row[1]) / len(X) == pytest.approx(inputs[1], rel=1e-12, abs=1e-14)


def test_second_derivatives_are_those_of_the_formula() -> None:
    w = Value(0.7)
    f = exchange.to_jax(compile(lambda x: tanh(w * x), example=1.0))
    for derivative in (jax.hessian(f), jax.jacrev(jax.grad(f))):
        x, y = 1.3, math.tanh(0.7 * 1.3)
        assert derivative(jnp.array([0.7]), x).item() == pytest.approx(-2 * y * (1 - y * y) * x * x, rel=1e-12)


def test_conventions_at_kinks_and_closed_gates_are_ours() -> None:
    w = Value(0.0)
    f = exchange.to_jax(compile(lambda x: relu(w * x) + where(w > 0.0, log(w), w), example=1.0))
    assert jax.grad(f)(jnp.array([0.0]), 1.0).item() == 1.0  # JAX's own log would make it nan
    table = [Value(1.0), Value(2.0)]
    g = exchange.to_jax(compile(lambda i: choose(i, table) ** 2, example=0))
    assert jax.grad(g)(jnp.array([1.0, 2.0]), 1).tolist() == [0.0, 4.0]


def test_what_a_function_of_one_row_refuses() -> None:
    program, X, y = net()
    f, theta = exchange.to_jax(program), [p.data for p in program.parameters]
    with pytest.raises(ExchangeError, match=r"takes the shape \(2,\), got \(7, 2\).*vmap"):
        f(theta, X, y)
    with pytest.raises(ExchangeError, match="the parameters: "):
        f(theta[1:], X[0], y[0])
    with pytest.raises(ExchangeError, match="takes the parameters, then x, y; got 1"):
        f(theta, X[0])
    with jax.enable_x64(False), pytest.raises(ExchangeError, match="32 bits"):
        f(theta, X[0], y[0])


def attention(weights: Any, x: Any) -> Any:
    q, k, v = (x @ weights[name] for name in "qkv")
    scores = jnp.where(jnp.tril(jnp.ones((3, 3))) > 0, q @ k.T / jnp.sqrt(2.0), -jnp.inf)
    return (jax.nn.softmax(scores, axis=-1) @ v).sum()


def recurrent(weights: Any, xs: Any) -> Any:
    def step(h: Any, x: Any) -> Any:
        h = jnp.tanh(weights["a"] @ h + weights["b"] * x)
        return h, h.sum()

    last, sums = jax.lax.scan(step, jnp.zeros(2), xs)
    return last[0] + jnp.cumsum(sums)[-1] * sums.max()


def classifier(weights: Any, x: Any) -> Any:
    hidden = jax.nn.gelu(x @ weights["w"] + weights["b"], approximate=False)
    logits = jnp.concatenate([hidden, jax.nn.silu(hidden[::-1])])
    return -jax.nn.log_softmax(logits)[1] + 0.01 * sum(jnp.sum(w**2) for w in jax.tree_util.tree_leaves(weights))


def branches(weights: Any, x: Any) -> Any:
    y = jax.lax.cond(x[0] > 0, lambda a: jnp.sin(a), lambda a: a**3, weights["a"])
    z = jax.lax.fori_loop(0, 3, lambda i, s: s * weights["a"][1] + x[0] * i, 1.0)
    picked = weights["a"][jnp.array([1, 0, 1])]
    return y.sum() + z + jnp.clip(picked, -0.3, 0.4) @ jnp.maximum(x, 0.1) + jnp.sign(x[1]) * jax.nn.softplus(x[2])


def various(weights: Any, x: Any) -> Any:
    a, b = weights["a"], weights["b"]
    y = jnp.stack([jnp.sinh(a), jnp.cosh(a), jnp.arctanh(0.3 * jnp.tanh(a)), jnp.cbrt(a)]).sum()
    y = y + jax.nn.logsumexp(a) + jnp.arcsin(b / 9.0).sum() + jnp.arccos(b / 9.0) @ x
    written = jnp.tile(x, 2).at[1].set(a[0]).at[jnp.array([2, 2, 3])].add(b[:3])
    return y + (written**2).sum() + jnp.where(jnp.isfinite(a), a, 0.0).sum()


def images(weights: Any, x: Any) -> Any:
    layout = ("NCHW", "OIHW", "NHWC")
    y = jax.lax.conv_general_dilated(x, weights["w"], (1, 2), ((1, 0), (0, -1)), (2, 1), (1, 2), layout)
    y = jax.lax.reduce_window(y, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 1, 2, 1), "SAME")
    return (jax.lax.reduce_window(y**2, 0.0, jax.lax.add, (1, 2, 1, 1), (1, 1, 1, 1), "VALID") ** 2).sum()


def conventions(weights: Any, x: Any) -> Any:
    a = weights["a"]
    noise = jax.random.bernoulli(jax.random.key(0), 0.5, (3,))
    y = jax.nn.relu(jnp.array([0.0, 1.0]) * a[0]).sum() + jax.lax.clamp(0.0, a[0] * 0.0, 1.0)
    y = (
        y
        + (a * jnp.trunc(a)).sum()
        + (a.astype(int) * a).sum()
        + jnp.fmod(a, 0.7).sum()
        + jnp.where(noise, a, 0.0).sum()
    )
    return y + jnp.where(jnp.any(x > 0) & ~jnp.all(x > 0), jnp.arcsinh(x), jnp.arccosh(x * x + 1.5)).sum()


def cases() -> dict[str, tuple[Any, Any, Any]]:
    generator = np.random.default_rng(1)

    def draw(*shape: int) -> Any:
        return generator.normal(size=shape)

    return {
        "attention": (attention, {name: draw(4, 2) for name in "qkv"}, draw(3, 4)),
        "recurrent": (recurrent, {"a": draw(2, 2), "b": draw(2)}, draw(4)),
        "classifier": (classifier, {"w": draw(3, 2), "b": draw(2)}, draw(3)),
        "branches": (branches, {"a": draw(2)}, draw(3)),
        "images": (images, {"w": draw(3, 2, 2, 2)}, draw(1, 2, 4, 6)),
        "conventions": (conventions, {"a": np.array([-1.7, 2.4, 0.3])}, draw(3)),
        "various": (various, {"a": draw(2), "b": draw(3)}, draw(3)),
    }


@pytest.mark.parametrize("name", cases())
def test_a_function_of_jax_becomes_a_graph_with_its_gradients(name: str) -> None:
    fn, weights, x = cases()[name]
    expected, (by_weights, by_x) = jax.value_and_grad(fn, (0, 1))(weights, x)
    values = jax.tree_util.tree_map(lambda array: np.vectorize(Value, otypes=[object])(array), (weights, x))
    result = exchange.from_jax(fn, weights, x)(*values)
    assert result.data == pytest.approx(expected.item(), rel=1e-12)
    result.backward()
    for ours, theirs in zip(
        jax.tree_util.tree_leaves(values), jax.tree_util.tree_leaves((by_weights, by_x)), strict=True
    ):
        for value, slope in zip(np.ravel(ours), np.ravel(theirs), strict=True):
            assert (value.grad or 0.0) == pytest.approx(slope, rel=1e-12, abs=1e-13)


def test_it_is_explained_compiled_and_returns_lists() -> None:
    f = exchange.from_jax(lambda w, x: jnp.tanh(w @ x), np.ones((2, 2)), np.ones(2))
    w = [[Value(0.5, "a"), Value(-1.0, "b")], [Value(0.25, "c"), Value(2.0, "d")]]
    y = f(w, [1.0, 2.0])
    assert [value.data for value in y] == pytest.approx([math.tanh(-1.5), math.tanh(4.25)])
    assert "tanh" in str(explain(y[0]))
    program = compile(lambda x: f(w, x)[0], example=[0.1, 0.2], backend="numpy")
    assert program([[1.0, 2.0]]) == pytest.approx([math.tanh(-1.5)])
    assert grad(exchange.from_jax(lambda x: x**3, 1.0))(2.0) == 12.0


def test_a_rule_of_its_own_for_a_derivative_is_refused_where_it_is_another_one() -> None:
    @jax.custom_vjp
    def clipped(x: Any) -> Any:
        return x * x

    clipped.defvjp(lambda x: (x * x, x), lambda x, upstream: (jnp.clip(2.0 * x * upstream, -1.0, 1.0),))
    f = exchange.from_jax(lambda x: clipped(x) * 3.0, 1.0)
    with pytest.raises(ExchangeError, match="a rule of its own for a derivative"):
        f(Value(2.0))
    assert grad(f)(0.1) == pytest.approx(0.6)


def test_what_cannot_be_read_is_named() -> None:
    with pytest.raises(ExchangeError, match="operation sort is not among those"):
        exchange.from_jax(jnp.sort, np.ones(2))([Value(1.0), Value(2.0)])
    with pytest.raises(ExchangeError, match=r"choose\(index, values\)"):
        exchange.from_jax(lambda x, i: x[i], np.ones(2), 0)([1.0, 2.0], Value(1.0))
    with pytest.raises(ExchangeError, match=r"has the shape \(3,\); the example of from_jax had \(2,\)"):
        exchange.from_jax(jnp.sum, np.ones(2))([Value(1.0)] * 3)
    with pytest.raises(ExchangeError, match="more than 1,000,000"):
        exchange.from_jax(lambda a: a @ a, np.ones((101, 101)))([[Value(1.0)] * 101] * 101)
