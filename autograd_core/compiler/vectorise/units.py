"""The instructions for sums of several terms: products with matrices, sums of products of two numbers of the row, and
folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.compiler.frontend.phases import ROW
from autograd_core.compiler.vectorise.affine import DotRow, MatrixRow
from autograd_core.compiler.vectorise.allocation import Allocation
from autograd_core.compiler.vectorise.folds import FoldRow
from autograd_core.compiler.vectorise.turns import Product, merge_turns, order_of_columns, regular_distance
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Dot,
    Elementwise,
    File,
    Fold,
    Gather,
    Operand,
    Span,
    Step,
)
from autograd_core.engine import primitives

_MOST_PIECES = 4  # the input of a matrix that is in more pieces is gathered first

Unit = MatrixRow | DotRow | FoldRow


class Products:
    """Appends instructions for `units`, the sums that are computed from all their terms at once.

    roles: the role of each register, see `graph/roles.py`. primals: for the derivative with respect to a register,
    that register. zero: a register that is 0, the bias of a sum that has none.
    """

    def __init__(
        self,
        allocation: Allocation,
        units: Mapping[int, Unit],
        roles: Sequence[int],
        primals: Mapping[int, int],
        zero: int,
    ) -> None:
        self._allocation = allocation
        self._units = units
        self._roles = roles
        self._primals = primals
        self._zero = zero
        self._matrix_rows = {root: unit for root, unit in units.items() if isinstance(unit, MatrixRow)}

    def add(self, registers: Sequence[int], phase: int, steps: list[Step]) -> None:
        """Append the instructions for some units that can be computed side by side."""
        matrices: dict[tuple[int, ...], list[int]] = {}
        dots: dict[tuple[int, ...], list[int]] = {}
        folds: dict[tuple[object, ...], list[int]] = {}
        for index in registers:
            unit = self._units[index]
            if isinstance(unit, MatrixRow):
                matrices.setdefault(unit.variables, []).append(index)
            elif isinstance(unit, FoldRow):
                folds.setdefault((unit.primitive, self._allocation.producer[unit.terms[0]]), []).append(index)
            else:
                dots.setdefault(self._kind_of_dot(index, unit), []).append(index)
        for product in self._products(matrices, phase):
            self._add_product(product, phase, steps)
        for rows in dots.values():
            self._add_dots(rows, steps)
        for rows in folds.values():
            self._add_folds(rows, steps)

    def _products(self, matrices: dict[tuple[int, ...], list[int]], phase: int) -> list[Product]:
        """The products with matrices; in the rows those with the same weights are turns of one."""
        if phase != ROW or len(matrices) == 1:
            return [Product.of(inputs, rows, self._matrix_rows) for inputs, rows in matrices.items()]
        place_of = {source: self._allocation.place_of(source) for inputs in matrices for source in inputs}
        return merge_turns(matrices, self._matrix_rows, place_of)

    def _add_product(self, product: Product, phase: int, steps: list[Step]) -> None:
        units, allocation, place_of = self._matrix_rows, self._allocation, self._allocation.place_of
        places = {source: place_of(source) for turn in product.inputs for source in turn}
        order = order_of_columns(product.inputs, places)
        weights = [[place_of(line[i]) for i in order] for line in product.weights]
        down = sorted(range(len(weights)), key=lambda i: (weights[i][0], product.rows[0][i]))
        turns = sorted(range(len(product.rows)), key=lambda turn: place_of(product.inputs[turn][order[0]]))
        inputs = [[product.inputs[turn][i] for i in order] for turn in turns]
        if len(turns) > 1 and self._in_place(inputs) is None:
            turns.sort(key=lambda turn: self._order(product.rows[turn][down[0]]))
            inputs = [[product.inputs[turn][i] for i in order] for turn in turns]
        rows = [[product.rows[turn][i] for i in down] for turn in turns]
        matrix = [weights[i] for i in down]
        operands = self.operands(inputs, steps)
        start, terms = 0, []
        for operand, _ in operands:
            stop = start + (operand.size if isinstance(operand, Span) else len(operand))
            terms.append((tuple([tuple(line[start:stop]) for line in matrix]), operand))
            start = stop
        registers = [root for turn in rows for root in turn]
        biases = [units[root].bias for root in registers]
        bias = None
        if any(index is not None for index in biases):
            bias = allocation.places_of([self._zero if index is None else index for index in biases])
            in_one_turn = bias[: len(down)]
            bias = in_one_turn if bias == in_one_turn * len(turns) else bias
        file = File.ONCE if phase != ROW else File.ROWS
        out = allocation.allocate(registers, file)
        apart = tuple([distance for _, distance in operands])
        steps.append(Affine(out, tuple(terms), bias, tuple(registers), len(turns), apart))
        self._add_extras(registers, file, steps)
        if file is File.ROWS:
            allocation.append_one(registers)

    def operands(self, inputs: Sequence[Sequence[int]], steps: list[Step]) -> list[tuple[Operand, int]]:
        """The operands, of the first turn, that hold the inputs of a product, and their distances from turn to turn."""
        allocation = self._allocation
        if len(inputs) == 1:
            pieces = self._pieces(inputs[0])
            return [(allocation.operand(inputs[0][start:stop], steps, whole=True), 0) for start, stop in pieces]
        if (found := self._in_place(inputs)) is not None:
            return found
        together = allocation.operand([source for turn in inputs for source in turn], steps, whole=True)
        assert isinstance(together, Span)
        return [(Span(together.file, together.start, len(inputs[0])), len(inputs[0]))]

    def copies(self, inputs: Sequence[Sequence[int]]) -> int:
        """How many numbers are copied to make them the operands of a product."""
        if len(inputs) == 1 or self._in_place(inputs) is not None:
            return 0
        together = [source for turn in inputs for source in turn]
        return 0 if self._allocation.is_gathered(together) else len(together)

    def _in_place(self, inputs: Sequence[Sequence[int]]) -> list[tuple[Operand, int]] | None:
        """The operands of several turns where they lie; None if they have to be gathered."""
        place, found = self._allocation.place, list[tuple[Operand, int]]()
        for start, stop in self._pieces(inputs[0]):
            apart = regular_distance([[place[source] for source in turn[start:stop]] for turn in inputs])
            if apart is None:
                return None
            found.append((Span(File.ROWS, place[inputs[0][start]], stop - start), apart))
        return found

    def _order(self, root: int) -> tuple[int, int]:
        """Where a sum belongs among others whose inputs are gathered anyway: in the order recorded, and a derivative
        in the order of what it is the derivative with respect to."""
        primal = self._primals.get(root)
        return (root, root) if primal is None else (self._allocation.place[primal], root)

    def _kind_of_dot(self, index: int, unit: DotRow) -> tuple[int, ...]:
        """What sums of products have in common that become one instruction."""
        producer, place = self._allocation.producer, self._allocation.place
        primal = self._primals.get(index)
        if primal is not None and place[primal] >= 0:
            return (producer[primal],)
        return tuple([producer[factor] for factor in unit.pairs[0]])

    def _add_dots(self, rows: list[int], steps: list[Step]) -> None:
        """Add sums of products of two numbers of the row. Derivatives lie in the order of what they are derivatives
        with respect to, so that the product with the transposed matrix finds them side by side."""
        allocation, roles, place_of = self._allocation, self._roles, self._allocation.place_of
        pairs: dict[int, list[tuple[int, int]]] = {}
        for root in rows:
            unit = self._units[root]
            assert isinstance(unit, DotRow)
            pairs[root] = [(b, a) if roles[a] < roles[b] else (a, b) for a, b in unit.pairs]
        primals, place = self._primals, allocation.place

        def order(root: int) -> tuple[int, ...]:
            primal = primals.get(root)
            known = place[primal] if primal is not None else -1
            return known, *map(place_of, pairs[root][0])

        rows.sort(key=order)
        left, right = (
            tuple([tuple([place_of(pair[side]) for pair in pairs[root]]) for root in rows]) for side in (0, 1)
        )
        minus = tuple([unit.minus for root in rows if isinstance(unit := self._units[root], DotRow)])
        steps.append(Dot(allocation.allocate(rows, File.ROWS), left, right, minus, tuple(rows)))
        self._add_extras(rows, File.ROWS, steps)
        allocation.append_one(rows)

    def _add_folds(self, rows: list[int], steps: list[Step]) -> None:
        """Add chains of one operation."""
        place_of = self._allocation.place_of
        places: dict[int, tuple[int, ...]] = {}
        for root in rows:
            unit = self._units[root]
            assert isinstance(unit, FoldRow)
            places[root] = tuple(map(place_of, unit.terms))
        rows.sort(key=places.__getitem__)
        first = self._units[rows[0]]
        assert isinstance(first, FoldRow)
        out = self._allocation.allocate(rows, File.ROWS)
        steps.append(Fold(out, first.primitive, tuple([places[root] for root in rows]), tuple(rows)))
        self._allocation.append_one(rows)

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
            return tuple(places)
        if places == list(range(places[0], places[0] + len(places))):
            return Span(file, places[0], len(places))
        span = self._allocation.reserve(len(places), file)
        steps.append(Gather(span, tuple(places), ()))
        return span
