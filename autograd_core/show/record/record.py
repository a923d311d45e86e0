"""The record of an explanation: every step of the chain rule as plain data, which all renderings read.

Reverse mode starts with 1 at the output and tells what each edge carries back; forward mode starts with 1 at one input
and tells what each edge carries on. Both use the same partials.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from autograd_core.engine.backward import adjoints
from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.formulas.notation import write, write_formula, written_name, written_number
from autograd_core.graph.boxes import Box, Kind, View
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
    """One node of the forward trace. expression: the operation on names; numbers: the same with numbers put in;
    textbook: the formula a composition stands for; why: why it is computed in another form. opening: of the first node
    inside an opened composition, the sentence that says the same of that one."""

    name: str
    kind: Kind
    operation: str
    expression: Formula
    numbers: Formula
    textbook: Formula
    why: str
    value: float
    opening: str = ""


@dataclass(frozen=True, slots=True)
class EdgeRecord:
    """What one edge carries.

    node, source: the two ends, node being computed from source as its input number `operand`. partial: dnode/dsource;
    formula and numbers write it in names and with numbers put in. carried: the upstream dL/dnode (reverse) or the
    tangent of source (forward). contribution = carried * partial. terms: all contributions to the same sum so far, this
    one included; total: their sum; complete: whether all have arrived. blocked: why the edge lets nothing through, ""
    where it does.
    """

    node: str
    source: str
    operand: int
    formula: Formula
    numbers: Formula
    partial: float | None
    carried: float | None
    contribution: float | None
    terms: tuple[float, ...]
    total: float | None
    complete: bool
    blocked: str


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One node of a sweep. carried: its adjoint (reverse) or its tangent (forward), None where nothing arrived."""

    node: str
    carried: float | None
    edges: tuple[EdgeRecord, ...]


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """One sweep: reverse from the output, or forward from the input `seed`. multiplications: one an edge that carries
    something; additions: one for each further term of a sum."""

    seed: str
    steps: tuple[StepRecord, ...]
    multiplications: int
    additions: int


@dataclass(frozen=True, slots=True)
class GradientRecord:
    """The derivative of the output by one input, with the edges whose contributions make it up (reverse mode)."""

    name: str
    value: float
    edges: tuple[EdgeRecord, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A whole explanation: the forward trace, the sweeps, the gradient, and steps of gradient descent from there."""

    mode: Mode
    output: str
    value: float
    nodes: tuple[NodeRecord, ...]
    sweeps: tuple[SweepRecord, ...]
    gradient: tuple[GradientRecord, ...]
    updates: tuple[UpdateRecord, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The record as dictionaries, lists, texts and numbers, ready for JSON; inf and nan become texts."""
        plain = json_safe(asdict(self))
        assert isinstance(plain, dict)
        return plain


def record(seen: View, mode: Mode = "reverse", learning_rate: float | None = None, steps: int = 1) -> Record:
    """The record of `seen` in reverse or forward mode; with a learning rate, `steps` of gradient descent too.

    Raises ValueError for another mode, and as `descend` does.
    """
    if mode not in ("reverse", "forward"):
        raise ValueError(f"mode is 'reverse' or 'forward', got {mode!r}.")
    if mode == "forward" and learning_rate is not None:
        raise ValueError("gradient descent needs the whole gradient, which is reverse mode: leave mode= out.")
    output = seen.boxes[-1]
    partials = {box: box.partials() for box in seen.boxes if box.entry is not None}
    if mode == "reverse":
        sweep, gradient = _reverse(seen, partials)
        sweeps = [sweep]
    else:
        sweeps = [_forward(seen, partials, seed) for seed in seen.leaves]
        gradient = [
            GradientRecord(seed.name, sweep.steps[-1].carried or 0.0 if sweep.steps else float(seed is output), ())
            for seed, sweep in zip(seen.leaves, sweeps, strict=True)
        ]
    nodes = tuple(replace(_node(box), opening=opening) for box, opening in _openings(seen))
    updates = descend(seen, learning_rate, steps) if learning_rate is not None else ()
    return Record(mode, output.name, output.number, nodes, tuple(sweeps), tuple(gradient), updates)


def _openings(seen: View) -> Iterator[tuple[Box, str]]:
    """Each box, with what is to be said where an opened composition begins."""
    entered: set[Scope] = set()
    for box in seen.boxes:
        begun = [] if box.entry is None else [scope for scope in box.enclosing() if scope not in entered]
        entered.update(begun)
        compositions = [scope for scope in reversed(begun) if isinstance(scope.definition, Composition)]
        yield box, " ".join(_opened(scope, seen) for scope in compositions)


def _opened(scope: Scope, seen: View) -> str:
    entry, count = scope.definition, len(scope.inputs)
    inputs = [
        written_number(one) if isinstance(one, float) else written_name(seen.box_of[one].name) for one in scope.inputs
    ]
    names = dict(zip(entry.input_names(count), inputs, strict=True))
    called, formula = write(entry, inputs).text, write_formula(entry.formula(count), names).text
    return f"Here {called} begins, which stands for {formula}; as computed, {entry.why}."


def _node(box: Box) -> NodeRecord:
    why = box.entry.why if isinstance(box.entry, Composition) else ""
    written = Formula(box.written(), box.written("latex"))
    numbers = Formula(box.written(numbers=True), box.written("latex", numbers=True))
    textbook = Formula(box.textbook(), box.textbook("latex")) if why else Formula()
    return NodeRecord(box.name, box.kind, box.operation, written, numbers, textbook, why, box.number)


Partials = dict[Box, tuple[float | None, ...]]


def _reverse(seen: View, partials: Partials) -> tuple[SweepRecord, list[GradientRecord]]:
    exact = adjoints(seen.root)
    to_come = {box: len(users) for box, users in seen.users().items()}
    terms: dict[Box, tuple[float, ...]] = dict.fromkeys(seen.boxes, ())
    arrived: dict[Box, list[EdgeRecord]] = {box: [] for box in seen.boxes}
    steps: list[StepRecord] = []
    for box in reversed(seen.boxes):
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
            arrived[source].append(edge)
        steps.append(StepRecord(box.name, exact[box.node], tuple(edges)))
    gradient = [GradientRecord(box.name, exact[box.node] or 0.0, tuple(arrived[box])) for box in seen.leaves]
    return _sweep(seen.boxes[-1].name, steps), gradient


def _forward(seen: View, partials: Partials, seed: Box) -> SweepRecord:
    tangents: dict[Box, float] = {seed: 1.0}
    steps: list[StepRecord] = []
    for box in seen.boxes:
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
        steps.append(StepRecord(box.name, tangents[box], tuple(edges)))
    if seen.boxes[-1] not in tangents:
        steps.append(StepRecord(seen.boxes[-1].name, 0.0, ()))
    return _sweep(seed.name, steps)


def _edge(box: Box, index: int, source: str, partial: float | None, carried: float | None) -> EdgeRecord:
    return EdgeRecord(
        node=box.name,
        source=source,
        operand=index,
        formula=Formula(box.derivative(index), box.derivative(index, "latex")),
        numbers=Formula(box.derivative(index, numbers=True), box.derivative(index, "latex", numbers=True)),
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


def json_safe(thing: Any) -> Any:
    """`thing` as JSON can hold it: dictionaries and lists, with the texts inf, -inf and nan for those numbers."""
    if isinstance(thing, dict):
        return {key: json_safe(value) for key, value in thing.items()}
    if isinstance(thing, (list, tuple)):
        return [json_safe(value) for value in thing]
    if isinstance(thing, float) and not math.isfinite(thing):
        return repr(thing)
    return thing
