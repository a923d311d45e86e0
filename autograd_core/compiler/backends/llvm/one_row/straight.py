"""Writes straight-line code: numbers stay in registers, alone or several in a vector, from operation to operation."""

from __future__ import annotations

from collections.abc import Callable, Container

from autograd_core.compiler.backends.llvm.ir.code import IrValue, VectorShape
from autograd_core.compiler.backends.llvm.kernels.matrices import sum_of_products
from autograd_core.compiler.backends.llvm.one_row.called_functions import Functions, add_lanes, narrow
from autograd_core.compiler.backends.llvm.one_row.flatten import FlatOperation, Sums
from autograd_core.compiler.backends.llvm.one_row.placed_code import PlacedCode
from autograd_core.compiler.backends.llvm.operations import COMPARISONS, apply, compare, is_true, select, weight
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive

_SLOW = {primitives.divide: 5, primitives.sqrt: 6}  # as many additions take as long
Places = tuple[int, ...]
Products = tuple[Places, Places, bool]  # left, right, whether they are subtracted


class Straight:
    """One function. at: the address of each place. stored: the places that are read elsewhere."""

    def __init__(self, functions: Functions, at: Callable[[int], int], stored: Container[int]) -> None:
        self.code = PlacedCode(functions.shape.type)
        self._functions = functions
        self._shape = functions.shape
        self._at, self._stored = at, stored
        self._held: dict[int, tuple[IrValue, int, int]] = {}  # the vector, its width, the lane
        self._made: dict[Places, IrValue] = {}
        self._masks: dict[Places, IrValue] = {}
        self._shared: dict[tuple[Primitive, Places], IrValue] = {}

    # ------------------------------------------------------------------------------------------------ numbers

    def address(self, place: int) -> IrValue:
        """The address of a place."""
        return self.code.place(self._at(place))

    def _are_neighbours(self, places: Places) -> bool:
        first = self._at(places[0])
        return all(self._at(place) == first + i for i, place in enumerate(places))

    def _range(self, places: Places) -> tuple[int, int] | None:
        """The first place and the size of a vector in memory that has all the numbers; None if there is none."""
        addresses = {self._at(place): place for place in places}
        first, last = min(addresses), max(addresses)
        return (addresses[first], last - first + 1) if last - first < self._shape.lanes else None

    def _cost(self, places: Places) -> int:
        """About how many instructions `take` needs."""
        if places in self._made:
            return 0
        held = [self._held.get(place) for place in places]
        first = held[0]
        if len(places) == 1:
            return 0 if first is None or first[2] == 0 else 1
        if len(set(places)) == 1:
            return 1
        sources = {None if each is None else each[0] for each in held}
        if sources == {None}:
            return 0 if self._are_neighbours(places) else 2 if self._range(places) else len(places)
        if None in sources:
            return len(places)
        if len(sources) == 1:
            assert first is not None
            return 0 if first[1] == len(places) and [each and each[2] for each in held] == [*range(len(places))] else 1
        widths = {each[1] for each in held if each is not None}
        return 1 if len(sources) == 2 and len(widths) == 1 and widths != {1} else len(places)

    def take(self, places: Places) -> IrValue:
        """A vector with the numbers at the places."""
        if places not in self._made:
            self._made[places] = self._take(places)
        return self._made[places]

    def _take(self, places: Places) -> IrValue:
        code, width = self.code, len(places)
        shape = narrow(self._shape, width)
        held = [self._held.get(place) for place in places]
        first = held[0]
        if width > 1 and len(set(places)) == 1:
            one = self.take(places[:1])
            return code.shuffle(narrow(shape, 1), one, "poison", [0] * width)
        if all(each is None for each in held) and self._are_neighbours(places):
            return code.load(shape.vector, self.address(places[0]), shape.bytes)
        if all(each is None for each in held) and (found := self._range(places)) is not None:
            start, wide = found
            whole = narrow(shape, wide)
            numbers = code.load(whole.vector, self.address(start), shape.bytes)
            top = self._at(start)
            return code.shuffle(whole, numbers, "poison", [self._at(place) - top for place in places])
        if first is not None and all(each is not None and each[:2] == first[:2] for each in held):
            lanes = [each[2] for each in held if each is not None]
            name, wide, _ = first
            if lanes == list(range(wide)):
                return name
            return code.shuffle(narrow(shape, wide), name, "poison", lanes)
        sources = list(dict.fromkeys([each and each[:2] for each in held]))
        if len(sources) == 2 and None not in sources and sources[0][1] == sources[1][1] > 1:  # type: ignore[index]
            (a, wide), (b, _) = sources  # type: ignore[misc]
            lanes = [each[2] + (wide if each[0] == b else 0) for each in held if each is not None]
            return code.shuffle(narrow(shape, wide), a, b, lanes)
        vector = "poison"
        for lane, place in enumerate(places):
            vector = code.of(f"insertelement {shape.vector} {vector}, {shape.type} {self._scalar(place)}, i64 {lane}")
        return vector

    def _scalar(self, place: int) -> IrValue:
        key = (place, -1)
        if key not in self._made:
            held = self._held.get(place)
            if held is None:
                name = self.code.load(self._shape.type, self.address(place), self._shape.bytes)
            else:
                vector = narrow(self._shape, held[1]).vector
                name = self.code.of(f"extractelement {vector} {held[0]}, i64 {held[2]}")
            self._made[key] = name
        return self._made[key]

    def _give(self, places: Places, name: IrValue, width: int) -> None:
        """Note where numbers are, and store those that are read elsewhere. width: of the vector, whose last numbers
        may stand for nothing."""
        for lane, place in enumerate(places):
            self._held[place] = name, width, lane
        if width == len(places):
            self._made[places] = name
        lane = 0
        while lane < len(places):
            if places[lane] not in self._stored:
                lane += 1
                continue
            stop = lane + 1
            while (
                stop < len(places)
                and places[stop] in self._stored
                and self._at(places[stop]) == self._at(places[lane]) + stop - lane
            ):
                stop += 1
            part = narrow(self._shape, stop - lane)
            numbers = name
            if stop - lane < width:
                numbers = self.code.shuffle(narrow(part, width), name, "poison", list(range(lane, stop)))
            self.code.store(part.vector, numbers, self.address(places[lane]), part.bytes)
            lane = stop

    # --------------------------------------------------------------------------------------------- operations

    def line(self, line: FlatOperation) -> None:
        """An operation on several numbers: in vectors where that takes fewer instructions."""
        primitive, done, count = line.primitive, 0, len(line.out)
        slow = 1 if primitive is None else weight(primitive)
        while done < count:
            width = min(self._shape.lanes, count - done)
            if slow > 1:
                width = 1 << (width - 1).bit_length()
            chosen = [min(done + i, count - 1) for i in range(width)]
            out = tuple(line.out[done : done + width])
            operands = [tuple([operand[i] for i in chosen]) for operand in line.operands]
            if slow > 1 or self._fits(primitive, operands):
                self._operation(primitive, out, operands)
            else:
                for i, place in enumerate(out):
                    self._operation(primitive, (place,), [operand[i : i + 1] for operand in operands])
            done += width

    def _fits(self, primitive: Primitive | None, operands: list[Places]) -> bool:
        """Whether an operation on a vector takes fewer instructions than on its numbers."""
        each = _SLOW.get(primitive, 1) if primitive is not None else 1
        apart = sum(self._cost((place,)) for operand in set(operands) for place in operand)
        together = sum(map(self._cost, set(operands)))
        return each + together <= each * len(operands[0]) + apart

    def _operation(self, primitive: Primitive | None, out: Places, operands: list[Places]) -> None:
        code, width = self.code, len(operands[0])
        shape = narrow(self._shape, width)
        if primitive is primitives.where:
            mask = self._masks.get(operands[0])
            if mask is None:
                mask = is_true(code, shape, self.take(operands[0]))
            result = select(code, shape, mask, self.take(operands[1]), self.take(operands[2]))
        elif primitive in COMPARISONS:
            assert primitive is not None
            mask = compare(code, shape, primitive, *map(self.take, operands))
            self._masks[out] = mask
            result = code.of(f"uitofp {shape.mask} {mask} to {shape.vector}")
        elif primitive is None:
            result = self.take(operands[0])
        elif (pair := self._functions.pair_of(primitive, operands[0])) is not None:
            result = self._one_of_pair(primitive, pair, operands[0])
        elif weight(primitive) > 1:
            result = self._functions.call(code, shape, primitive, list(map(self.take, operands)))
        else:
            result = apply(code, shape, primitive, *map(self.take, operands))
        self._give(out, result, width)

    def _one_of_pair(self, primitive: Primitive, pair: tuple[Primitive, Primitive], operand: Places) -> IrValue:
        if (primitive, operand) not in self._shared:
            shape = narrow(self._shape, len(operand))
            both = self._functions.call_both(self.code, shape, pair, self.take(operand))
            for each, name in zip(pair, both, strict=True):
                self._shared[each, operand] = name
        return self._shared[primitive, operand]

    # ------------------------------------------------------------------------------------------------- sums

    def sums(self, sums: Sums) -> None:
        """Sums of products."""
        count = len(sums.out)
        equal = len({*map(len, sums.left)}) == len(set(sums.minus)) == 1
        done = 0
        while done < count:
            width = min(self._shape.lanes, 1 << ((count - done).bit_length() - 1))
            if equal:
                self._together(sums, range(done, done + width))
            else:
                for i in range(done, done + width):
                    self._together(sums, range(i, i + 1))
            done += width

    def _together(self, sums: Sums, chosen: range) -> None:
        """Sums of equally many products: several sums in a vector, several terms in a vector, or one by one, whichever
        takes the fewest instructions."""
        width = len(chosen)
        across = self._columns(sums, chosen)
        along = [self._parts(sums, i) for i in chosen]
        apart = [self._columns(sums, range(i, i + 1)) for i in chosen]
        cost_across = self._products_cost(across)
        cost_along = sum(map(self._products_cost, along)) + 3 * width
        cost_apart = sum(map(self._products_cost, apart)) if width > 1 else cost_across
        start = None if sums.start is None else tuple([sums.start[i] for i in chosen])
        out = tuple([sums.out[i] for i in chosen])
        if cost_along < min(cost_across, cost_apart):
            self._along(out, along, start)
        elif cost_across <= cost_apart:
            self._give(out, self._chained(across, narrow(self._shape, width), start), width)
        else:
            for i, products in zip(range(width), apart, strict=True):
                own = None if start is None else start[i : i + 1]
                self._give(out[i : i + 1], self._chained(products, narrow(self._shape, 1), own), 1)

    def _columns(self, sums: Sums, chosen: range) -> list[Products]:
        """For each term the products in the chosen sums."""
        first = chosen[0]
        plus = len(sums.left[first]) - sums.minus[first]
        return [
            (tuple([sums.left[i][j] for i in chosen]), tuple([sums.right[i][j] for i in chosen]), j >= plus)
            for j in range(len(sums.left[first]))
        ]

    def _products_cost(self, products: list[Products]) -> int:
        return sum(1 + self._cost(left) + self._cost(right) for left, right, _ in products)

    def _chained(self, products: list[Products], shape: VectorShape, start: Places | None) -> IrValue:
        """The sum of products of equally many numbers."""
        taken = [(self.take(left), self.take(right), minus) for left, right, minus in products]
        return sum_of_products(self.code, shape, taken, None if start is None else self.take(start))

    def _along(self, out: Places, along: list[list[Products]], start: Places | None) -> None:
        """Each sum in vectors of its terms, whose lanes are added up for all sums at once."""
        total = None if start is None else self.take(start)
        result = narrow(self._shape, len(out))
        for width in sorted({len(left) for left, _, _ in along[0]}, reverse=True):
            shape = narrow(self._shape, width)
            sums = [self._chained([each for each in parts if len(each[0]) == width], shape, None) for parts in along]
            part = add_lanes(self.code, shape, sums)
            total = part if total is None else self.code.of(f"fadd {result.vector} {total}, {part}")
        assert total is not None
        self._give(out, total, len(out))

    def _parts(self, sums: Sums, i: int) -> list[Products]:
        """The terms of a sum in vectors: left, right, whether they are subtracted."""
        left, right = sums.left[i], sums.right[i]
        plus = len(left) - sums.minus[i]
        found = []
        for start, stop in ((0, plus), (plus, len(left))):
            while start < stop:
                width = min(self._shape.lanes, 1 << ((stop - start).bit_length() - 1))
                pair = tuple(left[start : start + width]), tuple(right[start : start + width])
                found.append((*pair, start >= plus))
                start += width
        return found
