"""W delta taken for W^T delta: the one mistake of matrices that a square matrix lets pass without a warning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from autograd_core.graph.affine_layers import AffineLayer, affine_layers
from autograd_core.graph.boxes import View
from autograd_core.graph.columns import Columns, columns
from autograd_core.mistakes.mistakes import TRANSPOSED, Mistake, listed, swept_wrong
from autograd_core.mistakes.student_sweeps import Contribution, Edge, Graph

Exchanged = dict[Edge, float]  # by which weight each edge back to an input of the layer is multiplied


def transposed(graph: Graph, seen: View) -> Iterator[Mistake]:
    """W taken for W^T in each affine layer with a square matrix, and in all of them.

    A large graph has none: what is taught on it is not done by hand.
    """
    found = list(_exchanged_weights(graph, seen))
    if len(found) > 1:
        found.append(
            (listed([name for name, _ in found]), {edge: one for _, way in found for edge, one in way.items()})
        )
    for name, weights in found:
        inputs = listed(list(dict.fromkeys(graph.names[edge.source] for edge in weights)))
        yield swept_wrong(
            graph,
            TRANSPOSED,
            f"what comes back through {name} was multiplied by W where it is to be W^T (rows of weights, not columns)",
            f"which weights multiply {inputs} on the way forward? By these, each a column of W, it comes back.",
            graph.sweep(_multiplied_by(weights)),
            edges=list(weights),
            partials={edge.key: one for edge, one in weights.items()},
        )


def _exchanged_weights(graph: Graph, seen: View) -> Iterator[tuple[str, Exchanged]]:
    """For each affine layer with a square matrix: its name, and for each edge back the weight across the diagonal."""
    if graph.is_large:
        return
    made = columns(seen.root)
    for layer in affine_layers(made):
        units, inputs = layer.shape
        if units == inputs > 1 and layer.rows == list(range(units)):
            found = _exchanged(graph, seen, made, layer)
            if found:
                yield layer.title, found


def _exchanged(graph: Graph, seen: View, made: Columns, layer: AffineLayer) -> Exchanged:
    number = {box: index for index, box in enumerate(seen.boxes)}
    found: Exchanged = {}
    for row, unit in enumerate(layer.units):
        for column, term in enumerate(unit.terms):
            across = layer.units[column].terms[row]
            if term.variable.node < 0:
                continue  # a plain number: nothing flows back to it
            source = number[seen.box_of[made.order[term.variable.node]]]
            node = number[seen.box_of[made.order[term.product]]]
            ways = [edge for edge in graph.edges[node] if edge.source == source]
            if len(ways) == 1:
                found[ways[0]] = term.sign * across.sign * across.weight.number
    return found


def _multiplied_by(weights: Mapping[Edge, float]) -> Contribution:
    return lambda edge, upstream: upstream * weights.get(edge, edge.partial)
