"""What an exercise asks for: every number of a graph that can be blank, under all the names it goes by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from autograd_core.engine.value import Value
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import unknown_name
from autograd_core.practice.quiz.verdict import Blank
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, Record

Ask = str | Sequence[str | Value] | None
GROUPS = {"gradients": "gradient", "partials": "partial", "contributions": "contribution"}


def asked(ask: Ask, seen: View, spelled: Mapping[str, Blank]) -> tuple[Blank, ...]:
    """The blanks that `ask` means, of those in `spelled`. Raises ValueError for a name that is not there."""
    if ask is None:
        labelled = [box for box in seen.leaves if box.node.label]
        ask = [box.name for box in labelled or seen.leaves]
    elif isinstance(ask, str) and ask in GROUPS and ask not in spelled:
        kind = GROUPS[ask]
        inputs = [box.name for box in seen.leaves]
        ask = [
            blank.key
            for blank in dict.fromkeys(spelled.values())
            if blank.kind == kind and (kind != "gradient" or blank.node in inputs)
        ]
    elif isinstance(ask, (str, Value)):
        ask = [ask]
    blanks = dict.fromkeys(_blank(thing, seen, spelled) for thing in ask)
    if not blanks:
        raise ValueError("there is nothing to ask for: no input of this value gets a gradient.")
    return tuple(blanks)


def _blank(thing: str | Value, seen: View, spelled: Mapping[str, Blank]) -> Blank:
    if isinstance(thing, Value):
        if thing not in seen.box_of or seen.box_of[thing].node is not thing:
            raise ValueError(f"{thing!r} is no node of this exercise; ask for one that the value was computed from.")
        thing = seen.box_of[thing].name
    if thing not in spelled:
        raise unknown_name(thing, list(dict.fromkeys(blank.key for blank in spelled.values())), "number to ask for")
    return spelled[thing]


def spellings(made: Record, edges: Collection[EdgeRecord], nodes: Collection[str]) -> dict[str, Blank]:
    """Every number that can be asked for, under all its names: x1; ∂c/∂a or c/a; c→a or c->a.

    edges: those of the sweep; nodes: the names of those that may have a gradient.
    """
    pairs = [(edge.node, edge.source) for edge in edges]
    gated = {edge.source for edge in edges if edge.contribution is None}
    spelled: dict[str, Blank] = {}
    for node in made.nodes:
        if node.name in nodes:
            users = sum(source == node.name for _, source in pairs)
            prompt = chain_rule.total_derivative(made.output, node.name).text
            spelled[node.name] = Blank(node.name, "gradient", prompt, node.name, users=users, gated=node.name in gated)
    for edge in edges:
        nth = f" (input {edge.operand + 1})" if pairs.count((edge.node, edge.source)) > 1 else ""
        partial = chain_rule.partial_derivative(edge.node, edge.source).text + nth
        contribution = f"{edge.node}→{edge.source}{nth}"
        place = (edge.node, edge.operand, edge.source, nth)
        blank = Blank(partial, "partial", partial, *place)
        sent = Blank(contribution, "contribution", f"contribution {contribution}", *place)
        for name, one in (
            (partial, blank),
            (f"{edge.node}/{edge.source}{nth}", blank),
            (contribution, sent),
            (f"{edge.node}->{edge.source}{nth}", sent),
        ):
            spelled.setdefault(name, one)
    return spelled
