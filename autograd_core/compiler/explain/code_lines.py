"""The lines of a program's description as assignments that a language can write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from autograd_core.compiler.explain.code_model import (
    Application,
    Assignment,
    CodeLines,
    Element,
    Elements,
    Helper,
    MatrixProduct,
    SumOverRows,
    Variable,
    variables_in,
)
from autograd_core.compiler.explain.describe import Description
from autograd_core.compiler.explain.recognise import Provenance, TextbookForm, TextbookForms
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Dot,
    Elementwise,
    File,
    Fold,
    Gather,
    Operand,
    Outer,
    Places,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
    flat,
)
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.scope import Composition
from autograd_core.errors import CompileError, ExpressionError
from autograd_core.formulas.expression import CONSTANTS, Expression
from autograd_core.graph.tape import Register, Tape

ROWS_COUNT = "rows"
_CALL = re.compile(r"(\w+)\(({\w+}(?:, {\w+})*)\)")


def code_lines(
    program: VectorProgram,
    arguments: Sequence[str],
    labels: Sequence[str],
    columns: Sequence[int],
    provenance: Provenance,
) -> CodeLines:
    """The assignments of a program; the arguments are those of `describe`. Raises CompileError for an instruction that
    is not written as code, as the loop over the turns of a sequence."""
    return _Reader(program, arguments, labels, columns, provenance).read()


class _Forms:
    """The textbook forms that can be written as code."""

    def __init__(self, forms: TextbookForms, calls: dict[str, Any]) -> None:
        self.forms, self.calls = forms, calls

    def find(self, step: Elementwise) -> TextbookForm | None:
        form = self.forms.find(step)
        if form is None or self.called(form.text) is not None:
            return form
        try:
            Expression(form.text.format(**{name: name for name in form.operands}))
        except (ExpressionError, KeyError, ValueError):
            return None
        return form

    def called(self, text: str) -> tuple[Composition, list[str]] | None:
        """The composition of the form of a call, and the names of its inputs."""
        call = _CALL.fullmatch(text)
        function = self.calls.get(call[1]) if call else None
        return (function, re.findall(r"\w+", call[2])) if call and isinstance(function, Composition) else None


class _Reader(Description):
    def __init__(
        self,
        program: VectorProgram,
        arguments: Sequence[str],
        labels: Sequence[str],
        columns: Sequence[int],
        provenance: Provenance,
    ) -> None:
        super().__init__(program, arguments, labels, columns, provenance)
        self.labels = labels
        self.taken = {"theta", "rows", "r", "i", "j", "gradient", "value", *CONSTANTS}
        self.elements: dict[tuple[File, int], Element] = {
            (File.ONCE, place): number for place, number in program.constants.items()
        }
        self.code: CodeLines = CodeLines(
            [self.variable(n, s, True) for n, s in zip(arguments, program.columns, strict=True)]
        )
        for column, span in zip(self.code.columns, program.columns, strict=True):
            self.assign(column, span)
        if self.forms is not None:
            calls = {function.name: function for function, _ in provenance.calls.values()}
            self.code_forms = _Forms(self.forms, calls)
            self.forms = self.code_forms  # type: ignore[assignment]
        self.name_parameters()

    def variable(self, name: str, where: Any, by_row: bool, shape: tuple[int, ...] | None = None) -> Variable:
        """A new variable with an identifier like `name`."""
        name = re.sub(r"^dJ/", "", name)
        name = re.sub(r"\W+", "_", name).strip("_") or "v"
        name = f"v_{name}" if name[0].isdigit() else name
        unique, number = name, 1
        while unique in self.taken:
            number += 1
            unique = f"{name}_{number}"
        self.taken.add(unique)
        size = where.size if isinstance(where, Span) else len(where)
        shape = (size,) if shape is None else shape
        return Variable(unique, tuple(length for length in shape if length > 1), by_row)

    def assign(self, variable: Variable, where: Span | Places) -> None:
        file = where.file if isinstance(where, Span) else File.ONCE
        places = range(where.start, where.stop) if isinstance(where, Span) else where
        for index, place in enumerate(places):
            self.elements[file, place] = variable, index

    def name_parameters(self) -> None:
        """Each matrix, bias or other group of parameters that an instruction reads is a variable of its own."""
        program, count = self.program, len(self.labels) - 2
        groups: dict[tuple[int, ...], tuple[str, tuple[int, ...]]] = {}
        for step in program.steps():
            if isinstance(step, Affine):
                for matrix, _ in step.terms:
                    name = self.names.matrix(matrix).removesuffix("^T")
                    groups.setdefault(flat(matrix), (name, (len(matrix), len(matrix[0]))))
                if step.bias is not None:
                    groups.setdefault(tuple(step.bias), (self.names.text(tuple(step.bias)), (len(step.bias),)))
        for places, (name, shape) in groups.items():
            if all(place < count and (File.ONCE, place) not in self.elements for place in places):
                self.add_parameter(name, places, shape)
        stems: dict[str, list[int]] = {}
        for place in range(count):
            if (File.ONCE, place) not in self.elements:
                stems.setdefault(self.labels[place].split("[")[0] or "theta", []).append(place)
        for stem, places_left in stems.items():
            self.add_parameter("p" if stem == "theta" else stem, tuple(places_left), (len(places_left),))
        counts = Variable(ROWS_COUNT, (), False)
        self.elements[File.ONCE, count] = counts, 0
        inverse = self.variable("share", range(1), False)
        self.elements[File.ONCE, count + 1] = inverse, 0
        one = Application("divide", (1.0, Elements(((counts, 0),))))
        self.code.before.append(Assignment(inverse, one, "1 / rows"))

    def add_parameter(self, name: str, places: tuple[int, ...], shape: tuple[int, ...]) -> None:
        made = self.variable(name, places, False, shape)
        self.code.parameters.append((made, places))
        self.names.name(places, made.name)
        self.assign(made, places)

    # ------------------------------------------------------------------------------------------------- the lines

    def read(self) -> CodeLines:
        program, lines = self.program, self.code
        for steps, into in (
            ([(step, None) for step in program.before], lines.before),
            (self._relevant_steps(), lines.body),
            ([(step, None) for step in program.after], lines.after),
        ):
            for step, form in steps:
                into += self.assignment(step, form)
        lines.loss = self.operand(tuple(program.values[:1]))
        lines.gradient = self.operand(tuple(program.values[1:]))
        _leave_out_unused(lines)
        return lines

    def assignment(self, step: Step, form: TextbookForm | None) -> Iterator[Assignment]:
        if isinstance(step, (Gather, Spread)):
            file = step.out.file if isinstance(step, Gather) else File.ONCE
            for place, source in enumerate(step.places, step.out.start):
                self.elements[step.out.file, place] = self.elements[file, source]
            self._line(step, form)
            return
        value = self.value(step, form)
        described = self._line(step, form)
        is_sum = isinstance(step, (Outer, Total))
        where: Any = tuple(flat(step.sums) if isinstance(step, Outer) else step.sums) if is_sum else step.out  # type: ignore[union-attr]
        shape = (len(step.sums), len(step.sums[0])) if isinstance(step, Outer) else None
        name, _, formula = (described[0] if described else "c").partition(" = ")
        if isinstance(step, Total):
            name, formula = f"sum_{name.rpartition(' ')[2]}"[:12], name
            name = name if name.isidentifier() else "total"
        if isinstance(step, Elementwise) and step.out.file is File.CONDITIONS:
            name, formula = "c", self.names.text(step.out)
        by_row = not is_sum and where.file is not File.ONCE
        variable = self.variable(name, where, by_row, shape)
        self.assign(variable, where)
        yield Assignment(variable, value, formula)

    def value(self, step: Step, form: TextbookForm | None) -> Any:
        if isinstance(step, Elementwise):
            if form is not None:
                return self.form_value(form)
            return Application(step.primitive.name, tuple(map(self.operand, step.operands)))
        if isinstance(step, Affine) and step.turns == 1:
            terms = [
                (self.operand(flat(matrix)), (len(matrix), len(matrix[0])), self.operand(operand))
                for matrix, operand in step.terms
            ]
            return MatrixProduct(tuple(terms), None if step.bias is None else self.operand(tuple(step.bias)))
        if isinstance(step, Outer) and step.turns == 1:
            return SumOverRows(self.operand(step.left), self.operand(step.right))
        if isinstance(step, Total) and step.turns == 1:
            return SumOverRows(self.operand(step.operand))
        if isinstance(step, Fold) and step.out.size == 1:
            return self.chain(step.primitive.name, [self.by_row(place) for place in step.places[0]])
        if isinstance(step, Dot) and step.out.size == 1:
            pairs = zip(step.left[0], step.right[0], strict=True)
            products = [Application("multiply", (self.by_row(a), self.by_row(b))) for a, b in pairs]
            added = products[: len(products) - step.minus[0]]
            total = self.chain("add", added) if added else 0.0
            for product in products[len(added) :]:
                total = Application("subtract", (total, product))
            return total
        raise CompileError(
            f"this program has an instruction ({type(step).__name__}) that is not written as source. source() writes "
            "layered nets and small formulas; explain() shows every program."
        )

    def chain(self, name: str, parts: Sequence[Any]) -> Any:
        total = parts[0]
        for part in parts[1:]:
            total = Application(name, (total, part))
        return total

    def by_row(self, place: int) -> Elements:
        return Elements((self.elements[File.ROWS, place],))

    def operand(self, operand: Operand) -> Elements:
        if isinstance(operand, Span):
            return Elements(tuple(self.elements[operand.file, place] for place in range(operand.start, operand.stop)))
        return Elements(tuple(self.elements[File.ONCE, place] for place in operand))

    # ------------------------------------------------------------------------------------------ textbook formulas

    def form_value(self, form: TextbookForm) -> Any:
        operands = {
            name: Elements(tuple(self.elements[File.ROWS, self.place_of[index]] for index in registers))
            for name, registers in form.operands.items()
        }
        called = self.code_forms.called(form.text)
        if called is not None:
            function, names = called
            if function.takes_lists:
                parts = [Elements((item,)) for item in operands[names[0]].items]
                return self.call(function, parts)
            return self.call(function, [operands[name] for name in names])
        expression = Expression(form.text.format(**{name: name for name in form.operands}))
        return expression.fold({**CONSTANTS, **operands}, float, self.call)

    def call(self, function: Any, operands: list[Any]) -> Application:
        if isinstance(function, Primitive):
            return Application(function.name, tuple(operands))
        name = f"{function.name}_of_{len(operands)}" if function.takes_lists else function.name
        if name not in self.code.helpers:
            self.taken.add(name)
            self.code.helpers[name] = _helper(name, function, len(operands))
        return Application(name, tuple(operands))


def _leave_out_unused(lines: CodeLines) -> None:
    """Leave out the lines that nothing reads: a textbook formula stands for those that led to it."""
    used = {variable for value in (lines.loss, lines.gradient) for variable in variables_in(value)}
    for part in (lines.after, lines.body, lines.before):
        kept = []
        for line in reversed(part):
            if line.variable in used:
                kept.append(line)
                used.update(variables_in(line.value))
        part[:] = kept[::-1]


def _helper(name: str, function: Composition, count: int) -> Helper:
    """A composition as a function with a line for each number that is used more than once."""
    tape = Tape()
    arguments = function.input_names(count)
    result = function.of_flat([tape.leaf(argument) for argument in arguments])
    assert isinstance(result, Register)
    needed = tape.needed([result.index])
    uses: dict[int, int] = {}
    for index, instruction in enumerate(tape.instructions):
        for source in instruction.inputs if needed[index] else ():
            uses[source] = uses.get(source, 0) + 1
    leaves = dict(zip(tape.leaves, arguments, strict=True))
    values: dict[int, Any] = {}
    lines: list[tuple[str, Any]] = []
    for index, instruction in enumerate(tape.instructions):
        if index in leaves:
            values[index] = _local(leaves[index])
        elif instruction.primitive is None:
            values[index] = instruction.constant
        elif needed[index]:
            value = Application(instruction.primitive.name, tuple(values[source] for source in instruction.inputs))
            if uses.get(index, 0) > 1:
                lines.append((f"t{len(lines) + 1}", value))
                values[index] = _local(lines[-1][0])
            else:
                values[index] = value
    return Helper(name, arguments, function.formula(count), tuple(lines), values[result.index])


def _local(name: str) -> Elements:
    return Elements(((Variable(name, (), False), 0),))
