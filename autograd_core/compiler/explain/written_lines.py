"""Which instructions of a program are a line of its description, and which of the lines recur.

A product or a sum that one other sum alone reads is written inside it. Lines that recur are found by what they compute
and where their operands come from, not by their text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from autograd_core.compiler.explain.places_of_steps import Place, places_read, places_written
from autograd_core.compiler.explain.recognise import TextbookForm
from autograd_core.compiler.explain.recurrences import Recurrence, recurrences
from autograd_core.compiler.explain.vector_names import elements_of
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Gather,
    Span,
    Spread,
    Step,
)
from autograd_core.engine import primitives

Formed = tuple[Step, TextbookForm | None]
Inside = tuple[Elementwise | Affine, int]  # an instruction that is written inside others, and which of its elements

SUMS = frozenset({primitives.add, primitives.subtract, primitives.negative})
ARITHMETIC = frozenset({*SUMS, primitives.multiply, primitives.divide})
_FEWEST, _LONGEST = 3, 60  # turns of a loop, lines in one turn
_MOST_OPERANDS = 5  # in one line


@dataclass(slots=True)
class WrittenLine:
    """An instruction that is a line of its own. silent: those before it that only copy or compare. number: greater than
    those of the lines above. sources: the numbers of the lines that it reads, operand by operand; negative for data.
    turn: (loop, turn, place in the turn) of a line in a loop, or one that a loop goes on from, as turn -1."""

    step: Step
    form: TextbookForm | None
    silent: list[Step]
    number: int
    sources: list[int]
    turn: tuple[Recurrence, int, int] | None = None


@dataclass(slots=True)
class WrittenLines:
    """The lines of a phase of a program, in order. loops: those of its lines. inside: {place: what is written
    inside another line in its stead}. rest: the silent instructions after the last line."""

    inside: dict[Place, Inside]
    lines: list[WrittenLine] = field(default_factory=list)
    loops: list[Recurrence] = field(default_factory=list)
    rest: list[Step] = field(default_factory=list)

    def turn(self, loop: Recurrence, number: int) -> list[WrittenLine]:
        """The lines of one turn of a loop."""
        start = loop.start + number * loop.period
        return self.lines[start : start + loop.period]


def is_silent(step: Step) -> bool:
    """Whether an instruction only copies numbers, or compares them for a choice that is written with it."""
    return isinstance(step, (Gather, Spread)) or (isinstance(step, Elementwise) and step.out.file is File.CONDITIONS)


def _adds_parameters(line: Elementwise, operand: list[Place], affine: set[Place]) -> bool:
    """Whether a line adds to its operand what is the same in all rows, or another product with a matrix."""
    others = [places for places in places_read(line) if places != operand]
    return line.primitive in SUMS and all(
        affine.issuperset(places) or all(file is File.ONCE for file, _ in places) for places in others
    )


def _adds_data(line: Elementwise, computed: set[Place]) -> bool:
    """Whether a line reads a number of the row, as the error of a prediction does."""
    return any(place[0] is File.ROWS and place not in computed for places in places_read(line) for place in places)


def _are_alike(step: Step, other: Step) -> bool:
    """Whether two instructions are of one kind, whatever they are computed from: both sums, or of one operation."""
    kinds = [
        "sum" if isinstance(each, Affine) or (isinstance(each, Elementwise) and each.primitive in SUMS) else each
        for each in (step, other)
    ]
    names = [getattr(kind, "primitive", kind if isinstance(kind, str) else type(kind)) for kind in kinds]
    return names[0] == names[1] and len(places_written(step)) == len(places_written(other))


class LineReader:
    """Reads the phases of a program, one after the other. constants: {place in ONCE: number}. place_of: that of each
    register in ROWS."""

    def __init__(
        self, constants: Mapping[int, float], place_of: Mapping[int, int], phases: Sequence[Sequence[Formed]]
    ) -> None:
        self._constants, self._place_of = constants, place_of
        self._origin: dict[Place, tuple[int, int]] = {}  # (the line that computes it, which of its elements)
        self._computed: dict[
            Place, tuple[Elementwise | Affine, int]
        ] = {}  # (what is written in its stead, which element)
        self._uses: Counter[Place] = Counter()
        for phase in phases:
            for step, form in phase:
                for places in self._operands(step, form):
                    self._uses.update(places)

    def read(self, phase: Sequence[Formed], results: Sequence[Place]) -> WrittenLines:
        """The lines of a phase. results: the places that are read after it."""
        found = WrittenLines(inside=self._inside(phase, set(results)))
        self._computed.update(found.inside)
        keys: list[Hashable] = []
        numbers: list[list[int]] = []
        first = len(self._origin)  # numbers of lines: growing from line to line, and none twice
        for step, form in phase:
            written = places_written(step)
            if written[0] in found.inside:
                continue
            if is_silent(step):
                found.rest.append(step)
                self._follow(step)
                continue
            numbers.append([])
            keys.append(self._key(step, form, numbers[-1]))
            line = WrittenLine(step, form, found.rest, first + len(found.lines), numbers[-1][::2])
            found.lines.append(line)
            found.rest = []
            self._origin.update({place: (line.number, offset) for offset, place in enumerate(written)})

        def carried(border: int, period: int) -> int:
            before = range(border - period, border)
            sources = {source - first for line in found.lines[border : border + period] for source in line.sources}
            return len(sources.intersection(before))

        found.loops = list(recurrences(keys, carried, _FEWEST, _LONGEST, numbers=numbers))
        for loop in found.loops:
            for at in range(loop.start, loop.stop):
                found.lines[at].turn = loop, (at - loop.start) // loop.period, (at - loop.start) % loop.period
            before = found.lines[max(0, loop.start - loop.period) : loop.start]
            read = {source for line in found.turn(loop, 0) for source in line.sources}
            if any(line.number in read and line.turn is None for line in before):
                for line, same in zip(before[::-1], found.turn(loop, 0)[::-1], strict=False):
                    if line.turn is None and (line.number in read or _are_alike(line.step, same.step)):
                        line.turn = loop, -1, same.number - found.lines[loop.start].number
        return found

    def _operands(self, step: Step, form: TextbookForm | None) -> list[list[Place]]:
        if form is None:
            return places_read(step)
        return [[(File.ROWS, self._place_of[index]) for index in column] for column in form.operands.values()]

    def _inside(self, phase: Sequence[Formed], results: set[Place]) -> dict[Place, Inside]:
        """What is written inside other lines: arithmetic that one line alone reads, or each element one line."""
        readers: dict[Place, tuple[Elementwise, list[Place]]] = {}
        operands: dict[Span, int] = {}  # in each line, once others are written inside it
        for step, form in phase:
            if isinstance(step, Elementwise) and form is None and step.primitive in ARITHMETIC:
                read = places_read(step)
                operands[step.out] = len(read)
                readers.update({place: (step, places) for places in read for place in places})
        found: dict[Place, Inside] = {}
        affine: set[Place] = set()  # of the places found, those of a product with a matrix
        computed = {place for step, _ in phase for place in places_written(step)}
        for step, form in phase:
            is_affine = isinstance(step, Affine) and step.turns == 1
            if form is not None or not (is_affine or (isinstance(step, Elementwise) and step.out in operands)):
                continue
            is_affine = is_affine or any(affine.issuperset(places) for places in places_read(step))
            assert isinstance(step, (Elementwise, Affine))
            written = places_written(step)
            if any(self._uses[place] != 1 or place in results or place not in readers for place in written):
                continue
            inside = [readers[place] for place in written]
            own = set(written)
            more = len(step.terms) + (step.bias is not None) if isinstance(step, Affine) else operands[step.out]
            if all(
                operands[line.out] - 1 + more <= _MOST_OPERANDS
                and own.issuperset(places)
                and (not is_affine or (places == written and _adds_parameters(line, places, affine)))
                and (getattr(step, "primitive", None) not in SUMS or not _adds_data(line, computed))
                for line, places in inside
            ):
                for out in {line.out for line, _ in inside}:
                    operands[out] += more - 1
                found.update({place: (step, offset) for offset, place in enumerate(written)})
                affine.update(written if is_affine else ())
        return found

    def _follow(self, step: Step) -> None:
        """Take the places that a silent instruction computes for what they are copies of."""
        written = places_written(step)
        if isinstance(step, Elementwise):
            self._computed.update({place: (step, offset) for offset, place in enumerate(written)})
            return
        for place, source in zip(written, places_read(step)[0], strict=True):
            if source in self._computed:
                self._computed[place] = self._computed[source]
            else:
                self._origin[place] = self._source(source)

    def _key(self, step: Step, form: TextbookForm | None, numbers: list[int]) -> Hashable:
        """Equal for instructions that compute the same. Appends to `numbers` where their operands come from, as pairs
        of a line, or a negative number for what no line computes, and a place."""
        parts: list[Hashable] = [
            type(step).__name__,
            form.text if form is not None else getattr(step, "primitive", None),
        ]
        parts += [len(places_written(step)), getattr(step, "turns", 1), getattr(step, "minus", None)]
        parts += [self._operand_key(places, numbers) for places in self._operands(step, form)]
        return tuple(parts)

    def _operand_key(self, places: Sequence[Place], numbers: list[int]) -> Hashable:
        parts: list[Hashable] = []
        at = 0
        while at < len(places):
            place = places[at]
            computed = self._computed.get(place)
            source, offset = self._source(place)
            stop = at + 1
            while stop < len(places) and self._follows(places[stop], stop - at, computed, source, offset):
                stop += 1
            if computed is not None:
                step, start = computed
                part = elements_of(step, start, start + stop - at) if isinstance(step, Elementwise) else step
                parts.append(self._key(part, None, numbers))
            elif place[0] is File.ONCE and place[1] in self._constants and stop == at + 1:
                parts.append(("constant", self._constants[place[1]]))
            else:
                parts.append(stop - at)
                numbers += [source, offset]
            at = stop
        return tuple(parts)

    def _source(self, place: Place) -> tuple[int, int]:
        return self._origin.get(place, (-1 - list(File).index(place[0]), place[1]))

    def _follows(
        self, place: Place, distance: int, computed: tuple[Step, int] | None, source: int, offset: int
    ) -> bool:
        """Whether a place is so far on in what an earlier one is from."""
        if computed is not None:
            return self._computed.get(place) == (computed[0], computed[1] + distance)
        return place not in self._computed and self._source(place) == (source, offset + distance)
