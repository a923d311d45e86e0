"""From registers to instructions on vectors, round by round: a round is what can be computed side by side.

Within a round, operations of the same kind whose operands are in the same vectors become one instruction, in the
order of their operands, so that neighbours stay neighbours. Operands that are not neighbours are gathered first. Turns
of one computation wait for each other (`graph/rounds.py`), so that they become one instruction too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from autograd_core.compiler.frontend.choices import is_choice
from autograd_core.compiler.frontend.phases import AFTER, ONCE, ROW
from autograd_core.compiler.vectorise.affine import DotRow, MatrixRow
from autograd_core.compiler.vectorise.allocation import Allocation, merge_short
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.folds import FoldRow
from autograd_core.compiler.vectorise.outer_products import OuterProduct
from autograd_core.compiler.vectorise.sums import SumsOverRows
from autograd_core.compiler.vectorise.units import Products, Unit
from autograd_core.compiler.vectorise.vector_program import (
    Choose,
    Elementwise,
    File,
    Places,
    Span,
    Spread,
    Step,
    VectorProgram,
)
from autograd_core.graph.repetition.roles import Roles
from autograd_core.graph.repetition.rounds import rounds


class Scheduler:
    """Builds `program`, phase by phase.

    units: the sums that are rows of matrices. conditions: the comparisons that only serve as conditions. primals: for
    the derivative with respect to a register, that register.
    """

    def __init__(
        self,
        dependence: Dependence,
        given: Sequence[int],
        units: Mapping[int, Unit],
        conditions: set[int],
        primals: Mapping[int, int],
    ) -> None:
        self.program = VectorProgram(list(given), [], once=len(given))
        self._dependence = dependence
        self._units = units
        self._conditions = conditions
        zero = dependence.tape.constant(0.0).index
        dependence.catch_up()
        self._instructions = dependence.tape.instructions
        self._inputs = dependence.inputs
        self._roles = Roles(len(self._inputs))
        before_one = {
            source
            for unit in units.values()
            if isinstance(unit, MatrixRow) and unit.bias is not None
            for source in unit.variables
        }
        self._allocation = Allocation(dependence, self.program, before_one)
        self._products = Products(self._allocation, units, self._roles.of, primals, zero)
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
        members = self._dependence.members(phase)
        self._find_roles(members)
        if phase == ROW:
            self._allocation.expect(members, self._roles.of)
        for batch in rounds(members, inputs, self._roles.of):
            choices = [index for index in batch if is_choice(instructions[index][0])]
            if choices:
                batch = [index for index in batch if not is_choice(instructions[index][0])]
                self._add_choices(choices, steps)
            if len(batch) == 1 and batch[0] not in units:
                self._add_single(batch[0], phase, steps)
                continue
            self._products.add([index for index in batch if index in units], phase, steps)
            groups: dict[tuple[Any, ...], list[int]] = {}
            for index in batch:
                if index not in units:
                    vectors = [producer[source] for source in inputs[index]]
                    groups.setdefault((instructions[index][0], index in conditions, *vectors), []).append(index)
            kinds: dict[Any, list[list[int]]] = {}
            for (primitive, is_condition, *_), group in groups.items():
                files = [self._allocation.file[source] for source in inputs[group[0]]]
                kinds.setdefault((primitive, is_condition, *files), []).append(group)
            for lists in kinds.values():
                for group in merge_short(lists):
                    if len(group) == 1:
                        self._add_single(group[0], phase, steps)
                    else:
                        self._add_elementwise(group, phase, steps)

    def _find_roles(self, members: Sequence[int]) -> None:
        """Give each register its role. A sum of products with weights has the role of its weights, whatever it is a sum
        of; but constants, such as those of a mean, stand in many sums."""
        roles, inputs, instructions = self._roles, self._inputs, self._instructions
        for index in members:
            unit = self._units.get(index)
            if unit is None:
                primitive = instructions[index][0]
                assert primitive is not None
                roles.compute(index, primitive, inputs[index])
                continue
            extras = frozenset([roles.of[extra] for _, extra in unit.extras])
            if isinstance(unit, FoldRow):
                roles.give(index, unit.primitive, frozenset([roles.of[term] for term in unit.terms]))
            elif isinstance(unit, DotRow):
                roles.give(
                    index, "dot", frozenset([roles.of[factor] for pair in unit.pairs for factor in pair]), extras
                )
            elif all(instructions[weight].constant is not None for weight in unit.coefficients):
                terms = frozenset([roles.of[source] for source in unit.variables])
                roles.give(index, "constants", frozenset(unit.coefficients), terms, extras)
            else:
                roles.give(index, "matrix", tuple(sorted(unit.coefficients)), extras)
        single = [index for index in members if index not in self._units]
        roles.find_steps(single, [instructions[index][0] for index in single], inputs)

    def _add_choices(self, level: list[int], steps: list[Step]) -> None:
        """Choices from tables of ONCE, those from tables of equal length in one instruction."""
        allocation, inputs, place_of = self._allocation, self._dependence.inputs, self._allocation.place_of
        tables: dict[tuple[int, ...], Places] = {}
        groups: dict[int, list[int]] = {}
        for index in level:
            groups.setdefault(len(inputs[index]), []).append(index)
            values = tuple(inputs[index][1:])
            if values not in tables:
                tables[values] = allocation.places_of(values)
        for group in groups.values():
            group.sort(key=lambda index: (place_of(inputs[index][0]), place_of(inputs[index][1])))
            place = allocation.operand([inputs[index][0] for index in group], steps)
            assert isinstance(place, Span)
            chosen = tuple([tables[tuple(inputs[index][1:])] for index in group])
            steps.append(Choose(allocation.allocate(group, File.ROWS), place, chosen, tuple(group)))
            allocation.append_one(group)

    def _add_elementwise(self, group: list[int], phase: int, steps: list[Step]) -> None:
        allocation, inputs = self._allocation, self._dependence.inputs
        sources = [inputs[index] for index in group]
        place_of, file = allocation.place_of, allocation.file
        columns = list(zip(*sources, strict=True))
        # In the order of the operand with the most numbers, so that a vector stays in order where it meets a few.
        rows_first = sorted(
            range(len(columns)), key=lambda i: (file[columns[i][0]] is File.ONCE, -len(set(columns[i])))
        )
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

    def add_sums(self, outer_products: Sequence[OuterProduct], turn_totals: Mapping[int, Sequence[int]]) -> None:
        """Append the sums over the rows; see `SumsOverRows`."""
        SumsOverRows(self._dependence, self._allocation, self._products, outer_products, turn_totals).add()

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
        self.program.by_row = tuple(places)
