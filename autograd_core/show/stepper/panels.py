"""What the page's panels read: the numbers of the record, the program of what-if, and the reasons for the order."""

from __future__ import annotations

from typing import Any

from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.graph.boxes import View
from autograd_core.show.record import chain_rule
from autograd_core.show.record.paths import MOST_PATHS
from autograd_core.show.record.record import Record
from autograd_core.show.record.sweep_order import WHY, order
from autograd_core.show.stepper.final_picture import EdgeContribution, FinalPicture
from autograd_core.show.stepper.what_if import program


def panels(made: Record, seen: View, ending: FinalPicture) -> dict[str, Any]:
    """numbers: values and gradients by card, partial and contribution by link. inputs, others: the cards a path may
    start from; sequence: the cards of all nodes, outputs first. program: of what-if, or why there is none."""
    card_of = ending.card_of
    inputs = [card_of[box.name] for box in seen.leaves]
    sequence = [card_of[box.name] for box in reversed(seen.boxes)]
    others = [card for card in reversed(sequence) if card not in set(inputs)]
    return {
        "numbers": _numbers(made, ending),
        "inputs": inputs,
        "others": others,
        "sequence": sequence,
        "mostPaths": MOST_PATHS,
        "program": program(seen, ending),
        "order": _order(made, seen),
    }


def _numbers(made: Record, ending: FinalPicture) -> dict[str, Any]:
    adjoints = {step.node: step.carried for step in made.sweeps[0].steps}
    adjoints |= {one.name: one.value for one in made.gradient}
    return {
        "values": {ending.card_of[node.name]: node.value for node in made.nodes},
        "grads": {ending.card_of[name]: number or 0.0 for name, number in adjoints.items()},
        "links": {one.link: [one.edge.partial, one.edge.contribution, *_blocked(one)] for one in ending.carried},
    }


def _blocked(one: EdgeContribution) -> list[str]:
    """Why nothing flows, in words, where nothing does."""
    return [one.product] if one.edge.contribution is None else []


def _order(made: Record, seen: View) -> dict[str, Any]:
    reasons = order(seen, made)
    wrong = [
        [
            one.kind.capitalize(),
            visible_text(one.sentence),
            [
                f"{visible_text(chain_rule.total_derivative(made.output, name).text)} would be {number_text(number)} "
                f"instead of {number_text(right)}"
                for name, number, right in one.gradients
            ],
        ]
        for one in reasons.wrong
    ]
    return {
        "why": WHY,
        "nodes": [visible_text(name) for name in reasons.nodes],
        "sentences": [visible_text(sentence) for sentence in reasons.sentences()],
        "wrong": wrong,
    }
