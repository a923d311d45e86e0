"""Why backward goes in reverse topological order: which node waits for which, and what other orders give here."""

from __future__ import annotations

from dataclasses import dataclass

from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.engine_mistakes import engine_mistakes
from autograd_core.mistakes.mistakes import OVERWROTE, REVISITED, TOO_EARLY, join_names
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import Record

WHY = (
    "A node passes its gradient on once, when it is complete: after every node that was computed from it. The reverse "
    "of the order of computation guarantees this."
)
_KINDS = (TOO_EARLY, REVISITED, OVERWROTE)
_MOST_OF_A_KIND = 2
_MOST_BOXES = 60  # in larger graphs the mistakes take too long to simulate
_MOST_NAMES = 40


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong order: what it does, and the gradients that it changes (of, wrong, right)."""

    kind: str
    sentence: str
    gradients: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """How derivatives write the output; the nodes in the order of the sweep, the output first; for each node used more
    than once, those it waits for; and the results of wrong orders. It prints as text."""

    symbol: str
    nodes: tuple[str, ...]
    waits: tuple[tuple[str, tuple[str, ...]], ...]
    wrong: tuple[Wrong, ...]

    def sentences(self) -> list[str]:
        """One sentence for each node that waits for several others."""
        return [
            f"{name_text(name)} waits for {join_names(list(map(name_text, users)))}."
            for name, users in self.waits[:_MOST_NAMES]
        ]

    def __str__(self) -> str:
        cut = ["…"] if len(self.nodes) > _MOST_NAMES else []
        lines = [
            WHY,
            "",
            f"The order: {', '.join([*map(name_text, self.nodes[:_MOST_NAMES]), *cut])}",
            *self.sentences(),
        ]
        for mistake in self.wrong:
            lines += ["", f"{mistake.kind.capitalize()}: {mistake.sentence}."]
            lines += [f"  {line}" for line in self.differences(mistake)]
        return "\n".join(lines)

    def differences(self, wrong: Wrong) -> list[str]:
        """A line for each gradient that a wrong order changes."""
        return [
            f"{chain_rule.total_derivative(self.symbol, name).text} would be {number_text(number)} "
            f"instead of {number_text(right)}"
            for name, number, right in wrong.gradients
        ]


def order(view: View, record: Record) -> Order:
    """The order of the sweep of `record`, the record of `view`. Raises ValueError in forward mode."""
    if record.mode != "reverse":
        raise ValueError("the order of the sweep is that of reverse mode: use explain(value).order().")
    names = tuple(box.name for box in reversed(view.boxes))
    users = {
        box.name: tuple(dict.fromkeys(user.name for user, _ in reversed(using))) for box, using in view.users().items()
    }
    waits = tuple((name, users[name]) for name in names if len(users[name]) > 1)
    return Order(record.symbol, names, waits, _wrong(view, record))


def _wrong(view: View, record: Record) -> tuple[Wrong, ...]:
    if len(view.boxes) > _MOST_BOXES:
        return ()
    right = {gradient.name: gradient.value for gradient in record.gradient}
    found: dict[str, list[Wrong]] = {kind: [] for kind in _KINDS}
    for mistake in engine_mistakes(view):
        of_kind = found.get(mistake.kind, [])
        gradients = tuple(
            (name, mistake.adjoints[name], value)
            for name, value in right.items()
            if name in mistake.adjoints and _differ(mistake.adjoints[name], value)
        )
        if gradients and mistake.kind in found and gradients not in [known.gradients for known in of_kind]:
            of_kind.append(Wrong(mistake.kind, mistake.sentence, gradients))
    return tuple(wrong for kind in _KINDS for wrong in found[kind][:_MOST_OF_A_KIND])


def _differ(wrong: float, right: float) -> bool:
    """Whether the two numbers differ as they are shown; inf agrees with nothing, not even with inf."""
    return not agrees(wrong, right) and number_text(wrong) != number_text(right)
