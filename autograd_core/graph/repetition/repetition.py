"""What recurs in a recorded graph: how often, over which inputs, with which parameters, what is carried on.

Units of a graph (`graph_units.py`) with the same role (`roles.py`) are the same computation. Those that lead to one
another, each to one, are a turn: a position of a sequence, a row of a batch, a step of a recurrence. Nobody declares
anything: people write `for`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from autograd_core.engine import primitives
from autograd_core.engine.backward import topological_order
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural
from autograd_core.formulas.text_report import Part, Report
from autograd_core.graph.names import root_name
from autograd_core.graph.repetition.graph_units import GraphUnits, graph_units
from autograd_core.graph.repetition.roles import DEPTH, Roles, cycles

Turn = list[int]  # the units of a turn
Pairs = list[tuple[int, int]]
_MOST_TRIES = 5  # sets of weights, where no leaf is a parameter
_MOST_ALONE = 2  # more such sets, each of the leaves with one number of uses
_LARGE = 500_000  # nodes for one of these sets; half as many for two
_NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """A computation that recurs.

    turns: the nodes of each turn. units: how many equal computations a turn has side by side, each with parameters of
    its own: the neurons of a layer. parameters: those that every turn uses. inputs: for each turn, the other numbers
    that it reads. carried: for each turn, the numbers that it reads of turns before; where all are empty, the turns do
    not depend on each other.
    """

    turns: tuple[tuple[Value, ...], ...]
    units: int
    parameters: tuple[Value, ...]
    inputs: tuple[tuple[Value, ...], ...]
    carried: tuple[tuple[Value, ...], ...]

    @property
    def count(self) -> int:
        """How often it recurs."""
        return len(self.turns)

    @property
    def is_loop(self) -> bool:
        """Whether a turn reads a number of a turn before."""
        return any(self.carried)

    @property
    def operations(self) -> dict[str, int]:
        """How often each operation is in one unit, the most frequent first."""
        return {op: count // self.units for op, count in Counter(node.op for node in self.turns[0]).most_common()}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Repetition(Report):
    """What `repetition` returns; it prints as a table. recurring: what recurs, the most nodes first. nodes: of the
    graph, without leaves. name: of the graph's root."""

    recurring: tuple[Turns, ...]
    nodes: int
    name: str

    @property
    def sentence(self) -> str:
        """How much of the graph recurs."""
        return f"{_size(self.recurring):,} of {plural(self.nodes, 'operation')} recur"

    def parts(self) -> Iterable[Part]:
        """A sentence, and a table with a row for each computation that recurs; equal rows are one."""
        yield f"{self.name}: {self.sentence}"
        if not self.recurring:
            return
        rows = Counter(map(_row, self.recurring))
        yield AlignedTable(
            [
                (times if count == 1 else f"{times}, in {count:,} places", *rest)
                for (times, *rest), count in rows.items()
            ],
            ["times", "operations", "parameters", "inputs", "carried"],
        )
        if layer := next((each for each in self.recurring if each.units > 1), None):
            times, *_ = _row(layer)
            yield f"{times}: {layer.count:,} turns of {layer.units:,} units side by side, with parameters of their own."
        if any(each.parameters for each in self.recurring):
            yield "Each parameter is used in every turn: its gradient is the sum of what the turns contribute."
        if any(each.is_loop for each in self.recurring):
            yield "A turn that is carried a number is computed after the turn that the number comes from."


def _row(turns: Turns) -> tuple[str, str, int, int, int]:
    times = f"{turns.count:,}" if turns.units == 1 else f"{turns.count:,} × {turns.units:,}"
    operations = [name if count == 1 else f"{name} ×{count:,}" for name, count in turns.operations.items()]
    return times, ", ".join(operations), len(turns.parameters), len(turns.inputs[-1]), len(turns.carried[-1])


@without_gc
def repetition(value: Value, parameters: Iterable[Value] | None = None) -> Repetition:
    """What recurs in the graph of `value`: equal computations with the same parameters over other numbers.

    parameters: the leaves that are weights. By default those of modules; in a graph without any, the leaves that are
    used often, those that make the most operations recur. Takes some 4 us a node, five times that to find out
    which leaves are weights.

    >>> w = Value(0.5, label="w")
    >>> h = Value(0.0)
    >>> for x in (1.0, 2.0, 3.0, 4.0):
    ...     h = (w * h + Value(x)).tanh()
    >>> found = repetition(h, parameters=[w]).recurring[0]
    >>> found.count, found.operations, found.is_loop
    (4, {'multiply': 1, 'add': 1, 'tanh': 1}, True)
    """
    order = topological_order(value)
    units = graph_units(order)
    found = [_recurring(units, weights) for weights in _weights(units, None if parameters is None else set(parameters))]
    recurring = max(found, key=_size)
    return Repetition(tuple(recurring), sum(map(len, units.nodes)), root_name(order))


def _recurring(units: GraphUnits, weights: set[int]) -> list[Turns]:
    """What recurs if these units are weights, the most nodes first."""
    groups, carried = _turns(units, _roles(units, weights))
    described = [
        _described(units, weights, turns, carried, side) for turns, side in _side_by_side(units, weights, groups)
    ]
    listed = [each for each in described if len(each.turns[0]) > each.units or each.is_loop]
    return sorted(listed, key=lambda each: -_size([each]))


def _size(recurring: Iterable[Turns]) -> int:
    """How many nodes recur."""
    return sum([sum(map(len, each.turns)) for each in recurring])


def _weights(units: GraphUnits, parameters: set[Value] | None) -> list[set[int]]:
    """The units that are weights; several sets, of which the largest comes first, where nothing says which."""
    declared = (
        {leaf for leaf in units.leaves.values() if leaf.role == "parameter"} if parameters is None else parameters
    )
    if declared or parameters is not None:
        return [{unit for unit, leaf in units.leaves.items() if leaf in declared}]
    uses = Counter(source for inputs in units.inputs for source in inputs if source in units.leaves)
    often: dict[int, set[int]] = {}  # the leaves by the number of their uses
    for leaf, count in uses.items():
        if count > 1:
            often.setdefault(count, set()).add(leaf)
    # Where data is used more often than weights, as with more neurons than rows, the weights are a class of their own.
    alone = sorted(often.items(), key=lambda found: -found[0] * len(found[1]))[:_MOST_ALONE]
    tries = max(1, min(_MOST_TRIES, _LARGE // len(units.nodes)))
    sets = [leaves for _, leaves in alone[: tries - 1]]
    fewest = sorted(often)
    least = fewest[:: -(-len(fewest) // (tries - len(sets)))] if fewest else []
    at_least = [{leaf for leaf, count in uses.items() if count >= each} for each in least]
    return [*at_least, *[leaves for leaves in sets if leaves not in at_least]] or [set()]


def _roles(units: GraphUnits, weights: set[int]) -> list[int]:
    """The role of each unit. A product with a weight has the role of the weight, whatever else is multiplied: a number
    of another unit, or one of the data."""
    roles = Roles(len(units.nodes))
    for unit, inputs in enumerate(units.inputs):
        kind, own = units.kinds[unit], [source for source in inputs if source in weights]
        if unit in units.leaves:
            roles.give(unit, "weight", unit) if unit in weights else roles.give(unit, "input")
        elif own and kind[0] is primitives.multiply:
            roles.give(unit, kind[0], tuple(own))
        elif own and len(own) < len(inputs) and kind[0] != "sum":
            roles.give(unit, kind, tuple(own))
        elif kind[0] == "sum":
            roles.give(
                unit, kind, frozenset(zip([roles.of[source] for source in inputs], units.signs[unit], strict=True))
            )
        elif isinstance(kind[0], Composition) and kind[0].takes_lists:
            roles.give(unit, kind, frozenset([roles.of[source] for source in inputs]))
        else:
            roles.give(unit, kind, *[roles.of[source] for source in inputs])
    counts = Counter(roles.of)
    alone = [unit for unit, nodes in enumerate(units.nodes) if nodes and counts[roles.of[unit]] == 1]
    return roles.of if 2 * len(alone) < len(units.nodes) else _near_roles(units, weights)


def _near_roles(units: GraphUnits, weights: set[int]) -> list[int]:
    """Roles by the operations nearest to each unit, for steps of a recurrence that no weight tells apart."""
    of = [unit if unit in weights else -1 for unit in range(len(units.nodes))]
    for _ in range(DEPTH):
        roles = Roles(len(of))
        for unit, inputs in enumerate(units.inputs):
            if unit in units.leaves:
                roles.give(unit, "weight", unit) if unit in weights else roles.give(unit, "input")
            else:
                roles.give(unit, units.kinds[unit], units.signs[unit], *[of[source] for source in inputs])
        of = roles.of
    return of


def _turns(units: GraphUnits, roles: Sequence[int]) -> tuple[list[list[Turn]], set[tuple[int, int]]]:
    """(the turns of each computation that recurs, the edges (source, user) that go from turn to turn)."""
    members: dict[int, list[int]] = {}
    rank = []
    for unit, role in enumerate(roles):
        of_role = members.setdefault(role, [])
        rank.append(len(of_role))
        of_role.append(unit)
    columns = {role: list(_columns(units, same, roles)) for role, same in members.items()}
    cycle_of = cycles({role: {source for source, _, _ in listed} for role, listed in columns.items()})
    carried = set[tuple[int, int]]()
    root = list(range(len(roles)))
    for role, listed in columns.items():
        own = cycle_of.get(role)
        earlier = {
            position
            for source, position, pairs in listed
            if own is not None and cycle_of.get(source) == own and any(rank[a] < rank[b] for a, b in pairs)
        }
        inner: dict[int, list[Pairs]] = {}
        for source, position, pairs in listed if len(members[role]) > 1 else ():
            if position in earlier:
                carried.update(pairs)
            elif len(members[source]) > 1 and members[source][0] not in units.leaves:
                inner.setdefault(source, []).append(pairs)
        for found in inner.values():
            distinct = found[0] if len(found) == 1 else set().union(*found)
            if len({a for a, _ in distinct}) == len({b for _, b in distinct}) == len(distinct):
                _join(root, distinct)
    together: dict[int, list[int]] = {}
    for same in members.values():
        if len(same) > 1 and same[0] not in units.leaves:
            for unit in same:
                together.setdefault(_find(root, unit), []).append(unit)
    alike: dict[tuple[int, ...], list[Turn]] = {}
    for turn in together.values():
        alike.setdefault(tuple([roles[unit] for unit in turn]), []).append(turn)
    return [[sorted(turn) for turn in turns] for turns in alike.values() if len(turns) > 1], carried


def _columns(units: GraphUnits, same: list[int], roles: Sequence[int]) -> Iterator[tuple[int, int, Pairs]]:
    """(the role, the position, the pairs of source and user) of the inputs of the units of one role."""
    listed = [units.inputs[unit] for unit in same]
    for position, column in enumerate(zip_longest(*listed, fillvalue=_NONE)):
        pairs = list(zip(column, same, strict=True))
        if _NONE in column:
            pairs = [pair for pair in pairs if pair[0] != _NONE]
        of_role = {roles[source] for source, _ in pairs}
        if len(of_role) == 1:
            yield of_role.pop(), position, pairs
            continue
        apart: dict[int, Pairs] = {}
        for pair in pairs:
            apart.setdefault(roles[pair[0]], []).append(pair)
        yield from ((role, position, part) for role, part in apart.items())


def _find(root: list[int], unit: int) -> int:
    """The unit that stands for all that are joined with this one."""
    while root[unit] != unit:
        root[unit] = unit = root[root[unit]]
    return unit


def _join(root: list[int], pairs: Iterable[tuple[int, int]]) -> None:
    for source, user in pairs:
        if root[source] == source and root[user] == user:
            root[source] = user
        else:
            root[_find(root, source)] = _find(root, user)


def _side_by_side(units: GraphUnits, weights: set[int], groups: list[list[Turn]]) -> Iterator[tuple[list[Turn], int]]:
    """The turns of computations of equal operations that read the same numbers as one, and how many these are: the
    neurons of a layer. A leaf that is read once, such as the 0 that a sum starts from, does not tell them apart."""
    uses = Counter(chain.from_iterable(units.inputs))
    alone = {leaf for leaf in units.leaves if uses[leaf] == 1}
    layers: dict[object, list[dict[frozenset[int], Turn]]] = {}
    for turns in groups:
        read: dict[frozenset[int], Turn] = {}
        for turn in turns:
            inside = set(turn)
            sources = [source for unit in turn for source in units.inputs[unit]]
            read[frozenset([each for each in sources if not (each in inside or each in weights or each in alone)])] = (
                turn
            )
        if len(read) < len(turns):
            yield turns, 1
            continue
        operations = Counter(units.kinds[unit] for unit in turns[0])
        layers.setdefault((frozenset(read), frozenset(operations.items())), []).append(read)
    for layer in layers.values():
        ordered = sorted(layer[0], key=lambda key: layer[0][key][-1])
        yield [[unit for turns in layer for unit in turns[key]] for key in ordered], len(layer)


def _described(
    units: GraphUnits, weights: set[int], turns: Sequence[Turn], carried: set[tuple[int, int]], side: int
) -> Turns:
    """The turns as nodes, and what they read."""
    of_turn = {unit: number for number, turn in enumerate(turns) for unit in turn}

    def values(found: Iterable[int]) -> tuple[Value, ...]:
        return tuple([units.leaves[unit] if unit in units.leaves else units.nodes[unit][-1] for unit in found])

    shared: set[int] | None = None
    inputs, passed = [], []
    for number, turn in enumerate(turns):
        read: dict[int, bool] = {}  # whether each number comes from a turn before
        for unit in turn:
            for source in units.inputs[unit]:
                if of_turn.get(source) != number or (source, unit) in carried:
                    read[source] = (source, unit) in carried
        used = weights.intersection(read)
        shared = used if shared is None else shared & used
        inputs.append([source for source, is_carried in read.items() if not is_carried])
        passed.append([source for source, is_carried in read.items() if is_carried])
    shared = shared or set()
    return Turns(
        tuple([tuple([node for unit in turn for node in units.nodes[unit]]) for turn in turns]),
        side,
        values(sorted(shared)),
        tuple([values(source for source in read if source not in shared) for read in inputs]),
        tuple(map(values, passed)),
    )
