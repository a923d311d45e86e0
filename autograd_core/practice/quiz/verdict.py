"""The verdict on an answer: right, or wrong with the mistakes that give this number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.text_report import Report
from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.mistakes import Mistake

BlankKind = Literal["gradient", "partial", "contribution"]


@dataclass(frozen=True, slots=True)
class Blank:
    """One number to fill in.

    key: its name in answers. prompt: its name in the exercise. node: the node of the gradient, or the node from which
    an edge goes back. operand, source: the index and the name of that edge's input. nth: which of several edges to it.
    users: the number of contributions. gated: whether a closed gate stops some of them.
    """

    key: str
    kind: BlankKind
    prompt: str
    node: str
    operand: int = 0
    source: str = ""
    nth: str = ""
    users: int = 0
    gated: bool = False

    def under(self, mistake: Mistake) -> float | None:
        """The number that `mistake` gives here; None where it has no effect."""
        if self.kind == "gradient":
            return mistake.adjoints.get(self.node)
        numbers = mistake.partials if self.kind == "partial" else mistake.contributions
        return numbers.get((self.node, self.operand))


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one blank. given: the answer, None without one. mistakes: those that give this number.
    note: for a right answer at a kink, which numbers are right there."""

    blank: Blank
    given: float | None
    right: bool
    mistakes: tuple[Mistake, ...] = ()
    note: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of mistake that give this number, each once."""
        return tuple(dict.fromkeys(mistake.kind for mistake in self.mistakes))


@dataclass(frozen=True, slots=True, repr=False)
class Result(Report):
    """All verdicts on one attempt; it prints as feedback. together: the mistakes that each explain every answer, where
    several are wrong. answers: the right numbers, only on request."""

    verdicts: tuple[Verdict, ...]
    together: tuple[Mistake, ...] = ()
    answers: tuple[float, ...] | None = None

    @property
    def passed(self) -> bool:
        """Whether every blank has the right answer."""
        return all(verdict.right for verdict in self.verdicts)

    def parts(self) -> Iterator[str]:
        """The feedback on each answer, and how many are right."""
        for index, verdict in enumerate(self.verdicts):
            yield from _feedback(verdict)
            if self.answers is not None and not verdict.right:
                yield f"  The answer: {number_text(self.answers[index])}"
        if self.together:
            yield "One mistake explains all your answers together:"
            for mistake in {mistake.kind: mistake for mistake in reversed(self.together)}.values():
                yield f"  - {mistake.kind}: {mistake.sentence}."
        right = sum(verdict.right for verdict in self.verdicts)
        yield f"{right} of {len(self.verdicts)} right."


def diagnose(
    blank: Blank, answer: float, exact: float, mistakes: Sequence[Mistake], tolerance: float | None = None
) -> tuple[Mistake, ...]:
    """Those of `mistakes` that give `answer` here, without those that give the right number."""
    return tuple(
        mistake
        for mistake in mistakes
        if (number := blank.under(mistake)) is not None
        and agrees(answer, number, tolerance)
        and not agrees(number, exact, tolerance)
    )


def common_mistakes(
    verdicts: Sequence[Verdict], mistakes: Sequence[Mistake], tolerance: float | None
) -> tuple[Mistake, ...]:
    """The mistakes that give every answer, right ones included, where at least two are wrong."""
    answered = [verdict for verdict in verdicts if verdict.given is not None]
    if sum(not verdict.right for verdict in answered) < 2:
        return ()
    return tuple(mistake for mistake in mistakes if all(_explains(mistake, verdict, tolerance) for verdict in answered))


def sort_by_agreement(verdicts: Sequence[Verdict], tolerance: float | None) -> tuple[Verdict, ...]:
    """The verdicts, with the mistakes first that give every other answer too, right ones included.

    A student who overwrote one gradient overwrote the others as well.
    """
    answered = [verdict for verdict in verdicts if verdict.given is not None]

    def is_unlikely(mistake: Mistake) -> bool:
        return not all(_explains(mistake, verdict, tolerance) for verdict in answered)

    return tuple(replace(verdict, mistakes=tuple(sorted(verdict.mistakes, key=is_unlikely))) for verdict in verdicts)


def _explains(mistake: Mistake, verdict: Verdict, tolerance: float | None) -> bool:
    number = verdict.blank.under(mistake)
    if number is None or verdict.given is None:
        return verdict.right
    return agrees(verdict.given, number, tolerance)


def _feedback(verdict: Verdict) -> Iterator[str]:
    blank = verdict.blank
    if verdict.given is None:
        yield f"{blank.prompt}: not answered yet"
        return
    yield f"{blank.prompt} = {number_text(verdict.given)}: {'right' if verdict.right else 'wrong'}"
    if verdict.right:
        if verdict.note:
            yield f"  {verdict.note}"
        return
    if not verdict.mistakes:
        yield "  None of the known mistakes gives this number."
        yield f"  Hint: {general_hint(blank)}"
        return
    first = {mistake.kind: mistake for mistake in reversed(verdict.mistakes)}
    kinds = [first[kind] for kind in verdict.kinds]
    if len(kinds) > 1:
        yield f"  {len(kinds)} mistakes give this number:"
    for mistake in kinds:
        others = sum(other.kind == mistake.kind for other in verdict.mistakes) - 1
        places = f" ({others} more way{'s' if others > 1 else ''} of the same kind)" if others else ""
        yield f"  - {mistake.kind}: {mistake.sentence}.{places}"
    for hint in dict.fromkeys(mistake.hint for mistake in kinds):
        yield f"  Hint: {hint}"


def general_hint(blank: Blank) -> str:
    """A hint for a number that no mistake explains."""
    node = visible_text(blank.node)
    if blank.kind == "gradient" and blank.gated:
        return f"a closed gate passes nothing back: which of the paths back to {node} are open?"
    if blank.kind == "gradient" and blank.users:
        count = "one contribution arrives" if blank.users == 1 else f"{blank.users} contributions arrive"
        return f"{count} at {node}. Write down upstream x partial for each, then add."
    if blank.kind == "partial":
        return "keep all other inputs fixed: how fast does the operation change with this one?"
    return "a contribution is the complete gradient of the node above times the partial of the edge."
