"""Kinks of a graph: every derivative that one side of a kink, or a number between its two sides, gives.

At a kink the engine takes the number of its table (relu'(0) = 0), and others are as right. Each operation at its kink
has two sides: abs and maximum have two slopes, a comparison of equal numbers two answers. The chain rule is applied
for every combination of sides. All gradients in between are possible, since each is linear in the slope of each kink.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from autograd_core.engine.backward import Edge, sweep, topological_order
from autograd_core.engine.context import set_mode
from autograd_core.engine.scope import Composition, enclosing_compositions, is_at_kink
from autograd_core.engine.value import Value
from autograd_core.errors import AutogradError
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import Box, View

MOST_SWEPT = 40_000  # nodes in the sweeps for all combinations; with more, only bounds of the gradients are found
MOST_NAMED = 3  # in one sentence

EdgeOfNode = tuple[Value, int]
Partials = Mapping[EdgeOfNode, Any]


@dataclass(frozen=True, slots=True)
class SlopeRange:
    """All numbers from `low` to `high`, the derivatives that a kink allows. has_infinite_side: whether a side has no
    finite slope."""

    low: float
    high: float
    has_infinite_side: bool = False

    def __mul__(self, other: SlopeRange) -> SlopeRange:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return SlopeRange(min(ends), max(ends), self.has_infinite_side or other.has_infinite_side)

    def __add__(self, other: SlopeRange) -> SlopeRange:
        infinite = self.has_infinite_side or other.has_infinite_side
        return SlopeRange(self.low + other.low, self.high + other.high, infinite)

    @property
    def is_wide(self) -> bool:
        """Whether it holds more than one number, rounding apart."""
        return not math.isclose(self.low, self.high, rel_tol=1e-9, abs_tol=1e-12)


def range_of(slopes: Iterable[float]) -> SlopeRange:
    """The range of the finite numbers among these."""
    slopes = list(slopes)
    finite = [slope + 0.0 for slope in slopes if math.isfinite(slope)] or [0.0]  # no -0
    return SlopeRange(min(finite), max(finite), len(finite) < len(slopes))


def has_two_sides(node: Value) -> bool:
    """Whether a node is at a kink between two pieces: of abs, maximum, a comparison or floor."""
    primitive = node.primitive
    if primitive is None or not is_at_kink(node):
        return False
    return primitive.comparison or bool(primitive.linear) or not primitive.rules


def kink_sentence(box: Box) -> str:
    """Which convention holds where a box is at its kink; empty elsewhere.

    >>> from autograd_core import relu
    >>> from autograd_core.graph.boxes import view
    >>> kink_sentence(view(relu(Value(0.0))).boxes[-1])
    'relu is at its kink here, so its convention holds: derivative 0 at 0.'
    """
    if box.entry is None or not any(map(has_two_sides, box.members)):
        return ""
    return convention(box.entry)


def kink_sentences(nodes: Iterable[Value]) -> list[str]:
    """The conventions that hold where some of these nodes are at their kink, each once."""
    entries = [(*enclosing_compositions(node), node.primitive)[0] for node in nodes if has_two_sides(node)]
    return [convention(entry) for entry in dict.fromkeys(entries)]


def convention(entry: Any) -> str:
    """The sentence for an operation or a composition at its kink."""
    return f"{entry.name} is at its kink here, so its convention holds: {entry.kink}."


@dataclass(frozen=True, slots=True, eq=False)
class _Sweeps:
    """The partials and the adjoints for every combination of sides; for too many, bounds of the adjoints."""

    partials: Sequence[Partials]
    adjoints: Sequence[Mapping[Value, float]]
    bounds: Mapping[Value, SlopeRange] | None


class GraphKinks:
    """The kinks of the graph below `root`, and the derivatives that they allow."""

    def __init__(self, root: Value) -> None:
        self._order = topological_order(root)
        self.groups: dict[Any, list[Value]] = {}  # the same operation on the same inputs takes the same side
        for node in filter(has_two_sides, self._order):
            assert node.primitive is not None
            inputs = (id(source) if isinstance(source, Value) else source for source in node.inputs)
            self.groups.setdefault((node.primitive.name, *inputs), []).append(node)
        self._swept: dict[frozenset[Any], _Sweeps] = {}

    def gradient(self, node: Value) -> SlopeRange:
        """The range of d(root)/d(node)."""
        sweeps = self._sweeps(node)
        if sweeps.bounds is not None:
            return sweeps.bounds.get(node, SlopeRange(0.0, 0.0))
        return range_of(reached.get(node, 0.0) for reached in sweeps.adjoints)

    def partial(self, node: Value, index: int) -> SlopeRange:
        """The range of d(node)/d(its input `index`)."""
        source = node.inputs[index]
        if not isinstance(source, Value):
            return SlopeRange(0.0, 0.0)
        return range_of(partials.get((node, index), 0.0) for partials in self._sweeps(source).partials)

    def _sweeps(self, target: Value) -> _Sweeps:
        """The sweeps for the sides of the kinks that depend on the target; all other nodes stay as they are."""
        moving = {target}
        for node in self._order:
            if not moving.isdisjoint(source for source in node.inputs if isinstance(source, Value)):
                moving.add(node)
        turning = frozenset(key for key, nodes in self.groups.items() if not moving.isdisjoint(nodes))
        if turning not in self._swept:
            self._swept[turning] = self._sweep([self.groups[key] for key in self.groups if key in turning])
        return self._swept[turning]

    def _sweep(self, groups: list[list[Value]]) -> _Sweeps:
        count = len(groups)
        if len(self._order) << count <= MOST_SWEPT:
            partials = [self._partials(groups, sides) for sides in product((-1.0, 1.0), repeat=count)]
            return _Sweeps(partials, [self._adjoints(each, 1.0) for each in partials], None)
        # One kink after the other is turned to its other side.
        turned = [[1.0 if index == other else -1.0 for index in range(count)] for other in range(count)]
        partials = [self._partials(groups, sides) for sides in ([-1.0] * count, [1.0] * count, *turned)]
        edges = dict.fromkeys(edge for each in partials for edge in each)
        ranges = {edge: range_of(each.get(edge, 0.0) for each in partials) for edge in edges}
        return _Sweeps(partials, [], self._adjoints(ranges, SlopeRange(1.0, 1.0)))

    def _partials(self, groups: list[list[Value]], sides: Sequence[float]) -> Partials:
        """The partial of every open edge, with each group of kinks seen from the side -1 or +1."""
        side_of = {node: side for nodes, side in zip(groups, sides, strict=True) for node in nodes}
        changed: dict[Any, float] = {}  # the numbers that are others on these sides: beyond a comparison, or a step
        partials: dict[EdgeOfNode, Any] = {}
        for node in self._order:
            primitive = node.primitive
            if primitive is None:
                continue
            captured = node.input_numbers
            inputs = [changed.get(source, number) for source, number in zip(node.inputs, captured, strict=True)]
            if node in side_of:
                inputs[0] = math.nextafter(inputs[0], side_of[node] * math.inf)
            output = node.output_number
            if tuple(inputs) != captured and not (primitive.rules and node in side_of):
                output = _number_or_nan(primitive.forward, *inputs)
                if output != node.output_number:
                    changed[node] = output
            with set_mode(recording=True, anomaly=False, recording_partials=False):
                sources = node.inputs
                for index, partial, _ in primitive.open_rules((output, *inputs)):
                    if isinstance(sources[index], Value):
                        slope = partial if isinstance(partial, float) else _number_or_nan(partial, output, *inputs)
                        partials[node, index] = slope
        return partials

    def _adjoints(self, partials: Partials, start: Any) -> Mapping[Value, Any]:
        def edges(node: Value) -> Iterator[Edge]:
            if node in reached:
                for index, source in enumerate(node.inputs):
                    if (node, index) in partials:
                        yield node, source, partials[node, index]

        reached = {self._order[-1]: start}
        sweep(reversed(self._order), reached, edges)
        return reached


def _number_or_nan(rule: Callable[..., Any], *numbers: float) -> float:
    try:
        return float(rule(*numbers))
    except AutogradError:  # a rule that a user wrote, at numbers that the engine never gave it
        return math.nan


class ViewKinks:
    """The kinks of a view, and the range of each number that it shows."""

    def __init__(self, view: View) -> None:
        self._graph = GraphKinks(view.root)
        tied = {view.box_of[node] for nodes in self._graph.groups.values() for node in nodes}
        self.boxes = [box for box in view.boxes if box in tied]
        self._below: dict[Box, set[Box]] = {}

    def gradient(self, box: Box) -> SlopeRange:
        """The range of d(output)/d(box)."""
        return self._graph.gradient(box.node)

    def partial(self, box: Box, index: int) -> SlopeRange:
        """The range of d(box)/d(its operand `index`)."""
        if not isinstance(box.entry, Composition):
            return self._graph.partial(box.node, index)
        inputs = [operand.number if operand.box is None else Value(operand.number) for operand in box.operands]
        with set_mode(recording=True, anomaly=False, recording_partials=False):
            output = box.entry.of_flat(inputs)
        source = inputs[index]
        return GraphKinks(output).gradient(source) if isinstance(source, Value) else SlopeRange(0.0, 0.0)

    def contribution(self, box: Box, index: int) -> SlopeRange:
        """The range of what the box sends back to its operand `index`."""
        return self.gradient(box) * self.partial(box, index)

    def above(self, target: Box) -> list[Box]:
        """The boxes at their kink that the target is an input of, directly or not."""
        return [box for box in self.boxes if target in self._boxes_below(box)]

    def within(self, box: Box) -> list[Box]:
        """The boxes at their kink that decide on the partials of `box`."""
        below = self._boxes_below(box)
        is_gate = box.operation == "where"  # opened and closed by comparisons below it
        return [kink for kink in self.boxes if kink is box or (is_gate and kink in below)]

    def _boxes_below(self, box: Box) -> set[Box]:
        if box not in self._below:
            found: set[Box] = set()
            waiting = [box]
            while waiting:
                for operand in waiting.pop().operands:
                    if operand.box is not None and operand.box not in found:
                        found.add(operand.box)
                        waiting.append(operand.box)
            self._below[box] = found
        return self._below[box]


def kinks_in_words(boxes: Sequence[Box]) -> str:
    """Which operations are at their kink, with their nodes: At the kink of abs (v1)."""
    named = [f"{box.operation} ({name_text(box.name)})" for box in boxes[:MOST_NAMED]]
    if len(boxes) > MOST_NAMED:
        named.append("others")
    words = " and ".join(filter(None, (", ".join(named[:-1]), *named[-1:])))
    return f"At the kink{'s' * (len(named) > 1)} of {words}"
