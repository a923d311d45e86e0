"""Which mistakes explain wrong answers: first the one that explains most of them, and the question that parts several.

A false diagnosis is worse than none: a mistake that would have changed an answer which it does not explain counts for
less, and one that explains fewer answers than it contradicts is not named.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.mistakes import EXCHANGED, MIXED_UP, RATE, ROUNDED, UPDATED, Mistake, join_names
from autograd_core.practice.quiz.allowed_answers import AllowedAnswers
from autograd_core.practice.quiz.blanks import Blank

NEAR = 0.01  # relative: an answer this near the right one comes of rounding on the way
DIGITS_OF_ROUNDED = 2
_OF_ANOTHER_QUESTION = (MIXED_UP, RATE, UPDATED)  # written for the gradient alone


@dataclass(frozen=True, slots=True)
class Answer:
    """A number that was given, beside the right ones."""

    blank: Blank
    number: float
    allowed: AllowedAnswers
    tolerance: float | None = None

    @property
    def right(self) -> bool:
        return self.allowed.allow(self.number, self.tolerance)

    @property
    def is_rounded(self) -> bool:
        """Whether it is wrong, but the right number rounded to two digits, cut off, or rounded on the way."""
        exact = self.allowed.exact
        if self.right or exact == 0.0:
            return False
        return abs(self.number - exact) <= NEAR * abs(exact) or any(
            math.isclose(self.number, end, rel_tol=1e-9) for end in cut_off(exact)
        )

    def comes_of(self, mistake: Mistake) -> bool | None:
        """Whether the mistake gives this number; None where it does not affect it."""
        number = self.blank.under(mistake)
        if number is None or self.allowed.allow(number, self.tolerance):
            return None
        comes = agrees(self.number, number, self.tolerance)
        if not comes and self.blank.kind == "update" and mistake.kind in _OF_ANOTHER_QUESTION:
            return None  # the step may still be the right one
        return comes

    def is_near(self, mistake: Mistake) -> bool:
        """Whether the mistake gives this number to all the digits that were given, up to six."""
        number = self.blank.under(mistake)
        digits = len(f"{self.number:.6g}".lstrip("-0.").partition("e")[0].replace(".", ""))
        return number is not None and f"{self.number:.{digits}g}" == f"{number:.{digits}g}"


@dataclass(frozen=True, slots=True)
class Cause:
    """What explains some of the answers. mistakes: all that explain the same ones equally well. blanks: which ones.
    question: the number of the graph that parts them, None where none does or none has to."""

    mistakes: tuple[Mistake, ...]
    blanks: tuple[Blank, ...]
    question: Blank | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of mistake, each once."""
        return tuple(dict.fromkeys(mistake.kind for mistake in self.mistakes))


@dataclass(frozen=True, slots=True)
class _Candidate:
    mistake: Mistake
    stage: int
    explained: frozenset[int]
    contradicted: int
    far: int


def find_causes(
    answers: Sequence[Answer],
    stages: Sequence[Sequence[Mistake]],
    others: Sequence[Blank] = (),
    exact: Callable[[Blank], float] = lambda blank: math.nan,
) -> tuple[Cause, ...]:
    """What explains the wrong answers, the mistake that explains most of them first.

    stages: lists of mistakes; of two that explain the same answers, the one in the earlier list counts. others: what
    may be asked to part several, with its `exact` number.
    """
    left = {index for index, answer in enumerate(answers) if not answer.right}
    if not left:
        return ()
    rounded = [rounded_answer(answer.blank, answer.number) for answer in answers if answer.is_rounded]
    candidates = list(_candidates(answers, [rounded, *stages]))
    causes = []
    while left:
        ranked = [(_rank(candidate, left), candidate) for candidate in candidates if _explains(candidate, left)]
        if not ranked:
            break
        best = min(rank for rank, _ in ranked)
        first = next(candidate for rank, candidate in ranked if rank == best)
        explained = first.explained & left
        tied = _distinct(
            [other.mistake for rank, other in ranked if rank == best and other.explained & left == explained]
        )
        blanks = tuple(answers[index].blank for index in sorted(explained))
        given = {answer.blank for answer in answers}
        question = parting_question(tied, [blank for blank in others if blank not in given], exact)
        causes.append(Cause(tuple(tied), blanks, question))
        left -= explained
    return tuple(causes)


def exchanged_answers(answers: Sequence[Answer]) -> list[Mistake]:
    """Two answers exchanged, several passed on in a circle, and the answer of one blank in another."""
    gradients = [answer for answer in answers if answer.blank.kind == "gradient"]
    mistakes = []
    for pair in combinations(gradients, 2):
        mistakes.append(_exchange(pair, pair[::-1]))
    if len(gradients) > 2:
        mistakes += [_exchange(gradients, [*gradients[turn:], *gradients[:turn]]) for turn in range(1, len(gradients))]
        mistakes.append(_exchange(gradients, gradients[::-1]))
    for answer in gradients:
        for other in gradients:
            if answer is not other:
                name, of = answer.blank.node, other.blank.node
                mistakes.append(
                    Mistake(
                        MIXED_UP,
                        f"that is the gradient of {of}, not of {name}",
                        f"start at {name}: which operations use it?",
                        (name,),
                        (),
                        {name: other.allowed.exact},
                        {},
                        {},
                    )
                )
    return mistakes


def _exchange(answers: Sequence[Answer], numbers: Sequence[Answer]) -> Mistake:
    names = [answer.blank.node for answer in answers]
    return Mistake(
        EXCHANGED,
        f"the gradients of {join_names(names)} are right, but not in their places",
        "which gradient belongs to which input?",
        tuple(names),
        (),
        {name: number.allowed.exact for name, number in zip(names, numbers, strict=True)},
        {},
        {},
        least=len(answers),
    )


def cut_off(exact: float) -> tuple[float, float]:
    """A number rounded down and up to two digits.

    >>> cut_off(1.716)
    (1.7, 1.8)
    """
    if exact == 0.0:
        return 0.0, 0.0
    digits = DIGITS_OF_ROUNDED - 1 - math.floor(math.log10(abs(exact)))
    unit = 10.0**-digits
    return round(math.floor(exact / unit) * unit, digits), round(math.ceil(exact / unit) * unit, digits)


def rounded_answer(blank: Blank, number: float) -> Mistake:
    """The mistake of this number at a blank: it is the right one, rounded too coarsely or too early."""
    sentence = "the answer is near the right number, but not to the digits that are asked for"
    hint = "keep more digits on the way, and round once, at the end."
    at_node, at_edge = {blank.node: number}, {(blank.node, blank.operand): number}
    kind = blank.kind
    return Mistake(
        ROUNDED,
        sentence,
        hint,
        (),
        (),
        at_node if kind == "gradient" else {},
        at_edge if kind == "contribution" else {},
        at_edge if kind == "partial" else {},
    )


def _candidates(answers: Sequence[Answer], stages: Sequence[Sequence[Mistake]]) -> Iterator[_Candidate]:
    for stage, mistakes in enumerate(stages):
        for mistake in mistakes:
            explained, missed, contradicted = set(), 0, 0
            for index, answer in enumerate(answers):
                comes = answer.comes_of(mistake)
                if comes and not answer.right:
                    explained.add(index)
                elif comes is False:
                    contradicted += answer.right
                    missed += not answer.right
            count = len(explained)
            allowed = count if stage == 1 else 0  # a misconception may be kept out of one answer, a slip may not
            if count >= mistake.least and contradicted <= allowed and missed < max(count, 1):
                far = sum(not answers[index].is_near(mistake) for index in explained)
                yield _Candidate(mistake, stage, frozenset(explained), contradicted + missed, far)


def _explains(candidate: _Candidate, left: set[int]) -> bool:
    return len(candidate.explained & left) >= candidate.mistake.least


def _rank(candidate: _Candidate, left: set[int]) -> tuple[int, ...]:
    return -len(candidate.explained & left), candidate.contradicted, candidate.far, candidate.stage


def _distinct(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """The mistakes without those of another kind that no number of the graph can tell from one before."""
    kinds: dict[object, str] = {}
    return [item for item in mistakes if kinds.setdefault(_all_numbers(item), item.kind) == item.kind]


def _all_numbers(mistake: Mistake) -> object:
    numbers = (mistake.adjoints, mistake.contributions, mistake.partials)
    return tuple(tuple(sorted((key, f"{number:.9g}") for key, number in of.items())) for of in numbers)


def parting_question(
    mistakes: Sequence[Mistake], others: Sequence[Blank], exact: Callable[[Blank], float]
) -> Blank | None:
    """The blank for which the kinds of mistake give the most different numbers; None where all give the same."""
    first = list({mistake.kind: mistake for mistake in reversed(mistakes)}.values())
    if len(first) < 2:
        return None
    best, most = None, 1
    for blank in others:
        numbers = [blank.under(mistake) for mistake in first]
        different = len({f"{exact(blank) if number is None else number:.2e}" for number in numbers})
        if different > most:
            best, most = blank, different
        if most == len(first):  # it parts them all, and those that follow are not easier to answer
            break
    return best
