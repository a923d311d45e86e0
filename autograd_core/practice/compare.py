"""`compare(by_hand=..., of=loss)`: gradients by hand beside those of the engine, and which term differs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from autograd_core.engine.backward import adjoints
from autograd_core.engine.value import Value
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import MarkedLine, Part, Report
from autograd_core.graph.boxes import View, view
from autograd_core.graph.closed_scopes import Open
from autograd_core.graph.kinks import ViewKinks
from autograd_core.mistakes.answers import read_answer, unknown_name
from autograd_core.practice.differences import Differences
from autograd_core.practice.quiz.allowed_answers import allow_gradient, find_undefined
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.practice.quiz.diagnosis import Answer
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, GradientRecord

COMPUTED = 1e-6  # relative: the tolerance for results of a function; typed numbers count to three digits


@dataclass(frozen=True, slots=True)
class Compared:
    """One gradient, by hand and by the engine. terms: the edges whose contributions add up to it. findings: the
    differences in sentences, the nearest term first; empty where both agree. note: at a kink, which numbers agree."""

    name: str
    by_hand: float
    engine: float
    agrees: bool
    terms: tuple[EdgeRecord, ...]
    findings: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Comparison(Report):
    """The result of `compare`; it prints as a table with its findings. left_out: inputs without an answer. symbol: how
    derivatives write the output. changed: which inputs have other numbers now than the graph was computed with."""

    output: str
    symbol: str
    rows: tuple[Compared, ...]
    left_out: tuple[str, ...]
    changed: str = ""

    @property
    def agrees(self) -> bool:
        """Whether every answer agrees with the engine."""
        return all(row.agrees for row in self.rows)

    def parts(self) -> Iterator[Part]:
        """The table of the answers, and what was found in those that differ."""
        yield MarkedLine(f"Gradients of {name_text(self.output)}, by hand and by the engine", "title")
        if self.changed:
            yield f"  {visible_text(self.changed)}"
        rows = []
        for row in self.rows:
            name = chain_rule.total_derivative(self.symbol, row.name).text
            numbers = (row.by_hand, row.engine, 0.0 if row.agrees else row.by_hand - row.engine)
            rows.append((name, *map(number_text, numbers), "agrees" if row.agrees else "differs"))
        yield AlignedTable(rows, ("", "by hand", "engine", "difference", ""), right=(1, 2, 3), indent="  ")
        for row in self.rows:
            if not row.agrees:
                yield ""
                gradient = GradientRecord(row.name, row.engine, row.terms)
                yield chain_rule.gradient(gradient, self.symbol).text
                yield from (f"  - {visible_text(finding)}" for finding in row.findings)
        for row in self.rows:
            if row.note:
                yield ""
                yield visible_text(f"{chain_rule.total_derivative(self.symbol, row.name).text}: {row.note}")
        if self.left_out:
            yield ""
            yield f"Not given: {', '.join(map(name_text, self.left_out))}."


def compare(
    by_hand: Mapping[Any, Any] | Callable[..., Any],
    of: Value,
    tolerance: float | None = None,
    open: Open = (),  # noqa: A002
) -> Comparison:
    """The gradients of `of` by hand beside those of the engine, with the terms that differ.

    by_hand: {"x1": 5.5, ...}, of numbers, texts such as "1/3", or functions of the inputs; or one function of the
    inputs that returns such a dict, or the gradients in the order of its inputs. Functions get the inputs by name.
    tolerance: relative; without it, three significant digits for numbers and 1e-6 for results of a function. At a
    kink, every number from the slope of one side to that of the other agrees. Raises TypeError, ValueError or
    `NumberError` for an unknown name, an answer that is not a number, or a gradient that is not finite.

    >>> x = Value(3.0, label="x")
    >>> print(compare({"x": 3}, of=x * x).rows[0].findings[0])
    the term through out (3) is missing
    """
    if not isinstance(of, Value):
        raise TypeError(f"of= must be the Value whose gradients are compared, got {type(of).__name__}.")
    boxes = view(of, open)
    by_name = {_name(key, boxes): answer for key, answer in _answers(by_hand, boxes).items()}
    if not by_name:
        raise ValueError('there is nothing to compare: give by_hand={"x1": 5.5, ...}.')
    reached = adjoints(of)
    known = {box.name: reached[box.node] or 0.0 for box in boxes.boxes if box.kind != "constant"}
    by_box = {box.name: box for box in boxes.boxes}
    if problem := find_undefined(boxes, reached, [by_box[name] for name in by_name if name in known]):
        raise ValueError(f"{problem}: there is nothing to compare. Choose inputs for which all numbers are finite.")
    kinks = ViewKinks(boxes)
    answers = []
    for name, answer in by_name.items():
        if name not in known:
            raise unknown_name(name, list(known), "node")
        number = read_answer(answer.number, name)
        allowed = COMPUTED if tolerance is None and answer.computed else tolerance
        answers.append(
            Answer(
                Blank(name, "gradient", name, name), number, allow_gradient(kinks, by_box[name], known[name]), allowed
            )
        )
    differences = Differences(boxes, answers)
    rows = [
        Compared(
            answer.blank.node,
            answer.number,
            answer.allowed.exact,
            answer.right,
            *differences.explain(answer),
            answer.allowed.note if answer.right else "",
        )
        for answer in answers
    ]
    left_out = tuple(box.name for box in boxes.leaves if box.node.label and box.name not in by_name)
    return Comparison(boxes.boxes[-1].name, boxes.boxes[-1].of, tuple(rows), left_out, boxes.changes)


@dataclass(frozen=True, slots=True, eq=False)
class _RawAnswer:
    number: Any
    computed: bool


def _name(key: Any, boxes: View) -> str:
    if isinstance(key, Value):
        if key not in boxes.box_of:
            raise ValueError(f"{key!r} is not a node of the graph below of=.")
        return boxes.box_of[key].name
    return visible_text(str(key))


def _answers(by_hand: Any, boxes: View) -> dict[Any, _RawAnswer]:
    if not isinstance(by_hand, Mapping):
        if not callable(by_hand):
            raise TypeError(
                f'by_hand= must be a dict such as {{"x1": 5.5}} or a function of inputs, got {type(by_hand).__name__}.'
            )
        by_hand = _named_results(by_hand, boxes)
        return {key: _RawAnswer(number, computed=True) for key, number in by_hand.items()}
    return {
        key: _RawAnswer(_call(answer, boxes), computed=True) if callable(answer) else _RawAnswer(answer, computed=False)
        for key, answer in by_hand.items()
    }


def _call(function: Callable[..., Any], boxes: View) -> Any:
    inputs = {box.name: box.number for box in boxes.leaves}
    parameters = _parameters(function)
    for name in parameters:
        if name not in inputs:
            raise unknown_name(name, list(inputs), "input")
    return function(**{name: inputs[name] for name in parameters})


def _parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


def _named_results(function: Callable[..., Any], boxes: View) -> Mapping[Any, Any]:
    result = _call(function, boxes)
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
