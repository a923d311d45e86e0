"""`explain(value)`: the computation of a number and the chain rule back through it, step by step."""

from __future__ import annotations

import json
import os
from functools import cached_property
from typing import Any

from autograd_core.engine.value import Value
from autograd_core.errors import DrawingError
from autograd_core.formulas.text_report import report_text, terminal_width
from autograd_core.graph.boxes import View, view
from autograd_core.graph.closed_scopes import Open
from autograd_core.show.drawing.pdf import pdf
from autograd_core.show.drawing.raster import gif, render_film, render_png
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.page.framed_output import FramedOutput
from autograd_core.show.page.saved_files import save_film, save_page
from autograd_core.show.picture.picture import FoldedPicture, draw
from autograd_core.show.record.paths import Paths, paths
from autograd_core.show.record.record import Mode, Record, StepRecord, record
from autograd_core.show.record.sweep_order import Order
from autograd_core.show.stepper.derivation import derivation
from autograd_core.show.stepper.frames import frames
from autograd_core.show.stepper.ledger import ledger
from autograd_core.show.stepper.page import MOST_BOXES, notebook_output, page
from autograd_core.show.stepper.step_through import StepThrough
from autograd_core.show.stepper.widget import widget
from autograd_core.show.stepper.your_turn import turn_parts
from autograd_core.show.theme import Theme

_MOST_ON_A_SHEET = 60  # boxes; a chain of more is a line on a screen


class Explanation(FramedOutput):
    """What `explain` returns: it prints as the ledger, and a notebook shows it as a page to step through.

    record: everything as plain data; steps: the sweep's steps.
    """

    def __init__(self, record: Record, view: View, your_turn: bool = False) -> None:
        self.record = record
        self._root = view.root
        self.your_turn = your_turn
        self._step_through = StepThrough(record, view)

    @property
    def steps(self) -> tuple[StepRecord, ...]:
        """The steps of the sweep (of all sweeps, one after the other, in forward mode)."""
        return tuple(step for sweep in self.record.sweeps for step in sweep.steps)

    def to_text(self, width: int | None = None) -> str:
        """The ledger: forward trace, backward trace, gradient; as an exercise, the edges with blanks.

        width: of the terminal that it has to fit, if given.
        """
        return report_text(turn_parts(self.record) if self.your_turn else ledger(self.record), width)

    def to_json(self) -> str:
        """The record as JSON; inf and nan are written as texts."""
        return json.dumps(self.record.as_dict(), allow_nan=False, ensure_ascii=False, indent=2)

    def paths(self, source: str) -> Paths:
        """Every path from the node named `source` to the output with its product; their sum is the gradient.

        Past 50 they are counted, not listed. Raises KeyError for an unknown name, ValueError in forward mode.
        """
        return paths(self.record, source)

    def order(self) -> Order:
        """Why backward goes through the nodes in this order, and what other orders give; it prints as text.

        Raises ValueError in forward mode.
        """
        return self._step_through.order

    def to_latex(self) -> str:
        """The derivation as an align environment, for a document that uses amsmath."""
        return derivation(self.record)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The step-through as one HTML document that needs no network; written to `path` if one is given.

        For more boxes than a page can step through it is the page of `draw(value, depth=2)`, or of `depth=1` where that
        is more than a screen holds, which goes forward and back through closed boxes that open. The file appears whole
        or not at all. Raises `DrawingError` in forward mode and for too many boxes of an exercise, OSError where the
        file cannot be written.
        """
        if self._is_folded:
            return self._folded.to_html(path)
        return save_page(page(self._step_through, self.your_turn), path)

    def to_png(self, step: int = -1, path: str | os.PathLike[str] | None = None, theme: Theme = "light") -> bytes:
        """The picture at one step (counted from 0, or back from the end), written to `path` if one is given.

        Raises IndexError where there is no such step, and as `to_gif` does.
        """
        return save_film(render_png(self._frames()[step], theme), path, ".png")

    def to_gif(self, path: str | os.PathLike[str] | None = None, seconds: float = 1.5, theme: Theme = "light") -> bytes:
        """The step-through as a film, `seconds` a step; written to `path` if one is given.

        Raises `DrawingError` in forward mode and where no program that can paint is installed, OSError where the file
        cannot be written.
        """
        return save_film(gif(render_film(self._frames(), theme), seconds), path, ".gif")

    def to_pdf(self, path: str | os.PathLike[str] | None = None, theme: Theme = "light") -> bytes:
        """The step-through as slides, one page a step; written to `path` if one is given. Raises as `to_gif` does."""
        return save_film(pdf(self._frames(), theme), path, ".pdf")

    def widget(self) -> Any:
        """The step-through as a Jupyter widget: `.step` is the step its page shows, and either moves the other.

        `.steps[.step]` is that step. Raises `DrawingError` as `to_html` does, and without the extra `widget`.
        """
        return widget(self._step_through, self._repr_mimebundle_())

    @property
    def _is_folded(self) -> bool:
        is_large = len(self._step_through.view.boxes) > MOST_BOXES
        return is_large and self.record.mode == "reverse" and not self.your_turn

    @cached_property
    def _folded(self) -> FoldedPicture:
        folded = draw(self._root, depth=2)
        assert isinstance(folded, FoldedPicture)
        if len(folded.cut.items) <= _MOST_ON_A_SHEET:
            return folded
        outermost = draw(self._root, depth=1)
        assert isinstance(outermost, FoldedPicture)
        return outermost

    def _frames(self) -> list[Scene]:
        if self.record.mode != "reverse":
            raise DrawingError("steps are drawn in reverse mode only. Use explain(value), or .to_text() for this one.")
        return frames(self._step_through)

    def __repr__(self) -> str:
        return self.to_text(terminal_width())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows. Nothing raised here may break it, so what fails is left out."""
        bundle: dict[str, Any] = {"text/plain": "" if self._is_folded else self.to_text()}
        try:
            if self._is_folded:
                folded = self._folded._repr_mimebundle_()
                steps = f"{len(self.steps):,} steps, which .to_text() and .steps hold"
                return {**folded, "text/plain": f"{folded['text/plain']}\n{steps}"}
            bundle["text/html"] = notebook_output(self._step_through, self.your_turn)
        except DrawingError as reason:
            bundle["text/plain"] += f"\nNo page: {reason}"
        except Exception as problem:
            bundle["text/plain"] += f"\nNo page, by a fault of ours: {problem!r}"
        return bundle


def explain(
    value: Value,
    mode: Mode = "reverse",
    open: Open = (),  # noqa: A002
    learning_rate: float | None = None,
    steps: int = 1,
    your_turn: bool = False,
) -> Explanation:
    """The explanation of `value`: every step of its computation and of the chain rule, with numbers put in.

    mode: "reverse" goes back from the value, "forward" computes the derivative with respect to each input on the way.
    open: the compositions to step through primitive by primitive, or "all". learning_rate: adds `steps` of gradient
    descent on the parameters (on all inputs, where there are none). your_turn: as an exercise, in which the reader
    fills in upstream · partial = contribution edge by edge, each checked at once. No `.grad` is read or written, no
    `.data` changed. Raises TypeError where `value` is not a Value, ValueError for an unknown mode, a wrong rate or
    number of steps, and an exercise in forward mode.

    >>> from autograd_core import Value
    >>> x = Value(3.0, label="x")
    >>> explain(x * x).record.gradient[0].value
    6.0
    """
    if not isinstance(value, Value):
        raise TypeError(f"explain takes a Value, got {type(value).__name__}. Build it from Values.")
    if your_turn and mode != "reverse":
        raise ValueError("the edges are filled in from the output back, in reverse mode: leave mode= out.")
    boxes = view(value, open)
    return Explanation(record(boxes, mode, learning_rate, steps), boxes, your_turn)
