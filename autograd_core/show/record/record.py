"""The record of an explanation: every step of the chain rule as plain data, which all views read.

Reverse mode starts with 1 at the output and follows the contributions back along the edges; forward mode starts with 1
at one input and follows them on. Both use the same partials.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from autograd_core.engine.backward import adjoints
from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.formulas.notation import write, write_formula, write_name, write_number
from autograd_core.graph.boxes import Box, Kind, View
from autograd_core.graph.kinks import kink_sentence
from autograd_core.show.record.gradient_descent import UpdateRecord, descend

Mode = Literal["reverse", "forward"]


@dataclass(frozen=True, slots=True)
class Formula:
    """A piece of mathematics as text and as LaTeX; both empty where there is none."""

    text: str = ""
    latex: str = ""

    def __bool__(self) -> bool:
        return bool(self.text)


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """One node of the forward trace. expression: the operation on names; numbers: the operation on numbers; textbook:
    the formula of a composition; why: the reason for the form in which it is computed. opening: at the first node
    inside an opened composition, the sentence with its formula and this reason. changed: a note on other numbers that
    it has now or was used with, such as "now 10". exact: whether the numbers as shown give the value as shown. kink: at
    a kink, the sentence with its convention."""

    name: str
    kind: Kind
    operation: str
    expression: Formula
    numbers: Formula
    textbook: Formula
    why: str
    value: float
    exact: bool = True
    opening: str = ""
    changed: str = ""
    kink: str = ""


@dataclass(frozen=True, slots=True)
class EdgeRecord:
    """What one edge carries.

    node, source: its two ends; source is the input number `operand` of node. of: how derivatives write node. partial:
    ∂node/∂source; formula, numbers: the same in names and in numbers; exact: whether these give it as it is shown.
    carried: the upstream dL/dnode (reverse) or the tangent of source (forward). contribution = carried * partial.
    terms: the contributions to the same sum up to this one; total: their sum; complete: whether it is the whole sum.
    blocked: why nothing flows, "" where the edge is open.
    """

    node: str
    source: str
    operand: int
    of: str
    formula: Formula
    numbers: Formula
    exact: bool
    partial: float | None
    carried: float | None
    contribution: float | None
    terms: tuple[float, ...]
    total: float | None
    complete: bool
    blocked: str


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One node of a sweep. of: how derivatives write it. carried: its adjoint (reverse) or its tangent (forward), None
    where nothing arrived."""

    node: str
    of: str
    carried: float | None
    edges: tuple[EdgeRecord, ...]


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """One sweep: reverse from the output, or forward from the input `seed` (as derivatives write it). multiplications:
    one for each contribution; additions: one for each further term of a sum."""

    seed: str
    steps: tuple[StepRecord, ...]
    multiplications: int
    additions: int


@dataclass(frozen=True, slots=True)
class GradientRecord:
    """The derivative of the output with respect to one input, and the edges that contribute to it (reverse mode)."""

    name: str
    value: float
    edges: tuple[EdgeRecord, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A whole explanation: the forward trace, the sweeps, the gradient, and the steps of gradient descent.

    output: the name of the root; symbol: how derivatives write it.
    """

    mode: Mode
    output: str
    symbol: str
    value: float
    nodes: tuple[NodeRecord, ...]
    sweeps: tuple[SweepRecord, ...]
    gradient: tuple[GradientRecord, ...]
    updates: tuple[UpdateRecord, ...] = ()

    @property
    def meaning_of_symbol(self) -> str:
        """ ", which derivatives write L" where the output has a longer name; else ""."""
        return f", which derivatives write {self.symbol}" if self.symbol != self.output else ""

    def as_dict(self) -> dict[str, Any]:
        """The record as dictionaries, lists, texts and numbers, ready for JSON; inf and nan become texts."""
        plain = json_safe(asdict(self))
        assert isinstance(plain, dict)
        return plain


def record(view: View, mode: Mode = "reverse", learning_rate: float | None = None, steps: int = 1) -> Record:
    """The record of `view` in reverse or forward mode; with a learning rate, `steps` of gradient descent too.

    Raises ValueError for another mode, and as `descend` does.
    """
    if mode not in ("reverse", "forward"):
        raise ValueError(f"mode is 'reverse' or 'forward', got {mode!r}.")
    if mode == "forward" and learning_rate is not None:
        raise ValueError("gradient descent needs the whole gradient, and so reverse mode: leave mode= out.")
    output = view.boxes[-1]
    partials = {box: box.partials() for box in view.boxes if box.entry is not None}
    if mode == "reverse":
        sweep, gradient = _reverse(view, partials)
        sweeps = [sweep]
    else:
        sweeps = [_forward(view, partials, seed) for seed in view.leaves]
        gradient = [
            GradientRecord(seed.name, sweep.steps[-1].carried or 0.0 if sweep.steps else float(seed is output), ())
            for seed, sweep in zip(view.leaves, sweeps, strict=True)
        ]
    nodes = tuple(replace(_node(box), opening=opening) for box, opening in _openings(view))
    updates = descend(view, learning_rate, steps) if learning_rate is not None else ()
    return Record(mode, output.name, output.of, output.number, nodes, tuple(sweeps), tuple(gradient), updates)


def _openings(view: View) -> Iterator[tuple[Box, str]]:
    """Each box, with the sentences for the opened compositions that begin there."""
    entered: set[Scope] = set()
    for box in view.boxes:
        begun = [] if box.entry is None else [scope for scope in box.enclosing() if scope not in entered]
        entered.update(begun)
        compositions = [scope for scope in reversed(begun) if isinstance(scope.definition, Composition)]
        yield box, " ".join(_opening(scope, view) for scope in compositions)


def _opening(scope: Scope, view: View) -> str:
    entry, count = scope.definition, len(scope.inputs)
    inputs = [
        write_number(source) if isinstance(source, float) else write_name(view.box_of[source].name)
        for source in scope.inputs
    ]
    names = dict(zip(entry.input_names(count), inputs, strict=True))
    call, formula = write(entry, inputs).text, write_formula(entry.formula(count), names).text
    return f"Here {call} begins, which stands for {formula}; as computed, {entry.why}."


def _node(box: Box) -> NodeRecord:
    why = box.entry.why if isinstance(box.entry, Composition) else ""
    written = Formula(box.written(), box.written("latex"))
    numbers = Formula(box.written(numbers=True), box.written("latex", numbers=True))
    textbook = Formula(box.textbook(), box.textbook("latex")) if why else Formula()
    notes = {"changed": box.changed, "kink": kink_sentence(box)}
    return NodeRecord(
        box.name, box.kind, box.operation, written, numbers, textbook, why, box.number, box.is_exact, **notes
    )


Partials = dict[Box, tuple[float | None, ...]]


def _reverse(view: View, partials: Partials) -> tuple[SweepRecord, list[GradientRecord]]:
    exact = adjoints(view.root)
    to_come = {box: len(users) for box, users in view.users().items()}
    terms: dict[Box, tuple[float, ...]] = dict.fromkeys(view.boxes, ())
    edges_to: dict[Box, list[EdgeRecord]] = {box: [] for box in view.boxes}
    steps: list[StepRecord] = []
    for box in reversed(view.boxes):
        if box.entry is None:
            continue
        edges: list[EdgeRecord] = []
        for index, operand in enumerate(box.operands):
            source = operand.box
            if source is None:
                continue
            edge = _edge(box, index, source.name, partials[box][index], exact[box.node])
            if edge.contribution is not None:
                terms[source] += (edge.contribution,)
            to_come[source] -= 1
            complete = to_come[source] == 0
            # The engine's own sum once it is complete: a closed box may differ from it in the last digit.
            total = exact[source.node] if complete else sum(terms[source]) if terms[source] else None
            edge = replace(edge, terms=terms[source], total=total, complete=complete)
            edges.append(edge)
            edges_to[source].append(edge)
        steps.append(StepRecord(box.name, box.of, exact[box.node], tuple(edges)))
    gradient = [GradientRecord(box.name, exact[box.node] or 0.0, tuple(edges_to[box])) for box in view.leaves]
    return _sweep(view.boxes[-1].of, steps), gradient


def _forward(view: View, partials: Partials, seed: Box) -> SweepRecord:
    tangents: dict[Box, float] = {seed: 1.0}
    steps: list[StepRecord] = []
    for box in view.boxes:
        if not any(operand.box in tangents for operand in box.operands):
            continue
        edges: list[EdgeRecord] = []
        terms: tuple[float, ...] = ()
        sources = [(index, operand.box) for index, operand in enumerate(box.operands) if operand.box in tangents]
        for position, (index, source) in enumerate(sources, 1):
            assert source is not None
            edge = _edge(box, index, source.name, partials[box][index], tangents[source])
            terms = terms if edge.contribution is None else (*terms, edge.contribution)
            edges.append(replace(edge, terms=terms, total=sum(terms), complete=position == len(sources)))
        tangents[box] = sum(terms) if terms else 0.0
        steps.append(StepRecord(box.name, box.of, tangents[box], tuple(edges)))
    if view.boxes[-1] not in tangents:
        steps.append(StepRecord(view.boxes[-1].name, view.boxes[-1].of, 0.0, ()))
    return _sweep(seed.name, steps)


def _edge(box: Box, index: int, source: str, partial: float | None, carried: float | None) -> EdgeRecord:
    return EdgeRecord(
        node=box.name,
        source=source,
        operand=index,
        of=box.of,
        formula=Formula(box.derivative(index), box.derivative(index, "latex")),
        numbers=Formula(box.derivative(index, numbers=True), box.derivative(index, "latex", numbers=True)),
        exact=box.is_exact_derivative(index),
        partial=partial,
        carried=carried,
        contribution=carried * partial if partial is not None and carried is not None else None,
        terms=(),
        total=None,
        complete=False,
        blocked="" if partial is not None else "gate closed" if box.passes_gradient(index) else "flat: nothing flows",
    )


def _sweep(seed: str, steps: list[StepRecord]) -> SweepRecord:
    carrying = [edge for step in steps for edge in step.edges if edge.contribution is not None]
    additions = sum(len(edge.terms) > 1 for edge in carrying)
    return SweepRecord(seed, tuple(steps), len(carrying), additions)


def json_safe(data: Any) -> Any:
    """`data` as JSON can hold it: dictionaries and lists, with the texts inf, -inf and nan for those numbers."""
    if isinstance(data, dict):
        return {key: json_safe(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [json_safe(value) for value in data]
    if isinstance(data, float) and not math.isfinite(data):
        return repr(data)
    return data
