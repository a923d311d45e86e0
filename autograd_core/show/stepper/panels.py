"""The data of the page's panels: the numbers of the record, the program of what-if, and the reasons for the order."""

from __future__ import annotations

from typing import Any

from autograd_core.formulas.labels import visible_sentence
from autograd_core.formulas.symbols import name_text
from autograd_core.show.record.paths import MOST_PATHS
from autograd_core.show.record.record import Record, json_safe
from autograd_core.show.record.sweep_order import WHY, Order
from autograd_core.show.stepper.final_picture import EdgeContribution, FinalPicture
from autograd_core.show.stepper.step_through import StepThrough
from autograd_core.show.stepper.what_if import program


def panels(step_through: StepThrough) -> dict[str, Any]:
    """numbers: values and gradients by card, partial and contribution by link. inputs, others: the cards a path may
    start from; sequence: the cards of all nodes, outputs first. program: of what-if, or why there is none."""
    view, picture = step_through.view, step_through.picture
    inputs = [picture.card_of[box.name] for box in view.leaves]
    sequence = [picture.card_of[box.name] for box in reversed(view.boxes)]
    others = [card for card in reversed(sequence) if card not in set(inputs)]
    return {
        "numbers": json_safe(_numbers(step_through.record, picture)),
        "inputs": inputs,
        "others": others,
        "sequence": sequence,
        "mostPaths": MOST_PATHS,
        "program": json_safe(program(view, picture)),
        "order": _order(step_through.order),
    }


def _numbers(record: Record, picture: FinalPicture) -> dict[str, Any]:
    adjoints = {step.node: step.carried for step in record.sweeps[0].steps}
    adjoints |= {gradient.name: gradient.value for gradient in record.gradient}
    links = {
        contribution.link: [contribution.edge.partial, contribution.edge.contribution, *_blocking_reason(contribution)]
        for contribution in picture.contributions
    }
    return {
        "values": {picture.card_of[node.name]: node.value for node in record.nodes},
        "grads": {picture.card_of[name]: number or 0.0 for name, number in adjoints.items()},
        "links": links,
    }


def _blocking_reason(contribution: EdgeContribution) -> list[str]:
    """The reason why nothing flows, in words; "" where something does."""
    return [contribution.product] if contribution.edge.contribution is None else []


def _order(order: Order) -> dict[str, Any]:
    wrong = [
        [
            way.kind.capitalize(),
            visible_sentence(way.sentence),
            [*map(visible_sentence, order.differences(way))],
        ]
        for way in order.wrong
    ]
    return {
        "why": WHY,
        "nodes": [visible_sentence(name_text(name)) for name in order.nodes],
        "sentences": [visible_sentence(sentence) for sentence in order.sentences()],
        "wrong": wrong,
    }
