"""The instructions for sums over the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.compiler.frontend.instructions import SUM_CHOSEN, SUM_OF_VALUES
from autograd_core.compiler.vectorise.allocation import Allocation, merge_short
from autograd_core.compiler.vectorise.dependence import Dependence
from autograd_core.compiler.vectorise.outer_products import OuterProduct
from autograd_core.compiler.vectorise.turns import order_of_columns
from autograd_core.compiler.vectorise.units import Products
from autograd_core.compiler.vectorise.vector_program import File, Outer, ScatterAdd, Span, Step, Total


class SumsOverRows:
    """Appends the sums over the rows to the body of a program.

    outer_products: those that are sums of products of two vectors. turn_totals: for sums over turns too, the terms of a
    row.
    """

    def __init__(
        self,
        dependence: Dependence,
        allocation: Allocation,
        products: Products,
        outer_products: Sequence[OuterProduct],
        turn_totals: Mapping[int, Sequence[int]],
    ) -> None:
        self._dependence = dependence
        self._allocation = allocation
        self._products = products
        self._outer_products = outer_products
        self._turn_totals = turn_totals

    def add(self) -> None:
        """Append them, their results in the order of the tape."""
        sums = self._dependence.sums()
        if not sums:
            return
        allocation, inputs = self._allocation, self._dependence.inputs
        instructions = self._dependence.tape.instructions
        allocation.program.sums = allocation.allocate(sorted(sums), File.ONCE)
        steps = allocation.program.body
        for outer in self._outer_products:
            self._add_outer(outer, steps)
        in_matrices = {index for outer in self._outer_products for row in outer.sums for index in row}
        if chosen := [index for index in sums if self._is_sum_chosen(index)]:
            self._add_scatters(chosen, steps)
        groups: dict[tuple[File, int], list[int]] = {}
        for index in sums:
            if self._is_sum_chosen(index):
                continue
            if instructions[index].primitive is SUM_OF_VALUES:
                span = allocation.operand(inputs[index], steps)
                assert isinstance(span, Span)
                steps.append(Total(allocation.places_of([index]), span, (index,), compensated=True))
            elif index in self._turn_totals:
                continue
            elif index not in in_matrices:
                (operand,) = inputs[index]
                groups.setdefault((allocation.file[operand], allocation.producer[operand]), []).append(index)
        self._add_turn_totals(sums, steps)
        by_file: dict[File, list[list[int]]] = {}
        for (file, _), group in groups.items():
            by_file.setdefault(file, []).append(group)
        for lists in by_file.values():
            for group in merge_short(lists):
                group.sort(key=lambda index: allocation.place[inputs[index][0]])
                span = allocation.operand([inputs[index][0] for index in group], steps)
                assert isinstance(span, Span)
                steps.append(Total(allocation.places_of(group), span, tuple(group)))

    def _is_sum_chosen(self, index: int) -> bool:
        primitive = self._dependence.tape.instructions[index].primitive
        return primitive is not None and primitive.name == SUM_CHOSEN

    def _add_scatters(self, sums: Sequence[int], steps: list[Step]) -> None:
        """The sums of what is chosen: for equal indices one instruction, whose columns have the same numbers."""
        allocation, inputs, program = self._allocation, self._dependence.inputs, self._allocation.program
        unused = program.sums.stop  # for the rows of a table whose sums are not needed
        program.sums = program.sums._replace(size=program.sums.size + allocation.reserve(1, File.ONCE).size)
        tables: dict[tuple[int, ...], dict[tuple[int, ...], dict[int, int]]] = {}
        registers: dict[tuple[int, ...], list[int]] = {}
        for index in sums:
            row, *pairs = inputs[index]
            k = self._dependence.tape.instructions[row].constant
            assert k is not None
            indices, numbers = tuple(pairs[::2]), tuple(pairs[1::2])
            tables.setdefault(indices, {}).setdefault(numbers, {})[int(k)] = allocation.place[index]
            registers.setdefault(indices, []).append(index)
        for indices, columns in tables.items():
            first = {numbers: min(column.values()) for numbers, column in columns.items()}
            ordered = sorted(columns, key=first.__getitem__)
            count = 1 + max(max(column) for column in columns.values())
            matrix = tuple([tuple([columns[numbers].get(k, unused) for numbers in ordered]) for k in range(count)])
            terms = []
            for position, place in enumerate(indices):
                operand = allocation.operand([numbers[position] for numbers in ordered], steps, whole=True)
                index_span = allocation.operand([place], steps)
                assert isinstance(operand, Span)
                assert isinstance(index_span, Span)
                terms.append((index_span, operand))
            steps.append(ScatterAdd(matrix, tuple(terms), tuple(registers[indices])))

    def _add_turn_totals(self, sums: Sequence[int], steps: list[Step]) -> None:
        """Add the sums over the rows and over turns."""
        place, producer = self._allocation.place, self._allocation.producer
        groups: dict[tuple[int, ...], list[tuple[list[int], int]]] = {}
        for index in sums:
            if index not in self._turn_totals:
                continue
            ordered = sorted(self._turn_totals[index], key=place.__getitem__)
            groups.setdefault(tuple([producer[term] for term in ordered]), []).append((ordered, index))
        for group in groups.values():
            group.sort(key=lambda pair: place[pair[0][0]])
            turns = list(map(list, zip(*[terms for terms, _ in group], strict=True)))
            registers = [index for _, index in group]
            start = 0
            for operand, apart in self._products.operands(turns, steps):
                assert isinstance(operand, Span)
                part = registers[start : start + operand.size]
                places = self._allocation.places_of(part)
                steps.append(Total(places, operand, tuple(part), turns=len(turns), apart=apart))
                start += operand.size

    def _add_outer(self, outer: OuterProduct, steps: list[Step]) -> None:
        place = self._allocation.place
        down, along = (order_of_columns(side, place) for side in zip(*outer.turns, strict=True))
        sums = [[outer.sums[i][j] for j in along] for i in down]
        slots = [[place[index] for index in row] for row in sums]
        turns = [([left[i] for i in down], [right[j] for j in along]) for left, right in outer.turns]
        by_left, by_right = (sorted(turns, key=lambda turn: place[turn[side][0]]) for side in (0, 1))
        sides = [list(zip(*order, strict=True)) for order in (by_left, by_right)]
        lefts, rights = min(sides, key=lambda two: sum(map(self._products.copies, two)))
        top = 0
        for left, left_apart in self._products.operands(lefts, steps):
            start = 0
            assert isinstance(left, Span)
            for right, right_apart in self._products.operands(rights, steps):
                assert isinstance(right, Span)
                bottom, stop = top + left.size, start + right.size
                registers = tuple([index for row in sums[top:bottom] for index in row[start:stop]])
                part = tuple([tuple(row[start:stop]) for row in slots[top:bottom]])
                steps.append(Outer(part, left, right, registers, len(turns), (left_apart, right_apart)))
                start = stop
            top += left.size
