"""Attention: a weighted mean of values, whose weights are computed from queries and keys; and the block around it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograd_core import dot, scope
from nn.modules.activations import as_activation
from nn.modules.initialise import Initialiser, generator, uniform, xavier_uniform
from nn.modules.layers import Linear, as_row
from nn.modules.module import Module, Parameter
from nn.modules.normalisation import LayerNorm
from nn.modules.softmax import softmax
from nn.modules.tensor_lists import as_lists, shape
from nn.modules.whole_numbers import whole_number

Rows = list[list[Any]]


def as_rows(x: Any, expected: int, owner: Module) -> Rows:
    """`x` as a list of rows of `expected` Values each, one row for each position.

    Raises ValueError where there is no row, or one has another length.
    """
    rows = [as_row(row, expected, owner) for row in (x.tolist() if hasattr(x, "tolist") else x)]
    if not rows:
        raise ValueError(f"{type(owner).__name__} takes at least one position, got an empty list.")
    return rows


def at_each_position(items: Iterable[Any], function: Callable[[Any], Any]) -> list[Any]:
    """function(item) of each, in a scope named after its position."""
    results = []
    for number, item in enumerate(items, 1):
        with scope(f"position {number}"):
            results.append(function(item))
    return results


class MultiheadAttention(Module):
    """For each position a mean of the values of all positions, weighted by softmax(query · key / sqrt(d)), by heads.

    embed_dim: the numbers of a position, which the `num_heads` heads share, d = embed_dim / num_heads each. The
    parameters have PyTorch's names and shapes: the rows of in_proj_weight are those of Wq, Wk and Wv.
    Raises ValueError where num_heads does not divide embed_dim.
    Source: Vaswani et al., NeurIPS 2017, section 3.2.

    >>> attention = MultiheadAttention(4, 2, rng=0)
    >>> outputs, weights = attention([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], is_causal=True, need_weights=True)
    >>> len(outputs), [len(row) for row in weights], weights[0][0].data
    (2, [1, 2], 1.0)
    """

    formula = "W (softmax(q · k / sqrt(d)) v) + b"

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        bias: bool = True,
        *,
        rng: random.Random | int,
        initialise: Initialiser | None = None,
    ) -> None:
        self.embed_dim = width = whole_number(embed_dim, "embed_dim")
        self.num_heads = heads = whole_number(num_heads, "num_heads")
        if width % heads:
            raise ValueError(f"each head gets embed_dim / num_heads numbers, but {width} is not a multiple of {heads}.")
        source, fan_out = generator(rng), 3 * width
        draw = initialise or xavier_uniform
        self.in_proj_weight = [
            [Parameter(draw(width, fan_out, source), label=f"W{name}[{i}][{j}]") for j in range(width)]
            for name in "qkv"
            for i in range(width)
        ]
        self.in_proj_bias = (
            [Parameter(0.0, label=f"b{name}[{i}]") for name in "qkv" for i in range(width)] if bias else None
        )
        self.out_proj = Linear(width, width, bias, rng=source, initialise=initialise or uniform)
        self.out_proj.number_labels("o")
        for parameter in self.out_proj.bias or []:
            parameter.data = 0.0

    def forward(
        self,
        query: Any,
        key: Any = None,
        value: Any = None,
        is_causal: bool = False,
        need_weights: bool = False,
        attn_mask: Any = None,
    ) -> tuple[Rows, Rows | None]:
        """(the outputs, the weights): a row for each query.

        query, key, value: rows of embed_dim numbers; key is query and value is key by default. is_causal: position t
        attends to the positions up to t alone; the later ones are not computed at all, so no -inf enters. need_weights:
        return the weights too, as the mean over the heads; position t then has t + 1 of them where it is causal.
        attn_mask: for each query an entry for each key, as PyTorch's: True or -inf where it does not attend to that
        key, which is not computed, and whose weight is 0; a number is added to the score. Raises ValueError for a mask
        of another shape, and for one that leaves a query without keys.
        """
        queries = as_rows(query, self.embed_dim, self)
        keys = queries if key is None else as_rows(key, self.embed_dim, self)
        values = keys if value is None else as_rows(value, self.embed_dim, self)
        if len(keys) != len(values):
            raise ValueError(f"each key needs its value, got {len(keys)} keys and {len(values)} values.")
        if is_causal and len(queries) > len(keys):
            raise ValueError(f"causal attention needs a key for each query, got {len(queries)} and {len(keys)}.")
        q, k, v = (self._projected(rows, place) for place, rows in enumerate((queries, keys, values)))
        attended: list[Sequence[int]] = [range(position + 1 if is_causal else len(k)) for position in range(len(q))]
        mask = None if attn_mask is None else _checked_mask(attn_mask, len(q), len(k))
        if mask is not None:
            attended = [[j for j in keys if row[j] is not None] for keys, row in zip(attended, mask, strict=True)]
            if (empty := next((i for i, keys in enumerate(attended) if not keys), None)) is not None:
                raise ValueError(f"the mask leaves query {empty} without a key, so its weighted mean is not defined.")
        read: Rows = [[] for _ in q]
        shares: list[Rows] = []
        for head in range(self.num_heads):
            with scope(f"head {head + 1}", "softmax(q · k / sqrt(d)) v"):
                means, weights = self._read(
                    self._part(q, head), self._part(k, head), self._part(v, head), attended, mask
                )
            shares.append(weights)
            for row, own in zip(read, means, strict=True):
                row += own
        outputs = [self.out_proj(row) for row in read]
        if not need_weights:
            return outputs, None
        weights = self._mean_weights(shares)
        return outputs, weights if mask is None else [
            _spread(*pair, len(k)) for pair in zip(weights, attended, strict=True)
        ]

    def _projected(self, rows: Rows, place: int) -> Rows:
        """The queries (place 0), keys (1) or values (2) of all positions."""
        of_part = range(place * self.embed_dim, (place + 1) * self.embed_dim)
        with scope(("queries", "keys", "values")[place], "W x + b" if self.in_proj_bias else "W x"):
            return at_each_position(rows, lambda row: [self._unit(unit, row) for unit in of_part])

    def _unit(self, unit: int, row: Sequence[Any]) -> Any:
        weighted = dot(self.in_proj_weight[unit], row)
        return weighted if self.in_proj_bias is None else weighted + self.in_proj_bias[unit]

    def _part(self, rows: Rows, head: int) -> Rows:
        """What a head gets of the numbers of each position."""
        size = self.embed_dim // self.num_heads
        return [row[head * size : (head + 1) * size] for row in rows]

    def _read(
        self, q: Rows, k: Rows, v: Rows, attended: Sequence[Sequence[int]], mask: Rows | None
    ) -> tuple[Rows, Rows]:
        """The weighted means of one head and its weights, a row for each query: of the values it attends to."""
        added = [None] * len(q) if mask is None else mask

        def scores_of(query: Any, keys: Sequence[int], more: Any) -> list[Any]:
            scores = [dot(query, k[j]) / math.sqrt(len(query)) for j in keys]
            return (
                scores if more is None else [s + more[j] if more[j] else s for s, j in zip(scores, keys, strict=True)]
            )

        with scope("scores", "q · k / sqrt(d)"):
            scores = at_each_position(zip(q, attended, added, strict=True), lambda place: scores_of(*place))
        with scope("weights", "softmax(scores)"):
            weights = at_each_position(scores, softmax)
        with scope("weighted mean", "weights · v"):
            means = at_each_position(
                zip(weights, attended, strict=True),
                lambda pair: [dot(pair[0], column) for column in zip(*(v[j] for j in pair[1]), strict=True)],
            )
        return means, weights

    def _mean_weights(self, shares: list[Rows]) -> Rows:
        """The mean of the heads' weights."""
        of_positions = zip(*shares, strict=True)
        return [[sum(each) / float(self.num_heads) for each in zip(*rows, strict=True)] for rows in of_positions]

    def extra_repr(self) -> str:
        return f"{self.embed_dim}, {self.num_heads} heads" + ("" if self.in_proj_bias else ", bias=False")


def _checked_mask(mask: Any, queries: int, keys: int) -> Rows:
    """The mask as what is added to each score; None where the query does not attend to the key."""
    rows = as_lists(mask)
    if shape(rows) != (queries, keys):
        raise ValueError(f"the mask of {queries} queries and {keys} keys has that shape, got {shape(rows)}.")
    return [[None if x is True or (x is not False and x == -math.inf) else x for x in row] for row in rows]


def _spread(weights: Sequence[Any], attended: Sequence[int], keys: int) -> list[Any]:
    """The weights of a query in a row with one for each key: 0 where it does not attend to it."""
    row: list[Any] = [0.0] * keys
    for j, weight in zip(attended, weights, strict=True):
        row[j] = weight
    return row


class TransformerBlock(Module):
    """x + attention(norm(x)), then x + W2 f(W1 norm(x) + b1) + b2, for each position.

    The parts have the names of PyTorch's TransformerEncoderLayer. norm_first: with False, each norm comes after its
    sum, norm(x + attention(x)), as first published. d_model: the numbers of a position. dim_feedforward: those between
    the two layers, 4 * d_model by default. norm: `LayerNorm`, `RMSNorm`, or a function of d_model that makes a module.
    Source: Vaswani et al., NeurIPS 2017, section 3.1; norms first: Xiong et al., ICML 2020.

    >>> block = TransformerBlock(4, 2, rng=0)
    >>> len(block([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]], is_causal=True))
    2
    """

    formula = "x + attention(norm(x)), + W2 f(W1 norm(x))"

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int | None = None,
        activation: str | Callable[[Any], Any] = "relu",
        *,
        bias: bool = True,
        norm: Callable[[int], Module] = LayerNorm,
        norm_first: bool = True,
        rng: random.Random | int,
        initialise: Initialiser | None = None,
    ) -> None:
        source = generator(rng)
        self.norm_first = norm_first
        if not norm_first:
            self.formula = "norm(x + attention(x)), norm(x + W2 f(W1 x))"
        wide = 4 * d_model if dim_feedforward is None else dim_feedforward
        draw = initialise or uniform
        self.self_attn = MultiheadAttention(d_model, nhead, bias, rng=source, initialise=initialise)
        self.linear1 = Linear(d_model, wide, bias, rng=source, initialise=draw)
        self.linear2 = Linear(wide, d_model, bias, rng=source, initialise=draw)
        self.linear1.number_labels(1)
        self.linear2.number_labels(2)
        self.norm1, self.norm2 = norm(d_model), norm(d_model)
        self.activation = as_activation(activation)

    def forward(self, x: Any, is_causal: bool = False, attn_mask: Any = None) -> Rows:
        rows = as_rows(x, self.self_attn.embed_dim, self)
        given = [self.norm1(row) for row in rows] if self.norm_first else rows
        read, _ = self.self_attn(given, is_causal=is_causal, attn_mask=attn_mask)
        rows = [self._added(row, change, self.norm1) for row, change in zip(rows, read, strict=True)]
        return [self._added(row, self._fed_forward(row), self.norm2) for row in rows]

    def _fed_forward(self, row: list[Any]) -> list[Any]:
        hidden = self.activation(self.linear1(self.norm2(row) if self.norm_first else row))
        return self.linear2(hidden)  # type: ignore[no-any-return]

    def _added(self, row: list[Any], change: Sequence[Any], norm: Module) -> list[Any]:
        total = _sum(row, change)
        return total if self.norm_first else norm(total)

    def extra_repr(self) -> str:
        return "" if self.norm_first else "norm_first=False"


def _sum(x: Sequence[Any], change: Sequence[Any]) -> list[Any]:
    """x + change: the residual stream after a block has added to it."""
    with scope("residual", "x + change"):
        return [a + b for a, b in zip(x, change, strict=True)]
