"""What a check of derivatives found: an entry for each derivative, and the table of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from autograd_core.derivatives.judgement import WRONG
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural, visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.text_report import MarkedLine, Part, Report


@dataclass(frozen=True, slots=True)
class GradCheckEntry:
    """One derivative, checked.

    derivative: as written, df/dx. input: the name of the input (both, for a second derivative). analytic: what the
    engine says. numeric: what differences say, off by about `error` at most. left, right: the one-sided differences.
    verdict: right, suspicious, wrong or at a kink; note: why, where there is something to say.
    """

    derivative: str
    input: str
    analytic: float
    numeric: float
    error: float
    left: float
    right: float
    verdict: str
    note: str = ""

    @property
    def relative_error(self) -> float:
        """|analytic - numeric| / the larger of the two; 0 where both are 0, nan where one is not finite."""
        if self.analytic == self.numeric:
            return 0.0
        gap = abs(self.analytic - self.numeric)
        return gap / max(abs(self.analytic), abs(self.numeric)) if math.isfinite(gap) else math.nan


@dataclass(frozen=True, slots=True, repr=False)
class GradCheckReport(Report):
    """Every derivative that was checked; prints as a table, and is true where none is wrong."""

    entries: tuple[GradCheckEntry, ...]

    @property
    def wrong(self) -> tuple[GradCheckEntry, ...]:
        """The entries that are wrong."""
        return tuple(entry for entry in self.entries if entry.verdict == WRONG)

    def __bool__(self) -> bool:
        return not self.wrong

    def parts(self) -> Iterator[Part]:
        """The verdict on all, and a table with a row for each derivative."""
        counts = Counter(entry.verdict for entry in self.entries)
        verdicts = [f"{count} {verdict}" for verdict, count in counts.items()]
        yield MarkedLine(f"{plural(len(self.entries), 'derivative')}: {', '.join(verdicts)}", "title")
        rows = []
        for entry in self.entries:
            numbers = number_text(entry.analytic, 10), number_text(entry.numeric, 10), f"{entry.relative_error:.1e}"
            verdict = f"{entry.verdict}: {entry.note}" if entry.note else entry.verdict
            rows.append((visible_text(entry.derivative), *numbers, visible_text(verdict)))
        yield AlignedTable(rows, ("derivative", "analytic", "numeric", "relative error", "verdict"), right=(1, 2, 3))


def error_message(report: GradCheckReport) -> str:
    """The wrong entries in words, then the table."""
    wrong = report.wrong
    lines = [
        f"{visible_text(entry.derivative)} is wrong (input {visible_text(entry.input)}): analytic {entry.analytic!r}, "
        f"numeric {entry.numeric!r}, relative error {entry.relative_error:.1e}."
        + (f" {entry.note[0].upper()}{visible_text(entry.note[1:])}." if entry.note else "")
        for entry in wrong[:5]
    ]
    if len(wrong) > 5:
        lines.append(f"... and {len(wrong) - 5} more.")
    lines.append("Look at the partials of the operations this input goes through, and for .data, float() or detach().")
    return "\n".join([*lines, "", str(report)])
