"""Groups that no scope made: boxes alike in one with a count, and long computations cut into parts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from autograd_core.show.fold_parts import FEW, Unit, Users, chained, ordered, parts, repeated, stepwise
from autograd_core.show.fold_tree import Folding, GroupKind, range_of

_LEAST_REPEATED = 4


def gather(made: Folding) -> set[int]:
    """Put repeats, chains and parts into groups of their own; return the groups that use each other in a ring."""
    kinds = _signatures(made)
    looked_at = [len(group.units) > FEW or sum([unit < 0 for unit in group.units]) > 1 for group in made.groups]
    edges: dict[int, set[tuple[Unit, Unit]]] = {index: set() for index, wanted in enumerate(looked_at) if wanted}
    leaf = made.flows.leaf
    home = made.home
    for source, user in made.flows.pairs():
        if leaf[source]:
            continue
        group, one, other = home[user], source, user
        if home[source] != group:
            group, one, other = made.meeting(source, user)
        if looked_at[group]:
            edges[group].add((one, other))
    last = _last_nodes(made)

    def rank(unit: Unit) -> int:
        return unit if unit >= 0 else last[~unit]

    rings: set[int] = set()
    for index, between in edges.items():
        if any(rank(one) > rank(other) for one, other in between):
            units = made.groups[index].units
            rings |= {~unit for unit in set(units).difference(ordered(units, between, rank)[0]) if unit < 0}
    if not rings:
        for index, between in edges.items():
            units = made.groups[index].units
            alike = Counter(kinds[~unit] for unit in units if unit < 0)
            steps = Counter(made.groups[~unit].name for unit in units if unit < 0)
            if len(units) > FEW or max((*alike.values(), *steps.values())) >= _LEAST_REPEATED:
                _gather_in(made, index, between, kinds, last)
    return rings


def _signatures(made: Folding) -> list[int]:
    """A number for each group, equal for groups of one name and formula that hold the same operations in one order."""
    known: dict[object, int] = {}
    signature = [0] * len(made.groups)
    order = made.flows.order
    for index in reversed(range(len(made.groups))):
        group = made.groups[index]
        inside = tuple([order[unit].op if unit >= 0 else signature[~unit] for unit in group.units])
        definition = group.definition if isinstance(group.definition, str) else group.definition.name
        definition = re.sub(r"\d+", "", definition)  # h1 = relu(W1 x + b1) and h2 = relu(W2 h1 + b2) are alike
        signature[index] = known.setdefault((group.stem, definition, inside), len(known))
    return signature


def _last_nodes(made: Folding) -> list[int]:
    """The last node of each group in the order of computation."""
    last = [0] * len(made.groups)
    for node, group in enumerate(made.home):
        last[group] = node
    for index in reversed(range(1, len(last))):
        outer = made.groups[index].parent
        last[outer] = max(last[outer], last[index])
    return last


def _gather_in(made: Folding, index: int, edges: set[tuple[Unit, Unit]], kinds: list[int], last: list[int]) -> None:
    group = made.groups[index]
    nodes = made.flows.order
    operations: dict[str, int] = {}

    def rank(unit: Unit) -> int:
        return unit if unit >= 0 else last[~unit]

    def kind(unit: Unit) -> int:
        """Of operations and compositions only where there are too many to show each."""
        if unit >= 0:
            return len(kinds) + operations.setdefault(nodes[unit].op, len(operations)) if crowded else -1
        if not crowded and made.groups[~unit].kind != "scope":
            return -1
        return kinds[~unit] if ~unit < len(kinds) else -1

    def together(name: str, what: GroupKind, units: Sequence[Unit]) -> None:
        inner = made.new_group(name, what, "", index)
        made.groups[inner].count = len(units)
        if what == "sequence":
            _number_steps(made, inner, [~unit for unit in units])
        last.append(max(rank(unit) for unit in units))
        made.move(units, inner)
        merged.update(dict.fromkeys(units, ~inner))
        if len(units) > 2 * FEW:
            _cut_up(made, inner, units, dict.fromkeys(units, ()), last)

    def name(unit: Unit) -> str:
        scope = made.groups[~unit] if unit < 0 else None
        return "" if scope is None or scope.kind != "scope" else scope.stem if crowded else scope.name

    crowded = len(group.units) > FEW
    order, level, users = ordered(group.units, edges, rank)
    for what in ("sequence", "chain", "repeat") if crowded else ("sequence", "repeat"):
        merged: dict[Unit, Unit] = {}
        if what == "sequence":
            found = stepwise(order, level, users, name, _LEAST_REPEATED)
        elif what == "chain":
            found = chained(order, users, kind)
        else:
            found = repeated(order, level, kind, _LEAST_REPEATED)
        for run in found:
            if what == "repeat":
                run.sort(key=lambda unit: _number(made.groups[~unit].name) if unit < 0 else unit)
            together(f"{_common_name(made, run)} ×{len(run)}", what, run)
        if merged:
            units = list(dict.fromkeys(merged.get(unit, unit) for unit in order))
            edges = {(merged.get(one, one), merged.get(other, other)) for one, other in edges}
            edges = {pair for pair in edges if pair[0] != pair[1]}
            order, level, users = ordered(units, edges, rank)
    group.units = order
    if len(order) > 2 * FEW:
        _cut_up(made, index, order, users, last)


def _number_steps(made: Folding, sequence: int, steps: Sequence[int]) -> None:
    """Step 1, step 2 ... where all are just called step; what they say they compute, the sequence says too."""
    if len({made.groups[step].definition for step in steps}) == 1:
        made.groups[sequence].definition = made.groups[steps[0]].definition
    if len({made.groups[step].name for step in steps}) == 1:
        for number, step in enumerate(steps, 1):
            made.groups[step].name += f" {number}"


def _common_name(made: Folding, units: Sequence[Unit]) -> str:
    first = units[0]
    return made.groups[~first].stem if first < 0 else made.flows.order[first].op


def _cut_up(made: Folding, index: int, order: Sequence[Unit], users: Users, last: list[int]) -> None:
    """Cut a long computation into parts, and these into larger parts, until a sheet can hold them."""

    def rank(unit: Unit) -> int:
        return unit if unit >= 0 else last[~unit]

    group = made.groups[index]
    spans: dict[Unit, str] = {}  # which of the boxes a part holds
    while len(order) > FEW:
        inner_of: dict[Unit, Unit] = {}
        larger: list[Unit] = []
        cuts = parts(order, users)
        for number, (start, stop) in enumerate(cuts, 1):
            run = order[start:stop]
            span = range_of([spans.get(unit, str(place)) for place, unit in enumerate(run, start + 1)])
            alike = f"{group.name.split(' ×')[0]} {span}"
            name = alike if group.count > 1 else f"part {number:,} of {len(cuts):,}"
            inner = made.new_group(name, "part", "", index)
            spans[~inner] = span
            last.append(max(rank(unit) for unit in run))
            made.move(run, inner)
            larger.append(~inner)
            inner_of.update(dict.fromkeys(run, ~inner))
        users = {
            inner_of[order[start]]: {inner_of[user] for unit in order[start:stop] for user in users[unit]}
            - {inner_of[order[start]]}
            for start, stop in cuts
        }
        order = larger
    group.units = list(order)


def _number(name: str) -> int:
    """The number at the end of a name: 3 for neuron 3, 0 where there is none."""
    digits = re.search(r"\d+$", name)
    return int(digits[0]) if digits else 0
