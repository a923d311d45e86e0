"""The numbers that an exercise can ask for, and all the names of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from autograd_core.engine.value import Value
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import unknown_name
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, Record

Ask = str | Sequence[str | Value] | None
GROUPS = {"gradients": "gradient", "partials": "partial", "contributions": "contribution"}


def select_blanks(ask: Ask, view: View, by_name: Mapping[str, Blank]) -> tuple[Blank, ...]:
    """The blanks that `ask` names, among those in `by_name`. Raises ValueError for an unknown name."""
    if ask is None:
        labelled = [box for box in view.leaves if box.node.label]
        ask = [box.name for box in labelled or view.leaves]
    elif isinstance(ask, str) and ask in GROUPS and ask not in by_name:
        kind = GROUPS[ask]
        inputs = [box.name for box in view.leaves]
        ask = [
            blank.key
            for blank in dict.fromkeys(by_name.values())
            if blank.kind == kind and (kind != "gradient" or blank.node in inputs)
        ]
    elif isinstance(ask, (str, Value)):
        ask = [ask]
    blanks = dict.fromkeys(_blank(name, view, by_name) for name in ask)
    if not blanks:
        raise ValueError("there is nothing to ask for: no input of this value gets a gradient.")
    return tuple(blanks)


def _blank(name: str | Value, view: View, by_name: Mapping[str, Blank]) -> Blank:
    if isinstance(name, Value):
        if name not in view.box_of or view.box_of[name].node is not name:
            raise ValueError(f"{name!r} is not a node of this exercise; ask for one that the value was computed from.")
        name = view.box_of[name].name
    name = visible_text(name)
    if name not in by_name:
        raise unknown_name(name, list(dict.fromkeys(blank.key for blank in by_name.values())), "number to ask for")
    return by_name[name]


def blanks_by_name(
    record: Record, edges: Collection[EdgeRecord], nodes: Collection[str], rate: float | None = None
) -> dict[str, Blank]:
    """{name: blank} for every number that can be asked for, with all its names: x1; ∂c/∂a or c/a; c→a or c->a.

    edges: those of the sweep. nodes: the names of the nodes that may have a gradient. rate: a learning rate, with which
    the inputs after a step can be asked for, too: x1_new.
    """
    pairs = [(edge.node, edge.source) for edge in edges]
    gated = {edge.source for edge in edges if edge.contribution is None}
    blanks: dict[str, Blank] = {}
    for node in record.nodes:
        if node.name in nodes:
            users = sum(source == node.name for _, source in pairs)
            prompt = chain_rule.total_derivative(record.symbol, node.name).text
            blanks[node.name] = Blank(node.name, "gradient", prompt, node.name, users=users, gated=node.name in gated)
    for node in record.nodes if rate is not None else ():
        if node.name in nodes and not node.operation:
            key, prompt = f"{node.name}_new", f"{name_text(node.name)} after a step with learning rate {rate:g}"
            blanks[key] = Blank(key, "update", prompt, node.name, start=node.value, rate=rate or 0.0)
    for edge in edges:
        nth = f" (input {edge.operand + 1})" if pairs.count((edge.node, edge.source)) > 1 else ""
        partial = f"∂{edge.node}/∂{edge.source}{nth}"
        prompt = chain_rule.partial_derivative(edge.of, edge.source).text + nth
        contribution = f"{edge.node}→{edge.source}{nth}"
        place = (edge.node, edge.operand, edge.source, nth)
        blank = Blank(partial, "partial", prompt, *place)
        sent = Blank(
            contribution, "contribution", f"contribution {name_text(edge.node)} → {name_text(edge.source)}{nth}", *place
        )
        for name, named in (
            (partial, blank),
            (f"{edge.node}/{edge.source}{nth}", blank),
            (contribution, sent),
            (f"{edge.node}->{edge.source}{nth}", sent),
        ):
            blanks.setdefault(name, named)
    return blanks
