"""The gradient of one number as a sum of contributions: one for each place where the number is used, and within each of
these one for every term of the loss and every box through which it came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from autograd_core.engine.context import Scope
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.columns import Columns
from autograd_core.graph.names import stem_of

_LINEAR = ("add", "subtract", "multiply", "divide", "negative")
Origin = tuple[int, str]  # (the number of the term of the loss, the box passed last, or "")


@dataclass(frozen=True)
class Use:
    """One place where a number is used.

    place: the boxes around it, the outermost first. contribution: what it adds to the gradient. origins: the same
    amount by (term of the loss, box passed last), in the order of the terms.
    """

    place: tuple[str, ...]
    contribution: float
    origins: dict[Origin, float]


def uses_of(columns: Columns, node: int, through: str = "") -> list[Use]:
    """The uses of a node in the order of the backward sweep: added in this order, they give its gradient to the last
    bit. through: the name of boxes without its number ("head"), which are told apart.

    >>> from autograd_core.graph.columns import columns
    >>> x = Value(3.0, label="x")
    >>> [(use.contribution, use.origins) for use in uses_of(columns(x * 2.0 + x), 0)]
    [(1.0, {(0, ''): 1.0}), (2.0, {(0, ''): 2.0})]
    """
    names = place_names(columns.order)
    boxes = _boxes(names, through)
    terms, root = loss_terms(columns), len(columns.order) - 1
    depends = bytearray(len(columns.order))
    depends[node] = 1
    for source, user in columns.pairs():
        if depends[source]:
            depends[user] = 1
    credit: dict[int, dict[Origin, float]] = {}
    uses: list[Use] = []
    for user in reversed(range(node + 1, len(columns.order))):
        origins = credit.pop(user, {})
        if user == root and not terms.entries:
            origins = {(0, ""): 1.0}
        if origins and (box := boxes.get(columns.order[user]._scope)):
            origins = _passing(origins, box)
        for edge in columns.edges(user):
            source = columns.sources[edge]
            if not columns.flowing[edge] or not depends[source]:
                continue
            if (term := terms.entries.get(edge)) is not None:
                carried = {(term, ""): columns.contributions[edge]}
            else:
                carried = {origin: amount * columns.partials[edge] for origin, amount in origins.items()}
            if source == node:
                place = _place(columns.order[user]._scope, names)
                uses.append(Use(place, columns.contributions[edge], dict(sorted(carried.items()))))
                continue
            so_far = credit.setdefault(source, {})
            for origin, amount in carried.items():
                so_far[origin] = so_far.get(origin, 0.0) + amount
    return uses


def _passing(origins: dict[Origin, float], box: str) -> dict[Origin, float]:
    sums: dict[Origin, float] = {}
    for (term, _), amount in origins.items():
        sums[term, box] = sums.get((term, box), 0.0) + amount
    return sums


# ------------------------------------------------------------------------------------------------- terms of a loss


class LossTerms(NamedTuple):
    """The terms of a loss that is a sum or a mean.

    nodes: them, in order of computation. entries: by the edge along which the gradient enters a term, its number.
    """

    nodes: list[int]
    entries: dict[int, int]


def loss_terms(columns: Columns) -> LossTerms:
    """The terms that the root adds up; the root alone where it is no sum.

    >>> from autograd_core import mean
    >>> from autograd_core.graph.columns import columns
    >>> x = Value(2.0)
    >>> len(loss_terms(columns(mean([x * x, x * 3.0]))).nodes)
    2
    """
    times_used = Counter(columns.sources)
    root = len(columns.order) - 1
    entries: list[tuple[int, int]] = []
    waiting = [root] if _is_linear(columns, root) else []
    while waiting:
        node = waiting.pop()
        for edge in columns.edges(node):
            source = columns.sources[edge]
            if _is_linear(columns, source) and times_used[source] == 1:
                waiting.append(source)
            else:
                entries.append((source, edge))
    nodes = sorted({source for source, _ in entries})
    number = {source: place for place, source in enumerate(nodes)}
    return LossTerms(nodes or [root], {edge: number[source] for source, edge in entries})


def _is_linear(columns: Columns, node: int) -> bool:
    """Whether a node adds terms, outside of any composition but a mean; or scales one, in a mean or beside the root."""
    value = columns.order[node]
    compositions = [scope.name for scope in value._scope.chain() if isinstance(scope.definition, Composition)]
    if value.op not in _LINEAR or any(name != "mean" for name in compositions):
        return False
    if value.op in ("add", "subtract"):
        return True
    return len(columns.edges(node)) == 1 and (bool(compositions) or value._scope is columns.order[-1]._scope)


# ---------------------------------------------------------------------------------------------------------- places


def place_names(order: Sequence[Value]) -> dict[Scope, str]:
    """The name of each scope with something in it: several of one name in one scope are numbered in order, as norm #2.

    Compositions have "": they say what is computed, not where.
    """
    scopes: dict[Scope, None] = {}
    for node in order:
        if node.inputs and node._scope not in scopes:
            scopes |= dict.fromkeys(reversed(list(node._scope.chain())))
    alike: dict[tuple[Scope | None, str], list[Scope]] = {}
    for scope in scopes:
        alike.setdefault((_parent(scope), scope.name), []).append(scope)
    names = {}
    for (_, name), same in alike.items():
        for number, scope in enumerate(same, 1):
            title = f"{name} #{number}" if len(same) > 1 else name
            names[scope] = "" if isinstance(scope.definition, Composition) else title
    return names


def _parent(scope: Scope) -> Scope | None:
    chain = scope.chain()
    next(chain)
    return next(chain, None)


def _place(scope: Scope, names: Mapping[Scope, str]) -> tuple[str, ...]:
    return tuple([name for outer in reversed(list(scope.chain())) if (name := names[outer])])


def _boxes(names: Mapping[Scope, str], stem: str) -> dict[Scope, str]:
    """For each scope in a box of this name the name of the box; its whole place where several have the same number."""
    if not stem:
        return {}
    box_of: dict[Scope, Scope] = {}
    for scope in names:
        for outer in scope.chain():
            if stem_of(outer.name) == stem:
                box_of[scope] = outer
                break
    titles = Counter(names[box] for box in set(box_of.values()))
    return {
        scope: names[box] if titles[names[box]] == 1 else " › ".join(_place(box, names))
        for scope, box in box_of.items()
    }
