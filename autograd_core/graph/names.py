"""One name for each node of a graph, the same in every picture, table and page, whatever is open."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from itertools import count

from autograd_core.engine.context import Scope
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.symbols import is_letter


@without_gc
def node_names(order: Sequence[Value]) -> dict[Value, str]:
    """{node: name} for a topological order.

    The name is the visible label (label#2 for the second node with it), else `out` for the root, else v1 v2 ... in
    order of computation; a leaf is numbered at its first use. A composition counts as its output, and the nodes inside
    are v3(1) v3(2) ...: to open or close it renames nothing.

    >>> from autograd_core import sigmoid, topological_order
    >>> y = sigmoid(Value(0.0, label="x")) * 2.0
    >>> list(node_names(topological_order(y)).values())[-2:]
    ['v1', 'out']
    """
    labels = {node: visible_text(node.label) for node in order if node.label}
    taken = set(labels.values())
    fresh = (name for number in count(1) if (name := f"v{number}") not in taken)
    within = _owners(order)
    output = {owner: node for node in order if (owner := within[node._scope]) is not None and node.inputs}
    root = order[-1]
    used: dict[str, int] = {}
    names: dict[Value, str] = {}
    inner: dict[Scope, list[Value]] = {}

    def give(node: Value) -> None:
        owner = within[node._scope]
        if label := labels.get(node):
            number = used.get(label, 0) + 1
            while number > 1 and f"{label}#{number}" in taken:
                number += 1
            used[label] = number
            names[node] = label if number == 1 else f"{label}#{number}"
        elif node is root and node.primitive is not None and "out" not in taken:
            names[node] = "out"
        elif owner is not None and output.get(owner, node) is not node:
            names[node] = ""
            inner.setdefault(owner, []).append(node)
        else:
            names[node] = next(fresh)

    for node in order:
        computed = node is root  # a leaf is named at its first use
        for source in node.inputs:
            if isinstance(source, Value):
                computed = True
                if source not in names:
                    give(source)
        if computed:
            give(node)
    for owner, nodes in inner.items():
        before = names[output[owner]]
        numbered = (name for number in count(1) if (name := f"{before}({number})") not in taken)
        names.update(zip(nodes, numbered, strict=False))
    return names


def root_name(order: Sequence[Value]) -> str:
    """The name that `node_names` gives to the last node, without the names of all others."""
    root = order[-1]
    labels = [visible_text(node.label) for node in order if node.label]
    if name := visible_text(root.label):
        times = labels.count(name)
        return name if times == 1 else f"{name}#{times}"
    return "out" if root.primitive is not None and "out" not in labels else node_names(order)[root]


def root_symbol(name: str, names: Collection[str]) -> str:
    """How derivatives write the root called `name`: a letter as it is, any other name as L, unless a node has that
    name.

    >>> root_symbol("y", ["x", "y"]), root_symbol("loss", ["x", "loss"]), root_symbol("loss", ["L", "loss"])
    ('y', 'L', 'loss')
    """
    return name if is_letter(name) or "L" in names else "L"


def entry_order(nodes: Iterable[int], labels: Sequence[str]) -> list[int]:
    """Nodes by the indices of their labels, where all are entries of one vector or matrix; else in the order of
    computation.

    >>> entry_order([0, 1, 2], ["o[10]", "o[9]", "o[2]"]), entry_order([0, 1], ["o[1]", "a[0]"])
    ([2, 1, 0], [0, 1])
    """
    computed = sorted(nodes)
    found = [re.fullmatch(r"(.*?)((?:\[\d+\])+)", labels[node]) for node in computed]
    entries = [match.groups() for match in found if match]
    if len(set(entries)) < len(computed) or len({stem for stem, _ in entries}) != 1:
        return computed
    indices = dict(zip(computed, [list(map(int, re.findall(r"\d+", at))) for _, at in entries], strict=True))
    return sorted(computed, key=indices.__getitem__)


def stem_of(name: str) -> str:
    """A name without the number at its end: neuron for neuron 3."""
    return re.sub(r"(?<=[A-Za-z ])[\s#]*\d+$", "", name).rstrip() if name[-1:].isdigit() else name


def _owners(order: Sequence[Value]) -> dict[Scope, Scope | None]:
    """For each scope of these nodes, the outermost composition that contains it or that it is."""
    owners: dict[Scope, Scope | None] = {}
    for node in order:
        if node._scope not in owners:
            compositions = [scope for scope in node._scope.chain() if isinstance(scope.definition, Composition)]
            owners[node._scope] = compositions[-1] if compositions else None
    return owners
