"""W delta instead of W^T delta: the shapes of a square matrix do not reveal this mistake."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograd_core.graph.affine_layers import AffineLayer, affine_layers
from autograd_core.graph.boxes import View
from autograd_core.graph.columns import Columns, columns
from autograd_core.mistakes.mistakes import TRANSPOSED, Mistake, join_names, sweep_mistake
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph

Exchanged = dict[Edge, float]  # the weight that multiplies each edge back to an input of the layer


def transpose_mistakes(graph: Graph, view: View) -> Iterator[Mistake]:
    """W instead of W^T in each affine layer with a square matrix, and in all of them.

    Large graphs are left out: nobody works them out by hand.
    """
    found = list(_square_layers(graph, view))
    if len(found) > 1:
        everywhere = {edge: weight for _, weights in found for edge, weight in weights.items()}
        found.append((join_names([name for name, _ in found]), everywhere))
    for name, weights in found:
        inputs = join_names(list(dict.fromkeys(graph.names[edge.source] for edge in weights)))
        yield sweep_mistake(
            graph,
            TRANSPOSED,
            f"the gradient back through {name} was multiplied by W instead of W^T (by rows of weights, not by columns)",
            f"which weights multiply {inputs} on the way forward? The same ones, a column of W, multiply the way back.",
            graph.sweep(_multiply_by(weights)),
            edges=list(weights),
            partials={edge.key: weight for edge, weight in weights.items()},
        )


def _square_layers(graph: Graph, view: View) -> Iterator[tuple[str, Exchanged]]:
    """For each affine layer with a square matrix, its name and for each edge back the weight across the diagonal."""
    if graph.is_large:
        return
    numbers = columns(view.root)
    for layer in affine_layers(numbers):
        units, inputs = layer.shape
        if units == inputs > 1 and layer.rows == list(range(units)):
            found = _weights_across(graph, view, numbers, layer)
            if found:
                yield layer.title, found


def _weights_across(graph: Graph, view: View, numbers: Columns, layer: AffineLayer) -> Exchanged:
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
