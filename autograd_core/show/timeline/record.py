"""One graph at many moments: the boxes on the sheet, chosen once, and their numbers at each moment."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
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

LARGEST = "largest gradient"
_FEW = 9  # boxes: with more, the sheet has no room beside it
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class LinkGradient:
    """The contributions from one box to another: the largest size, and the common sign (0: mixed)."""

    size: float
    sign: int


@dataclass(frozen=True, slots=True)
class EpochChange:
    """A leaf whose number has changed since the last moment."""

    name: str
    before: float
    after: float


@dataclass(slots=True)
class Snapshot:
    """The numbers of one moment.

    number: of the epoch. value: of the root. loss: the number on the curve. values, gradients: of each box on the
    sheet. link_gradients: of each link. leaves: the numbers of the trained leaves. largest: (name, gradient) of the
    leaf with the largest gradient. facts: further (name, text) pairs. outputs: those of the model on its map. wrong:
    the rows that the model gets wrong.
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
    """The part that stays the same: the boxes of the graph below the first root, and those on the sheet.

    sheet: the cut of the first moment. names: of the nodes. learnt: the trained leaves: the parameters, or all leaves
    where there are none.
    """

    def __init__(self, root: Value, depth: int | None, open: Choice, fold_: Choice) -> None:  # noqa: A002
        self.folding = fold(root)
        graph = self.folding.columns
        self.sheet = self._cut_at(depth, open, fold_)
        self.opened = {0, *self.sheet.opened}
        self.names = [visible_text(name) for name in self.folding.names()]
        leaves = [node for node in range(len(self.names)) if graph.leaf[node]]
        parameters = [node for node in leaves if graph.order[node].role == "parameter"]
        self.learnt = parameters or [node for node in leaves if graph.order[node].primitive is not DETACHED]
        self._operations = [node.op for node in graph.order]
        self._labels = [node.label for node in graph.order]

    def _cut_at(self, depth: int | None, open: Choice, fold_: Choice) -> Cut:  # noqa: A002
        """The cut at the given depth; without one, the deepest that shows more in few boxes."""
        if depth is not None:
            return cut(self.folding, choose_open(self.folding, depth, open, fold_))
        closed = self._groups_of_one() if open == () else set()
        sheet, *deeper = [
            cut(self.folding, choose_open(self.folding, deep, open, fold_) - closed) for deep in range(2, _DEEPEST + 1)
        ]
        for candidate in deeper:
            if len(sheet.items) < len(candidate.items) <= _FEW:
                sheet = candidate
        return sheet

    def _groups_of_one(self) -> set[int]:
        """The boxes that contain a single operation or box: a frame around it would add little."""
        groups, home = self.folding.groups, self.folding.home
        leaf = self.folding.columns.leaf
        computed = [0] * len(groups)
        for node, index in enumerate(home):
            computed[index] += not leaf[node]
        for group in groups[1:]:
            computed[group.parent] += group.kind != "leaves"
        return {index for index in range(1, len(groups)) if computed[index] == 1}

    def frame(self, root: Value, number: int, loss: float | None) -> Snapshot:
        """The numbers of a graph of the same structure. Raises ValueError for a different structure."""
        graph = columns(root)
        self._check(graph, number)
        folding = Folding(graph)
        folding.groups, folding.home = self.folding.groups, self.folding.home
        crossings = cut(folding, self.opened).crossings
        nodes = [self.nodes_of(item) for item in self.sheet.items]
        reached = [node for node in self.learnt if graph.reached[node]]
        steepest = max(reached, key=lambda node: size(graph.adjoints[node]), default=None)
        return Snapshot(
            number,
            graph.values[-1],
            graph.values[-1] if loss is None else float(loss),
            [[graph.values[node] for node in of_item] for of_item in nodes],
            [[graph.adjoint(node) for node in of_item] for of_item in nodes],
            [_link_gradient(crossings[pair].contributions) for pair in self.sheet.crossings],
            array("d", [graph.values[node] for node in self.learnt]),
            None if steepest is None else (self.names[steepest], graph.adjoints[steepest]),
        )

    def nodes_of(self, item: Item) -> list[int]:
        """The nodes whose numbers a box shows."""
        if item >= 0:
            return [item]
        leaves = self.folding.groups[~item].kind == "leaves"
        return list(self.folding.nodes_in(item)) if leaves else self.sheet.outputs[item]

    def all_nodes_in(self, item: Item) -> Iterable[int]:
        """The nodes of a box, also those whose numbers it does not show."""
        return [item] if item >= 0 else self.folding.nodes_in(item)

    def changes(self, before: Snapshot, after: Snapshot, most: int) -> list[EpochChange]:
        """The leaves that changed most between two moments, the largest change first."""
        change = [abs(new - old) for old, new in zip(before.leaves, after.leaves, strict=True)]
        places = sorted((place for place, amount in enumerate(change) if amount > 0), key=lambda place: -change[place])
        return [
            EpochChange(self.names[self.learnt[place]], before.leaves[place], after.leaves[place])
            for place in places[:most]
        ]

    def _check(self, graph: Columns, number: int) -> None:
        first = self.folding.columns
        operations, labels = [node.op for node in graph.order], [node.label for node in graph.order]
        same = operations == self._operations and labels == self._labels
        if same and graph.sources == first.sources and graph.first == first.first:
            return
        difference = f"it has {len(operations):,} nodes, the first had {len(self.names):,}"
        if len(operations) == len(self.names):
            now, then = zip(operations, labels, strict=True), zip(self._operations, self._labels, strict=True)
            place = next((place for place, pair in enumerate(zip(now, then, strict=True)) if pair[0] != pair[1]), None)
            difference = "its edges lead elsewhere"
            if place is not None:
                found = operations[place] or f"the leaf {visible_text(labels[place])!r}"
                difference = f"instead of {self.names[place]!r} there is {found}"
        raise ValueError(
            f"the graph of epoch {number} differs from the first one: {difference}. A timeline needs the same "
            "computation at every epoch: the same data point, dropout in eval mode, where() instead of if."
        )


def _link_gradient(numbers: Mapping[int, float]) -> LinkGradient | None:
    if not numbers:
        return None
    signs = {(number > 0) - (number < 0) for number in numbers.values()} - {0}
    return LinkGradient(max(map(size, numbers.values())), signs.pop() if len(signs) == 1 else 0)
