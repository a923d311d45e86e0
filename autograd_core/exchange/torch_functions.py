"""PyTorch: a function of Values as a function of tensors, through which PyTorch's own backward pass goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_core.derivatives.transformations import grad
from autograd_core.errors import ExchangeError
from autograd_core.exchange.library import library


def torch_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers as one of tensors, entry by entry: a `torch.autograd.Function` whose rules are ours.

    function: takes Values and returns one, as `lambda x, w: sigmoid(w * x)`. The tensors broadcast as in PyTorch. Its
    gradient is such a function too, so that PyTorch's second derivatives are ours as well. It runs in Python, once for
    each entry. Raises ExchangeError for an argument that is not a tensor; ImportError without PyTorch.
    """
    torch = library("torch", "torch")

    def partial(place: int) -> Callable[..., Any]:
        def derivative(*numbers: Any) -> Any:
            before, after = numbers[:place], numbers[place + 1 :]
            return grad(lambda number: function(*before, number, *after))(numbers[place])

        return torch_function(derivative)

    base: Any = torch.autograd.Function

    class ValueFunction(base):  # type: ignore[misc]
        """forward computes with `function`, backward with its derivatives."""

        @staticmethod
        def forward(context: Any, *tensors: Any) -> Any:
            context.save_for_backward(*tensors)
            rows = zip(*(tensor.detach().flatten().tolist() for tensor in tensors), strict=True)
            numbers = [float(function(*row)) for row in rows]
            return torch.tensor(numbers, dtype=tensors[0].dtype, device=tensors[0].device).reshape(tensors[0].shape)

        @staticmethod
        def backward(context: Any, *upstream: Any) -> Any:
            return tuple(
                upstream[0] * partial(place)(*context.saved_tensors) if needed else None
                for place, needed in enumerate(context.needs_input_grad)
            )

    def call(*tensors: Any) -> Any:
        for tensor in tensors:
            if not isinstance(tensor, torch.Tensor):
                raise ExchangeError(f"this function takes tensors of PyTorch, got a {type(tensor).__name__}.")
        return ValueFunction.apply(*torch.broadcast_tensors(*tensors))

    return call
