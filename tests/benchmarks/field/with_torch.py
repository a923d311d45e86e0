"""PyTorch, eager and compiled."""

from __future__ import annotations

from typing import Any

from tests.benchmarks.compiled import PENALTY, Net
from tests.benchmarks.field.contender import RATE, Contender, Missing


def contender(net: Net, compiled: bool) -> Contender:
    """As in its tutorials; the loss goes through torch.compile if `compiled`."""
    try:
        import torch
    except ImportError as reason:
        raise Missing(str(reason)) from None
    torch.set_num_threads(1)
    data, targets = torch.tensor(net.data), torch.tensor(net.targets)

    def loss(parameters: list[Any], x: Any, y: Any) -> Any:
        for number in range(0, len(parameters), 2):
            x = torch.nn.functional.linear(x, parameters[number], parameters[number + 1])
            if number < len(parameters) - 2:
                x = x.relu()
        if net.hinge:
            return (1.0 - y * x[:, 0]).relu().mean() + PENALTY * sum((p * p).sum() for p in parameters)
        return (x.logsumexp(1) - (y * x).sum(1)).mean()

    def fresh() -> list[Any]:
        pairs = zip(net.weights, net.biases, strict=True)
        return [torch.tensor(array, requires_grad=True) for pair in pairs for array in pair]

    of_call = torch.compile(loss, dynamic=False) if compiled else loss
    still, moving = fresh(), fresh()

    def result(parameters: list[Any]) -> Any:
        for parameter in parameters:
            parameter.grad = None
        value = of_call(parameters, data, targets)
        value.backward()
        return value

    def gradient() -> tuple[float, Any]:
        value = result(still).detach()
        gradients = [tensor.grad for tensor in still]
        return value, list(zip(gradients[::2], gradients[1::2], strict=True))

    def step() -> Any:
        result(moving)
        with torch.no_grad():
            for tensor in moving:
                tensor.add_(tensor.grad, alpha=-RATE)
        numbers = [tensor.detach() for tensor in moving]
        return list(zip(numbers[::2], numbers[1::2], strict=True))

    if compiled:
        try:
            result(still)
        except Exception as reason:  # it raises many kinds where it finds no C++ compiler
            raise Missing(f"torch.compile failed: {str(reason).strip().splitlines()[0][:200]}") from None
    return Contender("torch.compile" if compiled else "torch eager", gradient, step)
