"""Norms, attention, recurrent cells and convolutions against PyTorch, values and gradients; the GPT against loops."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_core import Value, no_grad, topological_order
from autograd_core.micrograd import engine as micrograd
from nn.modules.module import Module
from nn.modules.normalisation import LayerNorm, RMSNorm
from nn.modules.tensor_lists import as_lists, leaves, map_leaves
from nn.sequences.attention import MultiheadAttention, TransformerBlock
from nn.sequences.convolution import Conv1d, Conv2d
from nn.sequences.gpt import GPT
from nn.sequences.recurrent import LSTMCell, RNNCell
from tests.support.gpt_on_scalars import losses

GENERATOR = np.random.default_rng(7)


def rows(*shape: int) -> Any:
    return GENERATOR.normal(size=shape)


def same(
    module: Module, inputs: tuple[Any, ...], make: Callable[[Any], Any], run: Callable[..., Any] | None = None
) -> None:
    """Hold a module against PyTorch's: outputs, gradients of the parameters and of the inputs, to 1e-12.

    make: PyTorch's module from torch. run: how both are called, by default with the inputs alone.
    """
    torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install -e '.[torch]'")
    call = run or (lambda module, *inputs: module(*inputs))
    for parameter in module.parameters():
        parameter.data += GENERATOR.normal() * 0.3
    theirs = make(torch).double()
    theirs.load_state_dict(
        {name: torch.tensor(entry, dtype=torch.float64) for name, entry in module.state_dict().items()}
    )
    numbers = [map_leaves(as_lists(each), Value) for each in inputs]
    tensors = [torch.tensor(each, requires_grad=True) for each in inputs]
    outputs, expected = leaves(call(module, *numbers)), call(theirs, *tensors)
    flat = torch.cat([part.reshape(-1) for part in (expected if isinstance(expected, tuple) else (expected,))])
    assert [y.data for y in outputs] == pytest.approx(flat.tolist(), rel=1e-12, abs=1e-12)
    weights = GENERATOR.normal(size=len(outputs))
    sum(w * y for w, y in zip(weights.tolist(), outputs, strict=True)).backward()
    (flat * torch.tensor(weights)).sum().backward()
    by_name = dict(theirs.named_parameters())
    for name, entry in module._entries():
        got = np.array([p.grad or 0.0 for p in leaves(entry)])
        assert got == pytest.approx(by_name[name].grad.reshape(-1).numpy(), rel=1e-11, abs=1e-12), name
    for mine, tensor in zip(numbers, tensors, strict=True):
        got = np.array([x.grad or 0.0 for x in leaves(mine)])
        assert got == pytest.approx(tensor.grad.reshape(-1).numpy(), rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("affine", [True, False])
def test_norms_are_those_of_pytorch(affine: bool) -> None:
    same(LayerNorm(5, 1e-4, affine), (rows(5),), lambda torch: torch.nn.LayerNorm(5, 1e-4, affine))
    same(RMSNorm(5, 1e-4, affine), (rows(5),), lambda torch: torch.nn.RMSNorm(5, 1e-4, affine))
    with no_grad():
        assert [y.data for y in LayerNorm(3)([2.0, 2.0, 2.0])] == [0.0, 0.0, 0.0]
        assert [y.data for y in RMSNorm(2)([0.0, 0.0])] == [0.0, 0.0]
    with pytest.raises(ValueError, match="eps"):
        RMSNorm(3, -1.0)
    with pytest.raises(ValueError, match="takes rows of 3 numbers, got 2"):
        LayerNorm(3)([1.0, 2.0])


@pytest.mark.parametrize(("heads", "bias", "causal"), [(1, True, False), (2, True, True), (4, False, True)])
def test_attention_is_that_of_pytorch(heads: int, bias: bool, causal: bool) -> None:
    module = MultiheadAttention(4, heads, bias, rng=1)

    def run(attention: Any, query: Any, key: Any, value: Any) -> Any:
        if isinstance(attention, Module):
            return attention(query, key, value, is_causal=causal)[0]
        torch = pytest.importorskip("torch")
        mask = torch.nn.Transformer.generate_square_subsequent_mask(3, dtype=torch.float64) if causal else None
        return attention(query, key, value, attn_mask=mask)[0]

    same(
        module,
        (rows(3, 4), rows(3, 4), rows(3, 4)),
        lambda torch: torch.nn.MultiheadAttention(4, heads, bias=bias),
        run,
    )


def test_the_weights_of_attention_are_those_of_the_positions_before() -> None:
    attention = MultiheadAttention(4, 2, rng=3)
    x = rows(3, 4).tolist()
    outputs, weights = attention(x, is_causal=True, need_weights=True)
    assert weights is not None
    assert [len(row) for row in weights] == [1, 2, 3]
    assert [sum(w.data for w in row) for row in weights] == pytest.approx([1.0, 1.0, 1.0], rel=1e-15)
    alone, none = attention(x[:1], is_causal=True)
    assert none is None
    assert [y.data for y in alone[0]] == [y.data for y in outputs[0]]  # what comes later does not matter
    with pytest.raises(ValueError, match="6 is not a multiple of 4"):
        MultiheadAttention(6, 4, rng=0)
    with pytest.raises(ValueError, match="each key needs its value, got 3 keys and 2 values"):
        attention(x, x, x[:2])
    with pytest.raises(ValueError, match="a key for each query"):
        attention(x, x[:2], x[:2], is_causal=True)
    with pytest.raises(ValueError, match="at least one position"):
        attention([])


HIDDEN = [[False, True, False], [True, False, False], [False, False, False]]
ADDED = [[0.0, -1.5, 0.5], [0.25, 0.0, -np.inf], [-np.inf, 0.0, 0.0]]


@pytest.mark.parametrize("mask", [HIDDEN, ADDED])
def test_a_mask_is_that_of_pytorch(mask: Any) -> None:
    def run(attention: Any, x: Any) -> Any:
        if isinstance(attention, Module):
            outputs, weights = attention(x, need_weights=True, attn_mask=mask)
            return [*leaves(outputs), *(Value(0.0) + weight for weight in leaves(weights))]
        torch = pytest.importorskip("torch")
        return attention(x, x, x, attn_mask=torch.tensor(np.array(mask)))

    same(MultiheadAttention(4, 2, rng=1), (rows(3, 4),), lambda torch: torch.nn.MultiheadAttention(4, 2), run)
    attention, x = MultiheadAttention(4, 2, rng=1), rows(3, 4).tolist()
    later = [[j > i for j in range(3)] for i in range(3)]
    causal, masked = attention(x, is_causal=True)[0], attention(x, attn_mask=later)[0]
    assert [y.data for y in leaves(causal)] == [y.data for y in leaves(masked)]
    with pytest.raises(ValueError, match=r"of 3 queries and 3 keys has that shape, got \(2, 3\)"):
        attention(x, attn_mask=later[:2])
    with pytest.raises(ValueError, match="leaves query 1 without a key"):
        attention(x, attn_mask=[[False] * 3, [True] * 3, [False] * 3])


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_a_block_is_an_encoder_layer_of_pytorch(activation: str, norm_first: bool) -> None:
    module = TransformerBlock(4, 2, 6, activation, norm_first=norm_first, rng=1)

    def make(torch: Any) -> Any:
        return torch.nn.TransformerEncoderLayer(4, 2, 6, 0.0, activation, norm_first=norm_first, batch_first=True)

    def run(block: Any, x: Any) -> Any:
        return block(x) if isinstance(block, Module) else block(x[None])[0]

    same(module, (rows(3, 4),), make, run)


@pytest.mark.parametrize("bias", [True, False])
def test_recurrent_cells_are_those_of_pytorch(bias: bool) -> None:
    for kind in ("tanh", "relu"):
        same(
            RNNCell(3, 4, bias, kind, rng=1),
            (rows(3), rows(4)),
            lambda torch, kind=kind: torch.nn.RNNCell(3, 4, bias, kind),  # type: ignore[misc]
        )

    def run(cell: Any, x: Any, h: Any, c: Any) -> Any:
        for _ in range(3):
            h, c = cell(x, (h, c))
        return h, c

    same(LSTMCell(3, 4, bias, rng=1), (rows(3), rows(4), rows(4)), lambda torch: torch.nn.LSTMCell(3, 4, bias), run)


def test_a_state_begins_at_0_and_has_its_shape() -> None:
    cell, memory = RNNCell(2, 3, rng=0), LSTMCell(2, 3, rng=0)
    assert [y.data for y in cell([1.0, 2.0])] == [y.data for y in cell([1.0, 2.0], [0.0] * 3)]
    assert [y.data for y in memory([1.0, 2.0])[0]] == [y.data for y in memory([1.0, 2.0], ([0.0] * 3, [0.0] * 3))[0]]
    with pytest.raises(ValueError, match="takes rows of 3 numbers, got 2"):
        cell([1.0, 2.0], [0.0, 0.0])
    with pytest.raises(TypeError, match=r"its state as \(h, c\)"):
        memory([1.0, 2.0], [0.0] * 3)
    with pytest.raises(ValueError, match='nonlinearity is "tanh" or "relu"'):
        RNNCell(2, 3, nonlinearity="gelu", rng=0)


@pytest.mark.parametrize(("stride", "padding", "bias"), [(1, 0, True), (2, 1, False), (3, 2, True)])
def test_convolutions_are_those_of_pytorch(stride: int, padding: int, bias: bool) -> None:
    options = (3, stride, padding)

    def of_batch(layer: Any, x: Any) -> Any:
        return layer(x) if isinstance(layer, Module) else layer(x[None])[0]

    same(
        Conv1d(2, 3, *options, bias=bias, rng=1),
        (rows(2, 7),),
        lambda torch: torch.nn.Conv1d(2, 3, *options, bias=bias),
        of_batch,
    )
    pair = ((2, 3), (stride, 1), (padding, 0))
    same(
        Conv2d(2, 2, *pair, bias=bias, rng=1),
        (rows(2, 5, 4),),
        lambda torch: torch.nn.Conv2d(2, 2, *pair, bias=bias),
        of_batch,
    )


def test_an_input_of_a_convolution_has_its_shape() -> None:
    layer = Conv2d(1, 2, 3, rng=0)
    assert repr(layer) == "Conv2d(1 → 2, 3 x 3): 20 parameters"
    for x in ([[1.0, 2.0, 3.0]] * 3, [[[1.0, 2.0], [1.0]]], [[[1.0, 2.0, 3.0]] * 3] * 2):
        with pytest.raises(ValueError, match="takes nested lists of the shape 1 x height x width"):
            layer(x)
    with pytest.raises(ValueError, match="at least as large as its window"):
        layer([[[1.0, 2.0]] * 2])
    with pytest.raises(ValueError, match="kernel_size is one number, or 2"):
        Conv2d(1, 1, (1, 2, 3), rng=0)


def test_a_gpt_has_the_losses_of_the_same_loops_on_scalars() -> None:
    names = ["ada", "alan", "emmy", "grace"]
    expected = next(losses(micrograd.Value, names))
    random.seed(42)
    documents = names.copy()
    random.shuffle(documents)
    letters = sorted(set("".join(documents)))
    generator = random.Random()
    generator.setstate(random.getstate())
    model = GPT(len(letters) + 1, rng=generator)
    text = [len(letters), *map(letters.index, documents[0]), len(letters)]
    assert model.loss(text).data == pytest.approx(expected, rel=1e-12)


def test_a_gpt_learns_and_continues_what_it_learnt() -> None:
    model = GPT(4, block_size=5, n_embd=4, n_head=2, rng=1)
    assert sum(1 for _ in model.parameters()) == 4 * 4 + 5 * 4 + 4 * 4 + 4 * 16 + 8 * 16
    text = [3, 0, 1, 2, 3]
    first = model.loss(text).data
    for _ in range(60):
        model.zero_grad()
        loss = model.loss(text)
        loss.backward()
        for p in model.parameters():
            if p.grad is not None:
                p.data -= 0.5 * p.grad
    assert model.loss(text).data < 0.1 < 1.0 < first
    assert model.generate([3], 9, temperature=0.0, stop=3, rng=0) == text
    assert model.generate([3], 3, temperature=0.5, rng=0) == model.generate([3], 3, temperature=0.5, rng=0)
    assert len(model.generate([3], 9, rng=0)) == 10


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda model: model([]), "1 to 5 tokens, got 0"),
        (lambda model: model([0] * 6), "1 to 5 tokens, got 6"),
        (lambda model: model([4]), "vectors 0 to 3|whole number from 0 to 3"),
        (lambda model: model.loss([1]), "a token to predict"),
        (lambda model: model.generate([0], 1, temperature=-1.0, rng=0), "temperature divides the scores"),
    ],
)
def test_what_a_gpt_cannot_read_is_refused(call: Callable[[GPT], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(GPT(4, block_size=5, n_embd=4, n_head=2, rng=1))


def test_each_part_is_one_box() -> None:
    loss = GPT(4, block_size=5, n_embd=4, n_head=2, rng=1).loss([3, 0, 1])
    names = {scope.name for node in topological_order(loss) for scope in node._scope.chain()}
    assert {"head 1", "head 2", "scores", "weighted mean", "residual", "embedding", "position 1"} <= names
