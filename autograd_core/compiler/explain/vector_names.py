"""What the vectors, matrices and sums of a program are called in its description."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Operand,
    Places,
    Span,
    VectorProgram,
    are_neighbours,
    flat,
)
from autograd_core.formulas.expression import write_code
from autograd_core.formulas.labels import visible_text

_FEW_RUNS = 3  # of the elements of one vector
FEW = 6  # so many registers, or parts of an operand, are listed in full

_Element = tuple[str, int, int]  # the name of its vector, its place in it, the size of the vector


class VectorNames:
    """The names of a program's numbers. labels: of the numbers given at each call.

    conditions: {place in CONDITIONS: the comparison that computes it, and which of its elements it is}.
    """

    def __init__(self, program: VectorProgram, arguments: Sequence[str], labels: Sequence[str]) -> None:
        self.conditions: dict[int, tuple[Elementwise, int]] = {}
        self._labels = list(map(visible_text, labels))
        self._constants = program.constants
        self._elements: dict[File, dict[int, _Element]] = {file: {} for file in File}
        self._places: dict[Places, str] = {}
        self._matrices: list[tuple[str, Places]] = []
        self._sizes: dict[str, int] = {}
        self._tables: dict[tuple[Places, ...], str] = {}
        self._numbered = 0
        self.turn: tuple[object, int] | None = None  # what the names of a line in a loop have in common; its turn
        self._of_loops: dict[object, str] = {}
        for name, span in zip(arguments, program.columns, strict=True):
            self.assign(name, span)
        for step in program.steps():
            if isinstance(step, Affine):
                for matrix, _ in step.terms:
                    self.matrix(matrix, step.bias)

    # ---------------------------------------------------------------------------------------------------- naming

    def assign(self, name: str, where: Span | Places) -> None:
        """Call the numbers of a span, or at places in ONCE, by one name."""
        file = where.file if isinstance(where, Span) else File.ONCE
        places = range(where.start, where.stop) if isinstance(where, Span) else where
        for index, place in enumerate(places):
            self._elements[file][place] = name, index, len(places)

    def name(self, places: Places, name: str) -> None:
        """Call the numbers at these places of ONCE, together and one by one, by a name of the parameters."""
        self._places[places] = name
        for index, place in enumerate(places):
            self._places[place,] = name if len(places) == 1 else f"{name}[{index}]"

    def copy(self, places: Places, out: Span) -> None:
        """Call the numbers of `out` what the numbers at `places` of the same file are called."""
        elements = self._elements[out.file]
        for place, source in enumerate(places, out.start):
            if source in elements:
                elements[place] = elements[source]

    def matrix(self, matrix: Places, bias: Places | None = None) -> str:
        """The name of a matrix. It is a new one, except for a known matrix and the transpose of one."""
        for name, known in self._matrices:
            if known == matrix:
                return name
            if tuple(zip(*known, strict=True)) == matrix:
                return f"{name}^T"
        constants = self._constants
        if all(place in constants for place in flat(matrix)):
            numbers = {constants[place] for place in flat(matrix)}
            return "ones" if len(matrix) == 1 and numbers == {1.0} else "zeros" if numbers == {0.0} else "constants"
        number = len(self._matrices) + 1
        self._matrices.append((f"W{number}", matrix))
        self._places[flat(matrix)] = f"W{number}"
        if bias is not None:
            self._places.setdefault(bias, f"b{number}")
        return f"W{number}"

    def table(self, tables: Sequence[Places]) -> str:
        """The name of tables that numbers are chosen from: E1, E2 ..."""
        columns = tuple(dict.fromkeys(tables))
        if columns not in self._tables:
            self._tables[columns] = f"E{len(self._tables) + 1}"
        return self._tables[columns]

    def new(self, kind: str, size: int) -> str:
        """A new name: v with the next number, or `kind` itself. Where that is taken, since weights are used several
        times, it is kind(2), kind(3) ..."""
        if self.turn is not None:
            key, number = self.turn
            if key not in self._of_loops:
                self.turn = None
                stem = kind.partition("(")[0]
                self._of_loops[key] = self.new("v" if stem in self._sizes else stem, size)
                self.turn = key, number
            name = f"{self._of_loops[key]}({number})"
            self._sizes[name] = size
            return name
        if kind == "v":
            self._numbered += 1
            kind = f"v{self._numbered}"
        name, count = kind, 1
        while name in self._sizes:
            count += 1
            name = f"{kind}({count})"
        self._sizes[name] = size
        return name

    def size(self, name: str) -> int | None:
        """The size of the vector that `new` named so."""
        return self._sizes.get(name)

    # --------------------------------------------------------------------------------------------------- reading

    def text(self, operand: Operand) -> str:
        """An operand by its name, its numbers, or the names of its parts."""
        if isinstance(operand, Span):
            if operand.file is File.CONDITIONS:
                return self._comparison(operand)
            return self.parts(operand.file, range(operand.start, operand.stop))
        if operand in self._places:
            return self._places[operand]
        places, labels = operand, self._labels
        if all(place in self._constants for place in places):
            numbers = {self._constants[place] for place in places}
            return f"{numbers.pop():g}" if len(numbers) == 1 else "constants"
        if len(places) == 1 and places[0] < len(labels):
            return labels[places[0]] or f"theta[{places[0]}]"
        if all(place < len(labels) for place in places):
            if name := self._label_of(places):
                return name
            return f"theta[{places[0]}:{places[-1] + 1}]" if are_neighbours(places) else f"{len(places)} of theta"
        return self.parts(File.ONCE, places)

    def _label_of(self, places: Places) -> str:
        """b for the parameters b[0], b[1] ..., W[2] for W[2][0], W[2][1] ..., where these are all; else ""."""
        for brackets in (1, 2):
            stems = [label.rsplit("[", label.count("[") - brackets + 1)[0] for label in self._labels]
            stem = stems[places[0]]
            if stem and [place for place, other in enumerate(stems) if other == stem] == list(places):
                return stem if self._labels[places[0]] != stem else ""
        return ""

    def parts(self, file: File, places: Iterable[int]) -> str:
        """The numbers at `places` as parts of vectors."""
        return _parts_text([self._elements[file].get(place, ("?", 0, 1)) for place in places])

    def _comparison(self, span: Span) -> str:
        """What a span of conditions compares, written out: one comparison where all are parts of one."""
        runs: list[list[tuple[Elementwise, int]]] = []
        for place in range(span.start, span.stop):
            step, index = self.conditions[place]
            if runs and runs[-1][-1] == (step, index - 1):
                runs[-1].append((step, index))
            else:
                runs.append([(step, index)])
        if len({(run[0][0].primitive) for run in runs}) > 1 or len(runs) > FEW:
            return "conditions"
        parts = [elements_of(run[0][0], run[0][1], run[-1][1] + 1) for run in runs]
        sides = [list(map(self.text, each)) for each in zip(*[part.operands for part in parts], strict=True)]
        texts = [side[0] if len(set(side)) == 1 else f"[{'; '.join(side)}]" for side in sides]
        return write_code(parts[0].primitive, texts)

    def windows(self, places: Iterable[int]) -> str:
        """windows(x), where the numbers at places of ROWS are those of one vector, most of them several times; else
        nothing."""
        elements = [self._elements[File.ROWS].get(place, ("?", 0, 1)) for place in places]
        name, _, size = elements[0]
        is_one = all(element[0] == name for element in elements)
        return f"windows({name})" if is_one and len(elements) >= 2 * size > 2 else ""

    def distinct(self, span: Span) -> str:
        """The numbers of a span, each once, as parts of vectors."""
        elements = [self._elements[span.file].get(place, ("?", 0, 1)) for place in range(span.start, span.stop)]
        return _parts_text(list(dict.fromkeys(elements)))


def _parts_text(elements: Sequence[_Element]) -> str:
    parts: list[list[_Element]] = []
    for element in elements:
        if parts and parts[-1][-1][0] == element[0]:
            parts[-1].append(element)
        else:
            parts.append([element])
    if len(parts) > FEW:
        are_sums = all(part[0][0].startswith(("sum", "dJ/d")) for part in parts)
        if are_sums:
            return "sums"
        are_whole = all(len(part) == part[0][2] for part in parts)
        ends = f"[{_part_text(parts[0])}; ...; {_part_text(parts[-1])}]"
        return ends if are_whole else f"{len(elements)} numbers"
    texts = [_part_text(part) for part in parts]
    return texts[0] if len(texts) == 1 else f"[{'; '.join(texts)}]"


def _part_text(part: Sequence[_Element]) -> str:
    name, _, size = part[0]
    if len(part) == size and [index for _, index, _ in part] == list(range(size)):
        return name
    runs: list[list[int]] = []
    for _, index, _ in part:
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    if len(runs) > _FEW_RUNS:
        return f"{len(part)} of {name}"
    texts = [str(run[0]) if len(run) == 1 else f"{run[0]}:{run[-1] + 1}" for run in runs]
    return f"{name}[{', '.join(texts)}]"


def elements_of(step: Elementwise, start: int, stop: int) -> Elementwise:
    """Some neighbouring elements of an elementwise instruction."""
    operands: list[Operand] = []
    for operand in step.operands:
        if isinstance(operand, Span):
            is_single = operand.size == 1
            operands.append(operand if is_single else Span(operand.file, operand.start + start, stop - start))
        else:
            operands.append(operand if len(operand) == 1 else operand[start:stop])
    out = Span(step.out.file, step.out.start + start, stop - start)
    return Elementwise(out, step.primitive, tuple(operands), step.registers[start:stop])
