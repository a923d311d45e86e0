"""One graph at many moments: what is on the sheet, settled once, and its numbers at each moment."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from autograd_core.engine.primitive import DETACHED
from autograd_core.engine.value import Value
from autograd_core.formulas.labels import visible_text
from autograd_core.graph.columns import Columns, columns
from autograd_core.graph.folding.cut import Choice, Cut, choose_open, cut
from autograd_core.graph.folding.fold import fold
from autograd_core.graph.folding.groups import Folding
from autograd_core.graph.folding.partition import Item
from autograd_core.show.drawing.bars import size

_FEW = 9  # boxes: with more, the sheet no longer stands beside anything else
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class LinkGradient:
    """What all edges from one box to another carry: the largest of them in size, and the sign they share (0: mixed)."""

    size: float
    sign: int


@dataclass(frozen=True, slots=True)
class EpochChange:
    """A leaf whose number has moved since the moment before."""

    name: str
    before: float
    after: float


@dataclass(slots=True)
class Snapshot:
    """The numbers of one moment.

    number: of the epoch. value: of the root. loss: what the curve shows. values, gradients: of each box on the sheet.
    carried: between them. leaves: the numbers of what is learnt. largest: (name, gradient) of the leaf with the largest
    one. facts: (name, text) of more to be told. outputs: what the model gives on its map. wrong: rows it gets wrong.
    """

    number: int
    value: float
    loss: float
    values: list[list[float]]
    gradients: list[list[float | None]]
    link_gradients: list[LinkGradient | None]
    leaves: array[float]
    largest: tuple[str, float] | None
    facts: tuple[tuple[str, str], ...] = ()
    outputs: list[array[float]] = field(default_factory=list)
    wrong: tuple[int, ...] = ()


class Structure:
    """What stays the same: the boxes of the graph below the first root, and which of them are on the sheet.

    seen: the sheet of the first moment. names: of the nodes. learnt: the leaves that training moves, which are the
    parameters, or all leaves where there are none.
    """

    def __init__(self, root: Value, depth: int | None, open: Choice, fold_: Choice) -> None:  # noqa: A002
        self.folding = fold(root)
        flowing = self.folding.columns
        self.seen = self._cut_at(depth, open, fold_)
        self.opened = {0, *self.seen.opened}
        self.names = [visible_text(name) for name in self.folding.names()]
        leaves = [node for node in range(len(self.names)) if flowing.leaf[node]]
        parameters = [node for node in leaves if flowing.order[node].role == "parameter"]
        self.learnt = parameters or [node for node in leaves if flowing.order[node].primitive is not DETACHED]
        self._operations = [node.op for node in flowing.order]
        self._labels = [node.label for node in flowing.order]

    def _cut_at(self, depth: int | None, open: Choice, fold_: Choice) -> Cut:  # noqa: A002
        """At the depth asked for; else as deep as few boxes show more."""
        if depth is not None:
            return cut(self.folding, choose_open(self.folding, depth, open, fold_))
        closed = self._of_one() if open == () else set()
        seen, *deeper = [
            cut(self.folding, choose_open(self.folding, deep, open, fold_) - closed) for deep in range(2, _DEEPEST + 1)
        ]
        for one in deeper:
            if len(seen.items) < len(one.items) <= _FEW:
                seen = one
        return seen

    def _of_one(self) -> set[int]:
        """The boxes in which nothing but one other is computed: a frame around it would say little more."""
        groups, home = self.folding.groups, self.folding.home
        leaf = self.folding.columns.leaf
        computed = [0] * len(groups)
        for node, group in enumerate(home):
            computed[group] += not leaf[node]
        for one in groups[1:]:
            computed[one.parent] += one.kind != "leaves"
        return {index for index in range(1, len(groups)) if computed[index] == 1}

    def frame(self, root: Value, number: int, loss: float | None) -> Snapshot:
        """The numbers of a graph of the same structure. Raises ValueError where it is another one."""
        flowing = columns(root)
        self._check(flowing, number)
        again = Folding(flowing)
        again.groups, again.home = self.folding.groups, self.folding.home
        seen = cut(again, self.opened)
        nodes = [self.nodes_of(item) for item in self.seen.items]
        steepest = max(
            (node for node in self.learnt if flowing.reached[node]), key=lambda node: size(flowing.adjoints[node]),
            default=None,
        )  # fmt: skip
        return Snapshot(
            number,
            flowing.values[-1],
            flowing.values[-1] if loss is None else float(loss),
            [[flowing.values[node] for node in some] for some in nodes],
            [[flowing.adjoint(node) for node in some] for some in nodes],
            [_link_gradient(seen.crossings[pair].contributions) for pair in self.seen.crossings],
            array("d", [flowing.values[node] for node in self.learnt]),
            None if steepest is None else (self.names[steepest], flowing.adjoints[steepest]),
        )

    def nodes_of(self, item: Item) -> list[int]:
        """The nodes whose numbers a box shows."""
        if item >= 0:
            return [item]
        leaves = self.folding.groups[~item].kind == "leaves"
        return list(self.folding.nodes_in(item)) if leaves else self.seen.outputs[item]

    def changes(self, before: Snapshot, after: Snapshot, most: int) -> list[EpochChange]:
        """The leaves that moved most between two moments, the farthest first."""
        moved = [abs(new - old) for old, new in zip(before.leaves, after.leaves, strict=True)]
        places = sorted((place for place, far in enumerate(moved) if far > 0), key=lambda place: -moved[place])
        return [
            EpochChange(self.names[self.learnt[place]], before.leaves[place], after.leaves[place])
            for place in places[:most]
        ]

    def _check(self, flowing: Columns, number: int) -> None:
        first = self.folding.columns
        operations, labels = [node.op for node in flowing.order], [node.label for node in flowing.order]
        same = operations == self._operations and labels == self._labels
        if same and flowing.sources == first.sources and flowing.first == first.first:
            return
        told = f"it has {len(operations):,} nodes, the first had {len(self.names):,}"
        if len(operations) == len(self.names):
            now, then = zip(operations, labels, strict=True), zip(self._operations, self._labels, strict=True)
            place = next(
                (place for place, (one, other) in enumerate(zip(now, then, strict=True)) if one != other), None
            )
            told = "its edges lead elsewhere"
            if place is not None:
                found = operations[place] or f"the leaf {visible_text(labels[place])!r}"
                told = f"where {self.names[place]!r} was there is {found}"
        raise ValueError(
            f"the graph of epoch {number} is not the one the picture began with: {told}. One picture over time needs "
            "the same computation at every epoch: the same data point, dropout in eval mode, where() in place of if."
        )


def _link_gradient(numbers: Mapping[int, float]) -> LinkGradient | None:
    if not numbers:
        return None
    signs = {(number > 0) - (number < 0) for number in numbers.values()} - {0}
    return LinkGradient(max(map(size, numbers.values())), signs.pop() if len(signs) == 1 else 0)


def finite(numbers: Sequence[float | None]) -> list[float]:
    """Those of the numbers that there are, and that are neither inf nor nan."""
    return [number for number in numbers if number is not None and math.isfinite(number)]
