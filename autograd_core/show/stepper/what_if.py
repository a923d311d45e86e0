"""The program of a picture: the instructions with which a page computes the values, partials and gradients again.

It is the tape of the graph and of its gradients. The page has a rule for each operation of the table (`operations.js`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_core.engine.backward import Node
from autograd_core.engine.context import set_mode
from autograd_core.engine.gates import GatedContribution, Number, gated_edges
from autograd_core.engine.primitive import PRIMITIVES
from autograd_core.engine.primitives import where
from autograd_core.engine.scope import Composition, may_be_at_kink
from autograd_core.engine.value import Value
from autograd_core.graph.boxes import Box, View
from autograd_core.graph.kinks import convention
from autograd_core.graph.tape import Tape, append_gradients, append_graph
from autograd_core.show.page.tape_data import tape_data
from autograd_core.show.stepper.final_picture import FinalPicture

WITH_KINK = {"abs", "floor", "maximum", "minimum", *(name for name, entry in PRIMITIVES.items() if entry.comparison)}
_NOTHING = GatedContribution(0.0, 0.0)


def program(view: View, picture: FinalPicture) -> dict[str, Any] | str:
    """The program as data for the page, or a sentence with the reason why there is none.

    tape, operations: see `TapeData`. leaves: the card of each leaf. cards: by card, the registers of value and
    gradient. links: by link, the registers of the partial, of the contribution, and of whether anything flows. kinks:
    by card, the sentence for its kink, and the operations that may be at theirs, with the registers of their inputs.
    """
    nodes = [member for box in view.boxes if box.entry is not None for member in box.members]
    foreign = sorted({node.op for node in nodes if node.primitive is not None and not node.primitive.is_listed})
    if foreign:
        listed = ", ".join(map(repr, foreign))
        return (
            f"this page has no rule for {listed}, which is not in the table of operations: change the number in Python."
        )
    if view.several_numbers:
        return view.several_numbers
    tape = Tape()
    shown = set(view.boxes)
    # The closed values of a choice among many have no card; they stay as they are.
    number_of: dict[Node, Number] = {
        node: view.captured[node][0] for node in view.box_of if view.box_of[node] not in shown
    }
    order = append_graph(tape, view.root, number_of)
    adjoints = append_gradients(order, number_of)
    cards = {
        picture.card_of[box.name]: _registers(tape, number_of[box.node], adjoints.get(box.node, _NOTHING).number)
        for box in view.boxes
    }
    link_of = {(carried.edge.node, carried.edge.operand): carried.link for carried in picture.contributions}
    links = {
        link_of[box.name, index]: _registers(tape, *_contribution(adjoints, box, partial))
        for box in view.boxes
        for index, partial in enumerate(_partials(tape, box, number_of))
        if (box.name, index) in link_of
    }
    kinks = {picture.card_of[box.name]: _kinks(tape, box, number_of) for box in view.boxes}
    inputs = [registers for operations in kinks.values() for _, registers in operations]
    data = tape_data(tape, {index for registers in (*cards.values(), *links.values(), *inputs) for index in registers})
    place = data.place
    sentences = {picture.card_of[box.name]: convention(box.entry) for box in view.boxes if box.entry is not None}
    return {
        "operations": data.operations,
        "tape": data.lines,
        "leaves": [picture.card_of[view.box_of[node].name] for node in order if node.primitive is None],
        "cards": {card: [place[index] for index in registers] for card, registers in cards.items()},
        "links": {link: [place[index] for index in registers] for link, registers in links.items()},
        "kinks": {
            card: [sentences[card], [[name, *(place[index] for index in registers)] for name, registers in operations]]
            for card, operations in kinks.items()
            if operations
        },
    }


def _kinks(tape: Tape, box: Box, number_of: Mapping[Node, Number]) -> list[tuple[str, list[int]]]:
    """The operations in a box that may be between two pieces, with the registers of their inputs."""
    return [
        (node.op, _registers(tape, *[number_of[x] if isinstance(x, Value) else x for x in node.inputs]))
        for node in (box.members if box.entry is not None else ())
        if node.op in WITH_KINK and may_be_at_kink(node)
    ]


def _registers(tape: Tape, *numbers: Number) -> list[int]:
    return [tape.register(number).index for number in numbers]


def _contribution(
    adjoints: Mapping[Node, GatedContribution], box: Box, partial: GatedContribution
) -> tuple[Number, Number, Number]:
    """The registers of the edge from `box` with this `partial`: partial, contribution, whether anything flows."""
    adjoint = adjoints.get(box.node, _NOTHING)
    flows = where(adjoint.arrives, partial.arrives, 0.0)
    return partial.number, where(flows, adjoint.number * partial.number, 0.0), flows


def _partials(tape: Tape, box: Box, number_of: Mapping[Node, Number]) -> list[GatedContribution]:
    """dbox/doperand for each operand, a closed composition's by the chain rule within it."""
    if box.entry is None:
        return []
    numbers = [number_of[operand.box.node] if operand.box is not None else operand.number for operand in box.operands]
    if not isinstance(box.entry, Composition):
        variable = [index for index, operand in enumerate(box.operands) if operand.box is not None]
        edges = gated_edges(box, box.entry, range(len(numbers)), (number_of[box.node], *numbers), variable)
        partials = {index: GatedContribution(1.0) * partial for _, index, partial in edges}
        return [partials.get(index, _NOTHING) for index in range(len(numbers))]
    inputs = [operand.number if operand.box is None else Value(operand.number) for operand in box.operands]
    with set_mode(recording=True, anomaly=False, recording_partials=False):
        inside = box.entry.of_flat(inputs)
    within = {source: number for source, number in zip(inputs, numbers, strict=True) if isinstance(source, Value)}
    adjoints = append_gradients(append_graph(tape, inside, within), within)
    return [adjoints.get(source, _NOTHING) for source in inputs]
