"""Convolutions: the same small window of weights at every place of a sequence or of an image."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

from autograd_core import Value, dot, scope
from nn.modules.initialise import Initialiser, generator, uniform, zeros
from nn.modules.layers import Input
from nn.modules.module import Module, Parameter
from nn.modules.tensor_lists import as_lists, map_leaves, shape
from nn.modules.whole_numbers import whole_number

Place = tuple[int, ...]


class _Convolution(Module):
    """Base of the two: `_axes` is the number of directions in which the window moves."""

    _axes = 1

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        bias: bool = True,
        *,
        rng: random.Random | int,
        initialise: Initialiser = uniform,
    ) -> None:
        self.in_channels = whole_number(in_channels, "in_channels")
        self.out_channels = whole_number(out_channels, "out_channels")
        self.kernel_size = self._by_axis(kernel_size, "kernel_size", 1)
        self.stride, self.padding = self._by_axis(stride, "stride", 1), self._by_axis(padding, "padding", 0)
        source, window = generator(rng), math.prod(self.kernel_size)
        fan_in, fan_out = self.in_channels * window, self.out_channels * window

        def weights(label: str, sizes: Place) -> Any:
            if not sizes:
                return Parameter(initialise(fan_in, fan_out, source), label=label)
            return [weights(f"{label}[{i}]", sizes[1:]) for i in range(sizes[0])]

        start = uniform if initialise is uniform else zeros
        self.weight = weights("W", (self.out_channels, self.in_channels, *self.kernel_size))
        drawn = [start(fan_in, fan_out, source) for _ in range(self.out_channels)] if bias else []
        self.bias = [Parameter(number, label=f"b[{i}]") for i, number in enumerate(drawn)] if bias else None
        self.formula = "W x + b at each place" if bias else "W x at each place"

    def _by_axis(self, number: int | Sequence[int], name: str, least: int) -> Place:
        """One number for each axis."""
        numbers = number if isinstance(number, (list, tuple)) else (number,) * self._axes
        if len(numbers) != self._axes:
            raise ValueError(f"{name} is one number, or {self._axes} for the axes, got {number!r}.")
        return tuple(whole_number(each, name, least) for each in numbers)

    def forward(self, x: Any) -> list[Any]:
        channels, sizes = self._channels(x)
        places = [
            (size + 2 * padding - kernel) // stride + 1
            for size, padding, kernel, stride in zip(sizes, self.padding, self.kernel_size, self.stride, strict=True)
        ]
        if min(places) < 1:
            raise ValueError(f"{self!r} needs an input that is at least as large as its window, got {sizes}.")
        outputs = []
        for unit in range(self.out_channels):
            with scope(f"channel {unit + 1}", self.formula):
                outputs.append(self._along(channels, sizes, unit, tuple(places), ()))
        return outputs

    def _along(self, channels: list[Any], sizes: Place, unit: int, places: Place, at: Place) -> Any:
        """The outputs of one channel as nested lists: an axis is a list."""
        if not places:
            return self._at(channels, sizes, unit, at)
        return [self._along(channels, sizes, unit, places[1:], (*at, place)) for place in range(places[0])]

    def _at(self, channels: list[Any], sizes: Place, unit: int, at: Place) -> Any:
        """The weighted sum of the window at one place. Outside the input there is nothing to weigh."""
        weights, numbers = [], []
        for channel, (offset, source) in product(range(self.in_channels), self._window(sizes, at)):
            weights.append(_pick(self.weight[unit][channel], offset))
            numbers.append(_pick(channels[channel], source))
        total = dot(weights, numbers) if weights else Value(0.0)
        return total if self.bias is None else total + self.bias[unit]

    def _window(self, sizes: Place, at: Place) -> list[tuple[Place, Place]]:
        """The places of the window that lie inside the input, each as its place among the weights and in the input."""
        axes: list[list[tuple[int, int]]] = []
        for size, kernel, stride, padding, place in zip(
            sizes, self.kernel_size, self.stride, self.padding, at, strict=True
        ):
            start = place * stride - padding
            axes.append([(offset, start + offset) for offset in range(kernel) if 0 <= start + offset < size])
        pairs: Iterator[tuple[tuple[int, int], ...]] = product(*axes)
        return [(tuple(offset for offset, _ in pair), tuple(source for _, source in pair)) for pair in pairs]

    def _channels(self, x: Any) -> tuple[list[Any], Place]:
        """The input as nested lists of Values, and the sizes of its axes."""
        channels = as_lists(x)
        sizes = shape(channels)
        if len(sizes) != self._axes + 1 or sizes[0] != self.in_channels or not all(isinstance(n, int) for n in sizes):
            axes = ("length",) if self._axes == 1 else ("height", "width")
            wanted = " x ".join((str(self.in_channels), *axes))
            raise ValueError(f"{self!r} takes nested lists of the shape {wanted}, got {sizes}.")
        numbered = iter(range(1, math.prod(sizes) + 1))

        def as_value(number: Any) -> Any:
            place = next(numbered)
            return number if isinstance(number, Value) else Input(number, f"x{place}")

        return map_leaves(channels, as_value), sizes[1:]

    def extra_repr(self) -> str:
        kernel = " x ".join(map(str, self.kernel_size))
        parts = [f"{self.in_channels} → {self.out_channels}, {kernel}"]
        parts += [f"stride={self.stride[0] if self._axes == 1 else self.stride}"] if set(self.stride) != {1} else []
        parts += [f"padding={self.padding[0] if self._axes == 1 else self.padding}"] if set(self.padding) != {0} else []
        return ", ".join(parts + ([] if self.bias else ["bias=False"]))


class Conv1d(_Convolution):
    """At each place of a sequence the weighted sum of a window of it, plus a bias; all places share the weights.

    Input: a list of numbers for each channel; output: one list for each of `out_channels`. weight[k][c][i] goes from
    place i of the window in channel c to channel k. padding: zeros at both ends. Raises ValueError for another shape.
    Source: LeCun, Bottou, Bengio and Haffner, Proceedings of the IEEE 86 (1998), section II.

    >>> layer = Conv1d(1, 2, kernel_size=3, rng=0)
    >>> [len(channel) for channel in layer([[1.0, 2.0, 3.0, 4.0]])]
    [2, 2]
    """


class Conv2d(_Convolution):
    """At each place of an image the weighted sum of a window of it, plus a bias; all places share the weights.

    Input: a list of rows for each channel; output: the same for each of `out_channels`. weight[k][c][i][j] goes from
    row i and column j of the window in channel c to channel k. padding: zeros around the image. Raises ValueError for
    another shape.
    Source: LeCun, Bottou, Bengio and Haffner, Proceedings of the IEEE 86 (1998), section II.

    >>> layer = Conv2d(1, 1, kernel_size=2, rng=0)
    >>> [len(row) for row in layer([[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]])[0]]
    [2]
    """

    _axes = 2


def _pick(nested: Any, place: Place) -> Any:
    for index in place:
        nested = nested[index]
    return nested
