"""A program as text, in the form found in its scalars: h1 = relu(W1 x + b1), dJ/dW1 = delta1 x^T.

Vectors are named by what they are: z the product with a matrix, h an activation of it, delta the derivative of the loss
of a row with respect to z, v any other. Each line ends with the scalar registers it came from, as `print` of the
program numbers them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograd_core.compiler.explain.recognise import Provenance, TextbookForm, TextbookForms
from autograd_core.compiler.explain.recurring_lines import fold_loops
from autograd_core.compiler.explain.vector_names import FEW, VectorNames, elements_of
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
    operands_of,
    over_turns,
)
from autograd_core.engine import primitives
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.expression import write_code
from autograd_core.formulas.text_report import terminal_width
from autograd_core.graph.tape import Register

_ACTIVATED = re.compile(r"\w+\(([zZ])(\d+(?:\(\d+\))?)(?:, -?[\d.]+)*\)")
_MOST_STEPS = 400  # a longer program is not a layered net
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
        for step in program.body:
            if isinstance(step, (Elementwise, Affine, Gather, Choose)) and step.out.file is File.ROWS:
                self.register_at.update(zip(range(step.out.start, step.out.stop), step.registers, strict=False))
                if not isinstance(step, Gather):
                    self.place_of.update(zip(step.registers, range(step.out.start, step.out.stop), strict=True))
        self.forms = TextbookForms(provenance, self.place_of) if len(program.body) <= _MOST_STEPS else None
        self.outer_of = {step.left: step for step in program.body if isinstance(step, Outer)}

    def lines(self) -> Iterator[str]:
        """A heading for each phase, and a line for each of its instructions."""
        program = self.program
        for heading, steps in (
            ("once, before the rows", [(step, None) for step in program.before]),
            ("for every row", self._relevant_steps()),
            ("once, after the rows", [(step, None) for step in program.after]),
        ):
            lines = [line for step, form in steps if (line := self._line(step, form)) is not None]
            if lines:
                yield heading
            folded = list(fold_loops(lines))
            table = AlignedTable(
                [line for _, line in folded], right=(1,), levels=[level for level, _ in folded], indent="  "
            )
            yield from table.lines(terminal_width() or _WIDE)

    def _relevant_steps(self) -> list[tuple[Step, TextbookForm | None]]:
        """The instructions of the body, each with its form, that the results and the sums depend on, element by
        element. An instruction with a form depends on the operands of the form only."""
        program, place_of = self.program, self.place_of
        needed = {(File.ROWS, place) for place in program.by_row}
        relevant: list[tuple[Step, TextbookForm | None]] = []
        for step in reversed(program.body):
            form = None
            if not isinstance(step, (Outer, Total, ScatterAdd)):
                file, start, size = step.out
                elements = [i for i in range(size) if (file, start + i) in needed]
                if not elements:
                    continue
                if isinstance(step, Elementwise):
                    step = elements_of(step, elements[0], elements[-1] + 1)
                    form = self.forms.find(step) if self.forms else None
            relevant.append((step, form))
            if form is not None:
                needed.update((File.ROWS, place_of[index]) for column in form.operands.values() for index in column)
                continue
            for operand in operands_of(step):
                if isinstance(operand, Span):
                    needed.update((operand.file, place) for place in range(operand.start, operand.stop))
        return relevant[::-1]

    def _line(self, step: Step, form: TextbookForm | None) -> tuple[str, str, str] | None:
        """(the formula, the size of what it computes, its registers); None for an instruction that only copies."""
        names, source = self.names, _registers_text(step.registers)
        if isinstance(step, Outer):
            number = self._number_of(step)
            name = names.new(f"dJ/dW{number}", len(step.registers)) if number else "sums of products"
            names.assign(name, flat(step.sums))
            left, right = (names.text(side) for side in operands_of(step))
            text = f"{left}^T {right}" if step.turns > 1 else f"{left} {right}^T"
            shape = _shape(step.sums)
            return f"{name} = {text}", shape, source
        if isinstance(step, Total):
            summand = names.text(step.operand)
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
            return f"{self._assign_new('v', step.out)} = sums of products of {self._sources(step)}", size, source
        if isinstance(step, Affine) and step.turns > 1:
            return self._over_turns(step), self._turn_shapes(step), source
        if isinstance(step, Affine):
            text = " + ".join(self._product(names.matrix(matrix), operand) for matrix, operand in step.terms)
            if step.bias is not None:
                text += f" + {names.text(step.bias)}"
            shapes = " ".join(_shape(matrix) for matrix, _ in step.terms)
            return f"{self._assign_new(self._kind(step), step.out)} = {text}", shapes, source
        if step.out.file is File.CONDITIONS:
            names.conditions.update((step.out.start + i, (step, i)) for i in range(step.out.size))
            return None
        text = self._formula(step) if form is None else self._form_text(form)
        activated = _ACTIVATED.fullmatch(text)
        same_size = activated is not None and names.size(f"{activated[1]}{activated[2]}") == step.out.size
        letter = "H" if activated is not None and activated[1] == "Z" else "h"
        kind = f"{letter}{activated[2]}" if activated is not None and same_size else "v"
        return f"{self._assign_new(kind, step.out)} = {text}", str(step.out.size), source

    def _kind(self, step: Affine) -> str:
        """z with the number of the matrix; v where that is not a matrix of its own."""
        name = self.names.matrix(step.terms[0][0]).replace("W", "z", 1)
        return name if name[1:].isdecimal() else "v"

    def _sources(self, step: Dot) -> str:
        """What the factors of a sum of products are called."""
        sides = [self.names.parts(File.ROWS, sorted(set(flat(side)))) for side in (step.left, step.right)]
        return " and ".join(dict.fromkeys(sides))

    def _over_turns(self, step: Affine) -> str:
        """A product with one vector for each turn: these are the rows of a matrix X, and the product is X W^T."""
        names, terms = self.names, []
        for (matrix, operand), apart in zip(step.terms, step.apart, strict=True):
            text = names.text(over_turns(operand, step.turns, apart))
            terms.append(f"{text if abs(apart) >= operand.size else f'windows({text})'} {names.matrix(matrix)}^T")
        if step.bias is not None:
            terms.append(names.text(step.bias))
        return f"{self._assign_new(self._kind(step).upper(), step.out)} = {' + '.join(terms)}"

    def _turn_shapes(self, step: Affine) -> str:
        return " ".join(f"{step.turns}x{len(matrix[0])} {_shape(matrix)}" for matrix, _ in step.terms)

    def _product(self, matrix: str, operand: Operand) -> str:
        text = self.names.text(operand)
        return f"sum({text})" if matrix == "ones" else f"{matrix} {text}"

    def _form_text(self, form: TextbookForm) -> str:
        """The text of a form with the names of its operands."""
        places = {name: [self.place_of[index] for index in registers] for name, registers in form.operands.items()}
        return form.text.format(**{name: self.names.parts(File.ROWS, places[name]) for name in places})

    def _formula(self, step: Elementwise) -> str:
        operands = [self.names.text(operand) for operand in step.operands]
        if step.primitive is primitives.where and operands[1] == "0" and operands[0] == f"{operands[2]} <= 0":
            return f"relu({operands[2]})"
        return write_code(step.primitive, operands)

    def _assign_new(self, kind: str, out: Span) -> str:
        if out in self.outer_of:
            kind = f"delta{self._number_of(self.outer_of[out])}"
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
                        if operand == outer.right:
                            return self.names.matrix(matrix).removeprefix("W")
        return ""


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
