"""The relation of tanh and sigmoid: tanh(x) = 2 sigma(2x) - 1, the same curve, scaled and centred on 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograd_core import grad, sigmoid, tanh
from autograd_core.formulas.text_report import Part
from nn.plot.canvas import Pictured, direct_label, grid, sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REACH = 5.0
POINTS = 201


@dataclass(frozen=True, eq=False, repr=False)
class TanhAndSigmoid(Pictured):
    """Both curves, and tanh computed from sigmoid, at each x.

    largest_difference: between tanh(x) and 2 sigma(2x) - 1. largest_slope_difference: between their slopes, 1 - tanh^2
    and 4 sigma'(2x). steepest: the slopes of tanh and of sigma at 0.
    """

    x: list[float]
    of_tanh: list[float]
    of_sigmoid: list[float]
    from_sigmoid: list[float]
    largest_difference: float
    largest_slope_difference: float
    steepest: tuple[float, float]

    def figure(self, theme: str = "light") -> Figure:
        """The curves of sigma and tanh, and 2 sigma(2x) - 1 as points."""
        with sheet(theme, 1, 1, width=720, height=420) as page:
            (axes,) = page.axes
            axes.plot(self.x, self.of_sigmoid, color=page.series(0), linestyle="--", linewidth=2.2)
            axes.plot(self.x, self.of_tanh, color=page.series(1), linewidth=2.2)
            axes.plot(self.x[::10], self.from_sigmoid[::10], "o", color=page.colour("ink"), label="2 σ(2x) − 1")
            for curve, name, number in ((self.of_sigmoid, "σ(x)", 0), (self.of_tanh, "tanh(x)", 1)):
                direct_label(axes, self.x[0], curve[0], name, page.series(number), xytext=(0, 12))
            axes.legend(loc="lower right", frameon=False)
            axes.set_title(f"tanh(x) = 2 σ(2x) − 1: they differ by at most {self.largest_difference:.1e}")
            axes.set_xlabel("x")
            grid(axes, page)
            return page.figure

    def parts(self) -> list[Part]:
        """The numbers as text."""
        return [
            f"tanh(x) and 2 sigma(2x) - 1 differ by at most {self.largest_difference:.2g}, their slopes by "
            f"{self.largest_slope_difference:.2g}",
            f"steepest slope: tanh {self.steepest[0]:.4g}, sigma {self.steepest[1]:.4g}; the outputs of tanh are "
            "centred on 0, of sigma on 1/2",
        ]


def tanh_and_sigmoid() -> TanhAndSigmoid:
    """Compare tanh with 2 sigma(2x) - 1, in value and in slope, on [-5, 5].

    Expected: they agree to rounding error, so that a network of one can be rewritten as a network of the other. At 0,
    tanh is four times as steep, and its value is 0.

    >>> lesson = tanh_and_sigmoid()
    >>> lesson.largest_difference < 1e-15, lesson.steepest
    (True, (1.0, 0.25))
    """
    x = [REACH * (2 * index / (POINTS - 1) - 1) for index in range(POINTS)]
    of_tanh = list(map(tanh, x))
    from_sigmoid = list(map(_tanh_from_sigmoid, x))
    slopes = zip(map(grad(tanh), x), map(grad(_tanh_from_sigmoid), x), strict=True)
    return TanhAndSigmoid(
        x=x,
        of_tanh=of_tanh,
        of_sigmoid=list(map(sigmoid, x)),
        from_sigmoid=from_sigmoid,
        largest_difference=max(abs(a - b) for a, b in zip(of_tanh, from_sigmoid, strict=True)),
        largest_slope_difference=max(abs(a - b) for a, b in slopes),
        steepest=(grad(tanh)(0.0), grad(sigmoid)(0.0)),
    )


def _tanh_from_sigmoid(x: float) -> float:
    number: float = 2.0 * sigmoid(2.0 * x) - 1.0
    return number
