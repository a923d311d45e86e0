"""A program as text, in the form found in its scalars: h1 = relu(W1 x + b1), dJ/dW1 = delta1 x^T.

Vectors are named by what they are: z the product with a matrix, h an activation of it, delta the derivative of the loss
of a row with respect to z, v any other. Each line ends with the scalar registers it came from, as `print` of the
program numbers them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograd_core.compiler.explain.line_texts import LineTexts
from autograd_core.compiler.explain.places_of_steps import Place, places_of, places_read, places_written
from autograd_core.compiler.explain.recognise import Provenance, TextbookForm, TextbookForms
from autograd_core.compiler.explain.recurring_lines import Line, TurnNumbers, in_turn_t
from autograd_core.compiler.explain.vector_names import FEW, VectorNames, elements_of
from autograd_core.compiler.explain.written_lines import SUMS, Formed, LineReader, WrittenLines
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Choose,
    Dot,
    Elementwise,
    File,
    Fold,
    Gather,
    Operand,
    Outer,
    Places,
    ScatterAdd,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
    flat,
)
from autograd_core.engine import primitives
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.text_report import terminal_width
from autograd_core.graph.tape import Register

_ACTIVATED = re.compile(r"\w+\(([zZ])(\d*)((?:\(\d+\))?)(?:, -?[\d.]+)*\)")
_ACTIVATION = re.compile(r"\w+\(\{a0\}(?:, -?[\d.]+)*\)")
_WIDE = 120  # columns, where the output is no terminal


def describe(
    program: VectorProgram,
    arguments: Sequence[str],
    labels: Sequence[str],
    columns: Sequence[int],
    provenance: Provenance,
) -> str:
    """`program` as text. arguments: the names of its columns; labels: those of the numbers given at each call.

    columns: the registers of a row. Where an instruction has a textbook form, those that only lead to it are left out.
    """
    return "\n".join(Description(program, arguments, labels, columns, provenance).lines())


class Description:
    """The lines of a program, one after the other."""

    def __init__(
        self,
        program: VectorProgram,
        arguments: Sequence[str],
        labels: Sequence[str],
        columns: Sequence[int],
        provenance: Provenance,
    ) -> None:
        self.program = program
        self.adjoints = provenance.adjoints
        self.names = VectorNames(program, arguments, labels)
        self.place_of = dict(zip(columns, [s.start + i for s in program.columns for i in range(s.size)], strict=False))
        self.register_at = {place: index for index, place in self.place_of.items()}
        self.copied: dict[Place, Place] = {}
        for step in program.body:
            if isinstance(step, Gather):
                (read,) = places_read(step)
                sources = [self.copied.get(place, place) for place in read]
                self.copied.update(zip(places_written(step), sources, strict=True))
            if isinstance(step, (Elementwise, Affine, Gather, Choose)) and step.out.file is File.ROWS:
                self.register_at.update(zip(range(step.out.start, step.out.stop), step.registers, strict=False))
                if not isinstance(step, Gather):
                    self.place_of.update(zip(step.registers, range(step.out.start, step.out.stop), strict=True))
        self.forms = TextbookForms(provenance, self.place_of)
        self.outer_of: dict[tuple[Place, ...], Outer] = {}  # by the places of its left factor in each turn
        for step in program.body:
            if isinstance(step, Outer):
                left = [self.copied.get(place, place) for place in places_read(step)[0]]
                size = step.left.size
                self.outer_of.update({tuple(left[i : i + size]): step for i in range(0, len(left), size)})
        self.texts = LineTexts(self.names, self.place_of)
        self.activated: set[Place] = set()  # what activations are computed from
        self.turn_numbers = TurnNumbers()

    def lines(self) -> Iterator[str]:
        """A heading for each phase, and a line for each of its instructions; those that recur are written once."""
        program = self.program
        phases: dict[str, list[Formed]] = {
            "once, before the rows": [(step, None) for step in program.before],
            "for every row": self._relevant_steps(),
            "once, after the rows": [(step, None) for step in program.after],
        }
        reader = LineReader(program.constants, self.place_of, list(phases.values()))
        results = [*((File.ONCE, place) for place in program.values), *((File.ROWS, place) for place in program.by_row)]
        for heading, steps in phases.items():
            written = reader.read(steps, results)
            self.texts.inside.update(written.inside)
            rows = list(self._rows(written))
            if rows:
                yield heading
            table = AlignedTable(
                [line for _, line in rows], right=(1,), levels=[level for level, _ in rows], indent="  "
            )
            yield from table.lines(terminal_width() or _WIDE)

    def _rows(self, written: WrittenLines) -> Iterator[tuple[int, Line]]:
        """(the depth, 1 in a loop and else 0; the line)."""
        rows: list[Line] = []
        for line in written.lines:
            for step in line.silent:
                self._line(step, None)
            self.names.turn = self.turn_numbers.of(line, written)
            row = self._line(line.step, line.form)
            assert row is not None
            if line.turn is None or line.turn[1] < 0:
                yield 0, row
                continue
            loop, turn, place = line.turn
            if turn == place == 0:
                rows = []
            rows.append(row)
            if len(rows) == loop.turns * loop.period:
                first, direction = self.turn_numbers.numbering[written.lines[loop.start].number]
                yield 0, (f"for t = {first}..{first + direction * (loop.turns - 1)}", "", "")
                two_turns = rows[: loop.period], rows[loop.period : 2 * loop.period]
                yield from ((1, row) for row in in_turn_t(*two_turns, first, direction))
        self.names.turn = None
        for step in written.rest:
            self._line(step, None)

    def _relevant_steps(self) -> list[Formed]:
        """The instructions of the body, each with its form, that the results and the sums depend on, element by
        element. An instruction with a form depends on the operands of the form only."""
        program, place_of = self.program, self.place_of
        needed = {(File.ROWS, place) for place in program.by_row}
        relevant: list[Formed] = []
        for step in reversed(program.body):
            form = None
            if not isinstance(step, (Outer, Total, ScatterAdd)):
                file, start, size = step.out
                elements = [i for i in range(size) if (file, start + i) in needed]
                if not elements:
                    continue
                if isinstance(step, Elementwise):
                    step = elements_of(step, elements[0], elements[-1] + 1)
                    form = self.forms.find(step)
            relevant.append((step, form))
            if form is not None:
                columns = [[(File.ROWS, place_of[index]) for index in column] for column in form.operands.values()]
                needed.update(*columns)
                if _ACTIVATION.fullmatch(form.text):
                    self.activated.update(*columns)
                continue
            for places in places_read(step):
                needed.update(places)
        return relevant[::-1]

    def _line(self, step: Step, form: TextbookForm | None) -> Line | None:
        """(the formula, the size of what it computes, its registers); None for an instruction that only copies."""
        names, texts, source = self.names, self.texts, _registers_text(step.registers)
        if isinstance(step, Outer):
            number = self._number_of(step)
            name = names.new(f"dJ/dW{number}", len(step.registers)) if number else "sums of products"
            names.assign(name, flat(step.sums))
            text = texts.sum_over_turns(step, "{} {}^T")
            if text is None:
                left, right = map(texts.of_places, places_read(step))
                right = names.windows([place for _, place in places_read(step)[1]]) or right
                text = f"{left}^T {right}" if step.turns > 1 else f"{left} {right}^T"
            return f"{name} = {text}", _shape(step.sums), source
        if isinstance(step, Total):
            summand = texts.sum_over_turns(step, "{}") or texts.of_places(places_read(step)[0])
            names.assign(f"sum({summand})" if len(summand) < 20 else "sums", step.sums)
            return f"sum over the rows of {summand}", str(step.operand.size), source
        if isinstance(step, Choose):
            text = f"{names.table(step.tables)}[{names.distinct(step.index)}]"
            return f"{self._assign_new('v', step.out)} = {text}", _shape(_rows_of(step.tables)), source
        if isinstance(step, ScatterAdd):
            name = names.new(self._table_of(step), len(step.registers))
            names.assign(name, flat(step.sums))
            terms = " + ".join(f"{names.text(operand)} at {names.text(index)}" for index, operand in step.terms)
            return f"{name} = sum over the rows of {terms}", _shape(step.sums), source
        if isinstance(step, Gather):
            names.copy(step.places, step.out)
            if step.out.file is File.CONDITIONS:
                for place, of in enumerate(step.places, step.out.start):
                    names.conditions[place] = names.conditions[of]
            return None
        if isinstance(step, Spread):
            names.assign(names.text(step.places), step.out)
            return None
        if isinstance(step, Fold):
            kind = "sums" if step.primitive is primitives.add else step.primitive.name
            listed = names.parts(File.ROWS, sorted(set(flat(step.places))))
            return f"{self._assign_new('v', step.out)} = {kind} of {listed}", str(step.out.size), source
        if isinstance(step, Dot):
            size = f"{step.out.size} of {max(map(len, step.left))}"
            return f"{self._assign_new('v', step.out)} = sums of products of {texts.factors(step)}", size, source
        if isinstance(step, Affine):
            text, kind = texts.affine(step), self._kind(step)
            name = self._assign_new(kind if step.turns == 1 else kind.upper(), step.out)
            return f"{name} = {text}", _shapes(step), source
        if step.out.file is File.CONDITIONS:
            names.conditions.update((step.out.start + i, (step, i)) for i in range(step.out.size))
            return None
        text = texts.elementwise(step) if form is None else texts.form(form)
        if form is None and step.primitive in SUMS:
            affine = self._affine_in(step)
            kind = self._kind(affine) if affine else "z" if self.activated.issuperset(places_written(step)) else "v"
            shapes = _shapes(affine) if affine else str(step.out.size)
            return f"{self._assign_new(kind, step.out)} = {text}", shapes, source
        activated = _ACTIVATED.fullmatch(text)
        same_size = activated is not None and names.size("".join(activated.groups())) == step.out.size
        letter = "H" if activated is not None and activated[1] == "Z" else "h"
        kind = f"{letter}{activated[2]}" if activated is not None and same_size else "v"
        return f"{self._assign_new(kind, step.out)} = {text}", str(step.out.size), source

    def _kind(self, step: Affine) -> str:
        """z with the number of the matrix; v where that is not a matrix of its own."""
        name = self.names.matrix(step.terms[0][0]).replace("W", "z", 1)
        return name if name[1:].isdecimal() else "v"

    def _affine_in(self, step: Step) -> Affine | None:
        """The first product with a matrix that is written inside a sum."""
        waiting = [step]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Affine):
                return part
            for places in places_read(part) if isinstance(part, Elementwise) and part.primitive in SUMS else ():
                if places[0] in self.texts.inside:
                    waiting.append(self.texts.inside[places[0]][0])
        return None

    def _assign_new(self, kind: str, out: Span) -> str:
        if outer := self.outer_of.get(tuple(places_of(out))):
            kind = f"delta{self._number_of(outer)}"
        name = self.names.new(kind, out.size)
        self.names.assign(name, out)
        return name

    def _table_of(self, scatter: ScatterAdd) -> str:
        """What the gradient of the table is called whose choices have the same indices."""
        wanted = {self.register_at.get(index.start) for index, _ in scatter.terms}
        for step in self.program.body:
            if isinstance(step, Choose):
                indices = {self.register_at.get(place) for place in range(step.index.start, step.index.stop)}
                if indices == wanted and len(step.tables[0]) == len(scatter.sums):
                    return f"dJ/d{self.names.table(step.tables)}"
        return "sums of rows"

    def _number_of(self, outer: Outer) -> str:
        """The number of the matrix W whose gradient an outer product is: its left factor is the adjoint of W times the
        right factor. Empty where there is no such matrix."""
        lefts = {self.register_at.get(place) for place in range(outer.left.start, outer.left.stop)}
        for step in self.program.body:
            if isinstance(step, Affine):
                numbers = [self.adjoints[index].number for index in step.registers if index in self.adjoints]
                if lefts <= {number.index for number in numbers if isinstance(number, Register)}:
                    for matrix, operand in step.terms:
                        if self._originals(operand) == self._originals(outer.right):
                            return self.names.matrix(matrix).removeprefix("W")
        return ""

    def _originals(self, operand: Operand) -> list[Place]:
        """The places of an operand, or those that they are copies of."""
        return [self.copied.get(place, place) for place in places_of(operand)]


def _shapes(step: Affine) -> str:
    shapes = [f"{step.turns}x{len(matrix[0])} " * (step.turns > 1) + _shape(matrix) for matrix, _ in step.terms]
    return " ".join(shapes)


def _rows_of(tables: Sequence[Places]) -> Places:
    """The matrix whose columns are the tables, each once."""
    return tuple(zip(*dict.fromkeys(tables), strict=True))


def _shape(places: Places) -> str:
    return f"{len(places)}x{len(places[0])}"


def _registers_text(registers: Sequence[int]) -> str:
    if not registers:
        return ""
    if len(registers) <= FEW:
        return "from " + " ".join(f"r{index}" for index in registers)
    return f"from r{registers[0]} r{registers[1]} ... r{registers[-1]} ({len(registers)})"
