"""From scalars back to vectors and matrices: a tape becomes a `VectorProgram`.

Sums of products that share their inputs become rows of a matrix (`affine.py`). What is left is taken level by level
(a level is how many steps it is from the inputs): operations of one kind, whose operands stand in the same vectors, are
one instruction, in the order in which the operands stand, so that neighbours stay neighbours. Operands that are no
neighbours are gathered first; whatever is irregular ends up in small vectors, down to single numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_core import primitives
from autograd_core.compiler.affine import Unit, Uses, outer_products, single_sums, units
from autograd_core.compiler.gradient import AFTER, CONSTANT, ONCE, ROW, SUM_OVER_ROWS, times
from autograd_core.compiler.tape import Tape
from autograd_core.compiler.vector import (
    Affine,
    Elementwise,
    File,
    Gather,
    Operand,
    Outer,
    Places,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
)
from autograd_core.primitive import Primitive
from autograd_core.value import CUT

_COMPARISONS = frozenset(
    {primitives.less, primitives.less_equal, primitives.greater, primitives.greater_equal, primitives.equal}
)
_FEW = 8  # a vector shorter than this is merged with others of its kind, where there are several
_MOST_PIECES = 4  # an input of a matrix that stands in more pieces is gathered first


def vectorise(
    tape: Tape,
    columns: Sequence[Sequence[int]],
    given: Sequence[int],
    values: Sequence[int],
    by_row: Sequence[int] = (),
) -> VectorProgram:
    """The program that computes the registers `values` (the same for all rows) and `by_row` (one number a row).

    columns: the registers of a row's numbers, argument by argument. given: those filled at each call. New registers may
    be appended to the tape: sums of coefficients, and the parts of sums over rows.
    """
    return _Vectoriser(tape, columns, given, values, by_row).program


class _Vectoriser:
    """One run: the program as far as it is made, and where every register stands."""

    def __init__(
        self,
        tape: Tape,
        columns: Sequence[Sequence[int]],
        given: Sequence[int],
        values: Sequence[int],
        by_row: Sequence[int],
    ) -> None:
        self.tape = tape
        self.program = VectorProgram(list(given), [], once=len(given))
        self.place: dict[int, int] = {index: place for place, index in enumerate(given)}
        self.file: dict[int, File] = dict.fromkeys(given, File.ONCE)
        self.producer: dict[int, int] = dict.fromkeys(given, 0)  # which vector a register stands in
        self.vectors = 0
        self.followed: set[int] = set()  # registers whose vector is to be followed by a 1
        self.gathered: dict[Any, Span] = {}
        self.replaced: dict[int, int] = {}
        self.when = times(tape, [index for part in columns for index in part])
        self.inputs: list[Sequence[int]] = []  # of each register, those it is computed from here
        self.found: dict[int, Unit] = {}
        self._catch_up()
        results = [self._at(index) for index in (*values, *by_row)]

        needed, uses = self._needed(results)
        sums = self._sums_among(needed)
        if apart := single_sums(tape, sums, uses, self._changes_in(ROW)):
            self.replaced |= apart
            self._catch_up()
            self.inputs = [[self._at(one) for one in inputs] for inputs in self.inputs]
            results = [self._at(index) for index in results]
            needed, uses = self._needed(results)
            sums = self._sums_among(needed)
        pairs = {index: pair for index in sums if (pair := self._pair(index)) is not None}
        outer = outer_products(pairs)
        matrix_sums = {index for _, _, rows in outer for row in rows for index in row}
        for index in matrix_sums:
            self.inputs[index] = pairs[index]
        for phase in (ROW, ONCE, AFTER):
            needed, uses = self._needed(results)
            members = self._members(needed, phase)
            found = units(tape, members, uses, self._changes_in(phase))
            self._catch_up()
            self.found |= found
            for index, unit in found.items():
                bias = () if unit.bias is None else (unit.bias,)
                extras = [extra for _, extra in unit.extras]
                self.inputs[index] = [self._at(one) for one in (*unit.variables, *unit.coefficients, *bias, *extras)]
        needed, uses = self._needed(results)
        self.conditions = self._only_asked(needed, results)
        for unit in self.found.values():
            if unit.bias is not None:
                self.followed.update(map(self._at, unit.variables))
        for part in columns:
            self.program.columns.append(self._new(part, File.ROWS))
            if not self.followed.isdisjoint(part):
                self._add_one()
        for phase, steps in ((ONCE, self.program.before), (ROW, self.program.body), (AFTER, self.program.after)):
            self._place_phase(self._members(needed, phase), phase, steps)
            if phase == ROW:
                self._place_sums(self._sums_among(needed), outer, matrix_sums)
        self._place_results(values, by_row)

    # ------------------------------------------------------------------------------------------ which and when

    def _at(self, index: int) -> int:
        """The register that stands for `index`: cut histories and sums taken apart are looked through."""
        while True:
            if index in self.replaced:
                index = self.replaced[index]
            elif self.tape.instructions[index].primitive is CUT:
                index = self.tape.instructions[index].inputs[0]
            else:
                return index

    def _catch_up(self) -> None:
        """Bring `when` and `inputs` up to date with what was appended to the tape."""
        instructions, when, at = self.tape.instructions, self.when, self._at
        for index in range(len(when), len(instructions)):
            one = instructions[index]
            inside = max([when[source] for source in one.inputs], default=CONSTANT)
            when.append(AFTER if one.primitive is SUM_OVER_ROWS else inside)
        for index in range(len(self.inputs), len(instructions)):
            self.inputs.append([at(source) for source in instructions[index].inputs])

    def _members(self, needed: Iterable[int], phase: int) -> list[int]:
        """Those among the needed registers that are computed in `phase`."""
        instructions, when = self.tape.instructions, self.when
        return [
            index
            for index in needed
            if when[index] == phase and instructions[index].primitive not in (None, SUM_OVER_ROWS)
        ]

    def _sums_among(self, needed: Iterable[int]) -> list[int]:
        return [index for index in needed if self.tape.instructions[index].primitive is SUM_OVER_ROWS]

    def _changes_in(self, phase: int) -> Callable[[int], bool]:
        """Whether a register changes where those of `phase` do; coefficients don't."""
        when, at = self.when, self._at
        if phase == ROW:
            return lambda index: when[at(index)] == ROW
        return lambda index: when[at(index)] != CONSTANT

    def _needed(self, results: Iterable[int]) -> tuple[list[int], Uses]:
        """The registers the results depend on, so that every one comes after its inputs, and how they are used."""
        inputs = self.inputs
        uses = Uses([0] * len(inputs), [-1] * len(inputs))
        count, last = uses.count, uses.last
        seen = bytearray(len(inputs))
        order: list[int] = []
        for index in results:
            count[index] += 1
            waiting = [index]
            while waiting:
                index = waiting.pop()
                if index < 0:
                    order.append(~index)
                elif not seen[index]:
                    seen[index] = 1
                    waiting.append(~index)
                    for source in inputs[index]:
                        count[source] += 1
                        last[source] = index
                        if not seen[source]:
                            waiting.append(source)
        return order, uses

    def _pair(self, index: int) -> tuple[int, int] | None:
        """The two factors, both of the row, of the product that is summed; None where it is no such product."""
        (product,) = self.inputs[index]
        if self.tape.instructions[product].primitive is not primitives.multiply:
            return None
        left, right = self.inputs[product]
        return (left, right) if self.when[left] == self.when[right] == ROW else None

    def _only_asked(self, needed: Iterable[int], results: Iterable[int]) -> set[int]:
        """The comparisons in the rows that serve as conditions of `where` and for nothing else."""
        asked: set[int] = set()
        used = set(results)
        for index in needed:
            inputs = self.inputs[index]
            if self.tape.instructions[index].primitive is primitives.where:
                asked.add(inputs[0])
                inputs = inputs[1:]
            used.update(inputs)
        return {
            index
            for index in asked - used
            if self.tape.instructions[index].primitive in _COMPARISONS and self.when[index] == ROW
        }

    # ------------------------------------------------------------------------------------------------- placing

    def _place_phase(self, members: Sequence[int], phase: int, steps: list[Step]) -> None:
        """Append the instructions that compute `members`."""
        at, found = self._at, self.found
        level: dict[int, int] = {}
        levels: list[list[int]] = []
        for index in members:
            deepest = max([level.get(source, -1) for source in self.inputs[index]])
            level[index] = deepest + 1
            while len(levels) <= deepest + 1:
                levels.append([])
            levels[deepest + 1].append(index)
        for some in levels:
            matrices: dict[tuple[int, ...], list[int]] = {}
            kinds: dict[Any, dict[Any, list[int]]] = {}
            for index in some:
                if index in found:
                    matrices.setdefault(found[index].variables, []).append(index)
                else:
                    primitive = self.tape.instructions[index].primitive
                    sources = self.inputs[index]
                    kind = (primitive, index in self.conditions, *[self._file_of(one) for one in sources])
                    vectors = tuple([self.producer.get(one, -1) for one in sources])
                    kinds.setdefault(kind, {}).setdefault(vectors, []).append(index)
            for variables, rows in matrices.items():
                self._place_matrix([at(one) for one in variables], rows, phase, steps)
            for kind, groups in kinds.items():
                for group in _merged(list(groups.values())):
                    self._place_elementwise(kind[0], group, phase, steps)

    def _file_of(self, index: int) -> File:
        return self.file.get(index, File.ONCE)

    def _new(self, registers: Sequence[int], file: File) -> Span:
        """Give some registers neighbouring places."""
        size = len(registers)
        if file is File.ONCE:
            start, self.program.once = self.program.once, self.program.once + size
        elif file is File.ROWS:
            start, self.program.rows = self.program.rows, self.program.rows + size
        else:
            start, self.program.conditions = self.program.conditions, self.program.conditions + size
        self.vectors += 1
        for offset, index in enumerate(registers):
            self.place[index], self.file[index], self.producer[index] = start + offset, file, self.vectors
        return Span(file, start, size)

    def _add_one(self) -> None:
        self.program.ones.append(self.program.rows)
        self.program.rows += 1

    def _once(self, index: int) -> int:
        """The place of a register that is the same for all rows."""
        index = self._at(index)
        if index not in self.place:
            constant = self.tape.instructions[index].constant
            assert constant is not None, f"register {index} is needed before it is computed"
            self._new([index], File.ONCE)
            self.program.constants[self.place[index]] = constant
            self.producer[index] = -1
        return self.place[index]

    def _onces(self, some: Iterable[int]) -> Places:
        return np.array([self._once(index) for index in some], np.int64)

    def _operand(self, sources: Sequence[int], steps: list[Step], whole: bool = False) -> Operand:
        """The operand that gives one element each of `sources`; one element for all where they are the same and it
        need not be `whole`."""
        if self._file_of(sources[0]) is File.ONCE:
            places = self._onces(sources)
            return places[:1] if not whole and (places == places[0]).all() else places
        file = self.file[sources[0]]
        places = np.array([self.place[index] for index in sources], np.int64)
        if not whole and (places == places[0]).all():
            return Span(file, int(places[0]), 1)
        if (np.diff(places) == 1).all():
            return Span(file, int(places[0]), len(places))
        key = (file, places.tobytes())
        if key not in self.gathered:
            span = self._unnamed(len(places), file)
            steps.append(Gather(span, places, tuple(sources)))
            if whole and file is File.ROWS and not self.followed.isdisjoint(sources):
                self._add_one()
            self.gathered[key] = span
        return self.gathered[key]

    def _unnamed(self, size: int, file: File) -> Span:
        if file is File.ROWS:
            start, self.program.rows = self.program.rows, self.program.rows + size
        else:
            start, self.program.conditions = self.program.conditions, self.program.conditions + size
        return Span(file, start, size)

    def _place_elementwise(self, primitive: Primitive, group: list[int], phase: int, steps: list[Step]) -> None:
        place, sources = self.place, self.inputs
        for index in group:
            for one in sources[index]:
                if one not in place:
                    self._once(one)
        group.sort(key=lambda index: [place[one] for one in _rows_first(sources[index], self.file)])
        operands = tuple(
            self._operand([sources[index][position] for index in group], steps)
            for position in range(len(sources[group[0]]))
        )
        file = File.ONCE if phase != ROW else File.CONDITIONS if group[0] in self.conditions else File.ROWS
        steps.append(Elementwise(self._new(group, file), primitive, operands, tuple(group)))
        if file is File.ROWS and not self.followed.isdisjoint(group):
            self._add_one()

    def _place_matrix(self, variables: list[int], rows: list[int], phase: int, steps: list[Step]) -> None:
        found = self.found
        for one in variables:
            if self._file_of(one) is File.ONCE:
                self._once(one)
        order = sorted(range(len(variables)), key=lambda position: self.place[variables[position]])
        first = order[0]
        rows.sort(key=lambda root: (self._once(found[root].coefficients[first]), root))
        matrix = np.array([[self._once(found[root].coefficients[i]) for i in order] for root in rows], np.int64)
        terms = tuple(
            (matrix[:, start:stop], self._operand([variables[i] for i in order[start:stop]], steps, whole=True))
            for start, stop in self._pieces([variables[i] for i in order])
        )
        biases = [found[root].bias for root in rows]
        bias = None
        if any(one is not None for one in biases):
            nothing = self.tape.constant(0.0).index
            self._catch_up()
            bias = self._onces([nothing if one is None else one for one in biases])
        file = File.ONCE if phase != ROW else File.ROWS
        out = self._new(rows, file)
        steps.append(Affine(out, terms, bias, tuple(rows)))
        self._add_extras(rows, file, steps)
        if file is File.ROWS and not self.followed.isdisjoint(rows):
            self._add_one()

    def _pieces(self, variables: list[int]) -> list[tuple[int, int]]:
        """Where the list of a matrix's inputs is to be parted, so that every part stands in neighbouring places."""
        if self._file_of(variables[0]) is File.ONCE and all(self._file_of(one) is File.ONCE for one in variables):
            return [(0, len(variables))]
        breaks = [0]
        for i in range(1, len(variables)):
            if self.place[variables[i]] != self.place[variables[i - 1]] + 1:
                breaks.append(i)
        if len(breaks) > _MOST_PIECES:
            return [(0, len(variables))]
        return list(zip(breaks, [*breaks[1:], len(variables)], strict=True))

    def _add_extras(self, rows: list[int], file: File, steps: list[Step]) -> None:
        """Add the bare terms of some sums to what the matrix gave, one after the other."""
        at = self._at
        current = {root: self.place[root] for root in rows}
        round_ = 0
        while any(len(self.found[root].extras) > round_ for root in rows):
            groups: dict[Any, list[int]] = {}
            for root in rows:
                if len(self.found[root].extras) > round_:
                    minus, extra = self.found[root].extras[round_]
                    extra = at(extra)
                    groups.setdefault((minus, self._file_of(extra), self.producer.get(extra, -1)), []).append(root)
            for (minus, *_), group in groups.items():
                group.sort(key=lambda root: current[root])
                others = [at(self.found[root].extras[round_][1]) for root in group]
                left = self._operand_at([current[root] for root in group], file, steps)
                right = self._operand(others, steps)
                out = self._new(group, file)
                current.update((root, self.place[root]) for root in group)
                primitive = primitives.subtract if minus else primitives.add
                steps.append(Elementwise(out, primitive, (left, right), tuple(group)))
            round_ += 1

    def _operand_at(self, places: Sequence[int], file: File, steps: list[Step]) -> Operand:
        array = np.array(places, np.int64)
        if file is File.ONCE:
            return array
        if len(places) == 1 or (np.diff(array) == 1).all():
            return Span(file, places[0], len(places))
        span = self._unnamed(len(places), file)
        steps.append(Gather(span, array, ()))
        return span

    # ------------------------------------------------------------------------------------------- sums and results

    def _place_sums(
        self, sums: list[int], outer: list[tuple[list[int], list[int], list[list[int]]]], matrix_sums: set[int]
    ) -> None:
        """The reductions over the rows, their results in the order of the tape."""
        if not sums:
            return
        self.program.sums = self._new(sorted(sums), File.ONCE)
        steps = self.program.body
        for lefts, rights, table in outer:
            by_place = sorted(range(len(lefts)), key=lambda i: self.place[lefts[i]])
            columns = sorted(range(len(rights)), key=lambda j: self.place[rights[j]])
            slots = np.array([[self.place[table[i][j]] for j in columns] for i in by_place], np.int64)
            left_pieces = self._pieces([lefts[i] for i in by_place])
            right_pieces = self._pieces([rights[j] for j in columns])
            for top, bottom in left_pieces:
                left = self._operand([lefts[i] for i in by_place[top:bottom]], steps)
                for start, stop in right_pieces:
                    right = self._operand([rights[j] for j in columns[start:stop]], steps)
                    assert isinstance(left, Span)
                    assert isinstance(right, Span)
                    chosen = slots[top:bottom, start:stop]
                    registers = tuple([table[i][j] for i in by_place[top:bottom] for j in columns[start:stop]])
                    steps.append(Outer(chosen, left, right, registers))
        groups: dict[Any, list[int]] = {}
        for index in sums:
            if index not in matrix_sums:
                (summed,) = self.inputs[index]
                groups.setdefault((self.file[summed], self.producer[summed]), []).append(index)
        by_file: dict[File, list[list[int]]] = {}
        for (file, _), group in groups.items():
            by_file.setdefault(file, []).append(group)
        for lists in by_file.values():
            for group in _merged(lists):
                operands = {index: self.inputs[index][0] for index in group}
                group.sort(key=lambda index: self.place[operands[index]])
                operand = self._operand([operands[index] for index in group], steps)
                assert isinstance(operand, Span)
                steps.append(Total(self._onces(group), operand, tuple(group)))

    def _place_results(self, values: Sequence[int], by_row: Sequence[int]) -> None:
        self.program.values = self._onces(values)
        same = [index for index in dict.fromkeys(map(self._at, by_row)) if self.when[index] != ROW]
        if same:
            places = self._onces(same)
            spread = self._unnamed(len(same), File.ROWS)
            self.program.body.append(Spread(spread, places, tuple(same)))
            held = {index: spread.start + offset for offset, index in enumerate(same)}
        else:
            held = {}
        where = [held[index] if index in held else self.place[index] for index in map(self._at, by_row)]
        self.program.by_row = np.array(where, np.int64)


def _rows_first(sources: Sequence[int], file: dict[int, File]) -> list[int]:
    return sorted(sources, key=lambda one: file[one] is File.ONCE)


def _merged(groups: list[list[int]]) -> list[list[int]]:
    """The groups, the short ones among them put together where there are more than two of those."""
    short = [group for group in groups if len(group) < _FEW]
    if len(short) <= 2:
        return groups
    return [*[group for group in groups if len(group) >= _FEW], [index for group in short for index in group]]
