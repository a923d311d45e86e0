"""How a number is marked by a system that knows no graph: ranges of right answers, and of known mistakes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from autograd_core.formulas.labels import visible_text
from autograd_core.mistakes.answers import COARSE, NOTHING, rounding, rounding_range, roundings
from autograd_core.mistakes.mistakes import Mistake
from autograd_core.practice.quiz.allowed_answers import AllowedAnswers
from autograd_core.practice.quiz.answer_hashes import known_mistakes, prefixes_of_sides
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.practice.quiz.verdict import first_of_each_kind

MOST_KNOWN = 200  # ranges of mistakes at one blank: in larger graphs the least likely ones are left out
MOST_KINDS = 3  # of mistake in one feedback

Ends = tuple[Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class AnswerRange:
    """The numbers from `low` to `high`, both included. feedback: what is said about them. The first range that contains
    an answer counts."""

    low: Decimal
    high: Decimal
    is_right: bool
    feedback: str = ""

    @property
    def middle(self) -> float:
        """The number between both ends."""
        return float((self.low + self.high) / 2)

    @property
    def reach(self) -> float:
        """How far the ends are from the middle."""
        return float((self.high - self.low) / 2)


def answer_ranges(
    blank: Blank, allowed: AllowedAnswers, mistakes: Sequence[Sequence[Mistake]], tolerance: float | None
) -> tuple[AnswerRange, ...]:
    """How answers to one blank are marked: first ranges of right answers, then those of known mistakes.

    They are those of `Quiz.check`, but that a number exactly between two roundings belongs to both. The middle of the
    first range is the right answer as a person writes it.
    """
    ends = (allowed.exact, allowed.low, allowed.high)  # the last two are others at a kink
    ranges = [(Decimal(allowed.low), Decimal(allowed.high)), *(near for end in ends for near in _near(end, tolerance))]
    right = _merge(ranges)
    is_fine = tolerance is not None and tolerance < COARSE
    shown = Decimal(allowed.exact if is_fine else rounding(allowed.exact))
    reach = next(min(shown - low, high - shown) for low, high in right if low <= shown <= high)
    forms = set() if is_fine else {*roundings(allowed.exact, tolerance), *prefixes_of_sides(allowed, tolerance)}
    wrong = list(known_mistakes(blank, forms, mistakes).items())[:MOST_KNOWN]
    return (
        *(
            AnswerRange(low, high, True, allowed.note)
            for low, high in dict.fromkeys([(shown - reach, shown + reach), *right])
        ),
        *(AnswerRange(*rounding_range(form), False, feedback(behind)) for form, behind in wrong),
    )


def _near(number: float, tolerance: float | None) -> list[Ends]:
    """The ranges of numbers that agree with this one."""
    if tolerance is not None and tolerance < COARSE:
        reach = Decimal(max(tolerance * abs(number), NOTHING))
        return [(Decimal(number) - reach, Decimal(number) + reach)]
    return [rounding_range(form) for form in roundings(number, tolerance)]


def _merge(ranges: Iterable[Ends]) -> list[Ends]:
    """The ranges in order, those that touch as one."""
    merged: list[Ends] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    return merged


def feedback(mistakes: Sequence[Mistake]) -> str:
    """What is said about a number that these mistakes give: the first kinds of them, and their hints."""
    kinds = first_of_each_kind(mistakes)[:MOST_KINDS]
    said = " Or: ".join(f"{mistake.kind}: {mistake.sentence}." for mistake in kinds)
    hints = " ".join(dict.fromkeys(f"Hint: {mistake.hint}" for mistake in kinds))
    return visible_text(f"{said} {hints}")
