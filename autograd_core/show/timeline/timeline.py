"""`Timeline`: one graph at many moments of its training, in one picture with a slider."""

from __future__ import annotations

import math
import os
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from autograd_core.engine.value import Value
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import report_text, terminal_width
from autograd_core.graph.folding.cut import Choice
from autograd_core.show.drawing.svg import svg
from autograd_core.show.page.framed_output import FramedOutput
from autograd_core.show.page.saved_files import save_film, save_page
from autograd_core.show.theme import Theme
from autograd_core.show.timeline.decision_map import ALONG, SIDE, ModelMap, map_sheet
from autograd_core.show.timeline.film import film
from autograd_core.show.timeline.loss_curve import curve_sheet
from autograd_core.show.timeline.page import TimelineContent, timeline_output, timeline_page
from autograd_core.show.timeline.picture import timeline_sheet
from autograd_core.show.timeline.record import LARGEST, Snapshot, Structure

MOST_CHANGES = 6
_MOST_ROWS = 12


class Timeline(FramedOutput):
    """One graph over time: `add` its root at every moment, then step through them in a notebook, a page or a film.

    The graph is laid out once; from moment to moment only its numbers change. Bars, line widths and colours keep their
    scale over the whole run. title: of the run. depth, open, fold: which boxes are open, as in `draw`; without them as
    deep as a small sheet allows. map: the plane of the inputs, to show beside the graph. note: which moments these are.

    >>> w, timeline = Value(0.0, label="w"), Timeline("one weight")
    >>> for epoch in range(3):
    ...     timeline.add((w * 2.0 - 1.0) ** 2, epoch)
    ...     w.data += 0.2
    >>> timeline
    <Timeline: one weight, 3 epochs recorded>
    """

    def __init__(
        self,
        title: str = "a graph over time",
        *,
        depth: int | None = None,
        open: Choice = (),  # noqa: A002
        fold: Choice = (),
        map: ModelMap | None = None,  # noqa: A002
        note: str = "",
    ) -> None:
        self.title = visible_text(title)
        self.map = map
        self.note = note
        self.frames: list[Snapshot] = []
        self._structure: Structure | None = None
        self._chosen = depth, open, fold
        self._content: tuple[int, TimelineContent] | None = None

    def add(
        self,
        value: Value,
        epoch: int | None = None,
        *,
        loss: float | None = None,
        facts: Mapping[str, float | str] | None = None,
        outputs: Iterable[float] | Iterable[Sequence[float]] = (),
        wrong: Iterable[int] = (),
    ) -> None:
        """Add the graph below `value` as it is now: its numbers, and d(value)/d(node) by a sweep of its own.

        epoch: its number, by default one more than the last. loss: the number on the curve, by default `value`. facts:
        further facts about this moment. outputs: with a map, the outputs of the model at its `grid()`, a number or a
        list for each row. wrong: the rows of the map's data that the model gets wrong. No `.grad` is touched. Raises
        ValueError for a different computation than the first, or a wrong number of outputs; TypeError where `value` is
        not a Value.
        """
        if not isinstance(value, Value):
            raise TypeError(f"a timeline is made of Values such as a loss, got {type(value).__name__}.")
        if self._structure is None:
            self._structure = Structure(value, *self._chosen)
        number = epoch if epoch is not None else self.frames[-1].number + 1 if self.frames else 0
        frame = self._structure.frame(value, number, loss)
        frame.facts = tuple(
            (visible_text(name), visible_text(fact) if isinstance(fact, str) else number_text(fact))
            for name, fact in (facts or {}).items()
        )
        frame.outputs, frame.wrong = self._columns_of(outputs), tuple(wrong)
        self.frames.append(frame)  # last, so that an interruption leaves only complete frames

    def _columns_of(self, outputs: Iterable[Any]) -> list[array[float]]:
        if self.map is None:
            return []
        rows = [list(output) if isinstance(output, Iterable) else [output] for output in outputs]
        expected = ALONG if self.map.kind == "curve" else SIDE * SIDE
        widths = {len(row) for row in rows}
        if len(rows) != expected or len(widths) != 1 or (self.map.kind in ("score", "value") and widths != {1}):
            raise ValueError(
                f"the map needs outputs at the {expected:,} rows of its grid(), the same count for each; got "
                f"{len(rows):,} rows of {sorted(widths)} numbers."
            )
        return [array("d", column) for column in zip(*rows, strict=True)]

    # ------------------------------------------------------------------------------------------------- what it shows

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The run as one HTML document that needs no network; written to `path` if one is given.

        The file is complete or not written at all. Raises ValueError where nothing was added, OSError where the file
        cannot be written.
        """
        return save_page(timeline_page(self.content()), path)

    def to_gif(self, path: str | os.PathLike[str] | None = None, seconds: float = 0.4, theme: Theme = "light") -> bytes:
        """The run as a film, `seconds` for each moment; written to `path` if one is given. Sixty take about a minute.

        Raises `DrawingError` where no renderer is installed, and as `to_html` does.
        """
        return save_film(film(self.content(), seconds, theme), path, ".gif")

    def content(self) -> TimelineContent:
        """Everything that is shown. Raises ValueError where nothing was added."""
        if self._structure is None or not self.frames:
            raise ValueError("nothing is recorded yet: add the loss of the followed point after every epoch.")
        if self._content is None or self._content[0] != len(self.frames):
            self._content = len(self.frames), self._compose(self._structure)
        return self._content[1]

    def _compose(self, structure: Structure) -> TimelineContent:
        frames = self.frames
        sheet = timeline_sheet(structure, frames, f"the graph of {self.title}")
        before = [frames[0], *frames]
        facts = [_facts(frame) for frame in frames]
        return TimelineContent(
            self.title,
            self.note or f"all {len(frames):,} epochs recorded",
            frames,
            sheet,
            None if self.map is None else (self.map, map_sheet(self.map, frames)),
            curve_sheet(frames, "loss"),
            facts,
            [_sentence(frame.number, of_frame) for frame, of_frame in zip(frames, facts, strict=True)],
            [structure.changes(old, new, MOST_CHANGES) for old, new in zip(before, frames, strict=False)],
            self._table(facts),
        )

    def _table(self, facts: Sequence[Sequence[tuple[str, str]]]) -> list[list[str]]:
        """The first row, the last one, and others evenly between."""
        last = len(facts) - 1
        steps = min(last, _MOST_ROWS - 1)
        places = sorted({round(last * step / steps) for step in range(steps + 1)}) if steps else [0]
        rows = [[f"{self.frames[place].number:,}", *(text for _, text in facts[place])] for place in places]
        return [["epoch", *(name for name, _ in facts[last])], *rows]

    def __str__(self) -> str:
        if not self.frames:
            return f"{self.title}: nothing recorded yet"
        headings, *rows = self._table([_facts(frame) for frame in self.frames])
        table = AlignedTable(rows, headings, right=range(len(headings)))
        return report_text([f"{self.title}, {len(self.frames):,} epochs recorded", table], terminal_width())

    def __repr__(self) -> str:
        return f"<Timeline: {self.title}, {len(self.frames):,} epochs recorded>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The timeline for a notebook. No error here may break the notebook, so a part that fails is left out."""
        bundle: dict[str, Any] = {"text/plain": str(self)}
        if self.frames:
            try:
                content = self.content()
                bundle["image/svg+xml"] = svg(content.sheet.at(len(content.frames) - 1))
                bundle["text/html"] = timeline_output(content)
            except Exception as problem:
                bundle["text/plain"] += f"\nNo page, by a fault of ours: {problem!r}"
        return bundle


def _facts(frame: Snapshot) -> list[tuple[str, str]]:
    facts = [("loss", number_text(frame.loss)), *frame.facts]
    if frame.largest is not None:
        name, gradient = frame.largest
        sign = "+" if gradient > 0 and math.isfinite(gradient) else ""
        facts.append((LARGEST, f"{sign}{number_text(gradient)} at {name_text(name)}"))
    return facts


def _sentence(number: int, facts: Sequence[tuple[str, str]]) -> str:
    return f"epoch {number:,}: " + ", ".join(f"{name} {text}" for name, text in facts)
