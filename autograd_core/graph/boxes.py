"""What a reader sees of a graph: boxes with names, numbers and formulas, and the edges between them.

A closed composition (sigmoid, GELU ...) is one box with its textbook formula and derivative; opened, its primitives
are boxes of their own. Every picture, table and page is drawn from this one view, so that they cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal

from autograd_core.engine.backward import adjoints, topological_order
from autograd_core.engine.context import Scope, switched
from autograd_core.engine.primitive import DETACHED, Primitive
from autograd_core.engine.scope import COMPOSITIONS, Composition
from autograd_core.engine.value import Value
from autograd_core.formulas.notation import Style, Written, write, write_formula, written_name, written_number
from autograd_core.graph.names import node_names

Kind = Literal["input", "parameter", "constant", "operation", "composition"]
Open = str | Collection[str]


@dataclass(slots=True, eq=False, repr=False)
class Box:
    """One thing to draw: a leaf, an operation, or a closed composition.

    name: as `node_names` has it. entry: the primitive or the
    composition that computes it, None for a leaf. number: its value when computed. operands: its inputs in order.
    members: the nodes it stands for, the last one being its output.
    """

    name: str
    kind: Kind
    node: Value
    number: float
    entry: Primitive | Composition | None = None
    operands: tuple[Operand, ...] = ()
    members: tuple[Value, ...] = ()
    is_root: bool = False

    @property
    def symbol(self) -> str:
        """The sign of the operation: +, σ, sin; "" for a leaf."""
        return self.entry.symbol if self.entry is not None else ""

    @property
    def operation(self) -> str:
        """The name of the operation: add, sigmoid; "" for a leaf."""
        return self.entry.name if self.entry is not None else ""

    @property
    def finite(self) -> bool:
        """Whether its value is neither inf nor nan."""
        return math.isfinite(self.number)

    def written(self, style: Style = "text", numbers: bool = False) -> str:
        """The operation on its operands' names, or on their numbers: v1 + v2, 0.6931 + 10; "" for a leaf."""
        if self.entry is None:
            return ""
        return write(self.entry, [operand.written(style, numbers) for operand in self.operands], style).text

    def textbook(self, style: Style = "text") -> str:
        """The textbook formula of a composition on its operands' names; for a primitive the same as `written`."""
        if not isinstance(self.entry, Composition):
            return self.written(style)
        return write_formula(self.entry.formula(len(self.operands)), self._names(style, False), style).text

    def derivative(self, index: int, style: Style = "text", numbers: bool = False) -> str:
        """The textbook derivative by operand `index`, in names or with the numbers put in; "" where none is known."""
        if self.entry is None:
            return ""
        count = len(self.operands)
        entry = self.entry
        derivatives = entry.derivatives(count) if isinstance(entry, Composition) else entry.derivatives
        return write_formula(derivatives[index], self._names(style, numbers), style).text if derivatives else ""

    def partials(self) -> tuple[float | None, ...]:
        """d(this)/d(operand) for each operand, as the engine computes it; None where nothing flows."""
        if not isinstance(self.entry, Composition):
            return _primitive_partials(self.node)
        # Computed once more on inputs of its own: one node may feed several of them.
        inputs = [operand.number if operand.box is None else Value(operand.number) for operand in self.operands]
        with switched(recording=True, anomaly=False, recording_partials=False):
            through = adjoints(self.entry.of_flat(inputs))
        return tuple(through.get(thing) if isinstance(thing, Value) else None for thing in inputs)

    def enclosing(self) -> list[Scope]:
        """The named groups it lies in, the innermost first; the composition it stands for is not among them."""
        groups = list(self.node._scope.chain())
        if not isinstance(self.entry, Composition):
            return groups
        own = max(index for index, scope in enumerate(groups) if scope.definition is self.entry)
        return groups[own + 1 :]

    def __repr__(self) -> str:  # the generated one would print every path down to the leaves
        return f"<box {self.name}>"

    def _names(self, style: Style, numbers: bool) -> Mapping[str, Written]:
        assert self.entry is not None
        entry = self.entry
        arguments = entry.input_names(len(self.operands)) if isinstance(entry, Composition) else entry.arguments
        output = written_number(self.number, style) if numbers else written_name(self.name, style)
        operands = [operand.written(style, numbers) for operand in self.operands]
        return {"y": output, **dict(zip(arguments, operands, strict=True))}


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """One input of a box: the box it comes from (None for a constant of the program) and its number then."""

    box: Box | None
    number: float

    def written(self, style: Style = "text", numbers: bool = False) -> Written:
        if self.box is None:
            return written_number(self.number, style)._replace(constant=self.number)
        return written_number(self.number, style) if numbers else written_name(self.box.name, style)


@dataclass(slots=True, eq=False)
class View:
    """The boxes of a graph, inputs before outputs, the root last; and which box each node is drawn in."""

    root: Value
    boxes: list[Box] = field(default_factory=list)
    box_of: dict[Value, Box] = field(default_factory=dict)

    @property
    def leaves(self) -> list[Box]:
        """The boxes gradients are wanted for: inputs and parameters."""
        return [box for box in self.boxes if box.kind in ("input", "parameter")]

    def users(self) -> dict[Box, list[tuple[Box, int]]]:
        """For each box, the (box, operand index) pairs that use it, in order."""
        users: dict[Box, list[tuple[Box, int]]] = {box: [] for box in self.boxes}
        for box in self.boxes:
            for index, operand in enumerate(box.operands):
                if operand.box is not None:
                    users[operand.box].append((box, index))
        return users


def view(root: Value, open: Open = ()) -> View:  # noqa: A002  the word the picture's reader uses
    """The view of the graph below `root`; `open` names the compositions shown as their primitives, or is "all".

    >>> from autograd_core import Value, sigmoid
    >>> [box.name + " " + box.operation for box in view(sigmoid(Value(0.0, label="x")) * 2).boxes]
    ['x ', 'v1 sigmoid', 'out multiply']
    """
    order = topological_order(root)
    scopes = _closed_scopes(order, root, _names_to_open(order, open))
    seen = View(root)
    names = node_names(order)
    placed: set[Box] = set()
    members: dict[Scope, list[Value]] = {}

    def place(box: Box) -> None:
        if box not in placed:
            placed.add(box)
            box.name = names[box.node]
            seen.boxes.append(box)

    for node in order:
        scope = scopes.get(node)
        if scope is None:
            box = _node_box(node, seen.box_of)
        else:
            members.setdefault(scope, []).append(node)
            if node is not scopes.outputs[scope]:
                continue
            box = _composition_box(scope, members[scope], seen.box_of)
        box.is_root = node is root
        for member in box.members:
            seen.box_of[member] = box
        if box.entry is not None or box.is_root:  # a leaf takes its place before the first box that shows it
            for operand in box.operands:
                if operand.box is not None:
                    if operand.box.entry is None:
                        operand.box.number = operand.number  # as it was used, even if its .data was set since
                    place(operand.box)
            place(box)
    return seen


def _names_to_open(order: list[Value], open: Open) -> Open:  # noqa: A002
    names = [open] if isinstance(open, str) and open != "all" else open
    if names == "all":
        return names
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise TypeError(f'open is "all" or the names of compositions, such as ["sigmoid"], got {open!r}.')
    scopes = (scope for node in order for scope in node._scope.chain())
    present = {scope.name for scope in scopes if isinstance(scope.definition, Composition)}
    for name in names:
        if name not in present and name not in COMPOSITIONS:
            there = ", ".join(sorted(present)) or "none"
            raise ValueError(f"there is no composition {name!r} to open; in this graph there are: {there}.")
    return names


def _node_box(node: Value, box_of: Mapping[Value, Box]) -> Box:
    primitive = node.primitive
    if primitive is None or primitive is DETACHED:
        kind: Kind = node.role if primitive is None else "constant"
        return Box("", kind, node, node.output_number if primitive else node.data, members=(node,))
    operands = tuple(
        Operand(box_of[thing] if isinstance(thing, Value) else None, number)
        for thing, number in zip(node.inputs, node.input_numbers, strict=True)
    )
    return Box("", "operation", node, node.output_number, primitive, operands, (node,))


def _composition_box(scope: Scope, members: list[Value], box_of: Mapping[Value, Box]) -> Box:
    operands = tuple(
        Operand(box_of[thing], box_of[thing].number) if isinstance(thing, Value) else Operand(None, thing)
        for thing in scope.inputs
    )
    output = members[-1]
    return Box("", "composition", output, output.output_number, scope.definition, operands, tuple(members))


class _ClosedScopes(dict[Value, Scope]):
    """The closed scope each node is hidden in, and the one output of each such scope."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: dict[Scope, Value] = {}


def _closed_scopes(order: list[Value], root: Value, open: Open) -> _ClosedScopes:  # noqa: A002
    """Hide each node in its outermost composition that is not to be opened and that is there as a whole.

    A composition of which something else than its result is used (a gradient's graph does that) cannot be one box:
    it is treated as opened.
    """
    opened: set[Scope] = set()
    while True:
        closed = _ClosedScopes()
        for node in order:
            if node.primitive is None:
                continue
            for scope in node._scope.chain():
                if isinstance(scope.definition, Composition) and scope not in opened and not _is_open(scope, open):
                    closed[node] = scope
        broken = _find_outputs(closed, order, root)
        if not broken:
            return closed
        opened |= broken


def _is_open(scope: Scope, open: Open) -> bool:  # noqa: A002
    return open == "all" or scope.name in open


def _find_outputs(closed: _ClosedScopes, order: list[Value], root: Value) -> set[Scope]:
    """Note the output of every closed scope; return the scopes that have not exactly one, or not the right one."""
    broken: set[Scope] = set()
    used_outside = {root} | {
        thing
        for node in order
        for thing in node.inputs
        if isinstance(thing, Value) and closed.get(thing) is not closed.get(node)
    }
    reached = set(order)
    for node in order:
        scope = closed.get(node)
        if scope is None or node not in used_outside:
            continue
        inputs_there = all(not isinstance(thing, Value) or thing in reached for thing in scope.inputs)
        if scope in closed.outputs or not inputs_there or not _is_result(scope, node):
            broken.add(scope)
        closed.outputs[scope] = node
    return broken


def _is_result(scope: Scope, node: Value) -> bool:
    """Whether `node` holds what the composition gives: a node inside it may be looked at on its own."""
    numbers = [thing.output_number if isinstance(thing, Value) else thing for thing in scope.inputs]
    expected = float(scope.definition.of_flat(numbers))
    return bool(expected == node.output_number or (math.isnan(expected) and math.isnan(node.output_number)))


def _primitive_partials(node: Value) -> tuple[float | None, ...]:
    numbers = (node.output_number, *node.input_numbers)
    partials: list[float | None] = [None] * len(node.inputs)
    primitive = node.primitive
    assert primitive is not None
    for index, partial, gate in primitive.rules:
        if isinstance(node.inputs[index], Value) and (gate is None or gate(*numbers)):
            partials[index] = partial if isinstance(partial, float) else partial(*numbers)
    return tuple(partials)
