"""Differences between gradients by hand and those of the engine, explained by a term or a mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from autograd_core.formulas.notation import number_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.misconceptions import possible_mistakes
from autograd_core.mistakes.mistakes import (
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    LEFT_OUT,
    MISSED_PATH,
    SIGN,
    SWAPPED,
    TWICE,
    Mistake,
)
from autograd_core.mistakes.single_edge_mistakes import single_edge_mistakes
from autograd_core.practice.quiz.allowed_answers import AllowedAnswers
from autograd_core.practice.quiz.verdict import Blank, diagnose
from autograd_core.show.record.record import EdgeRecord, record

FACTORS = {0.5: "half", 1 / 3: "a third", 0.25: "a quarter", 3.0: "three times", 4.0: "four times"}
FAULTS = {
    LEFT_OUT: "is missing",
    TWICE: "is counted twice",
    SIGN: "has the wrong sign",
    SWAPPED: "has the wrong factor of the product as its partial",
    FORGOT_UPSTREAM: "lacks the upstream: it is the partial alone",
    FORGOT_PARTIAL: "lacks the partial: it is the upstream alone",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A gradient by hand, as a number, beside that of the engine."""

    name: str
    number: float
    allowed: AllowedAnswers
    tolerance: float | None

    @property
    def engine(self) -> float:
        return self.allowed.exact

    @property
    def agrees(self) -> bool:
        return self.allowed.allow(self.number, self.tolerance)

    def comes_of(self, mistake: Mistake) -> bool:
        """Whether the mistake gives this number; where it does not affect the node, whether the number is right."""
        wrong = mistake.adjoints.get(self.name)
        return self.agrees if wrong is None else agrees(self.number, wrong, self.tolerance)


class Differences:
    """Explains the answers on one graph that differ from the engine."""

    def __init__(self, view: View, answers: Sequence[Answer]) -> None:
        self.view = view
        self.answers = answers
        self.arriving: dict[str, list[EdgeRecord]] = {box.name: [] for box in view.boxes}
        for step in record(view).sweeps[0].steps:
            for edge in step.edges:
                if edge.contribution is not None:
                    self.arriving[edge.source].append(edge)

    @cached_property
    def classic_mistakes(self) -> list[Mistake]:
        return possible_mistakes(self.view)

    @cached_property
    def together(self) -> list[Mistake]:
        """The mistakes that explain all answers at once, where at least two are wrong."""
        if sum(not answer.agrees for answer in self.answers) < 2:
            return []
        classic = self.classic_mistakes
        return [mistake for mistake in classic if all(answer.comes_of(mistake) for answer in self.answers)]

    @cached_property
    def single_edge_mistakes(self) -> list[Mistake]:
        return single_edge_mistakes(self.view)

    def explain(self, answer: Answer) -> tuple[tuple[EdgeRecord, ...], tuple[str, ...]]:
        """The terms of the gradient, and the findings about a wrong answer."""
        terms = tuple(self.arriving[answer.name])
        if answer.agrees:
            return terms, ()
        found = list(self._findings(answer, terms)) or list(_what_each_would_be(terms, answer))
        return terms, tuple(dict.fromkeys(found))

    def _findings(self, answer: Answer, terms: Sequence[EdgeRecord]) -> Iterator[str]:
        if self.together:
            first = {mistake.kind: mistake for mistake in reversed(self.together)}
            yield from (f"{mistake.kind}: {mistake.sentence}" for mistake in first.values())
            return
        name, by_hand, engine, tolerance = answer.name, answer.number, answer.engine, answer.tolerance
        blank = Blank(name, "gradient", name, name)
        own = {(edge.node, edge.operand): edge for edge in terms}
        throughout = diagnose(blank, by_hand, engine, self.classic_mistakes, tolerance)
        here = [*diagnose(blank, by_hand, engine, single_edge_mistakes(self.view, into=name), tolerance), *throughout]
        near = [
            mistake
            for mistake in here
            if mistake.kind in FAULTS and len(mistake.edges) <= 2 and own.keys() & set(mistake.edges)
        ]
        for mistake in sorted(near, key=lambda mistake: list(FAULTS).index(mistake.kind)):
            edge = next(own[key] for key in mistake.edges if key in own)
            yield f"{_term(edge)} {FAULTS[mistake.kind]}"
        reported = {mistake.kind for mistake in near}
        if LEFT_OUT in reported:
            reported.add(MISSED_PATH)  # the same mistake, for the whole path
        first = {mistake.kind: mistake for mistake in reversed(throughout)}
        yield from (f"{kind}: {mistake.sentence}" for kind, mistake in first.items() if kind not in reported)
        if near or throughout:
            return
        # Last, since enough candidates explain any number: mistakes further from the input, and wrong factors.
        elsewhere = diagnose(blank, by_hand, engine, self.single_edge_mistakes, tolerance)
        yield from (f"{mistake.kind}: {mistake.sentence}" for mistake in elsewhere)
        if not elsewhere:
            for edge in terms:
                for factor, words in FACTORS.items():
                    if agrees(by_hand, engine + (factor - 1) * (edge.contribution or 0.0), tolerance):
                        yield (
                            f"{_term(edge)} is {words} of what it should be"
                            if factor < 1
                            else (f"{_term(edge)} is {words} what it should be")
                        )


def _term(edge: EdgeRecord) -> str:
    return f"the term through {edge.node} ({number_text(edge.contribution)})"


def _what_each_would_be(terms: Sequence[EdgeRecord], answer: Answer) -> Iterator[str]:
    if not terms:
        yield "no gradient flows back to it: every path from the output is closed or missing, so the gradient is 0"
    elif len(terms) == 1:
        yield f"{_term(terms[0])} is the only term, and it differs from the answer"
    else:
        each = [
            f"{number_text(answer.number - answer.engine + (edge.contribution or 0.0))} instead of {_term(edge)}"
            for edge in terms
        ]
        yield f"no known mistake explains it; if only one term were wrong, it would be {', or '.join(each)}"
