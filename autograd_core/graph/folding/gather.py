"""Groups that no scope made: boxes alike in one with a count, turns of a loop, and long computations cut into parts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from autograd_core.graph.folding.groups import Folding, GroupKind, range_of
from autograd_core.graph.folding.loops import turns_of
from autograd_core.graph.folding.partition import (
    FEW,
    Unit,
    Users,
    after_merging,
    chained,
    ordered,
    parts,
    repeated,
    stepwise,
)

_LEAST_REPEATED = 4
_IN_A_FEW: tuple[GroupKind, ...] = ("sequence", "repeat")  # where each operation may be shown


def gather(made: Folding) -> set[int]:
    """Put repeats, chains and parts into groups of their own; return the groups that use each other in a ring."""
    kinds = _signatures(made)
    last = _last_nodes(made)
    users_in: list[dict[Unit, list[Unit]] | None] = [
        {} if len(group.units) > FEW or sum([unit < 0 for unit in group.units]) > 1 else None for group in made.groups
    ]
    suspected: set[int] = set()
    leaf = made.flows.leaf
    home = made.home
    for source, user in made.flows.pairs():
        if leaf[source]:
            continue
        group, one, other = home[user], source, user
        if home[source] != group:
            group, one, other = made.meeting(source, user)
            if (one if one >= 0 else last[~one]) > (other if other >= 0 else last[~other]):
                suspected.add(group)
        users = users_in[group]
        if users is None:
            continue
        following = users.get(one)
        if following is None:
            users[one] = [other]
        elif following[-1] != other:
            following.append(other)
    rings: set[int] = set()
    for index in suspected:
        units, users = made.groups[index].units, users_in[index]
        if users is not None:
            order, _ = ordered(units, users, _ranks(units, last))
            rings |= {~unit for unit in set(units).difference(order) if unit < 0}
    if not rings:
        for index, users in enumerate(users_in):
            if users is not None and _is_long(made, index, kinds):
                _gather_in(made, index, users, kinds, last)
    return rings


def _is_long(made: Folding, index: int, kinds: list[int]) -> bool:
    """Whether a group holds more than a sheet shows with ease, or boxes alike."""
    units = made.groups[index].units
    alike = Counter(kinds[~unit] for unit in units if unit < 0)
    steps = Counter(made.groups[~unit].name for unit in units if unit < 0)
    return len(units) > FEW or max((*alike.values(), *steps.values()), default=0) >= _LEAST_REPEATED


def _ranks(units: Sequence[Unit], last: Sequence[int]) -> dict[Unit, int]:
    """Where each unit ends in the order of computation."""
    return {unit: unit if unit >= 0 else last[~unit] for unit in units}


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


def _gather_in(made: Folding, index: int, users: Users, kinds: list[int], last: list[int]) -> None:
    group = made.groups[index]
    nodes = made.flows.order
    operations: dict[str, int] = {}

    def kind(unit: Unit) -> int:
        """Of operations and compositions only where there are too many to show each."""
        if unit >= 0:
            return len(kinds) + operations.setdefault(nodes[unit].op, len(operations)) if crowded else -1
        if not crowded and made.groups[~unit].kind != "scope":
            return -1
        return kinds[~unit] if ~unit < len(kinds) else -1

    def together(name: str, what: GroupKind, units: Sequence[Unit]) -> None:
        if what == "repeat":
            units = sorted(units, key=lambda unit: _number(made.groups[~unit].name) if unit < 0 else unit)
        inner = made.new_group(name, what, "", index)
        made.groups[inner].count = 1 if what == "part" else len(units)
        if what == "sequence":
            _number_steps(made, inner, [~unit for unit in units])
        last.append(max(_ranks(units, last).values()))
        made.move(units, inner)
        merged.update(dict.fromkeys(units, ~inner))
        if what in ("chain", "repeat"):  # the sums of a layer are alike, and a repeat in their turn
            looks[~inner] = len(kinds) + operations.setdefault(f"{looks[units[0]]} ×{len(units)}", len(operations))
        if len(units) > 2 * FEW:
            _cut_up(made, inner, units, {}, last)

    def name(unit: Unit) -> str:
        scope = made.groups[~unit]
        return "" if scope.kind != "scope" else scope.stem if crowded else scope.name

    crowded = len(group.units) > FEW
    order, level = ordered(group.units, users, _ranks(group.units, last))
    looks = {unit: kind(unit) for unit in order}
    turns: list[Unit] | None = None
    passes: tuple[GroupKind, ...] = ("sequence", "chain", "repeat", "part", "sequence") if crowded else _IN_A_FEW
    for what in passes:
        merged: dict[Unit, Unit] = {}
        found: Sequence[Sequence[Unit]]
        if what == "sequence":
            found = stepwise(order, level, users, name, _LEAST_REPEATED) if turns is None else [turns] if turns else []
        elif what == "chain":
            found = chained(order, users, looks)
        elif what == "part":
            found = turns_of(made, order, users, looks, _LEAST_REPEATED) if len(order) > FEW else []
        else:
            found = repeated(order, level, looks, _LEAST_REPEATED)
        for number, run in enumerate(found, 1):
            together(_name_of(made, what, run, number), what, run)
        if what == "part":
            turns = list(dict.fromkeys(merged.values()))
        if merged:
            units = list(dict.fromkeys(merged.get(unit, unit) for unit in order))
            users = after_merging(users, merged)
            order, level = ordered(units, users, _ranks(units, last))
            looks = {unit: looks.get(unit, -1) for unit in order}
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


def _name_of(made: Folding, what: GroupKind, units: Sequence[Unit], number: int) -> str:
    """add ×40, (add ×40) ×16; the third turn of a loop is called by what it computes: multiply, add, tanh 3."""

    def common(unit: Unit) -> str:
        return made.groups[~unit].stem if unit < 0 else made.flows.order[unit].op

    if what == "part":
        operations = dict.fromkeys(common(unit).split(" ×")[0].lstrip("(") for unit in units)
        return f"{', '.join(operations)} {number}"
    alike = common(units[0])
    return f"({alike}) ×{len(units)}" if "×" in alike else f"{alike} ×{len(units)}"


def _cut_up(made: Folding, index: int, order: Sequence[Unit], users: Users, last: list[int]) -> None:
    """Cut a long computation into parts, and these into larger parts, until a sheet can hold them."""

    group = made.groups[index]
    spans: dict[Unit, str] = {}  # which of the boxes a part holds
    while len(order) > FEW:
        inner_of: dict[Unit, Unit] = {}
        larger: list[Unit] = []
        cuts = parts(order, users)
        for number, (start, stop) in enumerate(cuts, 1):
            run = order[start:stop]
            span = range_of([spans.get(run[0], str(start + 1)), spans.get(run[-1], str(stop))])
            alike = f"{group.name.rpartition(' ×')[0]} {span}"
            name = alike if group.count > 1 else f"part {number:,} of {len(cuts):,}"
            inner = made.new_group(name, "part", "", index)
            spans[~inner] = span
            last.append(max(_ranks(run, last).values()))
            made.move(run, inner)
            larger.append(~inner)
            inner_of.update(dict.fromkeys(run, ~inner))
        users = after_merging(users, inner_of)
        order = larger
    group.units = list(order)


def _number(name: str) -> int:
    """The number at the end of a name: 3 for neuron 3, 0 where there is none."""
    digits = re.search(r"\d+$", name)
    return int(digits[0]) if digits else 0
