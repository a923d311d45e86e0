"""Why backward goes in reverse topological order: who waits for whom, and what another way gives on this graph."""

from __future__ import annotations

from dataclasses import dataclass

from autograd_core.formulas.notation import number_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import agrees
from autograd_core.mistakes.misconceptions import classic_mistakes
from autograd_core.mistakes.mistakes import OVERWROTE, REVISITED, TOO_EARLY, join_names
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import Record

WHY = (
    "A node hands its gradient on once, when it is complete: after every node that was computed from it has had its "
    "turn. Going back through the order of computation keeps that promise."
)
_KINDS = (TOO_EARLY, REVISITED, OVERWROTE)
_MOST_OF_A_KIND = 2
_MOST_BOXES = 60  # in larger graphs the numbers of the mistakes take longer than a reader waits
_MOST_NAMES = 40


@dataclass(frozen=True, slots=True)
class Wrong:
    """One way to go wrong: what is done, and the gradients (of, wrong, right) that come out differently."""

    kind: str
    sentence: str
    gradients: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """The nodes in the order of the sweep, the output first; for each node used more than once, those it waits for;
    and what comes out of other ways. It prints as text."""

    output: str
    nodes: tuple[str, ...]
    waits: tuple[tuple[str, tuple[str, ...]], ...]
    wrong: tuple[Wrong, ...]

    def sentences(self) -> list[str]:
        """One sentence for each node that waits for several."""
        return [f"{name} waits for {join_names(users)}." for name, users in self.waits[:_MOST_NAMES]]

    def __str__(self) -> str:
        cut = ["..."] if len(self.nodes) > _MOST_NAMES else []
        lines = [WHY, "", f"The order: {', '.join([*self.nodes[:_MOST_NAMES], *cut])}", *self.sentences()]
        for one in self.wrong:
            lines += ["", f"{one.kind.capitalize()}: {one.sentence}."]
            for name, wrong, right in one.gradients:
                of = chain_rule.total_derivative(self.output, name).text
                lines.append(f"  {of} would be {number_text(wrong)} instead of {number_text(right)}")
        return "\n".join(lines)


def order(seen: View, made: Record) -> Order:
    """The order of the sweep told by `made`, a record of `seen`. Raises ValueError in forward mode."""
    if made.mode != "reverse":
        raise ValueError("the order asked about is that of reverse mode: explain(value).order().")
    names = tuple(box.name for box in reversed(seen.boxes))
    users = {
        box.name: tuple(dict.fromkeys(user.name for user, _ in reversed(using))) for box, using in seen.users().items()
    }
    waits = tuple((name, users[name]) for name in names if len(users[name]) > 1)
    return Order(made.output, names, waits, _wrong(seen, made))


def _wrong(seen: View, made: Record) -> tuple[Wrong, ...]:
    if len(seen.boxes) > _MOST_BOXES:
        return ()
    right = {one.name: one.value for one in made.gradient}
    found: dict[str, list[Wrong]] = {kind: [] for kind in _KINDS}
    for mistake in classic_mistakes(seen):
        of_kind = found.get(mistake.kind, [])
        gradients = tuple(
            (name, mistake.adjoints[name], value)
            for name, value in right.items()
            if name in mistake.adjoints and _differ(mistake.adjoints[name], value)
        )
        if gradients and mistake.kind in found and gradients not in [one.gradients for one in of_kind]:
            of_kind.append(Wrong(mistake.kind, mistake.sentence, gradients))
    return tuple(one for kind in _KINDS for one in found[kind][:_MOST_OF_A_KIND])


def _differ(wrong: float, right: float) -> bool:
    """Whether a reader sees two numbers: inf agrees with nothing, but inf instead of inf tells nothing."""
    return not agrees(wrong, right) and number_text(wrong) != number_text(right)
