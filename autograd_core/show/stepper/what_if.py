"""The program of a picture: everything a page needs to compute the values, partials and gradients again by itself.

It is the tape of the graph and of its gradients; the page knows the forward rule of each operation (`forms.js`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

from autograd_core.engine.backward import Node
from autograd_core.engine.context import switched
from autograd_core.engine.gates import GatedContribution, Number, gated_edges
from autograd_core.engine.primitive import PRIMITIVES
from autograd_core.engine.primitives import where
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.boxes import Box, View
from autograd_core.graph.tape import Instruction, Tape, pull, push
from autograd_core.show.stepper.final_picture import FinalPicture

_NOTHING = GatedContribution(0.0, 0.0)


def program(seen: View, picture: FinalPicture) -> dict[str, Any] | str:
    """The program as data for the page, or the sentence that says why there is none.

    tape: by register, null for a leaf, a number for a constant, else [operation, register, ...] with the place of the
    operation in `operations`. leaves: the card of each leaf. cards: by card, the registers of value and gradient.
    links: by link, the registers of the partial, of the contribution, and of whether anything flows.
    """
    foreign = sorted({node.op for node in _nodes(seen) if not _has_form(node)})
    if foreign:
        listed = ", ".join(repr(name) for name in foreign)
        return f"this page has no form of {listed}, which is no operation of the table: change the number in Python."
    tape = Tape()
    held: dict[Node, Number] = {}
    order = push(tape, seen.root, held)
    adjoints = pull(order, held)
    cards = {
        picture.card_of[box.name]: [tape.register(one).index for one in (held[box.node], _adjoint(adjoints, box))]
        for box in seen.boxes
    }
    link_of = {(one.edge.node, one.edge.operand): one.link for one in picture.contributions}
    links = {
        link_of[box.name, index]: [tape.register(one).index for one in _carried(adjoints, box, partial)]
        for box in seen.boxes
        for index, partial in enumerate(_partials(tape, box, held))
        if (box.name, index) in link_of
    }
    leaves = [picture.card_of[seen.box_of[node].name] for node in order if node.primitive is None]
    wanted = {index for registers in (*cards.values(), *links.values()) for index in registers}
    kept = _needed(tape, wanted)
    place = {index: number for number, index in enumerate(kept)}
    lines = [tape.instructions[index] for index in kept]
    names = sorted({one.primitive.name for one in lines if one.primitive is not None})
    return {
        "operations": names,
        "tape": [_written(one, names, place) for one in lines],
        "leaves": leaves,
        "cards": {card: [place[index] for index in registers] for card, registers in cards.items()},
        "links": {link: [place[index] for index in registers] for link, registers in links.items()},
    }


@functools.cache
def forms() -> frozenset[str]:
    """The names of the operations whose forward rule the page knows."""
    source = resources.files("autograd_core.show.stepper").joinpath("operations.js").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^  (\w+): \(", source, re.MULTILINE))


def _nodes(seen: View) -> list[Value]:
    return [member for box in seen.boxes if box.entry is not None for member in box.members]


def _has_form(node: Value) -> bool:
    return PRIMITIVES.get(node.op) is node.primitive and node.op in forms()


def _adjoint(adjoints: Mapping[Node, GatedContribution], box: Box) -> Number:
    return adjoints.get(box.node, _NOTHING).number


def _carried(
    adjoints: Mapping[Node, GatedContribution], box: Box, partial: GatedContribution
) -> tuple[Number, Number, Number]:
    """What the edge from `box` with this `partial` carries: partial, contribution, whether anything flows."""
    adjoint = adjoints.get(box.node, _NOTHING)
    flows = where(adjoint.arrives, partial.arrives, 0.0)
    return partial.number, where(flows, adjoint.number * partial.number, 0.0), flows


def _partials(tape: Tape, box: Box, held: Mapping[Node, Number]) -> list[GatedContribution]:
    """dbox/doperand for each operand, a closed composition's by the chain rule within it."""
    if box.entry is None:
        return []
    numbers = [held[operand.box.node] if operand.box is not None else operand.number for operand in box.operands]
    if not isinstance(box.entry, Composition):
        variable = [index for index, operand in enumerate(box.operands) if operand.box is not None]
        edges = gated_edges(box, box.entry, range(len(numbers)), (held[box.node], *numbers), variable)
        partials = {index: GatedContribution(1.0) * partial for _, index, partial in edges}
        return [partials.get(index, _NOTHING) for index in range(len(numbers))]
    inputs = [operand.number if operand.box is None else Value(operand.number) for operand in box.operands]
    with switched(recording=True, anomaly=False, recording_partials=False):
        inside = box.entry.of_flat(inputs)
    within = {one: number for one, number in zip(inputs, numbers, strict=True) if isinstance(one, Value)}
    adjoints = pull(push(tape, inside, within), within)
    return [adjoints.get(one, _NOTHING) for one in inputs]


def _needed(tape: Tape, wanted: set[int]) -> list[int]:
    """The registers that lead to the `wanted` ones, and all leaves, in order."""
    needed = wanted | set(tape.leaves)
    for index in reversed(range(len(tape.instructions))):
        if index in needed:
            needed.update(tape.instructions[index].inputs)
    return sorted(needed)


def _written(one: Instruction, names: list[str], place: Mapping[int, int]) -> list[int] | float | None:
    if one.primitive is not None:
        return [names.index(one.primitive.name), *(place[index] for index in one.inputs)]
    return one.constant
