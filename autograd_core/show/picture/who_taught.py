"""`who_taught`: the gradient of one weight as the sum of what each of its uses contributes, the largest first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograd_core.engine.value import Value
from autograd_core.errors import GraphError
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural, visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import Part, Report
from autograd_core.graph.columns import columns
from autograd_core.graph.contributions import Use, loss_terms, uses_of
from autograd_core.graph.names import node_names

_MOST_ROWS = 20


@dataclass(frozen=True, slots=True, repr=False)
class Teaching(Report):
    """What `who_taught` returns; it prints as text.

    name, value: of the weight. gradient: d(loss)/d(weight), None where none arrives. uses: in the order of the backward
    sweep; added in this order, their contributions are the gradient to the last bit. terms: the names of the terms of
    the loss. through: the boxes that are told apart.
    """

    name: str
    value: float
    gradient: float | None
    uses: tuple[Use, ...]
    silent: int
    terms: tuple[str, ...]
    through: str

    def largest_first(self) -> list[Use]:
        """The uses by the size of their contributions."""
        return sorted(self.uses, key=lambda use: -abs(use.contribution))

    def by_term(self) -> dict[str, float]:
        """What each term of the loss contributes to the gradient, the largest first."""
        return _sums((self.terms[term], amount) for use in self.uses for (term, _), amount in use.origins.items())

    def by_box(self) -> dict[str, float]:
        """What arrives through each box, the one passed last, the largest first; "" for what passes through none."""
        return _sums((box, amount) for use in self.uses for (_, box), amount in use.origins.items())

    def parts(self) -> list[Part]:
        """The question with its answer, and a table each for the uses, the terms of the loss and the boxes."""
        question = f"Who taught {self.name} = {number_text(self.value)}?"
        if self.gradient is None:
            return [f"{question} Nobody: no gradient arrives."]
        count = plural(len(self.uses), "contribution")
        silent = f" At {plural(self.silent, 'further use')} no gradient arrives." if self.silent else ""
        lines: list[Part] = [f"{question} Its gradient {number_text(self.gradient)} is the sum of {count}.{silent}"]
        outermost = {use.place[:1] for use in self.uses}
        common = len(outermost) == 1 and all(len(use.place) > 1 for use in self.uses)
        uses = self.largest_first()
        rows = [(use.contribution, " › ".join(use.place[common:]), self._main_origin(use)) for use in uses]
        with_origins = any(origin for *_, origin in rows)
        lines += _table([row if with_origins else row[:2] for row in rows], "used in", *["mostly"] * with_origins)
        if len(self.terms) > 1:
            lines += ["", *_table([(amount, term) for term, amount in self.by_term().items()], "from the loss")]
        boxes = self.by_box()
        if any(boxes):
            passed = [(amount, box or f"past every {self.through}") for box, amount in boxes.items()]
            lines += ["", *_table(passed, f"through the {self.through}")]
        return lines

    def _main_origin(self, use: Use) -> str:
        """The term of the loss and the box from which most of a contribution comes."""
        (term, box), amount = max(use.origins.items(), key=lambda pair: abs(pair[1]))
        words = [self.terms[term]] * (len(self.terms) > 1) + [box] * bool(box)
        return f"{number_text(amount)} from {' through '.join(words)}" if words else ""


def who_taught(loss: Value, weight: Value, through: str = "head") -> Teaching:
    """The gradient of `loss` with respect to `weight` as the sum of the contributions of all its uses: upstream x
    partial at each place where the program uses the weight.

    Each contribution is told apart further by the term of the loss that it comes from (where the loss is a sum or a
    mean, such as over the positions of a text) and by the box that it passed last on its way from there: `through` is
    the name of these boxes without a number, by default the heads of attention. No `.grad` is read or written.
    Raises ValueError where the loss does not depend on the weight, TypeError for anything but a Value, GraphError where
    an operation has no derivative.

    >>> w = Value(2.0, label="w")
    >>> print(who_taught(w * 3.0 + w * w, w).parts()[0])
    Who taught w = 2? Its gradient 7 is the sum of 3 contributions.
    """
    for argument, name in ((loss, "a loss"), (weight, "one of its weights")):
        if not isinstance(argument, Value):
            kind = type(argument).__name__
            raise TypeError(f"who_taught takes two Values, a loss and a weight; {name} is {kind} here.")
    graph = columns(loss)
    names = node_names(graph.order)
    if weight not in graph.position:
        name = visible_text(weight.label) or "this weight"
        raise ValueError(f"the loss does not depend on {name}: no path connects them. Ask for a weight that it uses.")
    if graph.problem:
        raise GraphError(graph.problem)
    node = graph.position[weight]
    terms = tuple(
        visible_text(graph.order[term].label) or f"loss {number}"
        for number, term in enumerate(loss_terms(graph).nodes, 1)
    )
    uses = tuple(uses_of(graph, node, through))
    silent = graph.sources.count(node) - len(uses)
    return Teaching(name_text(names[weight]), graph.values[node], graph.adjoint(node), uses, silent, terms, through)


def _sums(amounts: Iterable[tuple[str, float]]) -> dict[str, float]:
    collected: dict[str, list[float]] = {}
    for name, amount in amounts:
        collected.setdefault(name, []).append(amount)
    sums = {name: math.fsum(each) for name, each in collected.items()}
    return dict(sorted(sums.items(), key=lambda pair: -abs(pair[1])))


def _table(rows: Sequence[tuple[float | str, ...]], *headings: str) -> list[Part]:
    """The rows with the size of each contribution as its share; the last ones as their number and sum."""
    shown, rest = rows[:_MOST_ROWS], rows[_MOST_ROWS:]
    parts: list[Part] = [AlignedTable(shown, ("contribution", *headings))]
    if rest:
        parts.append(f"… {len(rest):,} more, {number_text(math.fsum(float(row[0]) for row in rest))} together")
    return parts
