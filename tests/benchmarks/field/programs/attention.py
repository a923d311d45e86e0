"""Attention: every token reads others, in one layer and in a small GPT."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.benchmarks.field.programs.program import Array, FieldProgram, dot, times, uniform

LETTERS, WIDTH, HEADS, WIDE, EPSILON = 27, 16, 4, 64, 1e-5


def attention(tokens: int = 8, size: int = 16) -> FieldProgram:
    """Every token reads all tokens; the squared error of a number read off their mean."""
    generator = np.random.default_rng(105)
    shapes = ((size, size), (size, size), (size, size), (size,))

    def scalars(ag: Any, parameters: Any, xs: Any, target: Any) -> Any:
        wq, wk, wv, w = parameters
        q, k, v = ([times(matrix, x) for x in xs] for matrix in (wq, wk, wv))
        read = []
        for query in q:
            scores = [dot(query, key) / math.sqrt(size) for key in k]
            total = ag.logsumexp(scores)
            shares = [ag.exp(score - total) for score in scores]
            read.append([sum(p * value[d] for p, value in zip(shares, v, strict=True)) for d in range(size)])
        return (sum(w[d] * sum(line[d] for line in read) for d in range(size)) / float(tokens) - target) ** 2

    def with_jax(jax: Any, jnp: Any, parameters: Any, xs: Any, target: Any) -> Any:
        wq, wk, wv, w = parameters
        q, k, v = xs @ wq.T, xs @ wk.T, xs @ wv.T
        return ((jax.nn.softmax(q @ k.T / math.sqrt(size), axis=1) @ v).mean(0) @ w - target) ** 2

    def with_torch(torch: Any, parameters: Any, xs: Any, target: Any) -> Any:
        wq, wk, wv, w = parameters
        q, k, v = xs @ wq.T, xs @ wk.T, xs @ wv.T
        shares = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(size), -1)
        return (((shares @ v).mean(1) @ w - target) ** 2).mean()

    def with_numpy(parameters: Sequence[Array], xs: Array, target: Array) -> tuple[float, list[Array]]:
        wq, wk, wv, w = parameters
        q, k, v = xs @ wq.T, xs @ wk.T, xs @ wv.T
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(size)
        shares = np.exp(scores - scores.max(2, keepdims=True))
        shares /= shares.sum(2, keepdims=True)
        mean = (shares @ v).mean(1)
        error = mean @ w - target
        from_error = 2.0 * error / len(xs)
        to_read = (from_error[:, None] * w / tokens)[:, None, :]  # the same for each query
        to_v = shares.sum(1)[:, :, None] * to_read
        to_shares = to_read @ v.transpose(0, 2, 1)
        to_scores = shares * (to_shares - (shares * to_shares).sum(2, keepdims=True)) / math.sqrt(size)
        to_q, to_k = to_scores @ k, to_scores.transpose(0, 2, 1) @ q
        flat = xs.reshape(-1, size)
        gradients = [to.reshape(-1, size).T @ flat for to in (to_q, to_k, to_v)]
        return float((error**2).mean()), [*gradients, from_error @ mean]

    def data(rows: int) -> tuple[Array, ...]:
        drawn = np.random.default_rng(106)
        return drawn.normal(size=(rows, tokens, size)), drawn.normal(size=rows)

    arrays = [uniform(generator, *shape) for shape in shapes]
    title = f"attention {tokens} tokens x {size}"
    return FieldProgram(title, arrays, data, scalars, with_jax, None, with_torch, with_numpy)


def gpt(positions: int) -> FieldProgram:
    """One layer of a GPT over characters, which are given as rows of 0 and 1; the mean cross-entropy."""
    generator = np.random.default_rng(42)
    shapes = [(LETTERS, WIDTH), (16, WIDTH), (LETTERS, WIDTH), *[(WIDTH, WIDTH)] * 4, (WIDE, WIDTH), (WIDTH, WIDE)]
    size = WIDTH // HEADS

    def normalised(ag: Any, x: Sequence[Any]) -> list[Any]:
        scale = (sum(a * a for a in x) / float(WIDTH) + EPSILON) ** -0.5
        return [a * scale for a in x]

    def scalars(ag: Any, parameters: Any, tokens: Any, following: Any) -> Any:
        wte, wpe, lm_head, wq, wk, wv, wo, fc1, fc2 = parameters
        keys: list[Any] = []
        values: list[Any] = []
        losses = []
        for place, (token, target) in enumerate(zip(tokens, following, strict=True)):
            x = [sum(t * line[d] for t, line in zip(token, wte, strict=True)) + wpe[place][d] for d in range(WIDTH)]
            x = normalised(ag, x)
            y = normalised(ag, x)
            query = times(wq, y)
            keys.append(times(wk, y))
            values.append(times(wv, y))
            read: list[Any] = []
            for start in range(0, WIDTH, size):
                part = range(start, start + size)
                scores = [sum(query[d] * key[d] for d in part) / math.sqrt(size) for key in keys]
                total = ag.logsumexp(scores)
                shares = [ag.exp(score - total) for score in scores]
                read += [sum(p * value[d] for p, value in zip(shares, values, strict=True)) for d in part]
            x = [a + b for a, b in zip(x, times(wo, read), strict=True)]
            hidden = list(map(ag.relu, times(fc1, normalised(ag, x))))
            x = [a + b for a, b in zip(x, times(fc2, hidden), strict=True)]
            logits = times(lm_head, x)
            losses.append(ag.logsumexp(logits) - sum(t * z for t, z in zip(target, logits, strict=True)))
        return sum(losses) / float(positions)

    def with_jax(jax: Any, jnp: Any, parameters: Any, tokens: Any, following: Any) -> Any:
        wte, wpe, lm_head, wq, wk, wv, wo, fc1, fc2 = parameters

        def norm(x: Any) -> Any:
            return x * ((x * x).mean(1, keepdims=True) + EPSILON) ** -0.5

        x = norm(tokens @ wte + wpe[:positions])
        y = norm(x)
        q, k, v = ((y @ m.T).reshape(positions, HEADS, size).transpose(1, 0, 2) for m in (wq, wk, wv))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(size)
        scores = jnp.where(jnp.tril(jnp.ones((positions, positions), bool)), scores, -jnp.inf)
        read = (jax.nn.softmax(scores, axis=-1) @ v).transpose(1, 0, 2).reshape(positions, WIDTH)
        x = x + read @ wo.T
        x = x + jax.nn.relu(norm(x) @ fc1.T) @ fc2.T
        logits = x @ lm_head.T
        return (jax.nn.logsumexp(logits, axis=1) - (following * logits).sum(1)).mean()

    def with_torch(torch: Any, parameters: Any, tokens: Any, following: Any) -> Any:
        wte, wpe, lm_head, wq, wk, wv, wo, fc1, fc2 = parameters

        def norm(x: Any) -> Any:
            return x * ((x * x).mean(2, keepdim=True) + EPSILON) ** -0.5

        x = norm(tokens @ wte + wpe[:positions])
        y = norm(x)
        q, k, v = ((y @ m.T).unflatten(2, (HEADS, size)).transpose(1, 2) for m in (wq, wk, wv))
        read = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + read.transpose(1, 2).flatten(2) @ wo.T
        x = x + torch.relu(norm(x) @ fc1.T) @ fc2.T
        logits = x @ lm_head.T
        return (logits.logsumexp(2) - (following * logits).sum(2)).mean()

    def data(rows: int) -> tuple[Array, ...]:
        letters = np.random.default_rng(43).integers(0, LETTERS, (rows, positions + 1))
        codes = np.eye(LETTERS)[letters]
        return codes[:, :-1], codes[:, 1:]

    arrays = [0.08 * generator.normal(size=shape) for shape in shapes]
    return FieldProgram(f"GPT, {positions} positions", arrays, data, scalars, with_jax, None, with_torch, rows=(1, 32))
