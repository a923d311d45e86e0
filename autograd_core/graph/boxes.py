"""What a reader sees of a graph: boxes with names, numbers and formulas, and the edges between them.

A closed composition (sigmoid, GELU ...) is one box with its textbook formula and derivative. Opened, its primitives are
boxes. Every picture, table and page is drawn from this one view, so that they agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from autograd_core.engine.backward import adjoints, topological_order
from autograd_core.engine.choose import shown_among
from autograd_core.engine.context import Scope, set_mode
from autograd_core.engine.primitive import DETACHED, Primitive
from autograd_core.engine.scope import COMPOSITIONS, Composition
from autograd_core.engine.value import Value
from autograd_core.formulas.notation import (
    DIGITS,
    Style,
    Written,
    enough_digits,
    evaluate_formula,
    gives,
    names_in,
    write,
    write_formula,
    write_name,
    write_number,
)
from autograd_core.graph.captured_numbers import (
    captured_numbers,
    change_note,
    changes_sentence,
    numbers_taken,
    several_numbers,
)
from autograd_core.graph.closed_scopes import Open, closed_scopes
from autograd_core.graph.names import node_names, root_symbol

Kind = Literal["input", "parameter", "constant", "operation", "composition"]


@dataclass(eq=False, repr=False)
class Box:
    """A leaf, an operation, or a closed composition.

    name: from `node_names`. of: how derivatives write it (`root_symbol`, for the root). entry: the primitive or
    composition that computes it, None for a leaf. number: its value when computed (of a leaf: when first used).
    changed: a note on other numbers it has or was used with. operands: its inputs in order. members: the nodes it
    stands for, its output last. kept: of a choice among many values, which of its inputs the operands are.
    """

    name: str
    kind: Kind
    node: Value
    number: float
    entry: Primitive | Composition | None = None
    operands: tuple[Operand, ...] = ()
    members: tuple[Value, ...] = ()
    is_root: bool = False
    changed: str = ""
    of: str = ""
    kept: tuple[int, ...] = ()
    _partials: tuple[float | None, ...] | None = None

    @property
    def symbol(self) -> str:
        """The symbol of the operation: +, σ, sin; "" for a leaf."""
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
        """The operation on the names or the numbers of its operands: v₁ + v₂, 0.6931 + 10; "" for a leaf."""
        if self.entry is None:
            return ""
        digits = self._digits if numbers else DIGITS
        return write(self.entry, [operand.written(style, numbers, digits) for operand in self.operands], style).text

    @cached_property
    def _digits(self) -> int:
        """Of the operands, so that they give the number of the box."""
        return enough_digits(self.compute, [operand.number for operand in self.operands], self.number)

    @property
    def is_exact(self) -> bool:
        """Whether its operands as shown give its number as shown."""
        numbers = [operand.number for operand in self.operands]
        return self.entry is None or gives(self.compute, numbers, self.number, self._digits)

    def textbook(self, style: Style = "text") -> str:
        """The textbook formula of a composition on the names of its operands; for a primitive the same as `written`."""
        if not isinstance(self.entry, Composition):
            return self.written(style)
        formula = self.entry.formula(len(self.operands))
        return write_formula(formula, self._names(formula, style, False), style).text

    def derivative(self, index: int, style: Style = "text", numbers: bool = False) -> str:
        """The textbook derivative with respect to operand `index`, in names or in numbers; "" where none is known."""
        rule = self.derivative_rule(index)
        digits = enough_digits(*self._of_derivative(rule, index)) if rule and numbers else DIGITS
        return self.write_rule(rule, style, numbers, digits)

    def is_exact_derivative(self, index: int) -> bool:
        """Whether the numbers in its formula as shown give the partial as shown."""
        if not (rule := self.derivative_rule(index)):
            return True
        computation = self._of_derivative(rule, index)
        return gives(*computation, enough_digits(*computation))

    def derivative_rule(self, index: int) -> str:
        """The textbook derivative with respect to operand `index` in the names of the table; "" where none is known."""
        if self.entry is None:
            return ""
        entry = self.entry
        derivatives = entry.derivatives(len(self.operands)) if isinstance(entry, Composition) else entry.derivatives
        return derivatives[index] if derivatives else ""

    def write_rule(self, rule: str, style: Style = "text", numbers: bool = False, digits: int = DIGITS) -> str:
        """A formula in the names of the table, on the names or the numbers of the operands; "" for an empty one."""
        return write_formula(rule, self._names(rule, style, numbers, digits), style).text if rule else ""

    def evaluate_rule(self, rule: str, operands: Sequence[float] = (), output: float | None = None) -> float:
        """The number of a formula in the names of the table.

        operands, output: other numbers than those of the box; without an output, the one that the operands give.
        """
        if output is None:
            output = self.compute(operands) if operands else self.number
        inputs = operands or [operand.number for operand in self.operands]
        return float(evaluate_formula(rule, dict(zip(("y", *self.arguments()), (output, *inputs), strict=True))))

    def compute(self, operands: Sequence[float]) -> float:
        """The value of the operation at other numbers of its operands."""
        entry = self.entry
        assert entry is not None
        return float(entry.of_flat(operands) if isinstance(entry, Composition) else entry(*operands))

    def _of_derivative(
        self, formula: str, index: int
    ) -> tuple[Callable[[list[float]], Any], list[float], float | None]:
        """How the formula of a derivative is computed, from which numbers, and the partial."""
        names = ("y", *self.arguments())
        numbers = [self.number, *(operand.number for operand in self.operands)]
        return (
            lambda shown: evaluate_formula(formula, dict(zip(names, shown, strict=True))),
            numbers,
            self.partials()[index],
        )

    def passes_gradient(self, index: int) -> bool:
        """Whether operand `index` can receive a gradient: not where the derivative is 0 everywhere."""
        if isinstance(self.entry, Composition):
            return self.derivative(index) != "0"
        return self.entry is not None and any(rule[0] == index for rule in self.entry.rules)

    def partials(self) -> tuple[float | None, ...]:
        """d(this)/d(operand) for each operand, as the engine computes it; None where no gradient flows."""
        if self._partials is None:
            self._partials = self._compute_partials()
        return self._partials

    def _compute_partials(self) -> tuple[float | None, ...]:
        if not isinstance(self.entry, Composition):
            partials = _primitive_partials(self.node)
            return tuple([partials[index] for index in self.kept]) if self.kept else partials
        # Computed again on separate inputs: one node may feed several of them.
        inputs = [operand.number if operand.box is None else Value(operand.number) for operand in self.operands]
        with set_mode(recording=True, anomaly=False, recording_partials=False):
            through = adjoints(self.entry.of_flat(inputs))
        return tuple(through.get(source) if isinstance(source, Value) else None for source in inputs)

    def enclosing(self) -> list[Scope]:
        """The named scopes around it, the innermost first, without the composition it stands for."""
        scopes = list(self.node._scope.chain())
        if not isinstance(self.entry, Composition):
            return scopes
        own = max(index for index, scope in enumerate(scopes) if scope.definition is self.entry)
        return scopes[own + 1 :]

    def __repr__(self) -> str:  # the generated one would print every path down to the leaves
        return f"<box {self.name}>"

    def arguments(self) -> tuple[str, ...]:
        """The names of its inputs in its formulas."""
        assert self.entry is not None
        count = len(self.operands)
        return self.entry.input_names(count) if isinstance(self.entry, Composition) else self.entry.arguments

    def _names(self, formula: str, style: Style, numbers: bool, digits: int = DIGITS) -> Mapping[str, Written]:
        """The variables of a formula, written: those alone, since a dot product has many more."""
        used = names_in(formula)
        output = write_number(self.number, style, digits) if numbers else write_name(self.of, style)
        operands = zip(self.arguments(), self.operands, strict=True)
        return {
            "y": output,
            **{name: operand.written(style, numbers, digits) for name, operand in operands if name in used},
        }


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """One input of a box: the box it comes from (None for a constant of the program) and its number when used."""

    box: Box | None
    number: float

    def written(self, style: Style = "text", numbers: bool = False, digits: int = DIGITS) -> Written:
        if self.box is None:
            return write_number(self.number, style, digits)._replace(constant=self.number)
        return write_number(self.number, style, digits) if numbers else write_name(self.box.name, style)


@dataclass(slots=True, eq=False)
class View:
    """The boxes of a graph, inputs first and the root last; the box that shows each node; its captured numbers."""

    root: Value
    boxes: list[Box] = field(default_factory=list)
    box_of: dict[Value, Box] = field(default_factory=dict)
    captured: dict[Value, tuple[float, ...]] = field(default_factory=dict)

    @property
    def leaves(self) -> list[Box]:
        """The boxes of inputs and parameters."""
        return [box for box in self.boxes if box.kind in ("input", "parameter")]

    @property
    def changes(self) -> str:
        """The leaves that have other numbers now than the graph was computed with, in one sentence."""
        return changes_sentence([(box.name, box.number, box.changed) for box in self.boxes if box.changed])

    @property
    def several_numbers(self) -> str:
        """Why the graph cannot be computed again at other numbers of its leaves; "" where it can."""
        return several_numbers({box.name: self.captured[box.node] for box in self.boxes})

    def users(self) -> dict[Box, list[tuple[Box, int]]]:
        """For each box, the (box, operand index) pairs that use it, in order."""
        users: dict[Box, list[tuple[Box, int]]] = {box: [] for box in self.boxes}
        for box in self.boxes:
            for index, operand in enumerate(box.operands):
                if operand.box is not None:
                    users[operand.box].append((box, index))
        return users


def view(root: Value, open: Open = ()) -> View:  # noqa: A002
    """The view of the graph below `root`. open: the compositions to show as primitives, or "all".

    >>> from autograd_core import Value, sigmoid
    >>> [box.name + " " + box.operation for box in view(sigmoid(Value(0.0, label="x")) * 2).boxes]
    ['x ', 'v1 sigmoid', 'out multiply']
    """
    order = topological_order(root)
    scopes = closed_scopes(order, root, _names_to_open(order, open))
    result = View(root, captured=captured_numbers(order))
    names = node_names(order)
    symbol = root_symbol(names[root], names.values())
    placed: set[Box] = set()
    boxes: list[Box] = []

    def place(box: Box) -> None:
        if box not in placed:
            placed.add(box)
            box.name = names[box.node]
            box.of = symbol if box.is_root else box.name
            box.changed = change_note(box.node, result.captured[box.node])
            result.boxes.append(box)

    for node in order:
        scope = scopes.get(node)
        if scope is None:
            box = _node_box(node, result)
        elif node is scopes.outputs[scope]:
            box = _composition_box(scope, scopes.members[scope], result.box_of)
        else:
            continue
        box.is_root = node is root
        for member in box.members:
            result.box_of[member] = box
        boxes.append(box)
    seen = _seen(boxes)
    for box in boxes:
        if box in seen and (box.entry is not None or box.is_root):  # a leaf goes before the first box that uses it
            for operand in box.operands:
                if operand.box is not None:
                    place(operand.box)
            place(box)
    return result


def _seen(boxes: Sequence[Box]) -> set[Box]:
    """The boxes that operands lead to from the last one: not the closed values of a choice among many."""
    seen = {boxes[-1]}
    for box in reversed(boxes):
        if box in seen:
            seen.update([operand.box for operand in box.operands if operand.box is not None])
    return seen


def _names_to_open(order: list[Value], open: Open) -> Open:  # noqa: A002
    names = [open] if isinstance(open, str) and open != "all" else open
    if names == "all":
        return names
    if not isinstance(names, Collection) or not all(isinstance(name, str) for name in names):
        raise TypeError(f'open must be "all" or the names of compositions, such as ["sigmoid"], got {open!r}.')
    scopes = (scope for node in order for scope in node._scope.chain())
    present = {scope.name for scope in scopes if isinstance(scope.definition, Composition)}
    for name in names:
        if name not in present and name not in COMPOSITIONS:
            names_present = ", ".join(sorted(present)) or "none"
            raise ValueError(f"there is no composition {name!r} to open; those of this graph are: {names_present}.")
    return names


def _node_box(node: Value, view: View) -> Box:
    primitive = node.primitive
    if primitive is None or primitive is DETACHED:
        kind: Kind = node.role if primitive is None else "constant"
        return Box("", kind, node, view.captured[node][0], members=(node,))
    operands = tuple(
        Operand(view.box_of[source] if isinstance(source, Value) else None, number)
        for source, number in zip(node.inputs, node.input_numbers, strict=True)
    )
    kept: tuple[int, ...] = ()
    if (shown := shown_among(primitive, node.input_numbers)) is not None:
        primitive, kept = shown
        operands = tuple([operands[index] for index in kept])
    return Box("", "operation", node, node.output_number, primitive, operands, (node,), kept=kept)


def _composition_box(scope: Scope, members: list[Value], box_of: Mapping[Value, Box]) -> Box:
    operands = tuple(
        Operand(box_of[source] if isinstance(source, Value) else None, number)
        for source, number in zip(scope.inputs, numbers_taken(scope.inputs, members), strict=True)
    )
    output = members[-1]
    return Box("", "composition", output, output.output_number, scope.definition, operands, tuple(members))


def _primitive_partials(node: Value) -> tuple[float | None, ...]:
    numbers = (node.output_number, *node.input_numbers)
    inputs = node.inputs
    partials: list[float | None] = [None] * len(inputs)
    primitive = node.primitive
    assert primitive is not None
    for index, partial, _ in primitive.open_rules(numbers):
        if isinstance(inputs[index], Value):
            partials[index] = partial if isinstance(partial, float) else partial(*numbers)
    return tuple(partials)
