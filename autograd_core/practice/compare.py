"""`compare(by_hand=..., of=loss)`: gradients worked out by hand beside the engine's, and which term differs."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd_core.engine.backward import adjoints
from autograd_core.engine.value import Value
from autograd_core.formulas.aligned_table import text_table
from autograd_core.formulas.notation import number_text
from autograd_core.graph.boxes import View, view
from autograd_core.graph.closed_scopes import Open
from autograd_core.mistakes.answers import agrees, read_answer, unknown_name
from autograd_core.mistakes.misconceptions import classic_mistakes
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
from autograd_core.practice.quiz.verdict import Blank, diagnose
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, GradientRecord, record

COMPUTED = 1e-6  # relative: how near the results of a function must come; typed numbers, to three digits
FACTORS = {0.5: "half", 1 / 3: "a third", 0.25: "a quarter", 3.0: "three times", 4.0: "four times"}
FAULTS = {
    LEFT_OUT: "is missing",
    TWICE: "is counted twice",
    SIGN: "has the wrong sign",
    SWAPPED: "has the wrong factor of the product as its partial",
    FORGOT_UPSTREAM: "lacks the upstream, it is the partial alone",
    FORGOT_PARTIAL: "lacks the partial, it is the upstream alone",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One gradient, by hand and by the engine. terms: the edges whose contributions make it up; findings: what
    differs, in sentences, the nearest term first; empty where both agree."""

    name: str
    by_hand: float
    engine: float
    agrees: bool
    terms: tuple[EdgeRecord, ...]
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `compare` returns; it prints as a table with its findings. left_out: inputs nothing was given for."""

    output: str
    rows: tuple[Compared, ...]
    left_out: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether every gradient given agrees with the engine's."""
        return all(row.agrees for row in self.rows)

    def __repr__(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"Gradients of {self.output}, by hand and by the engine"
        cells: list[tuple[str, ...]] = [("", "by hand", "engine", "difference", "")]
        for row in self.rows:
            name = chain_rule.total_derivative(self.output, row.name).text
            numbers = (row.by_hand, row.engine, 0.0 if row.agrees else row.by_hand - row.engine)
            cells.append((name, *map(number_text, numbers), "agrees" if row.agrees else "differs"))
        yield from text_table(cells, right=(1, 2, 3), indent="  ")
        for row in self.rows:
            if not row.agrees:
                yield ""
                yield chain_rule.gradient(GradientRecord(row.name, row.engine, row.terms), self.output).text
                yield from (f"  - {finding}" for finding in row.findings)
        if self.left_out:
            yield ""
            yield f"Not given: {', '.join(self.left_out)}."


def compare(
    by_hand: Mapping[Any, Any] | Callable[..., Any],
    of: Value,
    tolerance: float | None = None,
    open: Open = (),  # noqa: A002
) -> Comparison:
    """The gradients of `of` worked out by hand beside the engine's, with the term that differs where they do.

    by_hand: {"x1": 5.5, ...}, of numbers, texts such as "1/3", or functions of the inputs; or one function of the
    inputs that returns such a dict, or the gradients in the order of its inputs. Functions get the inputs by name.
    tolerance: relative; without it, three significant digits for numbers and 1e-6 for what a function returns.
    Raises TypeError, ValueError or `NumberError` where a name or an answer cannot be understood.

    >>> x = Value(3.0, label="x")
    >>> print(compare({"x": 3}, of=x * x).rows[0].findings[0])
    the term through out (3) is missing
    """
    if not isinstance(of, Value):
        raise TypeError(f"of= is the Value whose gradients are compared, got {type(of).__name__}.")
    seen = view(of, open)
    given = {_name(key, seen): answer for key, answer in _answers(by_hand, seen).items()}
    if not given:
        raise ValueError('there is nothing to compare: give by_hand={"x1": 5.5, ...}.')
    reached = adjoints(of)
    known = {box.name: reached[box.node] or 0.0 for box in seen.boxes if box.kind != "constant"}
    numbers = []
    for name, answer in given.items():
        if name not in known:
            raise unknown_name(name, list(known), "node")
        number = read_answer(answer.number, name)
        allowed = COMPUTED if tolerance is None and answer.computed else tolerance
        numbers.append(_Given(name, number, known[name], allowed))
    search = _Search(seen, numbers)
    rows = [search.compared(one.name, one.number, one.engine, one.tolerance) for one in numbers]
    left_out = tuple(box.name for box in seen.leaves if box.node.label and box.name not in given)
    return Comparison(seen.boxes[-1].name, tuple(rows), left_out)


@dataclass(frozen=True, slots=True)
class _Given:
    """A gradient by hand, as a number, beside the engine's."""

    name: str
    number: float
    engine: float
    tolerance: float | None

    @property
    def agrees(self) -> bool:
        return agrees(self.number, self.engine, self.tolerance)

    def comes_of(self, mistake: Mistake) -> bool:
        """Whether the mistake gives this number, or is none here and the number is right."""
        made = mistake.adjoints.get(self.name)
        return self.agrees if made is None else agrees(self.number, made, self.tolerance)


@dataclass(frozen=True, slots=True)
class _Answer:
    number: Any
    computed: bool


def _name(key: Any, seen: View) -> str:
    if isinstance(key, Value):
        if key not in seen.box_of:
            raise ValueError(f"{key!r} is no node of the graph below of=.")
        return seen.box_of[key].name
    return str(key)


def _answers(by_hand: Any, seen: View) -> dict[Any, _Answer]:
    if not isinstance(by_hand, Mapping):
        if not callable(by_hand):
            raise TypeError(
                f'by_hand= is a dict such as {{"x1": 5.5}} or a function of the inputs, got {type(by_hand).__name__}.'
            )
        by_hand = _named_results(by_hand, seen)
        return {key: _Answer(number, computed=True) for key, number in by_hand.items()}
    return {
        key: _Answer(_called(answer, seen), computed=True) if callable(answer) else _Answer(answer, computed=False)
        for key, answer in by_hand.items()
    }


def _called(function: Callable[..., Any], seen: View) -> Any:
    inputs = {box.name: box.number for box in seen.leaves}
    wanted = _parameters(function)
    for name in wanted:
        if name not in inputs:
            raise unknown_name(name, list(inputs), "input")
    return function(**{name: inputs[name] for name in wanted})


def _parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


def _named_results(function: Callable[..., Any], seen: View) -> Mapping[Any, Any]:
    result = _called(function, seen)
    if isinstance(result, Mapping):
        return result
    names = _parameters(function)
    results = list(result) if isinstance(result, Iterable) and not isinstance(result, str) else [result]
    if len(results) != len(names):
        raise ValueError(
            f"the function of {', '.join(names)} returned {len(results)} number(s): return one for each input, in that "
            'order, or a dict {"x1": ...}.'
        )
    return dict(zip(names, results, strict=True))


class _Search:
    """Where a difference may come from, on one graph."""

    def __init__(self, seen: View, given: Sequence[_Given]) -> None:
        self.seen = seen
        self.given = given
        self.arriving: dict[str, list[EdgeRecord]] = {box.name: [] for box in seen.boxes}
        for step in record(seen).sweeps[0].steps:
            for edge in step.edges:
                if edge.contribution is not None:
                    self.arriving[edge.source].append(edge)

    @cached_property
    def classic_mistakes(self) -> list[Mistake]:
        return classic_mistakes(self.seen)

    @cached_property
    def together(self) -> list[Mistake]:
        """The mistakes that explain all that was given at once, where at least two numbers are wrong."""
        if sum(not one.agrees for one in self.given) < 2:
            return []
        return [one for one in self.classic_mistakes if all(number.comes_of(one) for number in self.given)]

    @cached_property
    def single_edge_mistakes(self) -> list[Mistake]:
        return single_edge_mistakes(self.seen)

    def compared(self, name: str, by_hand: float, engine: float, tolerance: float | None) -> Compared:
        terms = tuple(self.arriving[name])
        if agrees(by_hand, engine, tolerance):
            return Compared(name, by_hand, engine, True, terms)
        found = list(self._findings(name, by_hand, engine, terms, tolerance))
        found = found or list(_what_each_would_be(terms, by_hand, engine))
        return Compared(name, by_hand, engine, False, terms, tuple(dict.fromkeys(found)))

    def _findings(
        self, name: str, by_hand: float, engine: float, terms: Sequence[EdgeRecord], tolerance: float | None
    ) -> Iterator[str]:
        if self.together:
            first = {mistake.kind: mistake for mistake in reversed(self.together)}
            yield from (f"{one.kind}: {one.sentence}" for one in first.values())
            return
        blank = Blank(name, "gradient", name, name)
        own = {(edge.node, edge.operand): edge for edge in terms}
        throughout = diagnose(blank, by_hand, engine, self.classic_mistakes, tolerance)
        here = [*diagnose(blank, by_hand, engine, single_edge_mistakes(self.seen, into=name), tolerance), *throughout]
        near = [one for one in here if one.kind in FAULTS and len(one.edges) <= 2 and own.keys() & set(one.edges)]
        for mistake in sorted(near, key=lambda one: list(FAULTS).index(one.kind)):
            edge = next(own[key] for key in mistake.edges if key in own)
            yield f"{_term(edge)} {FAULTS[mistake.kind]}"
        told = {mistake.kind for mistake in near}
        if LEFT_OUT in told:
            told.add(MISSED_PATH)  # the same thing, told of the whole path
        first = {mistake.kind: mistake for mistake in reversed(throughout)}
        yield from (f"{one.kind}: {one.sentence}" for one in first.values() if one.kind not in told)
        if near or throughout:
            return
        slipped = diagnose(blank, by_hand, engine, self.single_edge_mistakes, tolerance)
        # Further away from the input, or off by a factor: with enough candidates anything is explained, so only now.
        yield from (f"{mistake.kind}: {mistake.sentence}" for mistake in slipped)
        if not slipped:
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


def _what_each_would_be(terms: Sequence[EdgeRecord], by_hand: float, engine: float) -> Iterator[str]:
    if not terms:
        yield "nothing flows back to it: every way from the output is closed or missing, so the gradient is 0"
    elif not math.isfinite(engine):
        yield f"the engine's gradient is {engine!r}: look for the operation outside its domain"
    elif len(terms) == 1:
        yield f"{_term(terms[0])} is the only one, and it is not the number given"
    else:
        each = [
            f"{number_text(by_hand - engine + (edge.contribution or 0.0))} in the place of {_term(edge)}"
            for edge in terms
        ]
        yield f"no known slip explains it; were all terms but one right, that one would be {', or '.join(each)}"
