"""The numbers of an affine layer as vectors and matrices, forward and backward: every one is the engine's own.

A gradient that only this layer makes up is the full sum. What is used elsewhere too (an input that feeds other layers,
a weight used for several rows) has here its share: what this layer's edges carry; the rest comes from elsewhere.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import chain

from autograd_core.formulas.labels import visible_text
from autograd_core.graph.affine_layers import AffineLayer, place_in_matrix, symbol_of
from autograd_core.graph.affine_terms import Factor, Term
from autograd_core.graph.affine_units import Bias
from autograd_core.graph.columns import Columns

Moment = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One scalar of the layer.

    name: its label, or its place (W[0][1]). role: input, parameter, constant, or operation where it was computed.
    share: what this layer carries back to it, 0 where every gate on the way is closed, None for a plain number, which
    wants no gradient. grad: its whole gradient. elsewhere: the rest of it, from `others` further edges.
    """

    name: str
    role: str
    value: float
    share: float | None = None
    grad: float | None = None
    elsewhere: float | None = None
    others: int = 0

    @property
    def wanted(self) -> bool:
        """Whether a gradient goes to it: no plain number of the program has one."""
        return self.role != "constant"


@dataclass(frozen=True, slots=True)
class MatrixRecord:
    """One layer: z = W x + b and, with delta = dL/dz, the shares of dL/dW, dL/db and dL/dx.

    W[i][j] goes from input j to unit i, whose number is rows[i]; b[i] is None where a unit has no bias. product[i][j]
    is W[i][j] x[j]; carried[i][j] what it carries back to x[j]. closed: whether a gate stops all that could arrive at
    a unit. minus: whether the program subtracts that term, so that the matrix holds the opposite of the number named.
    forward, backward: the scalars in the order the engine computes them: ("product", i, j), ("z", i, 0);
    ("delta", i, 0), ("b", i, 0), ("x", i, j), ("W", i, j).
    """

    title: str
    path: tuple[str, ...]
    output: str
    symbols: dict[str, str]
    uses: int
    rows: list[int]
    z: list[Entry]
    x: list[Entry]
    b: list[Entry | None]
    W: list[list[Entry]]
    minus: list[list[bool]]
    minus_b: list[bool]
    delta: list[float | None]
    closed: list[bool]
    product: list[list[float]]
    carried: list[list[float | None]]
    forward: list[Moment]
    backward: list[Moment]
    problem: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """(units, inputs)."""
        return len(self.z), len(self.x)

    @property
    def has_bias(self) -> bool:
        """Whether any unit adds one."""
        return any(one is not None for one in self.b)

    @property
    def reaches_inputs(self) -> bool:
        """Whether the gradient of any input is wanted."""
        return any(one.wanted for one in self.x)

    @property
    def shared_inputs(self) -> bool:
        """Whether any input has a gradient from elsewhere too."""
        return any(one.others for one in self.x)

    @property
    def shared_weights(self) -> bool:
        """Whether any weight has a gradient from elsewhere too."""
        return any(one.others for row in self.W for one in row)

    @property
    def shared_biases(self) -> bool:
        """Whether any bias has a gradient from elsewhere too."""
        return any(one.others for one in self.b if one is not None)


class Recorder:
    """Makes the records of the layers of one graph."""

    def __init__(self, made: Columns, output: str) -> None:
        self.made = made
        self.output = output
        self._leaving: dict[int, list[int]] = {}
        for edge, source in enumerate(made.sources):
            self._leaving.setdefault(source, []).append(edge)

    def record(self, layer: AffineLayer) -> MatrixRecord:
        """The numbers of one layer."""
        made, units, rows = self.made, layer.units, layer.rows
        first = units[0]
        terms = [unit.terms for unit in units]
        columns = [[row[j] for row in terms] for j in range(len(first.terms))]
        weights = [term for row in terms for term in row]
        biases = [unit.bias for unit in units]
        blocks = self._blocks(first.terms)
        letters = [
            symbol_of([self._label(term.variable) for term in block], self._letter(block)) for block in blocks.values()
        ]
        of_column = [letter for letter, block in zip(letters, blocks.values(), strict=True) for _ in block]
        variables = [f"{letter}[{of_column[:j].count(letter)}]" for j, letter in enumerate(of_column)]
        letters = list(dict.fromkeys(letters))
        symbols = {
            "W": f"[{' '.join(blocks)}]"
            if len(blocks) > 1
            else symbol_of([self._label(one.weight) for one in weights], "W"),
            "x": f"[{' '.join(letters)}]" if len(letters) > 1 else letters[0],
            "b": symbol_of([self._label(bias.factor) for bias in biases if bias] or [""], "b"),
        }
        number = symbols["W"][1:] if symbols["W"][1:].isdigit() else ""
        symbols["z"] = symbol_of([made.order[unit.output].label for unit in units], f"z{number}")
        if symbols["W"] == "w":
            symbols["W"] = "W"
        return MatrixRecord(
            title=visible_text(layer.title),
            path=layer.path,
            output=self.output,
            symbols=symbols,
            uses=layer.uses,
            rows=rows,
            z=[self._output(unit.output, f"{symbols['z']}[{i}]") for i, unit in zip(rows, units, strict=True)],
            x=[self._variable(column, name) for column, name in zip(columns, variables, strict=True)],
            b=[
                self._bias(bias, f"{symbols['b']}[{i}]") if bias else None for i, bias in zip(rows, biases, strict=True)
            ],
            W=[
                [
                    self._entry(term.weight, [term.weight_edge], f"{symbols['W']}[{i}][{j}]", term.sign)
                    for j, term in enumerate(row)
                ]
                for i, row in zip(rows, terms, strict=True)
            ],
            minus=[[term.sign < 0 for term in row] for row in terms],
            minus_b=[bias is not None and bias.sign < 0 for bias in biases],
            delta=[self._adjoint(unit.output) for unit in units],
            closed=[not made.reached[unit.output] for unit in units],
            product=[[term.sign * made.values[term.product] for term in row] for row in terms],
            carried=[[self._carried(term.variable_edge) for term in row] for row in terms],
            forward=self._forward(layer),
            backward=self._backward(layer),
            problem=made.problem,
        )

    # ------------------------------------------------------------------------------------------------- scalars

    def _letter(self, terms: list[Term]) -> str:
        """x for what is given, h for what was computed."""
        return "h" if any(one.variable.node >= 0 and not self.made.leaf[one.variable.node] for one in terms) else "x"

    def _blocks(self, terms: list[Term]) -> dict[str, list[Term]]:
        """The terms of each matrix that the labels of the weights name: those of W and of U, side by side."""
        found: dict[str, list[Term]] = {}
        for term in terms:
            place = place_in_matrix(self.made, term.weight)
            if place is None:
                return {"": terms}
            found.setdefault(place[0], []).append(term)
        return found if list(chain.from_iterable(found.values())) == terms else {"": terms}

    def _label(self, one: Factor) -> str:
        return self.made.order[one.node].label if one.node >= 0 else ""

    def _output(self, node: int, place: str) -> Entry:
        label = visible_text(self.made.order[node].label) or place
        adjoint = self._adjoint(node)
        return Entry(label, "operation", self.made.values[node], adjoint, adjoint)

    def _adjoint(self, node: int) -> float | None:
        """As `.grad` would have it: 0 where nothing arrives, None where there are no gradients at all."""
        adjoint = self.made.adjoint(node)
        return 0.0 if adjoint is None and not self.made.problem else adjoint

    def _variable(self, column: list[Term], place: str) -> Entry:
        # The sweep goes through the nodes from the last to the first, and so adds the contributions in this order.
        ordered = sorted(column, key=lambda term: -term.product)
        return self._entry(column[0].variable, [term.variable_edge for term in ordered], place)

    def _bias(self, bias: Bias, place: str) -> Entry:
        return self._entry(bias.factor, [bias.edge], place, bias.sign)

    def _entry(self, one: Factor, edges: list[int], place: str, sign: int = 1) -> Entry:
        """An entry of the matrix: the number named, or its opposite where the program subtracts it."""
        if one.node < 0:
            return Entry(place, "constant", sign * one.number)
        made = self.made
        node = made.order[one.node]
        role = ("constant" if node.primitive is not None else node.role) if made.leaf[one.node] else "operation"
        name = visible_text(node.label) or place
        if role == "constant":
            return Entry(name, role, sign * one.number)
        adjoint = self._adjoint(one.node)
        grad = None if adjoint is None else sign * adjoint
        own = set(edges)
        others = [edge for edge in self._leaving[one.node] if edge not in own]
        if not others:
            return Entry(name, role, sign * one.number, grad, grad)
        share, rest = (None if grad is None else sign * self._sum(some) for some in (edges, others))
        return Entry(name, role, sign * one.number, share, grad, rest, len(others))

    def _sum(self, edges: list[int]) -> float:
        return sum([self.made.contributions[edge] for edge in edges if self.made.flowing[edge]], 0.0)

    def _carried(self, edge: int) -> float | None:
        return self._sum([edge]) if edge >= 0 and not self.made.problem else None

    # ------------------------------------------------------------------------------------------------- order

    def _forward(self, layer: AffineLayer) -> list[Moment]:
        moments: list[tuple[int, Moment]] = []
        for i, unit in enumerate(layer.units):
            moments += [(term.product, ("product", i, j)) for j, term in enumerate(unit.terms)]
            moments.append((unit.output, ("z", i, 0)))
        return [moment for _, moment in sorted(moments)]

    def _backward(self, layer: AffineLayer) -> list[Moment]:
        """What the sweep does, in its order: a sum hands on its delta, then each product what is due to its factors."""
        moments: list[tuple[int, Moment]] = []
        for i, unit in enumerate(layer.units):
            if not self.made.reached[unit.output]:
                continue
            moments.append((unit.output, ("delta", i, 0)))
            if unit.bias is not None and unit.bias.edge >= 0:
                adding = bisect_right(self.made.first, unit.bias.edge) - 1
                moments.append((adding, ("b", i, 0)))
            for j, term in enumerate(unit.terms):
                if term.weight_edge >= 0:
                    moments.append((term.product, ("W", i, j)))
                if term.variable_edge >= 0:
                    moments.append((term.product, ("x", i, j)))
        return [moment for _, moment in sorted(moments, key=lambda one: -one[0])]
