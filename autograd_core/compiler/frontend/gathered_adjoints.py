"""What goes back through sums of products: products again, of adjoints and factors.

They are gathered, register by register, and added up as one instruction where that is worth it: the adjoints of a
layer's inputs are the transposed matrix times the adjoints of its sums, and the gradient of a weight is one sum over
all its uses.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Container, Iterable, MutableMapping, Sequence

from autograd_core.compiler.frontend.instructions import LAYOUTS, SumLayout, sum_of_products
from autograd_core.compiler.frontend.phases import ROW
from autograd_core.compiler.frontend.sums_of_products import MANY, MOST_SMALL, SMALL
from autograd_core.engine.gates import GatedContribution, Number
from autograd_core.graph.tape import Register, Tape


class Gathered(GatedContribution):
    """What has arrived at a register, not added up yet. products: (register of an adjoint, register of a factor);
    terms: further numbers."""

    __slots__ = ("products", "terms")

    def __init__(self, before: GatedContribution | None) -> None:
        super().__init__(0.0, 1.0)
        self.products: list[tuple[int, int]] = []
        self.terms: list[Number] = [] if before is None else [before.number]

    def __add__(self, other: GatedContribution) -> GatedContribution:
        self.terms.append(other.number)
        return self

    @property
    def is_empty(self) -> bool:
        """Whether nothing has arrived."""
        return not self.products and not self.terms

    def whole(self, tape: Tape) -> Number:
        """The sum, in scalars."""
        products = [Register(tape, left) * tape.number(right) for left, right in self.products]
        return sum_of([*self.terms, *products])


class Contributions:
    """Gathers contributions into `adjoints`.

    in_rows: the registers of the row, which the sweep goes back through. active: see `sweep_back`. when: when each
    register is known. is_row: whether a number differs from row to row.
    """

    def __init__(
        self,
        tape: Tape,
        in_rows: Sequence[int],
        adjoints: MutableMapping[int, GatedContribution],
        active: Container[int],
        when: Sequence[int],
        is_row: Callable[[Number], bool],
    ) -> None:
        self._tape = tape
        self._adjoints = adjoints
        self._active = active
        self._when = when
        self._is_row = is_row
        self._recurring = _recurring(tape, in_rows)

    def gather(self, registers: Iterable[int]) -> None:
        """Gather all that arrives at some registers."""
        for index in registers:
            self._adjoints.setdefault(index, Gathered(None))

    def pass_back(self, layout: SumLayout, inputs: Sequence[int], upstream: GatedContribution) -> None:
        """Add what a sum of products passes on to its inputs."""
        tape, active = self._tape, self._active
        number, end = upstream.number, 2 * layout.products
        opposite = -number if layout.minus or layout.minus_terms else number
        add = self._add_product
        if not (self._is_row(number) and isinstance(upstream.arrives, float)):

            def add(index: int, factor: int, number: Number) -> None:
                self._add(index, GatedContribution(number, upstream.arrives) * tape.number(factor))

        first_minus = end - 2 * layout.minus
        for i in range(0, end, 2):
            left, right = inputs[i], inputs[i + 1]
            signed = number if i < first_minus else opposite
            if left == right:
                signed = signed + signed
            elif left in active:
                add(left, right, signed)
            if right in active:
                add(right, left, signed)
        first_minus = len(inputs) - layout.minus_terms
        for i in range(end, len(inputs)):
            if inputs[i] in active:
                signed = number if i < first_minus else opposite
                self._add(inputs[i], GatedContribution(signed, upstream.arrives) * 1.0)

    def _add(self, index: int, contribution: GatedContribution) -> None:
        before = self._adjoints.get(index)
        if isinstance(contribution.arrives, float):
            before = before if type(before) is Gathered else Gathered(before)
        self._adjoints[index] = contribution if before is None else before + contribution

    def _add_product(self, index: int, factor: int, number: Register) -> None:
        found = self._adjoints.get(index)
        if type(found) is not Gathered:
            found = self._adjoints[index] = Gathered(found)
        found.products.append((number.index, factor))

    def complete(self, index: int) -> None:
        """Add up what has arrived at a register."""
        found = self._adjoints.get(index)
        if type(found) is Gathered:
            self._adjoints[index] = GatedContribution(self._sum(found, index in self._recurring))

    def _sum(self, found: Gathered, recurs: bool) -> Number:
        if not recurs:
            return found.whole(self._tape)
        tape, terms, when = self._tape, found.terms, self._when
        for products in (
            [product for product in found.products if when[product[1]] != ROW],
            [product for product in found.products if when[product[1]] == ROW],
        ):
            if len(products) == 1:
                ((left, right),) = products
                terms.append(Register(tape, left) * tape.number(right))
            elif products:
                inputs = tuple(itertools.chain.from_iterable(products))
                number = tape.append_as_it_is(sum_of_products(SumLayout(len(products))), inputs)
                terms.append(Register(tape, number))
        return sum_of(terms)


def sum_of(numbers: Sequence[Number]) -> Number:
    """The sum of numbers, from left to right."""
    total = numbers[0]
    for number in numbers[1:]:
        total = total + number
    return total


def _recurring(tape: Tape, in_rows: Sequence[int]) -> set[int]:
    """The factors that stand in many sums of products, or in the same ones as others: so their adjoints are the rows of
    a matrix, or sums of products with the same factors. Small matrices count where there are few of them."""
    sums: dict[int, list[int]] = {}
    for index in in_rows:
        primitive, inputs, _, _ = tape.instructions[index]
        if primitive in LAYOUTS:
            end = 2 * LAYOUTS[primitive].products
            for left, right in zip(inputs[0:end:2], inputs[1:end:2], strict=True):
                sums.setdefault(left, []).append(index)
                if right != left:
                    sums.setdefault(right, []).append(index)
    lists = {factor: tuple(found) for factor, found in sums.items()}
    groups = Counter(lists.values())
    small = {key for key, count in groups.items() if len(key) * count < SMALL}
    left_out = small if len(small) > MOST_SMALL else set()
    return {
        factor
        for factor, key in lists.items()
        if key not in left_out and (len(key) >= MANY or (len(key) > 1 and groups[key] > 1))
    }
