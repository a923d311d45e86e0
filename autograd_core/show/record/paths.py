"""Every path from an input to the output, with the product of its partials: their sum is the gradient.

Reverse mode never lists the paths, of which there may be exponentially many; it adds where they meet. The listed paths
show that the result is the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import Part, Report
from autograd_core.graph.path_search import count_paths, list_paths
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, Record

MOST_PATHS = 50


@dataclass(frozen=True, slots=True)
class PathRecord:
    """One path: the nodes from the input to the output, the partial of each edge between them, and their product."""

    nodes: tuple[str, ...]
    partials: tuple[float, ...]
    product: float


@dataclass(frozen=True, slots=True, repr=False)
class Paths(Report):
    """The paths from `source` to `output` along open edges. symbol: how derivatives write the output. count: how many
    there are; paths: all of them, or none where there are too many to list; gradient: the sum of their products, as the
    engine computed it."""

    source: str
    output: str
    symbol: str
    count: int
    paths: tuple[PathRecord, ...]
    gradient: float

    def parts(self) -> Iterator[Part]:
        """How many paths there are, the paths, and their sum."""
        of = chain_rule.total_derivative(self.symbol, self.source).text
        ends = f"from {name_text(self.source)} to {name_text(self.output)}"
        many = f"{self.count:,} path{'' if self.count == 1 else 's'}"
        if not self.paths:
            why = "too many to list; reverse mode adds where they meet instead" if self.count else "no edge is open"
            yield f"{many} {ends} ({why})."
            yield f"{of} = {number_text(self.gradient)}"
            return
        rows = [(" → ".join(map(name_text, path.nodes)), _product(path)) for path in self.paths]
        total = chain_rule.running_sum([path.product for path in self.paths], self.gradient, complete=True).text
        yield f"{many} {ends}, each with the product of its partials"
        yield AlignedTable(rows, indent="  ")
        yield f"{of} = {total}"


def paths(record: Record, source: str, most: int = MOST_PATHS) -> Paths:
    """The paths from the node named `source`; past `most` of them they are counted, not listed.

    Raises KeyError where no node has that name, ValueError in forward mode.
    """
    if record.mode != "reverse":
        raise ValueError("paths belong to reverse mode: explain(value).paths(...).")
    source = visible_text(source)
    names = [node.name for node in record.nodes]
    if source not in names:
        raise KeyError(f"there is no node {source!r}; the names are {', '.join(names)}")
    leaving: dict[str, list[EdgeRecord]] = {name: [] for name in names}
    for step in record.sweeps[0].steps:
        for edge in step.edges:
            if edge.partial is not None:
                leaving[edge.source].append(edge)
    for edges in leaving.values():
        edges.reverse()
    counts = count_paths(reversed(names), leaving, _user)
    found = list_paths(source, leaving, _user, counts) if counts[source] <= most else []
    sums = {edge.source: edge.total for step in record.sweeps[0].steps for edge in step.edges if edge.complete}
    gradient = 1.0 if source == record.output else sums.get(source) or 0.0
    listed = tuple(_path_record(path, record.output) for path in found)
    return Paths(source, record.output, record.symbol, counts[source], listed, gradient)


def _user(edge: EdgeRecord) -> str:
    return edge.node


def _path_record(path: Sequence[EdgeRecord], output: str) -> PathRecord:
    partials = tuple(edge.partial for edge in path if edge.partial is not None)
    return PathRecord((*(edge.source for edge in path), output), partials, math.prod(reversed(partials)))


def _product(path: PathRecord) -> str:
    if len(path.partials) < 2:
        return number_text(path.product)
    return chain_rule.product(path.partials, path.product).text
