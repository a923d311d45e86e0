"""Which answers are right: the engine's number, and at a kink every number that one of its sides gives."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from autograd_core.engine.value import Value
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import Box, View
from autograd_core.graph.kinks import SlopeRange, ViewKinks, kinks_in_words
from autograd_core.mistakes.answers import agrees


@dataclass(frozen=True, slots=True)
class AllowedAnswers:
    """The answers to one question. exact: the engine's number. slopes: the numbers that the sides of the kinks allow.
    kinks: the operations at their kink on which the answer depends."""

    exact: float
    slopes: SlopeRange
    kinks: tuple[Box, ...] = ()

    @property
    def low(self) -> float:
        """The least right answer."""
        return min(self.exact, self.slopes.low)

    @property
    def high(self) -> float:
        """The greatest right answer."""
        return max(self.exact, self.slopes.high)

    @property
    def is_choice(self) -> bool:
        """Whether a kink allows several answers."""
        return bool(self.kinks) and SlopeRange(self.low, self.high).is_wide

    def allow(self, answer: float, tolerance: float | None = None) -> bool:
        """Whether the answer is right, compared as `agrees` does."""
        if agrees(answer, self.exact, tolerance):
            return True
        return self.is_choice and (
            self.low <= answer <= self.high or any(agrees(answer, end, tolerance) for end in (self.low, self.high))
        )

    @property
    def note(self) -> str:
        """A sentence about the kink, with all numbers; empty where there is none."""
        if not self.kinks:
            return ""
        where = kinks_in_words(self.kinks)
        if not self.is_choice:
            both = (
                "one side gives no finite number, and the other gives"
                if self.slopes.has_infinite_side
                else "both sides give"
            )
            return f"{where}, {both} this number."
        low, high = number_text(self.low), number_text(self.high)
        return (
            f"{where}, any number from {low} to {high} is right: the slopes of the two sides, and those between. "
            f"The engine's convention is {number_text(self.exact)}."
        )


def allow_gradient(kinks: ViewKinks, box: Box, exact: float) -> AllowedAnswers:
    """The right answers for the gradient of a box."""
    decisive = tuple(kinks.above(box))
    return AllowedAnswers(exact, kinks.gradient(box) if decisive else SlopeRange(exact, exact), decisive)


def find_undefined(view: View, adjoints: Mapping[Value, float | None], asked: Collection[Box]) -> str:
    """The first number that is not finite on the way from the output to the boxes asked for, in words; else empty."""
    leading: set[Box] = set()  # inputs come first
    for box in view.boxes:
        if box in asked or (
            adjoints.get(box.node) is not None and any(operand.box in leading for operand in box.operands)
        ):
            leading.add(box)
    for box in (*(box for box in view.boxes if box in leading), view.boxes[-1]):
        if not box.finite:
            return _undefined_value(box)
    for box in reversed(view.boxes):
        if box in leading and box.entry is not None and adjoints.get(box.node) is not None:
            for index, (operand, partial) in enumerate(zip(box.operands, box.partials(), strict=True)):
                if operand.box in leading and partial is not None and not math.isfinite(partial):
                    pair = f"∂{name_text(box.of)}/∂{name_text(operand.box.name)}"
                    derivative = box.derivative(index)
                    rule = f" = {derivative}" if derivative else ""
                    return f"{pair}{rule} is {number_text(partial)} at {_inputs(box)}"
    for box in view.boxes:
        reached = adjoints.get(box.node)
        if box in leading and reached is not None and not math.isfinite(reached):
            return f"d{name_text(view.boxes[-1].of)}/d{name_text(box.name)} is {number_text(reached)}"
    return ""


def _undefined_value(box: Box) -> str:
    while True:
        below = [operand.box for operand in box.operands if operand.box is not None and not operand.box.finite]
        if not below:
            break
        box = below[0]
    name, number = name_text(box.name), number_text(box.number)
    return f"{name} = {box.written()} is {number} at {_inputs(box)}" if box.entry else (f"{name} is {number}")


def _inputs(box: Box) -> str:
    named = {name_text(operand.box.name): operand.number for operand in box.operands if operand.box is not None}
    return ", ".join(f"{name} = {number_text(number)}" for name, number in named.items())
