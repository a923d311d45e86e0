"""What a page holds of a graph: little, and yet every number comes back bit by bit, as Node computes it."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest

from autograd_core import Value, draw, exp, log, relu, tanh
from autograd_core.graph.columns import columns
from autograd_core.show.picture.picture import FoldedPicture
from nn.sequences.gpt import GPT
from tests.support.page_in_node import needs_node, run_in_node


def unusual() -> Value:
    """inf and nan, -0.0, a number that changed after its use, a node used twice, constants, closed gates."""
    x, y = Value(-0.0, "x"), Value(2.0, "y")
    used = y * 3.0
    y.data = 5.0
    return relu(x) - x * used + exp(y * 400.0) * 0.0 + log(x) / y - (y - used) * (y - used) + tanh(-y)


@needs_node
@pytest.mark.parametrize("make", [unusual, lambda: GPT(4, 3, 4, 2, rng=0).loss([3, 0, 1, 3])], ids=["unusual", "GPT"])
def test_all_numbers_come_back_bit_by_bit(make: Any) -> None:
    root = make()
    picture = draw(root, depth=1)
    assert isinstance(picture, FoldedPicture)
    page = picture.to_html()
    body = """const bits = (numbers) => Buffer.from(numbers.buffer).toString("hex");
        return [...[graph.value, graph.adjoint, graph.partial].map(bits), [...graph.source]];"""
    value, adjoint, partial, source = run_in_node(page, body)
    expected = columns(root)
    for got, numbers in ((value, expected.values), (adjoint, expected.adjoints), (partial, expected.partials)):
        pairs = zip(struct.unpack(f"<{len(numbers)}d", bytes.fromhex(got)), numbers, strict=True)
        assert all((math.isnan(a) and math.isnan(b)) or struct.pack("d", a) == struct.pack("d", b) for a, b in pairs)
    assert source == list(expected.sources)


def test_the_page_of_a_gpt_at_seven_positions_stays_below_a_megabyte() -> None:
    model = GPT(27, rng=42)
    loss = model.loss([26, *(ord(letter) - ord("a") for letter in "olivia"), 26])
    picture = draw(loss, depth=1)
    assert isinstance(picture, FoldedPicture)
    assert len(picture.cut.folding.columns.order) > 56_000
    assert len(picture.to_html().encode()) < 1_000_000
