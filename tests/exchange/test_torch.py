"""Backward graphs of PyTorch computed again, and functions of Values in PyTorch's own backward pass."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import ExchangeError, sigmoid, sin, where
from autograd_core.exchange import TorchGraphWarning, explain_torch, graph_from_torch, torch_function

torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install -e '.[torch]'")
functional = torch.nn.functional


def tensors(*shapes: tuple[int, ...], dtype: Any = torch.float64) -> list[Any]:
    generator = torch.Generator().manual_seed(1)
    return [torch.randn(shape, dtype=dtype, generator=generator).requires_grad_() for shape in shapes]


def of_a_net(loss: Callable[[Any], Any], *stages: Any, dtype: Any = torch.float64) -> Callable[[], Any]:
    def compute() -> Any:
        torch.manual_seed(2)
        net = torch.nn.Sequential(torch.nn.Linear(3, 4), *stages, torch.nn.Linear(4, 2)).to(dtype)
        return loss(net(torch.tensor([[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]], dtype=dtype)))

    return compute


def scalars() -> Any:
    a, b = torch.tensor(2.0, requires_grad=True), torch.tensor(3.0, requires_grad=True)
    y = torch.sigmoid(a * b / 8) * torch.relu(a) / b - torch.log(a) ** 2 + torch.stack([a, b]).sum()
    y = y + torch.logsumexp(torch.stack([a, b]), 0) + torch.where(a > 0, a, b) + torch.maximum(a, b) - a**b
    return y + torch.sqrt(torch.abs(torch.sin(-a) * torch.cos(b))) + torch.minimum(a, b).expm1().log1p() + torch.erf(a)


def shapes() -> Any:
    (w,) = tensors((3, 3))
    rows = (w @ w).T[0, 1:].mean() + w[:, 0].exp().sum(0) + w.view(9)[2] + w.mv(w[0]).dot(w[1])
    stack = torch.cat([w, w.transpose(0, 1).unsqueeze(0).expand(2, 3, 3).bmm(torch.stack([w, w])).sum(0)], 1)
    return rows + functional.softmax(stack, -1)[0, 0] + (w.permute(1, 0) * w.squeeze()).clone().reshape(-1)[1:6:2].sum()


def functions() -> Any:
    (w,) = tensors((2, 3))
    normed = functional.layer_norm(w, (3,), torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64))
    parts = [functional.silu, functional.gelu, functional.softplus, functional.elu, functional.leaky_relu]
    return sum(part(normed).sum() for part in parts) + functional.gelu(w, approximate="tanh").mean()


def more_functions() -> Any:
    (w,) = tensors((2, 4))
    modules = torch.nn
    each = [
        modules.ReLU6(), modules.Hardtanh(-0.5, 0.25), modules.Hardswish(), modules.SELU(), modules.CELU(0.5),
        modules.Mish(), modules.LogSigmoid(), modules.Softsign(), modules.Tanhshrink(), modules.Softshrink(0.2),
        modules.Hardshrink(0.2), modules.GLU(), modules.PReLU(dtype=torch.float64), modules.Dropout(0.5),
    ]  # fmt: skip
    numbers = torch.atan(w) + torch.tan(w) + torch.sinh(w) + (w * w + 1.0).rsqrt() + torch.log2(w * w + 2.0)
    return sum(part(w).sum() for part in each) + (numbers + 1 / (1 + torch.exp(-w)) + torch.reciprocal(w)).sum()


def reductions() -> Any:
    (w,) = tensors((2, 4))
    index = torch.tensor([[3, 0], [1, 1]])
    parts = [w.norm(), w.std(), w.var(0).sum(), w.max(), w.amin(1).sum(), w.max(1).values.sum(), w.prod(), w.prod(1)[0]]
    parts += [w.cumsum(1)[1, 2], w.gather(1, index).sum(), w[[0, 1], [1, 3]].sum(), w.clamp(-0.5, 0.5).sum()]
    parts += [first.sum() * 2 + second.square().sum() for first, second in [w.chunk(2, 1)]]
    parts += [torch.tril(w @ w.T)[1, 0], w.flip(0)[0].sum(), w.repeat(2, 1).mean(), functional.normalize(w)[0, 0]]
    return sum(parts)


def settings() -> Any:
    x, table, a = tensors((1, 2, 3, 4), (3, 4), (3, 3))
    seen, slopes = torch.tensor([[True, False, True]] * 3), a.detach()
    parts = [functional.layer_norm(x, (3, 4), eps=0.0123), functional.softplus(x, 2.0, 1.0), torch.exp2(x).erfc()]
    parts += [functional.scaled_dot_product_attention(x, x, x, mask) for mask in (seen, slopes)]
    parts += [functional.embedding(torch.tensor([1, 2, 1]), table, padding_idx=1).sin()]
    parts += [functional.avg_pool2d(x, 2, 1, 1, count_include_pad=False), functional.max_pool3d(x[None], (1, 2, 2))]
    parts += [torch.addmm(a, a, a, beta=0.5, alpha=2.0), x.roll((1, 2), (2, 3)), x.index_select(3, torch.tensor([2]))]
    parts += [2.0**x, functional.conv_transpose2d(x.sin(), x[:, :, :2, :2].transpose(0, 1), a[0, :1], 2, 1, 1)]
    parts += [part.exp() for part in x.unbind(3)] + [part * part for part in a[0].unbind(0)]
    return sum(part.square().sum() for part in parts)


def of_images(*stages: Any, shape: tuple[int, ...] = (2, 2, 4, 4)) -> Callable[[], Any]:
    def compute() -> Any:
        torch.manual_seed(3)
        net = torch.nn.Sequential(*stages).double()
        return net(torch.randn(shape, dtype=torch.float64)).square().mean()

    return compute


def of_cells() -> Any:
    torch.manual_seed(4)
    x = torch.randn(1, 2, dtype=torch.float64)
    states = [
        torch.nn.LSTMCell(2, 2).double()(x)[0],
        torch.nn.GRUCell(2, 2).double()(x),
        torch.nn.RNNCell(2, 2).double()(x),
    ]
    block = torch.nn.TransformerEncoderLayer(2, 1, 2, 0.0, batch_first=True).double()
    (q,) = tensors((1, 2, 3, 2))
    causal = functional.scaled_dot_product_attention(q, q.sin(), q, is_causal=True).square().sum()
    return sum(state.square().sum() for state in states) + block(x[None]).square().sum() + causal


WEIGHTS = torch.tensor([0.5, 2.0], dtype=torch.float64)
TARGET = torch.tensor([[0.0, 1.0], [1.0, 0.5]], dtype=torch.float64)
GRAPHS: dict[str, Callable[[], Any]] = {
    "scalars": scalars,
    "shapes": shapes,
    "functions": functions,
    "squared error": of_a_net(lambda y: functional.mse_loss(y, TARGET), torch.nn.Tanh()),
    "its sum": of_a_net(lambda y: ((y - TARGET) ** 2).sum(), torch.nn.ReLU()),
    "classes": of_a_net(lambda y: functional.cross_entropy(y, torch.tensor([1, 0])), torch.nn.Sigmoid()),
    "two classes": of_a_net(lambda y: functional.binary_cross_entropy_with_logits(y, TARGET)),
    "weighted classes": of_a_net(lambda y: functional.cross_entropy(y, torch.tensor([1, 0]), weight=WEIGHTS)),
    "smoothed classes": of_a_net(lambda y: functional.cross_entropy(y, torch.tensor([1, 0]), label_smoothing=0.1)),
    "shares": of_a_net(lambda y: functional.cross_entropy(y, TARGET)),
    "weighted labels": of_a_net(lambda y: functional.binary_cross_entropy_with_logits(y, TARGET, pos_weight=WEIGHTS)),
    "probabilities": of_a_net(lambda y: functional.binary_cross_entropy(torch.sigmoid(y), TARGET, weight=WEIGHTS)),
    "soft margin": of_a_net(lambda y: functional.soft_margin_loss(y, 2.0 * TARGET - 1.0)),
    "margins": of_a_net(lambda y: functional.multi_margin_loss(y, torch.tensor([1, 0]))),
    "absolute": of_a_net(lambda y: functional.l1_loss(y, TARGET)),
    "more functions": more_functions,
    "reductions": reductions,
    "settings": settings,
    "cells": of_cells,
    "image": of_images(
        torch.nn.Conv2d(2, 2, 3, padding=1, groups=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.BatchNorm2d(2)
    ),
    "image in evaluation": of_images(
        torch.nn.Conv2d(2, 2, 2, stride=2),
        torch.nn.GroupNorm(1, 2),
        torch.nn.AvgPool2d(2),
        torch.nn.BatchNorm2d(2).eval(),
    ),
    "huber": of_a_net(lambda y: functional.huber_loss(y, TARGET, delta=0.5), torch.nn.LayerNorm(4)),
    "smooth": of_a_net(lambda y: functional.smooth_l1_loss(y, TARGET, beta=0.5)),
    "float32": of_a_net(lambda y: functional.mse_loss(y, TARGET.float()), torch.nn.Tanh(), dtype=torch.float32),
    "closed gates": lambda: functional.glu(
        torch.tensor([[2.0, 3.0, -800.0, 800.0]], requires_grad=True).double()
    ).sum(),
    "embedding": lambda: functional.embedding(torch.tensor([1, 0, 1]), tensors((3, 2))[0]).sin().mean(),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_a_backward_graph_is_computed_again_with_the_numbers_of_pytorch(name: str) -> None:
    loss = GRAPHS[name]()
    tolerance = 1e-12 if loss.dtype == torch.float64 else 1e-6
    with warnings.catch_warnings(action="error", category=TorchGraphWarning):  # every part of it is read
        root = graph_from_torch(loss)
    assert root.data == pytest.approx(loss.item(), rel=tolerance, abs=tolerance)
    loss.backward()  # still there, and its gradients were compared


@pytest.mark.parametrize("number", [1e-10, -1e-3, 2.0, -30.0])
def test_hyperbolic_functions_keep_their_digits_near_0(number: float) -> None:
    x = torch.tensor(number, dtype=torch.float64, requires_grad=True)
    assert graph_from_torch(torch.sinh(x)).data == pytest.approx(math.sinh(number), rel=1e-13, abs=0.0)
    assert graph_from_torch(torch.cosh(x)).data == pytest.approx(math.cosh(number), rel=1e-13, abs=0.0)


def test_names_come_from_a_dictionary_or_a_module() -> None:
    w, b = torch.tensor([0.5, -2.0], requires_grad=True), torch.tensor(1.0, requires_grad=True)
    text = str(explain_torch(torch.tanh(w[0] * 3.0 + b) * w[1], {"w": w, "b": b}))
    assert "w₀" in text
    assert "b" in text
    layer = torch.nn.Linear(1, 1)
    assert "weight" in str(explain_torch(layer(torch.ones(1, 1)).pow(2).sum(), layer))


def test_an_operation_that_is_not_read_stands_as_an_input_with_the_reason() -> None:
    (w,) = tensors((2,))
    with pytest.warns(TorchGraphWarning, match=r"The operation Erfinv is not read\. It stands as an input"):
        explanation = explain_torch(torch.erfinv(w / 5.0).pow(2).sum())
    assert "Erfinv" in str(explanation)


def test_a_constant_that_is_added_is_found_from_the_sum() -> None:
    w = torch.tensor(0.3, requires_grad=True)
    text = str(explain_torch((torch.sin(w) + 0.1) ** 2 + (1.7 - torch.exp(w)), {"w": w}))
    assert "1.7 − v" in text
    assert "+ 0.1" in text


def test_what_cannot_be_computed_again_is_listed() -> None:
    (w,) = tensors((2,))
    with pytest.raises(ExchangeError, match=r"kept no number of input 2 of Add[\s\S]*Add: not known"):
        explain_torch((w + torch.tensor([1.0, 2.0])).sum())
    loss = (w * w).sum()
    loss.backward()
    with pytest.raises(ExchangeError, match="backward\\(\\) has freed"):
        explain_torch(loss)
    with pytest.raises(ExchangeError, match=r"one of shape \(2,\)"):
        explain_torch(w * 2)
    with pytest.raises(ExchangeError, match="no grad_fn"):
        explain_torch(torch.tensor(1.0))
    with pytest.raises(ExchangeError, match="more than 5,000 numbers"):
        explain_torch(tensors((80, 80))[0].exp().sum())
    with pytest.raises(TypeError, match="names is a dictionary"):
        explain_torch(w.sum(), names=[w])


def test_a_function_of_values_in_pytorch_has_its_derivatives_of_two_orders() -> None:
    ours = torch_function(lambda x, w: where(x > 0.0, sigmoid(w * x), sin(x)) * w)
    x, w = tensors((3, 1), (4,))
    y = ours(x, w)
    expected = torch.where(x > 0, torch.sigmoid(w * x), torch.sin(x)) * w
    torch.testing.assert_close(y, expected, rtol=1e-13, atol=1e-14)
    assert torch.autograd.gradcheck(ours, (x, w))
    assert torch.autograd.gradgradcheck(ours, (x, w))
    with pytest.raises(ExchangeError, match="takes tensors of PyTorch, got a float"):
        ours(x, 1.0)


def test_a_function_of_values_trains_in_a_module_of_pytorch() -> None:
    layer, activation = torch.nn.Linear(1, 1), torch_function(lambda z: sigmoid(z))
    x, y = torch.tensor([[-1.0], [2.0]]), torch.tensor([[0.0], [1.0]])
    optimiser = torch.optim.SGD(layer.parameters(), lr=2.0)
    losses = []
    for _ in range(5):
        optimiser.zero_grad()
        loss = functional.mse_loss(activation(layer(x)), y)
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
