"""From registers to instructions on vectors, level by level: the level of a register is its distance from the inputs.

Within a level, operations of the same kind whose operands are in the same vectors become one instruction, in the
order of their operands, so that neighbours stay neighbours. Operands that are not neighbours are gathered first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.compiler.frontend.gradient import AFTER, ONCE, ROW
from autograd_core.compiler.frontend.instructions import SUM_OF_VALUES
from autograd_core.compiler.vectorise.affine import MatrixRow, OuterProduct
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

_FEW = 8  # a shorter vector is merged with others of its kind, where there are several
_MOST_PIECES = 4  # the input of a matrix that is in more pieces is gathered first


class Scheduler:
    """Builds `program`, phase by phase.

    units: the sums that are rows of matrices. conditions: the comparisons that only serve as conditions.
    """

    def __init__(
        self, dependence: Dependence, given: Sequence[int], units: Mapping[int, MatrixRow], conditions: set[int]
    ) -> None:
        self.program = VectorProgram(list(given), [], once=len(given))
        self._dependence = dependence
        self._units = units
        self._conditions = conditions
        self._zero = dependence.tape.constant(0.0).index  # the bias of a unit that has none
        dependence.catch_up()
        self._instructions = dependence.tape.instructions
        self._inputs = dependence.inputs
        before_one = {source for unit in units.values() if unit.bias is not None for source in unit.variables}
        self._allocation = Allocation(dependence, self.program, before_one)
        program = self.program
        self._steps = {ONCE: program.before, ROW: program.body, AFTER: program.after}

    def add_columns(self, columns: Sequence[Sequence[int]]) -> None:
        """Allocate the numbers of a row."""
        for part in columns:
            self.program.columns.append(self._allocation.allocate(part, File.ROWS))
            self._allocation.append_one(part)

    def add_phase(self, phase: int) -> None:
        """Append the instructions that compute the registers of a phase."""
        instructions, inputs = self._instructions, self._dependence.inputs
        units, conditions, producer = self._units, self._conditions, self._allocation.producer
        steps = self._steps[phase]
        for level in self._levels(self._dependence.members(phase)):
            if len(level) == 1 and level[0] not in units:
                self._add_single(level[0], phase, steps)
                continue
            matrices: dict[tuple[int, ...], list[int]] = {}
            groups: dict[tuple[Any, ...], list[int]] = {}
            for index in level:
                if index in units:
                    matrices.setdefault(units[index].variables, []).append(index)
                else:
                    vectors = [producer[source] for source in inputs[index]]
                    groups.setdefault((instructions[index][0], index in conditions, *vectors), []).append(index)
            for variables, rows in matrices.items():
                self._add_matrix(variables, rows, phase, steps)
            kinds: dict[Any, list[list[int]]] = {}
            for (primitive, is_condition, *_), group in groups.items():
                files = [self._allocation.file[source] for source in inputs[group[0]]]
                kinds.setdefault((primitive, is_condition, *files), []).append(group)
            for lists in kinds.values():
                for group in _merge_short(lists):
                    if len(group) == 1:
                        self._add_single(group[0], phase, steps)
                    else:
                        self._add_elementwise(group, phase, steps)

    def _levels(self, members: Sequence[int]) -> list[list[int]]:
        """The registers by level; in `members` each comes after its inputs."""
        inputs = self._dependence.inputs
        level = [0] * len(inputs)  # 1 for the first
        levels: list[list[int]] = [[]]
        for index in members:
            sources = inputs[index]
            if len(sources) == 2:
                left, right = level[sources[0]], level[sources[1]]
                own = level[index] = 1 + (left if left > right else right)
            else:
                own = level[index] = 1 + max([level[source] for source in sources])
            if own == len(levels):
                levels.append([])
            levels[own].append(index)
        return levels[1:]

    def _add_elementwise(self, group: list[int], phase: int, steps: list[Step]) -> None:
        allocation, inputs = self._allocation, self._dependence.inputs
        sources = [inputs[index] for index in group]
        place_of, file = allocation.place_of, allocation.file
        rows_first = sorted(range(len(sources[0])), key=lambda i: file[sources[0][i]] is File.ONCE)
        keys = [[place_of(registers[i]) for i in rows_first] for registers in sources]
        order = sorted(range(len(group)), key=keys.__getitem__)
        group = [group[i] for i in order]
        by_operand = zip(*[sources[i] for i in order], strict=True)
        operands = tuple([allocation.operand(registers, steps) for registers in by_operand])
        file_of_result = self._file_of(group[0], phase)
        primitive = self._instructions[group[0]].primitive
        assert primitive is not None
        steps.append(Elementwise(allocation.allocate(group, file_of_result), primitive, operands, tuple(group)))
        if file_of_result is File.ROWS:
            allocation.append_one(group)

    def _add_single(self, index: int, phase: int, steps: list[Step]) -> None:
        """One operation alone, with nothing to sort or gather: an irregular graph has hundreds of thousands of them."""
        allocation = self._allocation
        operands = tuple(map(allocation.singles.__getitem__, self._inputs[index]))
        file = self._file_of(index, phase)
        primitive = self._instructions[index].primitive
        assert primitive is not None
        steps.append(Elementwise(allocation.allocate_single(index, file), primitive, operands, (index,)))
        if file is File.ROWS and index in allocation.before_one:
            allocation.append_one((index,))

    def _file_of(self, index: int, phase: int) -> File:
        """The file of the result of an operation."""
        return File.ONCE if phase != ROW else File.CONDITIONS if index in self._conditions else File.ROWS

    # ------------------------------------------------------------------------------------------------- matrices

    def _add_matrix(self, inputs: Sequence[int], rows: list[int], phase: int, steps: list[Step]) -> None:
        units, allocation, place_of = self._units, self._allocation, self._allocation.place_of
        places = [place_of(source) for source in inputs]
        order = sorted(range(len(inputs)), key=places.__getitem__)
        variables = [inputs[i] for i in order]
        rows.sort(key=lambda root: (place_of(units[root].coefficients[order[0]]), root))
        matrix = np.array([[place_of(index) for index in units[root].coefficients] for root in rows], np.int64)
        matrix = matrix[:, order]
        terms = tuple(
            (matrix[:, start:stop], allocation.operand(variables[start:stop], steps, whole=True))
            for start, stop in self._pieces(variables)
        )
        biases = [units[root].bias for root in rows]
        bias = None
        if any(index is not None for index in biases):
            bias = allocation.places_of([self._zero if index is None else index for index in biases])
        file = File.ONCE if phase != ROW else File.ROWS
        out = allocation.allocate(rows, file)
        steps.append(Affine(out, terms, bias, tuple(rows)))
        self._add_extras(rows, file, steps)
        if file is File.ROWS:
            allocation.append_one(rows)

    def _pieces(self, variables: Sequence[int]) -> list[tuple[int, int]]:
        """Where to cut the list of a matrix's inputs so that the places in each piece are neighbours."""
        place, file = self._allocation.place, self._allocation.file
        if all(file[index] is File.ONCE for index in variables):
            return [(0, len(variables))]
        breaks = [i for i in range(1, len(variables)) if place[variables[i]] != place[variables[i - 1]] + 1]
        if len(breaks) >= _MOST_PIECES:
            return [(0, len(variables))]
        return list(zip([0, *breaks], [*breaks, len(variables)], strict=True))

    def _add_extras(self, rows: list[int], file: File, steps: list[Step]) -> None:
        """Add the extra terms of units to the product with their matrix, one after the other."""
        allocation = self._allocation
        current = {root: allocation.place[root] for root in rows}
        left = {root: self._units[root].extras[::-1] for root in rows}
        while rows := [root for root in rows if left[root]]:
            groups: dict[tuple[bool, File, int], list[tuple[int, int]]] = {}
            for root in rows:
                minus, extra = left[root].pop()
                key = minus, allocation.file[extra], allocation.producer[extra]
                groups.setdefault(key, []).append((root, extra))
            for (minus, *_), group in groups.items():
                group.sort(key=lambda pair: current[pair[0]])
                roots = [root for root, _ in group]
                before = self._read_places([current[root] for root in roots], file, steps)
                addend = allocation.operand([extra for _, extra in group], steps)
                out = allocation.allocate(roots, file)
                current.update((root, allocation.place[root]) for root in roots)
                primitive = primitives.subtract if minus else primitives.add
                steps.append(Elementwise(out, primitive, (before, addend), tuple(roots)))

    def _read_places(self, places: list[int], file: File, steps: list[Step]) -> Operand:
        if file is File.ONCE:
            return np.array(places, np.int64)
        if places == list(range(places[0], places[0] + len(places))):
            return Span(file, places[0], len(places))
        span = self._allocation.reserve(len(places), file)
        steps.append(Gather(span, np.array(places, np.int64), ()))
        return span

    # ------------------------------------------------------------------------------------------- sums and results

    def add_sums(self, outer_products: Sequence[OuterProduct]) -> None:
        """Append the sums over the rows, their results in the order of the tape."""
        sums = self._dependence.sums()
        if not sums:
            return
        allocation, inputs = self._allocation, self._dependence.inputs
        self.program.sums = allocation.allocate(sorted(sums), File.ONCE)
        steps = self.program.body
        for outer in outer_products:
            self._add_outer(outer, steps)
        in_matrices = {index for _, _, rows in outer_products for row in rows for index in row}
        groups: dict[tuple[File, int], list[int]] = {}
        for index in sums:
            if self._instructions[index].primitive is SUM_OF_VALUES:
                span = allocation.operand(inputs[index], steps)
                assert isinstance(span, Span)
                steps.append(Total(allocation.places_of([index]), span, (index,), compensated=True))
            elif index not in in_matrices:
                (operand,) = inputs[index]
                groups.setdefault((allocation.file[operand], allocation.producer[operand]), []).append(index)
        by_file: dict[File, list[list[int]]] = {}
        for (file, _), group in groups.items():
            by_file.setdefault(file, []).append(group)
        for lists in by_file.values():
            for group in _merge_short(lists):
                group.sort(key=lambda index: allocation.place[inputs[index][0]])
                span = allocation.operand([inputs[index][0] for index in group], steps)
                assert isinstance(span, Span)
                steps.append(Total(allocation.places_of(group), span, tuple(group)))

    def _add_outer(self, outer: OuterProduct, steps: list[Step]) -> None:
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

    def add_results(self, values: Sequence[int], by_row: Sequence[int]) -> None:
        """Set the places of the results. Those by row that are the same in every row are copied to all rows."""
        allocation, when = self._allocation, self._dependence.when
        self.program.values = allocation.places_of(values)
        same = [index for index in dict.fromkeys(by_row) if when[index] != ROW]
        copies: dict[int, int] = {}
        if same:
            spread = allocation.reserve(len(same), File.ROWS)
            self.program.body.append(Spread(spread, allocation.places_of(same), tuple(same)))
            copies = {index: spread.start + offset for offset, index in enumerate(same)}
        places = [copies.get(index, allocation.place[index]) for index in by_row]
        self.program.by_row = np.array(places, np.int64)


def _merge_short(groups: list[list[int]]) -> list[list[int]]:
    """The groups, with the short ones merged where there are more than two of them."""
    short = [group for group in groups if len(group) < _FEW]
    if len(short) <= 2:
        return groups
    return [*[group for group in groups if len(group) >= _FEW], [index for group in short for index in group]]
