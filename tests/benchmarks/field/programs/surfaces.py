"""Formulas of science and finance: a differential equation, a net that solves one, the price of an option."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tests.benchmarks.field.programs.program import Array, FieldProgram, dense, uniform


def runge_kutta(steps: int = 20, h: float = 0.05) -> FieldProgram:
    """The classic Runge-Kutta method on the equations of Lotka and Volterra, and a squared error."""

    def field(parameters: Any, x: Any, y: Any) -> tuple[Any, Any]:
        birth, eaten, fed, death = parameters[0]
        return birth * x - eaten * x * y, fed * x * y - death * y

    def step(parameters: Any, x: Any, y: Any) -> tuple[Any, Any]:
        a, b = field(parameters, x, y)
        p, q = field(parameters, x + h / 2 * a, y + h / 2 * b)
        r, s = field(parameters, x + h / 2 * p, y + h / 2 * q)
        v, w = field(parameters, x + h * r, y + h * s)
        return x + h / 6 * (a + 2 * p + 2 * r + v), y + h / 6 * (b + 2 * q + 2 * s + w)

    def scalars(ag: Any, parameters: Any, start: Any, target: Any) -> Any:
        x, y = start
        for _ in range(steps):
            x, y = step(parameters, x, y)
        return (x - target) ** 2 + y * y

    def with_scan(jax: Any, jnp: Any, parameters: Any, start: Any, target: Any) -> Any:
        turn = lambda state, _: (step(parameters, *state), None)  # noqa: E731
        (x, y), _ = jax.lax.scan(turn, (start[0], start[1]), None, length=steps)
        return (x - target) ** 2 + y * y

    def with_torch(torch: Any, parameters: Any, start: Any, target: Any) -> Any:
        return scalars(torch, parameters, start.T, target).mean()

    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(113)
        return drawn.uniform(0.5, 2, (rows, 2)), drawn.uniform(0.5, 2, rows)

    arrays = [np.array([1.1, 0.4, 0.1, 0.4])]
    title = f"Runge-Kutta, {steps} steps"
    return FieldProgram(title, arrays, data, scalars, None, with_scan, with_torch)  # JAX unrolls it for minutes


def burgers(hidden: int = 20) -> FieldProgram:
    """A tanh net that is to solve the equation of Burgers: its residual has second derivatives of the net."""
    generator = np.random.default_rng(118)

    def scalars(ag: Any, parameters: Any, x: Any, t: Any) -> Any:
        first, a, second, b, v, offset = parameters

        def net(x: Any, t: Any) -> Any:
            h = [ag.tanh(w[0] * x + w[1] * t + q) for w, q in zip(first, a, strict=True)]
            h = [ag.tanh(q) for q in dense(second, b, h)]
            return sum((p * q for p, q in zip(v, h, strict=True)), offset[0])

        by_x = lambda x: ag.grad(lambda s: net(s, t))(x)  # noqa: E731
        residual = ag.grad(lambda s: net(x, s))(t) + net(x, t) * by_x(x) - 0.01 * ag.grad(by_x)(x)
        return residual * residual

    def with_jax(jax: Any, jnp: Any, parameters: Any, x: Any, t: Any) -> Any:
        first, a, second, b, v, offset = parameters

        def net(x: Any, t: Any) -> Any:
            return v @ jnp.tanh(second @ jnp.tanh(first @ jnp.stack([x, t]) + a) + b) + offset[0]

        by_x = jax.grad(net, 0)
        residual = jax.grad(net, 1)(x, t) + net(x, t) * by_x(x, t) - 0.01 * jax.grad(by_x, 0)(x, t)
        return residual * residual

    def with_torch(torch: Any, parameters: Any, x: Any, t: Any) -> Any:
        first, a, second, b, v, offset = parameters
        x, t = x.detach().requires_grad_(), t.detach().requires_grad_()
        y = torch.tanh(torch.tanh(torch.stack([x, t], 1) @ first.T + a) @ second.T + b) @ v + offset[0]
        by_x, by_t = torch.autograd.grad(y.sum(), (x, t), create_graph=True)
        (twice,) = torch.autograd.grad(by_x.sum(), x, create_graph=True)
        return ((by_t + y * by_x - 0.01 * twice) ** 2).mean()

    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(119)
        return drawn.uniform(-1, 1, rows), drawn.uniform(0, 1, rows)

    arrays = [uniform(generator, hidden, 2), 0.1 * generator.normal(size=hidden)]
    arrays += [uniform(generator, hidden, hidden), 0.1 * generator.normal(size=hidden)]
    arrays += [uniform(generator, hidden), np.array([0.1])]
    title = f"second derivatives of a tanh net 2-{hidden}-{hidden}-1"
    return FieldProgram(title, arrays, data, scalars, with_jax, None, with_torch)


def black_scholes() -> FieldProgram:
    """The squared error of the formula of Black and Scholes for the price of an option."""

    def price_error(tools: Any, cdf: Any, parameters: Any, strike: Any, spot: Any, years: Any, price: Any) -> Any:
        exp = tools.exp
        log_volatility, rate, dividend = parameters[0]
        volatility = exp(log_volatility)
        spread = volatility * tools.sqrt(years)
        drift = (rate - dividend + 0.5 * volatility * volatility) * years
        d1 = (tools.log(spot / strike) + drift) / spread
        present = spot * exp(-dividend * years) * cdf(d1) - strike * exp(-rate * years) * cdf(d1 - spread)
        return (present - price) ** 2

    def scalars(ag: Any, parameters: Any, *row: Any) -> Any:
        return price_error(ag, ag.normal_cdf, parameters, *row)

    def with_jax(jax: Any, jnp: Any, parameters: Any, *row: Any) -> Any:
        return price_error(jnp, jax.scipy.stats.norm.cdf, parameters, *row)

    def with_torch(torch: Any, parameters: Any, *rows: Any) -> Any:
        return price_error(torch, torch.special.ndtr, parameters, *rows).mean()

    def with_numpy(parameters: Any, strike: Array, spot: Array, years: Array, price: Array) -> Any:
        from scipy.special import ndtr

        log_volatility, rate, dividend = parameters[0]
        volatility, root = np.exp(log_volatility), np.sqrt(years)
        spread = volatility * root
        d1 = (np.log(spot / strike) + (rate - dividend + 0.5 * volatility * volatility) * years) / spread
        first, second = ndtr(d1), ndtr(d1 - spread)
        bought, paid = spot * np.exp(-dividend * years), strike * np.exp(-rate * years)
        error = bought * first - paid * second - price
        density = np.exp(-0.5 * d1 * d1) / math.sqrt(2 * math.pi)
        from_error = 2 / len(years) * error
        to_volatility = (from_error * bought * density * root).sum() * volatility
        to_rate, to_dividend = (from_error * paid * years * second).sum(), -(from_error * bought * years * first).sum()
        return (error * error).mean(), [np.array([to_volatility, to_rate, to_dividend])]

    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(122)
        return tuple(drawn.uniform(0.5, 2, rows) for _ in range(4))

    arrays = [np.array([-1.2, 0.03, 0.01])]
    return FieldProgram("Black-Scholes fit", arrays, data, scalars, with_jax, None, with_torch, with_numpy)
