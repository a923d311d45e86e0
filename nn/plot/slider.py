"""A figure at each of several values of a number, on a slider that needs no kernel."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd_core.show.page.framed_output import FramedOutput
from autograd_core.show.slider.page import slider_output, slider_page
from nn.plot.figure_svg import figures_svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Slider(FramedOutput):
    """The figures of `slider`. values: of the number. figures: one for each of them."""

    def __init__(self, name: str, values: Sequence[Any], figures: Sequence[Figure], start: int) -> None:
        self.name, self.values, self.figures, self.start = name, list(values), list(figures), start
        _align(self.figures)
        self._texts = [f"{value:g}" if isinstance(value, float) else str(value) for value in self.values]

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The slider as one page that needs no network, written to `path` if there is one.

        Raises `DrawingError` for another suffix than .html, and OSError.
        """
        return slider_page(self.name, self._texts, self._pictures(), self.start, path)

    def __repr__(self) -> str:
        return f"<Slider: {self.name} = {', '.join(self._texts)}; shown {self._texts[self.start]}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The output in a notebook."""
        html = slider_output(self.name, self._texts, self._pictures(), self.start)
        return {"text/html": html, "text/plain": repr(self)}

    def _pictures(self) -> list[str]:
        """As SVG. One is shown at a time, so their names may be the same, and then most of their parts are."""
        themes: list[Any] = [getattr(figure, "theme", "light") for figure in self.figures]
        return figures_svg(self.figures, themes)


def slider(figure_of: Callable[[Any], Figure], *, start: Any = None, **values: Sequence[Any]) -> Slider:
    """The figures figure_of(value), for a notebook or `.to_html(path)`; the slider also works where no kernel runs.

    values: the name of the number and its values, as in `rate=[0.1, 0.5, 1.0]`. start: the value that is shown first
    and on paper, by default the first one. Draw each figure on the same axes, so that only what depends on the number
    changes. Raises ValueError for other than one name, for no values, and for a start that is none of them.
    """
    if len(values) != 1:
        raise ValueError(f"slider(figure_of, name=values) takes one name, got {', '.join(values) or 'none'}.")
    [(name, of_name)] = values.items()
    numbers = list(of_name)
    if not numbers:
        raise ValueError(f"slider needs at least one value of {name}, got none.")
    if start is not None and start not in numbers:
        raise ValueError(f"start is one of the values of {name} ({', '.join(map(str, numbers))}), got {start}.")
    return Slider(
        name, numbers, [figure_of(number) for number in numbers], 0 if start is None else numbers.index(start)
    )


def _align(figures: Sequence[Figure]) -> None:
    """Put the axes of all figures in the same places, with room for the labels of each, so that no frame moves."""
    if len({len(figure.axes) for figure in figures}) > 1:
        return
    for figure in figures:
        figure.draw_without_rendering()
    for same in zip(*(figure.axes for figure in figures), strict=True):
        places = [axes.get_position(original=True) for axes in same]
        left, bottom = max(place.x0 for place in places), max(place.y0 for place in places)
        right, top = min(place.x1 for place in places), min(place.y1 for place in places)
        for axes in same:
            axes.set_position((left, bottom, right - left, top - bottom))
    for figure in figures:
        figure.set_layout_engine("none")
