"""Records the numbers of the affine layers of a graph."""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain

from autograd_core.formulas.labels import visible_text
from autograd_core.graph.affine.affine_layers import AffineLayer, place_in_matrix, symbol_of
from autograd_core.graph.affine.affine_terms import Factor, Term
from autograd_core.graph.affine.affine_units import Bias
from autograd_core.graph.columns import Columns
from autograd_core.show.matrix.record import MatrixEntry, MatrixRecord, ScalarKey


class LayerRecorder:
    """Creates the records of the layers of one graph."""

    def __init__(self, graph: Columns, output: str, output_name: str) -> None:
        self.graph = graph
        self.output = output
        self.output_name = output_name
        self._changed: dict[int, tuple[str, float, str]] = {}  # of the layer being recorded, by node
        self._leaving: dict[int, list[int]] = {}
        for edge, source in enumerate(graph.sources):
            self._leaving.setdefault(source, []).append(edge)

    def record(self, layer: AffineLayer) -> MatrixRecord:
        """The numbers of one layer."""
        graph, units, rows = self.graph, layer.units, layer.rows
        first = units[0]
        self._changed.clear()
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
            else symbol_of([self._label(term.weight) for term in weights], "W"),
            "x": f"[{' '.join(letters)}]" if len(letters) > 1 else letters[0],
            "b": symbol_of([self._label(bias.factor) for bias in biases if bias] or [""], "b"),
        }
        number = symbols["W"][1:] if symbols["W"][1:].isdigit() else ""
        symbols["z"] = symbol_of([visible_text(graph.order[unit.output].label) for unit in units], f"z{number}")
        if symbols["W"] == "w":
            symbols["W"] = "W"
        return MatrixRecord(
            title=visible_text(layer.title),
            name=visible_text(layer.name),
            use=layer.use,
            path=layer.path,
            output=self.output,
            output_name=self.output_name,
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
            closed=[not graph.reached[unit.output] for unit in units],
            product=[[term.sign * graph.values[term.product] for term in row] for row in terms],
            contributions=[[self._contribution(term.variable_edge) for term in row] for row in terms],
            forward=self._forward(layer),
            backward=self._backward(layer),
            changed=list(self._changed.values()),
            problem=graph.problem,
        )

    # ------------------------------------------------------------------------------------------------- scalars

    def _letter(self, terms: list[Term]) -> str:
        """x for inputs of the graph, h for computed numbers."""
        return (
            "h" if any(term.variable.node >= 0 and not self.graph.leaf[term.variable.node] for term in terms) else "x"
        )

    def _blocks(self, terms: list[Term]) -> dict[str, list[Term]]:
        """The terms of each matrix by the labels of the weights: those of W, then those of U."""
        found: dict[str, list[Term]] = {}
        for term in terms:
            place = place_in_matrix(self.graph, term.weight)
            if place is None:
                return {"": terms}
            found.setdefault(place[0], []).append(term)
        return found if list(chain.from_iterable(found.values())) == terms else {"": terms}

    def _label(self, factor: Factor) -> str:
        return visible_text(self.graph.order[factor.node].label) if factor.node >= 0 else ""

    def _output(self, node: int, place: str) -> MatrixEntry:
        label = visible_text(self.graph.order[node].label) or place
        adjoint = self._adjoint(node)
        self._note_change(node, label)
        return MatrixEntry(label, "operation", self.graph.values[node], adjoint, adjoint)

    def _note_change(self, node: int, name: str) -> None:
        if node in self.graph.changed:
            self._changed[node] = (name, self.graph.values[node], self.graph.changed[node])

    def _adjoint(self, node: int) -> float | None:
        """As in `.grad`: 0 where no gradient arrives, None where there are no gradients at all."""
        adjoint = self.graph.adjoint(node)
        return 0.0 if adjoint is None and not self.graph.problem else adjoint

    def _variable(self, column: list[Term], place: str) -> MatrixEntry:
        # The sweep visits the nodes from the last to the first, and adds the contributions in this order.
        ordered = sorted(column, key=lambda term: -term.product)
        return self._entry(column[0].variable, [term.variable_edge for term in ordered], place)

    def _bias(self, bias: Bias, place: str) -> MatrixEntry:
        return self._entry(bias.factor, [bias.edge], place, bias.sign)

    def _entry(self, factor: Factor, edges: list[int], place: str, sign: int = 1) -> MatrixEntry:
        """An entry of the matrix: the number of a factor, or its opposite where the program subtracts the term."""
        if factor.node < 0:
            return MatrixEntry(place, "constant", sign * factor.number)
        graph = self.graph
        node = graph.order[factor.node]
        role = ("constant" if node.primitive is not None else node.role) if graph.leaf[factor.node] else "operation"
        name = visible_text(node.label) or place
        self._note_change(factor.node, name)
        if role == "constant":
            return MatrixEntry(name, role, sign * factor.number)
        adjoint = self._adjoint(factor.node)
        grad = None if adjoint is None else sign * adjoint
        own = set(edges)
        others = [edge for edge in self._leaving[factor.node] if edge not in own]
        if not others:
            return MatrixEntry(name, role, sign * factor.number, grad, grad)
        share, rest = (None if grad is None else sign * self._sum(part) for part in (edges, others))
        return MatrixEntry(name, role, sign * factor.number, share, grad, rest, len(others))

    def _sum(self, edges: list[int]) -> float:
        return sum([self.graph.contributions[edge] for edge in edges if self.graph.flowing[edge]], 0.0)

    def _contribution(self, edge: int) -> float | None:
        return self._sum([edge]) if edge >= 0 and not self.graph.problem else None

    # ------------------------------------------------------------------------------------------------- order

    def _forward(self, layer: AffineLayer) -> list[ScalarKey]:
        keys: list[tuple[int, ScalarKey]] = []
        for i, unit in enumerate(layer.units):
            keys += [(term.product, ("product", i, j)) for j, term in enumerate(unit.terms)]
            keys.append((unit.output, ("z", i, 0)))
        return [key for _, key in sorted(keys)]

    def _backward(self, layer: AffineLayer) -> list[ScalarKey]:
        """The scalars in the order of the sweep: the delta of a sum, then the gradients of the factors."""
        keys: list[tuple[int, ScalarKey]] = []
        for i, unit in enumerate(layer.units):
            if not self.graph.reached[unit.output]:
                continue
            keys.append((unit.output, ("delta", i, 0)))
            if unit.bias is not None and unit.bias.edge >= 0:
                adding = bisect_right(self.graph.first, unit.bias.edge) - 1
                keys.append((adding, ("b", i, 0)))
            for j, term in enumerate(unit.terms):
                if term.weight_edge >= 0:
                    keys.append((term.product, ("W", i, j)))
                if term.variable_edge >= 0:
                    keys.append((term.product, ("x", i, j)))
        return [key for _, key in sorted(keys, key=lambda pair: -pair[0])]
