"""A number to fill in, and the number that a mistake gives there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from autograd_core.mistakes.mistakes import Mistake

BlankKind = Literal["gradient", "partial", "contribution", "update"]


@dataclass(frozen=True, slots=True)
class Blank:
    """One number to fill in.

    key: its name in answers. prompt: its name in the exercise. node: the node of the gradient, or the node from which
    an edge goes back. operand, source: the index and the name of that edge's input. nth: which of several edges to it.
    users: the number of contributions. gated: whether a closed gate stops some of them. start, rate: of an update, the
    number of the node before the step, and the learning rate.
    """

    key: str
    kind: BlankKind
    prompt: str
    node: str
    operand: int = 0
    source: str = ""
    nth: str = ""
    users: int = 0
    gated: bool = False
    start: float = 0.0
    rate: float = 0.0

    def under(self, mistake: Mistake) -> float | None:
        """The number that `mistake` gives here; None where it has no effect."""
        if self.kind == "gradient":
            return mistake.adjoints.get(self.node)
        if self.kind == "update":
            gradient = mistake.adjoints.get(self.node)
            return mistake.updates.get(self.node) if gradient is None else self.start - self.rate * gradient
        numbers = mistake.partials if self.kind == "partial" else mistake.contributions
        return numbers.get((self.node, self.operand))
