"""Densities: sums of exponentials, computed from their logarithms."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.field.programs.program import Array, FieldProgram, uniform


def mixture(parts: int = 8, size: int = 4) -> FieldProgram:
    """The negative log-density of a mixture of Gaussians."""
    generator = np.random.default_rng(111)

    def scalars(ag: Any, parameters: Any, x: Any) -> Any:
        weights, means, scales = parameters
        terms = []
        for weight, mean, scale in zip(weights, means, scales, strict=True):
            squares = [((p - m) * ag.exp(-s)) ** 2 for p, m, s in zip(x, mean, scale, strict=True)]
            terms.append(weight - sum(scale) - 0.5 * sum(squares))
        return ag.logsumexp(weights) - ag.logsumexp(terms)

    def with_jax(jax: Any, jnp: Any, parameters: Any, x: Any) -> Any:
        weights, means, scales = parameters
        squares = (((x - means) * jnp.exp(-scales)) ** 2).sum(1)
        return jax.nn.logsumexp(weights) - jax.nn.logsumexp(weights - scales.sum(1) - 0.5 * squares)

    def with_torch(torch: Any, parameters: Any, x: Any) -> Any:
        weights, means, scales = parameters
        squares = (((x[:, None] - means) * torch.exp(-scales)) ** 2).sum(2)
        return (weights.logsumexp(0) - torch.logsumexp(weights - scales.sum(1) - 0.5 * squares, 1)).mean()

    def with_numpy(parameters: Any, x: Array) -> tuple[float, list[Array]]:
        weights, means, scales = parameters
        inverse = np.exp(-scales)
        apart = (x[:, None] - means) * inverse
        squares = apart * apart
        terms = weights - scales.sum(1) - 0.5 * squares.sum(2)
        most = terms.max(1, keepdims=True)
        shares = np.exp(terms - most)
        total = shares.sum(1, keepdims=True)
        each = shares / total / len(x)
        priors = np.exp(weights - weights.max())
        value = weights.max() + np.log(priors.sum()) - (most[:, 0] + np.log(total[:, 0])).mean()
        counts = each.sum(0)
        to_means = -(each[:, :, None] * apart).sum(0) * inverse
        to_scales = counts[:, None] - (each[:, :, None] * squares).sum(0)
        return value, [priors / priors.sum() - counts, to_means, to_scales]

    def data(rows: int) -> tuple[Array, ...]:
        return (np.random.default_rng(112).normal(size=(rows, size)),)

    arrays = [uniform(generator, parts), generator.normal(size=(parts, size))]
    arrays.append(0.2 * generator.normal(size=(parts, size)))
    title = f"Gaussian mixture, {parts} in {size} dimensions"
    return FieldProgram(title, arrays, data, scalars, with_jax, None, with_torch, with_numpy)


def hidden_markov(states: int = 6, steps: int = 20) -> FieldProgram:
    """The negative log-likelihood of a sequence in a hidden Markov model with Gaussian observations."""
    generator = np.random.default_rng(114)
    all_states = range(states)

    def scalars(ag: Any, parameters: Any, xs: Any) -> Any:
        moves, start, means, scales = parameters
        totals = list(map(ag.logsumexp, moves))
        logs = [[a - total for a in row] for row, total in zip(moves, totals, strict=True)]
        first, inverse = ag.logsumexp(start), [ag.exp(-s) for s in scales]

        def observed(x: Any) -> list[Any]:
            return [-0.5 * ((x - means[k]) * inverse[k]) ** 2 - scales[k] for k in all_states]

        seen = observed(xs[0])
        alpha = [start[k] - first + seen[k] for k in all_states]
        for x in xs[1:]:
            seen = observed(x)
            alpha = [ag.logsumexp([alpha[j] + logs[j][k] for j in all_states]) + seen[k] for k in all_states]
        return -ag.logsumexp(alpha)

    def with_jax(jax: Any, jnp: Any, parameters: Any, xs: Any) -> Any:
        moves, start, means, scales = parameters
        logsumexp = jax.nn.logsumexp
        logs = moves - logsumexp(moves, axis=1, keepdims=True)
        seen = -0.5 * ((xs[:, None] - means) * jnp.exp(-scales)) ** 2 - scales
        alpha = start - logsumexp(start) + seen[0]
        for step in range(1, steps):
            alpha = logsumexp(alpha[:, None] + logs, axis=0) + seen[step]
        return -logsumexp(alpha)

    def with_scan(jax: Any, jnp: Any, parameters: Any, xs: Any) -> Any:
        moves, start, means, scales = parameters
        logsumexp = jax.nn.logsumexp
        logs = moves - logsumexp(moves, axis=1, keepdims=True)
        seen = -0.5 * ((xs[:, None] - means) * jnp.exp(-scales)) ** 2 - scales
        turn = lambda alpha, e: (logsumexp(alpha[:, None] + logs, axis=0) + e, None)  # noqa: E731
        return -logsumexp(jax.lax.scan(turn, start - logsumexp(start) + seen[0], seen[1:])[0])

    def with_torch(torch: Any, parameters: Any, xs: Any) -> Any:
        moves, start, means, scales = parameters
        logs = moves - moves.logsumexp(1, keepdim=True)
        seen = -0.5 * ((xs[:, :, None] - means) * torch.exp(-scales)) ** 2 - scales
        alpha = start - start.logsumexp(0) + seen[:, 0]
        for step in range(1, steps):
            alpha = torch.logsumexp(alpha[:, :, None] + logs, 1) + seen[:, step]
        return -alpha.logsumexp(1).mean()

    def data(rows: int) -> tuple[Array, ...]:
        return (np.random.default_rng(115).normal(size=(rows, steps)),)

    arrays = [uniform(generator, states, states), uniform(generator, states), generator.normal(size=states)]
    arrays.append(0.2 * generator.normal(size=states))
    title = f"hidden Markov model, {states} states x {steps}"
    return FieldProgram(title, arrays, data, scalars, with_jax, with_scan, with_torch)
