"""W delta instead of Wᵀ delta, x δᵀ instead of δ xᵀ: the shapes of a square matrix do not reveal these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograd_core.graph.affine.affine_layers import AffineLayer, affine_layers
from autograd_core.graph.boxes import View
from autograd_core.graph.columns import Columns, columns
from autograd_core.mistakes.mistakes import TRANSPOSED, Mistake, join_names, sweep_mistake
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph, right

Exchanged = dict[Edge, float]  # the weight that multiplies each edge back to an input of the layer


def transpose_mistakes(graph: Graph, view: View) -> Iterator[Mistake]:
    """Both mistakes in each affine layer with a square matrix; W instead of Wᵀ in all of them, too.

    Large graphs are left out: nobody works them out by hand.
    """
    if graph.is_large:
        return
    numbers = columns(view.root)
    layers = list(_square_layers(numbers))
    weighed = ((layer.title, _weights_across(graph, view, numbers, layer)) for layer in layers)
    found = [(name, weights) for name, weights in weighed if weights]
    if len(found) > 1:
        everywhere = {edge: weight for _, weights in found for edge, weight in weights.items()}
        found.append((join_names([name for name, _ in found]), everywhere))
    for name, weights in found:
        inputs = join_names(list(dict.fromkeys(graph.symbols[edge.source] for edge in weights)))
        yield sweep_mistake(
            graph,
            TRANSPOSED,
            f"the gradient back through {name} was multiplied by W instead of Wᵀ (by rows of weights, not by columns)",
            f"which weights multiply {inputs} on the way forward? The same ones, a column of W, multiply the way back.",
            graph.sweep(_multiply_by(weights)),
            edges=list(weights),
            partials={edge.key: weight for edge, weight in weights.items()},
        )

    total, _ = graph.sweep(right)
    reached = {name: total.get(node, 0.0) for node, name in enumerate(graph.names)}
    for layer in layers:
        across = _names_across(view, numbers, layer)
        if layer.use == 1 and across:
            yield Mistake(
                TRANSPOSED,
                f"in the gradient of the weights of {layer.name}, rows and columns were exchanged (x δᵀ instead "
                "of δ xᵀ)",
                "the gradient has the shape of W: does the row of an entry stand for the unit, or for the input?",
                tuple(across),
                (),
                {name: reached[other] for name, other in across.items()},
                {},
                {},
            )


def _square_layers(numbers: Columns) -> Iterator[AffineLayer]:
    for layer in affine_layers(numbers):
        units, inputs = layer.shape
        if units == inputs > 1 and layer.rows == list(range(units)):
            yield layer


def _names_across(view: View, numbers: Columns, layer: AffineLayer) -> dict[str, str]:
    """For the name of each weight off the diagonal, the name of the one across it; empty with plain numbers."""
    weights = [[term.weight.node for term in unit.terms] for unit in layer.units]
    if any(node < 0 for row in weights for node in row):
        return {}
    names = [[view.box_of[numbers.order[node]].name for node in row] for row in weights]
    return {name: names[j][i] for i, row in enumerate(names) for j, name in enumerate(row) if i != j}


def _weights_across(graph: Graph, view: View, numbers: Columns, layer: AffineLayer) -> Exchanged:
    """For each edge back to an input, the weight across the diagonal."""
    index_of = {box: index for index, box in enumerate(view.boxes)}
    found: Exchanged = {}
    for row, unit in enumerate(layer.units):
        for column, term in enumerate(unit.terms):
            across = layer.units[column].terms[row]
            if term.variable.node < 0:
                continue  # no gradient flows to a plain number
            source = index_of[view.box_of[numbers.order[term.variable.node]]]
            node = index_of[view.box_of[numbers.order[term.product]]]
            edges = [edge for edge in graph.edges[node] if edge.source == source]
            if len(edges) == 1:
                found[edges[0]] = term.sign * across.sign * across.weight.number
    return found


def _multiply_by(weights: Mapping[Edge, float]) -> Contribution:
    return lambda edge, upstream: upstream * weights.get(edge, edge.partial)
