"""From registers to instructions on vectors, level by level: a level is how many steps it is from the inputs.

Of one level, operations of one kind, whose operands stand in the same vectors, are one instruction, in the order in
which the operands stand, so that neighbours stay neighbours. Operands that are no neighbours are gathered first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.compiler.frontend.gradient import AFTER, ONCE, ROW
from autograd_core.compiler.vectorise.affine import AffineUnit, OuterProduct
from autograd_core.compiler.vectorise.allocation import Allocation
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Gather,
    Operand,
    Outer,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
)
from autograd_core.engine import primitives

_FEW = 8  # a vector shorter than this is merged with others of its kind, where there are several
_MOST_PIECES = 4  # an input of a matrix that stands in more pieces is gathered first


class Placement:
    """A `program` being put together. found: the sums that are rows of matrices. conditions: the comparisons that only
    serve as conditions."""

    def __init__(
        self, dependence: Dependence, given: Sequence[int], found: Mapping[int, AffineUnit], conditions: set[int]
    ) -> None:
        self.program = VectorProgram(list(given), [], once=len(given))
        self._dependence = dependence
        self._found = found
        self._conditions = conditions
        self._zero = dependence.tape.constant(0.0).index  # a bias where there is none
        dependence.catch_up()
        self._instructions = dependence.tape.instructions
        self._inputs = dependence.inputs
        followed = {one for unit in found.values() if unit.bias is not None for one in unit.variables}
        self._allocation = Allocation(dependence, self.program, followed)
        program = self.program
        self._steps = {ONCE: program.before, ROW: program.body, AFTER: program.after}

    def place_columns(self, columns: Sequence[Sequence[int]]) -> None:
        """Give places to the numbers of a row."""
        for part in columns:
            self.program.columns.append(self._allocation.new(part, File.ROWS))
            self._allocation.follow(part)

    def place_phase(self, phase: int) -> None:
        """Append the instructions that compute the registers of a phase."""
        instructions, inputs = self._instructions, self._dependence.inputs
        found, conditions, producer = self._found, self._conditions, self._allocation.producer
        steps = self._steps[phase]
        for some in self._levels(self._dependence.members(phase)):
            if len(some) == 1 and some[0] not in found:
                self._place_single(some[0], phase, steps)
                continue
            matrices: dict[tuple[int, ...], list[int]] = {}
            groups: dict[tuple[Any, ...], list[int]] = {}
            for index in some:
                if index in found:
                    matrices.setdefault(found[index].variables, []).append(index)
                else:
                    vectors = [producer[one] for one in inputs[index]]
                    groups.setdefault((instructions[index][0], index in conditions, *vectors), []).append(index)
            for variables, rows in matrices.items():
                self._place_matrix(variables, rows, phase, steps)
            kinds: dict[Any, list[list[int]]] = {}
            for (primitive, asked, *_), group in groups.items():
                files = [self._allocation.file[one] for one in inputs[group[0]]]
                kinds.setdefault((primitive, asked, *files), []).append(group)
            for lists in kinds.values():
                for group in _merged(lists):
                    if len(group) == 1:
                        self._place_single(group[0], phase, steps)
                    else:
                        self._place_elementwise(group, phase, steps)

    def _levels(self, members: Sequence[int]) -> list[list[int]]:
        """Registers, each of which comes after its inputs, by how many of them are computed one from another."""
        inputs = self._dependence.inputs
        level = [0] * len(inputs)  # 1 for the first
        levels: list[list[int]] = [[]]
        for index in members:
            sources = inputs[index]
            if len(sources) == 2:
                one, other = level[sources[0]], level[sources[1]]
                own = level[index] = 1 + (one if one > other else other)
            else:
                own = level[index] = 1 + max([level[one] for one in sources])
            if own == len(levels):
                levels.append([])
            levels[own].append(index)
        return levels[1:]

    def _place_elementwise(self, group: list[int], phase: int, steps: list[Step]) -> None:
        allocation, inputs = self._allocation, self._dependence.inputs
        sources = [inputs[index] for index in group]
        at, file = allocation.at, allocation.file
        rows_first = sorted(range(len(sources[0])), key=lambda i: file[sources[0][i]] is File.ONCE)
        keys = [[at(some[i]) for i in rows_first] for some in sources]
        order = sorted(range(len(group)), key=keys.__getitem__)
        group = [group[i] for i in order]
        sorted_sources = zip(*[sources[i] for i in order], strict=True)
        operands = tuple([allocation.operand(some, steps) for some in sorted_sources])
        file_of_result = self._file_of(group[0], phase)
        primitive: Any = self._instructions[group[0]][0]
        steps.append(Elementwise(allocation.new(group, file_of_result), primitive, operands, tuple(group)))
        if file_of_result is File.ROWS:
            allocation.follow(group)

    def _place_single(self, index: int, phase: int, steps: list[Step]) -> None:
        """One operation by itself, of which an irregular graph has hundreds of thousands: nothing to sort or gather."""
        allocation = self._allocation
        operands = tuple(map(allocation.singles.__getitem__, self._inputs[index]))
        file = self._file_of(index, phase)
        primitive: Any = self._instructions[index][0]
        steps.append(Elementwise(allocation.new_single(index, file), primitive, operands, (index,)))
        if file is File.ROWS and index in allocation.followed:
            allocation.follow((index,))

    def _file_of(self, index: int, phase: int) -> File:
        """Where the result of an operation stands."""
        return File.ONCE if phase != ROW else File.CONDITIONS if index in self._conditions else File.ROWS

    # ------------------------------------------------------------------------------------------------- matrices

    def _place_matrix(self, inputs: Sequence[int], rows: list[int], phase: int, steps: list[Step]) -> None:
        found, allocation, at = self._found, self._allocation, self._allocation.at
        places = [at(one) for one in inputs]
        order = sorted(range(len(inputs)), key=places.__getitem__)
        variables = [inputs[i] for i in order]
        rows.sort(key=lambda root: (at(found[root].coefficients[order[0]]), root))
        matrix = np.array([[at(one) for one in found[root].coefficients] for root in rows], np.int64)[:, order]
        terms = tuple(
            (matrix[:, start:stop], allocation.operand(variables[start:stop], steps, whole=True))
            for start, stop in self._pieces(variables)
        )
        biases = [found[root].bias for root in rows]
        bias = None
        if any(one is not None for one in biases):
            bias = allocation.once([self._zero if one is None else one for one in biases])
        file = File.ONCE if phase != ROW else File.ROWS
        out = allocation.new(rows, file)
        steps.append(Affine(out, terms, bias, tuple(rows)))
        self._add_extras(rows, file, steps)
        if file is File.ROWS:
            allocation.follow(rows)

    def _pieces(self, variables: Sequence[int]) -> list[tuple[int, int]]:
        """Where the list of a matrix's inputs is to be parted, so that every part stands in neighbouring places."""
        place, file = self._allocation.place, self._allocation.file
        if all(file[one] is File.ONCE for one in variables):
            return [(0, len(variables))]
        breaks = [i for i in range(1, len(variables)) if place[variables[i]] != place[variables[i - 1]] + 1]
        if len(breaks) >= _MOST_PIECES:
            return [(0, len(variables))]
        return list(zip([0, *breaks], [*breaks, len(variables)], strict=True))

    def _add_extras(self, rows: list[int], file: File, steps: list[Step]) -> None:
        """Add the bare terms of some sums to what the matrix gave, one after the other."""
        allocation = self._allocation
        current = {root: allocation.place[root] for root in rows}
        left = {root: self._found[root].extras[::-1] for root in rows}
        while rows := [root for root in rows if left[root]]:
            groups: dict[tuple[bool, File, int], list[tuple[int, int]]] = {}
            for root in rows:
                minus, extra = left[root].pop()
                key = minus, allocation.file[extra], allocation.producer[extra]
                groups.setdefault(key, []).append((root, extra))
            for (minus, *_), group in groups.items():
                group.sort(key=lambda one: current[one[0]])
                roots = [root for root, _ in group]
                before = self._places([current[root] for root in roots], file, steps)
                added = allocation.operand([extra for _, extra in group], steps)
                out = allocation.new(roots, file)
                current.update((root, allocation.place[root]) for root in roots)
                primitive = primitives.subtract if minus else primitives.add
                steps.append(Elementwise(out, primitive, (before, added), tuple(roots)))

    def _places(self, places: list[int], file: File, steps: list[Step]) -> Operand:
        if file is File.ONCE:
            return np.array(places, np.int64)
        if places == list(range(places[0], places[0] + len(places))):
            return Span(file, places[0], len(places))
        span = self._allocation.unnamed(len(places), file)
        steps.append(Gather(span, np.array(places, np.int64), ()))
        return span

    # ------------------------------------------------------------------------------------------- sums and results

    def place_sums(self, outer: Sequence[OuterProduct]) -> None:
        """Append the reductions over the rows, their results in the order of the tape."""
        sums = self._dependence.sums()
        if not sums:
            return
        allocation, inputs = self._allocation, self._dependence.inputs
        self.program.sums = allocation.new(sorted(sums), File.ONCE)
        steps = self.program.body
        for one in outer:
            self._place_outer(one, steps)
        in_matrices = {index for _, _, rows in outer for row in rows for index in row}
        groups: dict[tuple[File, int], list[int]] = {}
        for index in sums:
            if index not in in_matrices:
                (summed,) = inputs[index]
                groups.setdefault((allocation.file[summed], allocation.producer[summed]), []).append(index)
        by_file: dict[File, list[list[int]]] = {}
        for (file, _), group in groups.items():
            by_file.setdefault(file, []).append(group)
        for lists in by_file.values():
            for group in _merged(lists):
                group.sort(key=lambda index: allocation.place[inputs[index][0]])
                operand = allocation.operand([inputs[index][0] for index in group], steps)
                assert isinstance(operand, Span)
                steps.append(Total(allocation.once(group), operand, tuple(group)))

    def _place_outer(self, outer: OuterProduct, steps: list[Step]) -> None:
        place = self._allocation.place
        lefts, rights, table = outer
        down = sorted(range(len(lefts)), key=lambda i: place[lefts[i]])
        along = sorted(range(len(rights)), key=lambda j: place[rights[j]])
        lefts, rights = [lefts[i] for i in down], [rights[j] for j in along]
        sums = [[table[i][j] for j in along] for i in down]
        slots = np.array([[place[index] for index in row] for row in sums], np.int64)
        for top, bottom in self._pieces(lefts):
            left = self._allocation.operand(lefts[top:bottom], steps)
            for start, stop in self._pieces(rights):
                right = self._allocation.operand(rights[start:stop], steps)
                assert isinstance(left, Span)
                assert isinstance(right, Span)
                registers = tuple([index for row in sums[top:bottom] for index in row[start:stop]])
                steps.append(Outer(slots[top:bottom, start:stop], left, right, registers))

    def place_results(self, values: Sequence[int], by_row: Sequence[int]) -> None:
        """Say where the results stand; those by row that are the same in every row are written out."""
        allocation, when = self._allocation, self._dependence.when
        self.program.values = allocation.once(values)
        same = [index for index in dict.fromkeys(by_row) if when[index] != ROW]
        held: dict[int, int] = {}
        if same:
            spread = allocation.unnamed(len(same), File.ROWS)
            self.program.body.append(Spread(spread, allocation.once(same), tuple(same)))
            held = {index: spread.start + offset for offset, index in enumerate(same)}
        where = [held.get(index, allocation.place[index]) for index in by_row]
        self.program.by_row = np.array(where, np.int64)


def _merged(groups: list[list[int]]) -> list[list[int]]:
    """The groups, the short ones among them put together where there are more than two of those."""
    short = [group for group in groups if len(group) < _FEW]
    if len(short) <= 2:
        return groups
    return [*[group for group in groups if len(group) >= _FEW], [index for group in short for index in group]]
