"""Equal boxes over several rows, such as a model over a batch: a sheet shows one of them beside a box of the others."""

from __future__ import annotations

from autograd_core.graph.folding.groups import Folding
from autograd_core.graph.folding.partition import MOST_SIDE_BY_SIDE, Item


def set_rows_apart(folding: Folding) -> None:
    """In each repeat of many scopes that have no parameters of their own, put all but the first into a box.

    The same in each repeat of as many compositions, such as the errors of the rows.
    """
    with_parameters = _groups_with_parameters(folding)
    found = {}
    for index, group in enumerate(folding.groups):
        if group.kind == "repeat":
            rows, others = _rows_and_others(folding, index)
            if (
                len(rows) > MOST_SIDE_BY_SIDE
                and not any(~row in with_parameters for row in rows)
                and _use_the_same_parameters(folding, rows[0], rows[1])
            ):
                found[index] = rows, others
    batches = {len(rows) for rows, _ in found.values() if folding.groups[~rows[0]].kind == "scope"}
    for index, (rows, others) in found.items():
        if len(rows) not in batches:
            continue
        name = folding.groups[~rows[0]].name
        for number, row in enumerate(rows, 1):
            if folding.groups[~row].name == name:
                folding.groups[~row].name = f"{name} #{number}"
        rest = folding.new_group(f"{len(rows) - 1:,} more", "rows", "", index)
        folding.move(rows[1:], rest)
        folding.move([*others, ~rest, rows[0]], index)


def _use_the_same_parameters(folding: Folding, row: Item, other: Item) -> bool:
    """Whether two boxes use a parameter in common, as two rows do, or none at all. The units of a layer do not."""
    columns = folding.columns

    def parameters(item: Item) -> set[int]:
        sources = {columns.sources[edge] for node in folding.nodes_in(item) for edge in columns.edges(node)}
        return {node for node in sources if columns.leaf[node] and columns.order[node].role == "parameter"}

    used, used_by_other = parameters(row), parameters(other)
    return not used or bool(used & used_by_other)


def _rows_and_others(folding: Folding, index: int) -> tuple[list[Item], list[Item]]:
    """The boxes in a repeat, and its other items. It may be cut into parts."""
    rows: list[Item] = []
    others: list[Item] = []
    waiting = folding.groups[index].items[::-1]
    while waiting:
        item = waiting.pop()
        if item < 0 and folding.groups[~item].kind == "part":
            waiting += folding.groups[~item].items[::-1]
        else:
            (rows if item < 0 and folding.groups[~item].kind in ("scope", "composition") else others).append(item)
    return rows, others


def _groups_with_parameters(folding: Folding) -> set[int]:
    found: set[int] = set()
    for node, group in zip(folding.columns.order, folding.home, strict=True):
        if node.primitive is None and node.role == "parameter":
            while group > 0 and group not in found:
                found.add(group)
                group = folding.groups[group].parent
    return found
