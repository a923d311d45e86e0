"""Normalisation of a row: what enters the next layer keeps the same scale, whatever the layers below do."""

from __future__ import annotations

from typing import Any

from autograd_core import scope, sqrt
from nn.modules.layers import as_row
from nn.modules.module import Module, Parameter
from nn.modules.whole_numbers import whole_number


class _Normalisation(Module):
    """Base of the two: the size of a row, and a weight for each of its numbers."""

    def __init__(self, normalized_shape: int, eps: float = 1e-5, elementwise_affine: bool = True) -> None:
        self.normalized_shape = size = whole_number(normalized_shape, "normalized_shape")
        if not eps >= 0.0:
            raise ValueError(f"eps is added to a mean of squares, so it is 0 or more, got {eps!r}.")
        self.eps = float(eps)
        self.weight = [Parameter(1.0, label=f"g[{i}]") for i in range(size)] if elementwise_affine else None

    def _scaled(self, x: list[Any]) -> list[Any]:
        """x divided by the square root of its mean square plus eps, and times the weights."""
        with scope("scale", "1 / sqrt(mean of squares + eps)"):
            scale = 1.0 / sqrt(sum(number * number for number in x) / float(len(x)) + self.eps)
        scaled = [number * scale for number in x]
        return scaled if self.weight is None else [y * g for y, g in zip(scaled, self.weight, strict=True)]

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}" + ("" if self.weight else ", elementwise_affine=False")


class RMSNorm(_Normalisation):
    """x / sqrt(mean(x_i**2) + eps) * weight: a row of root mean square 1. The weights start at 1.

    normalized_shape: the numbers of a row. elementwise_affine: whether there are weights. eps is 1e-5; PyTorch's is the
    smallest number that changes 1. Raises ValueError for a row of another length.
    Source: Zhang and Sennrich, NeurIPS 2019, eq. 4.

    >>> [round(y.data, 3) for y in RMSNorm(2)([3.0, 4.0])]
    [0.849, 1.131]
    """

    formula = "x / sqrt(mean(x**2) + eps) * weight"

    def forward(self, x: Any) -> list[Any]:
        return self._scaled(as_row(x, self.normalized_shape, self))


class LayerNorm(_Normalisation):
    """(x - mean) / sqrt(variance + eps) * weight + bias: a row of mean 0 and variance 1, scaled and moved.

    normalized_shape: the numbers of a row. elementwise_affine: whether there are weights, which start at 1, and biases,
    which start at 0. The variance is the mean of the squares. Raises ValueError for a row of another length.
    Source: Ba, Kiros and Hinton, arXiv 1607.06450 (2016), eq. 4.

    >>> [round(y.data, 3) for y in LayerNorm(2)([3.0, 5.0])]
    [-1.0, 1.0]
    """

    formula = "(x - mean) / sqrt(variance + eps) * weight + bias"

    def __init__(self, normalized_shape: int, eps: float = 1e-5, elementwise_affine: bool = True) -> None:
        super().__init__(normalized_shape, eps, elementwise_affine)
        self.bias = (
            [Parameter(0.0, label=f"b[{i}]") for i in range(self.normalized_shape)] if elementwise_affine else None
        )

    def forward(self, x: Any) -> list[Any]:
        row = as_row(x, self.normalized_shape, self)
        with scope("mean", "(x1 + x2 + ...) / n"):
            mean = sum(row) / float(len(row))
        scaled = self._scaled([number - mean for number in row])
        return scaled if self.bias is None else [y + b for y, b in zip(scaled, self.bias, strict=True)]
