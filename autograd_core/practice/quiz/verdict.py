"""The verdict on an answer: right, or wrong with the mistakes that give this number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import Report
from autograd_core.mistakes.mistakes import Mistake, join_names
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.practice.quiz.diagnosis import Cause


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on one blank. given: the answer, None without one. mistakes: those that explain this number and the
    most of the others. note: for a right answer at a kink, which numbers are right there."""

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
    """All verdicts on one attempt; it prints as feedback. causes: what explains the wrong answers, the mistake that
    explains most of them first. answers: the right numbers, only on request."""

    verdicts: tuple[Verdict, ...]
    causes: tuple[Cause, ...] = ()
    answers: tuple[float, ...] | None = None

    @property
    def passed(self) -> bool:
        """Whether every blank has the right answer."""
        return all(verdict.right for verdict in self.verdicts)

    def parts(self) -> Iterator[str]:
        """The feedback on each answer, what explains the wrong ones, and how many are right."""
        of_one = {cause.blanks[0]: cause for cause in self.causes if len(cause.blanks) == 1}
        for verdict in self.verdicts:
            yield from _feedback(verdict)
            if verdict.blank in of_one:
                yield from _explanation(of_one.pop(verdict.blank), "gives this number", "give this number")
        for cause in [*of_one.values(), *(cause for cause in self.causes if len(cause.blanks) > 1)]:
            prompts = join_names([blank.prompt for blank in cause.blanks])
            yield from _explanation(cause, f"explains {prompts}", f"explain {prompts}")
        for verdict, answer in zip(self.verdicts, self.answers or (), strict=False):
            if not verdict.right:
                yield f"The answer: {verdict.blank.prompt} = {number_text(answer)}"
        right = sum(verdict.right for verdict in self.verdicts)
        yield f"{right} of {len(self.verdicts)} right."


def _feedback(verdict: Verdict) -> Iterator[str]:
    blank = verdict.blank
    if verdict.given is None:
        yield f"{blank.prompt}: not answered yet"
        return
    yield f"{blank.prompt} = {number_text(verdict.given)}: {'right' if verdict.right else 'wrong'}"
    if verdict.right:
        if verdict.note:
            yield f"  {verdict.note}"
    elif not verdict.mistakes:
        yield "  None of the known mistakes gives this number."
        yield f"  Hint: {general_hint(blank)}"


def _explanation(cause: Cause, of_one: str, of_several: str) -> Iterator[str]:
    kinds = first_of_each_kind(cause.mistakes)
    indent = "  " if len(cause.blanks) == 1 else ""
    if len(kinds) > 1:
        yield f"{indent}{len(kinds)} mistakes {of_several}:"
    elif not indent:
        yield f"One mistake {of_one}:"
    for mistake in kinds:
        others = sum(other.kind == mistake.kind for other in cause.mistakes) - 1
        places = f" ({others} more way{'s' * (others > 1)} of the same kind)" if others else ""
        yield f"  - {mistake.kind}: {mistake.sentence}.{places}"
    if cause.question is not None:
        yield f"  Which one was it? {question_sentence(cause.question)}"
        return
    for hint in dict.fromkeys(mistake.hint for mistake in kinds):
        yield f"  Hint: {hint}"


def question_sentence(blank: Blank) -> str:
    """The question that parts several mistakes."""
    between = {"partial": "/", "contribution": "->"}.get(blank.kind)
    name = f"{blank.node}{between}{blank.source}{blank.nth}" if between else blank.key
    return f"What do you have for {blank.prompt}? Add {visible_text(name)} = ... to your answers."


def first_of_each_kind(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """One mistake of each kind."""
    return list({mistake.kind: mistake for mistake in reversed(mistakes)}.values())[::-1]


def general_hint(blank: Blank) -> str:
    """A hint for a number that no mistake explains."""
    node = name_text(blank.node)
    if blank.kind == "gradient" and blank.gated:
        return f"a closed gate passes nothing back: which of the paths back to {node} are open?"
    if blank.kind == "gradient" and blank.users:
        count = "one contribution arrives" if blank.users == 1 else f"{blank.users} contributions arrive"
        return f"{count} at {node}. Write down upstream · partial for each, then add."
    if blank.kind == "partial":
        return "keep all other inputs fixed: how fast does the operation change with this one?"
    return "a contribution is the complete gradient of the node above times the partial of the edge."
