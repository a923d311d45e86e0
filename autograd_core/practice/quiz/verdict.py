"""What an answer to an exercise is worth: right, or wrong with the mistakes that give just that number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from autograd_core.formulas.notation import number_text
from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.mistakes import Mistake

BlankKind = Literal["gradient", "partial", "contribution"]


@dataclass(frozen=True, slots=True)
class Blank:
    """One number asked for. key: what it is called in answers; prompt: as it stands in the exercise; node: whose
    gradient, or the node an edge goes back from; operand: which of its inputs; source: that input, and nth which of
    several edges to it; users: how many contributions meet; gated: some of them may be stopped on the way."""

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
        """The number `mistake` leads to in this place; None where it does not touch it."""
        if self.kind == "gradient":
            return mistake.adjoints.get(self.node)
        numbers = mistake.partials if self.kind == "partial" else mistake.contributions
        return numbers.get((self.node, self.operand))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one blank. given: the number, None where it was left open. mistakes: those that give it."""

    blank: Blank
    given: float | None
    right: bool
    mistakes: tuple[Mistake, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of mistake that give this number, each once."""
        return tuple(dict.fromkeys(mistake.kind for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class Result:
    """All verdicts on one attempt; it prints as the feedback. together: the mistakes that alone explain every number
    given, where several are wrong; answers: the right numbers, only where they were asked for."""

    verdicts: tuple[Verdict, ...]
    together: tuple[Mistake, ...] = ()
    answers: tuple[float, ...] | None = None

    @property
    def passed(self) -> bool:
        """Whether every blank was filled in, and rightly."""
        return all(verdict.right for verdict in self.verdicts)

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for index, verdict in enumerate(self.verdicts):
            yield from _told(verdict)
            if self.answers is not None and not verdict.right:
                yield f"  The answer: {number_text(self.answers[index])}"
        if self.together:
            yield "All your answers together come out of one mistake:"
            for mistake in {mistake.kind: mistake for mistake in reversed(self.together)}.values():
                yield f"  - {_described(mistake)}"
        right = sum(verdict.right for verdict in self.verdicts)
        yield f"{right} of {len(self.verdicts)} right."


def diagnose(
    blank: Blank, given: float, exact: float, mistakes: Sequence[Mistake], tolerance: float | None = None
) -> tuple[Mistake, ...]:
    """All of `mistakes` that lead to `given` in this place. One that leads to the right number there is none."""
    return tuple(
        mistake
        for mistake in mistakes
        if (number := blank.under(mistake)) is not None
        and agrees(given, number, tolerance)
        and not agrees(number, exact, tolerance)
    )


def common_mistakes(
    verdicts: Sequence[Verdict], mistakes: Sequence[Mistake], tolerance: float | None
) -> tuple[Mistake, ...]:
    """The mistakes that give every number given, the right ones included, where at least two are wrong."""
    given = [verdict for verdict in verdicts if verdict.given is not None]
    if sum(not verdict.right for verdict in given) < 2:
        return ()
    return tuple(mistake for mistake in mistakes if all(_explains(mistake, verdict, tolerance) for verdict in given))


def sort_by_agreement(verdicts: Sequence[Verdict], tolerance: float | None) -> tuple[Verdict, ...]:
    """The verdicts, each with those of its mistakes first that give every other number given, the right ones included.

    Who got the one number by overwriting got the other ones by overwriting too.
    """
    given = [verdict for verdict in verdicts if verdict.given is not None]

    def unlikely(mistake: Mistake) -> bool:
        return not all(_explains(mistake, verdict, tolerance) for verdict in given)

    return tuple(replace(verdict, mistakes=tuple(sorted(verdict.mistakes, key=unlikely))) for verdict in verdicts)


def _explains(mistake: Mistake, verdict: Verdict, tolerance: float | None) -> bool:
    number = verdict.blank.under(mistake)
    if number is None or verdict.given is None:
        return verdict.right
    return agrees(verdict.given, number, tolerance)


def _told(verdict: Verdict) -> Iterator[str]:
    blank = verdict.blank
    if verdict.given is None:
        yield f"{blank.prompt}: not answered yet"
        return
    yield f"{blank.prompt} = {number_text(verdict.given)}: {'right' if verdict.right else 'wrong'}"
    if verdict.right:
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
        yield f"  - {_described(mistake)}{places}"
    for hint in dict.fromkeys(mistake.hint for mistake in kinds):
        yield f"  Hint: {hint}"


def _described(mistake: Mistake) -> str:
    return f"{mistake.kind}: {mistake.sentence}."


def general_hint(blank: Blank) -> str:
    """What to do next where no mistake explains the number."""
    if blank.kind == "gradient" and blank.gated:
        return f"a closed gate passes nothing back: which of the ways back to {blank.node} are open?"
    if blank.kind == "gradient" and blank.users:
        count = "one contribution arrives" if blank.users == 1 else f"{blank.users} contributions arrive"
        return f"{count} at {blank.node}. Write down upstream x partial for each, then add."
    if blank.kind == "partial":
        return "hold every other input still: how fast does the operation change with this one?"
    return "a contribution is the gradient of the node above, when complete, times the partial along the edge."
