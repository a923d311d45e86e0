"""What the page of a GPT shows of attention: rows of numbers, their terms, who taught them, and the residual stream."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest

from autograd_core import Value, draw, who_taught
from autograd_core.graph.columns import columns
from autograd_core.show.picture.picture import FoldedPicture
from nn.sequences.attention import MultiheadAttention
from nn.sequences.gpt import GPT
from tests.support.page_in_node import needs_node, run_in_node

pytestmark = needs_node
TOKENS = [4, 0, 1, 0, 4]
FIND = "const unit = (name) => graph.nodes + graph.name.findIndex((text) => graph.texts[text] === name);"


@cache
def small() -> tuple[GPT, Value]:
    model = GPT(5, block_size=4, n_embd=4, n_head=2, rng=1)
    for parameter in model.parameters():
        parameter.data *= 5.0
    return model, model.loss(TOKENS)


@cache
def page_of() -> str:
    return page(small()[1])


def page(root: Value) -> str:
    picture = draw(root, depth=1)
    assert isinstance(picture, FoldedPicture)
    return picture.to_html()


def numbers_of(root: Value, nodes: list[list[int]]) -> list[list[float]]:
    values = columns(root).values
    return [[values[node] for node in row] for row in nodes]


def test_the_rows_of_a_head_are_the_weights_of_its_positions() -> None:
    attention = MultiheadAttention(4, 1, rng=2)
    x = [[0.3, -0.5, 1.0, 0.2], [1.0, 0.1, -0.4, 0.6], [-0.2, 0.9, 0.5, -1.0]]
    outputs, weights = attention(x, is_causal=True, need_weights=True)
    assert weights is not None
    body = (
        FIND
        + """const outputs = (name) => {
        const members = new Set(graph.membersOf(unit(name)));
        const used = [...graph.source].filter((source, edge) => members.has(source) && !members.has(graph.tip[edge]));
        return rowsOf(graph, unit(name), [...new Set(used)].sort((a, b) => a - b));
    };
    return ["weights", "queries", "weighted mean"].map(outputs);"""
    )
    root = sum((y for row in outputs for y in row), Value(0.0))
    shares, queries, means = run_in_node(page(root), body, grid="rowsOf")
    assert numbers_of(root, shares) == [[share.data for share in row] for row in weights]
    assert [len(row) for row in queries] == [len(row) for row in means] == [4, 4, 4]
    w, b = attention.in_proj_weight, attention.in_proj_bias
    assert b is not None
    expected = [[sum(w[i][j].data * row[j] for j in range(4)) + b[i].data for i in range(4)] for row in x]
    assert numbers_of(root, queries) == [pytest.approx(row, rel=1e-14) for row in expected]


@pytest.mark.parametrize(
    "name",
    [
        "wte.weight[0][1]",
        "blocks.0.self_attn.in_proj_weight[5][1]",
        "blocks.0.linear1.weight[3][2]",
        "lm_head.weight[2][0]",
    ],
)
def test_the_page_says_who_taught_a_weight_as_the_report_does(name: str) -> None:
    model, loss = small()
    weight = dict(model.named_parameters())[name]
    taught = who_taught(loss, weight)
    node = columns(loss).position[weight]
    uses = run_in_node(page_of(), f"return usesOf(graph, {node});", contributions="usesOf")
    assert [use["amount"] for use in uses] == [use.contribution for use in taught.uses]
    for use, expected in zip(uses, taught.uses, strict=True):
        got = {(origin["term"], origin["box"]): origin["amount"] for origin in use["origins"]}
        assert got == pytest.approx(expected.origins, rel=1e-13)
    assert run_in_node(page_of(), "return lossTerms(graph).nodes.length;", contributions="lossTerms") == 4


def test_a_score_is_the_scaled_sum_of_the_products_shown_and_a_mean_that_of_weights_and_values() -> None:
    body = (
        FIND
        + """
    const numbers = (nodes) => nodes.map((node) => graph.value[node]);
    const sumsIn = (name) => graph.membersOf(unit(name)).map((node) => [node, productsOf(graph, node)])
      .filter(([, { products }]) => products.length > 1)
      .map(([node, { scale, products }]) =>
        [graph.value[node], scale, products.map((product) => numbers([product.node, ...product.factors]))]);
    return ["scores", "weighted mean"].map(sumsIn);"""
    )
    found = run_in_node(page_of(), body, number_tables="productsOf")
    for sums in found:
        assert sums
        for value, scale, products in sums:
            assert all(product == a * b for product, a, b in products)
            total = math.fsum(product for product, _, _ in products)
            assert value == pytest.approx(scale * total, rel=1e-13, abs=1e-16)
    assert 1.0 / math.sqrt(2.0) in {scale for _, scale, _ in found[0]}  # two numbers a head


def test_gradients_add_up_along_the_residual_stream() -> None:
    stations: list[dict[str, Any]] = run_in_node(page_of(), "return stationsOf(graph);", stream="stationsOf")
    assert [station["name"] for station in stations] == ["self_attn", "linear2"]
    for station in stations:
        assert station["past"] == station["after"]  # a sum passes its gradient on as it is
        assert abs(station["past"] - station["through"]) <= station["before"] <= station["past"] + station["through"]
    assert stations[0]["after"] == pytest.approx(stations[1]["before"], rel=1e-15)
