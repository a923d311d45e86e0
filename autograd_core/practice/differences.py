"""Differences between gradients by hand and those of the engine, explained by a term or a mistake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.engine_mistakes import engine_mistakes
from autograd_core.mistakes.misconceptions import paper_mistakes
from autograd_core.mistakes.mistakes import (
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    LEFT_OUT,
    MISSED_PATH,
    SIGN,
    STALE,
    SWAPPED,
    TWICE,
)
from autograd_core.mistakes.other_numbers import scaled_gradients
from autograd_core.mistakes.single_edge_mistakes import single_edge_mistakes
from autograd_core.practice.quiz.diagnosis import Answer, Cause, exchanged_answers, find_causes
from autograd_core.practice.quiz.verdict import first_of_each_kind
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
    def causes(self) -> tuple[Cause, ...]:
        """What explains the answers. Those of a program may have the mistakes of a program."""
        has_gradients = any(box.node.grad is not None for box in self.view.boxes)
        of_engine = [item for item in engine_mistakes(self.view) if has_gradients or item.kind != STALE]
        others = [*exchanged_answers(self.answers), *scaled_gradients(self.view)]
        return find_causes(
            self.answers, [[*paper_mistakes(self.view), *of_engine], others, single_edge_mistakes(self.view)]
        )

    def explain(self, answer: Answer) -> tuple[tuple[EdgeRecord, ...], tuple[str, ...]]:
        """The terms of the gradient, and the findings about a wrong answer."""
        terms = tuple(self.arriving[answer.blank.node])
        if answer.right:
            return terms, ()
        found = list(self._findings(answer, terms)) or list(_what_each_would_be(terms, answer))
        return terms, tuple(dict.fromkeys(found))

    def _findings(self, answer: Answer, terms: Sequence[EdgeRecord]) -> Iterator[str]:
        cause = next((cause for cause in self.causes if answer.blank in cause.blanks), None)
        mistakes = first_of_each_kind(cause.mistakes) if cause else []
        reported: set[str] = set()
        if cause is None or len(cause.blanks) == 1:
            own = {(edge.node, edge.operand): edge for edge in terms}
            here = single_edge_mistakes(self.view, into=answer.blank.node)
            near = [
                mistake
                for mistake in [*here, *(cause.mistakes if cause else ())]
                if answer.comes_of(mistake)
                and mistake.kind in FAULTS
                and len(mistake.edges) <= 2
                and own.keys() & set(mistake.edges)
            ]
            for mistake in sorted(near, key=lambda mistake: list(FAULTS).index(mistake.kind)):
                edge = next(own[key] for key in mistake.edges if key in own)
                yield f"{_term(edge)} {FAULTS[mistake.kind]}"
                reported |= {mistake.kind}
            if LEFT_OUT in reported:
                reported.add(MISSED_PATH)  # the same mistake, for the whole path
        yield from (f"{mistake.kind}: {mistake.sentence}" for mistake in mistakes if mistake.kind not in reported)
        if mistakes or reported:
            return
        for edge in terms:
            for factor, words in FACTORS.items():
                wrong = answer.allowed.exact + (factor - 1) * (edge.contribution or 0.0)
                if agrees(answer.number, wrong, answer.tolerance):
                    yield f"{_term(edge)} is {words}{' of' * (factor < 1)} what it should be"


def _term(edge: EdgeRecord) -> str:
    return f"the term through {name_text(edge.node)} ({number_text(edge.contribution)})"


def _what_each_would_be(terms: Sequence[EdgeRecord], answer: Answer) -> Iterator[str]:
    if not terms:
        yield "no gradient flows back to it: every path from the output is closed or missing, so the gradient is 0"
    elif len(terms) == 1:
        yield f"{_term(terms[0])} is the only term, and it differs from the answer"
    else:
        each = [
            f"{number_text(answer.number - answer.allowed.exact + (edge.contribution or 0.0))} instead of {_term(edge)}"
            for edge in terms
        ]
        yield f"no known mistake explains it; if only one term were wrong, it would be {', or '.join(each)}"
