"""The formulas of a program's description, on the names of its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from autograd_core.compiler.explain.language import ATOM, OPERATORS, PLUS, SIGN, TIMES, with_operands
from autograd_core.compiler.explain.places_of_steps import Place, places_of, places_read
from autograd_core.compiler.explain.recognise import TextbookForm
from autograd_core.compiler.explain.recurring_lines import in_any_turn
from autograd_core.compiler.explain.vector_names import VectorNames, elements_of
from autograd_core.compiler.explain.written_lines import ARITHMETIC, Inside
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Dot,
    Elementwise,
    File,
    Operand,
    Outer,
    Total,
    flat,
    over_turns,
)
from autograd_core.engine import primitives
from autograd_core.formulas.expression import write_code


class LineTexts:
    """Writes formulas. place_of: the place of each register in ROWS. inside: {place: what is written in its stead}."""

    def __init__(self, names: VectorNames, place_of: Mapping[int, int]) -> None:
        self.names = names
        self.place_of = place_of
        self.inside: dict[Place, Inside] = {}

    def factors(self, step: Dot) -> str:
        """What the factors of a sum of products are called."""
        sides = [self.names.parts(File.ROWS, sorted(set(flat(side)))) for side in (step.left, step.right)]
        return " and ".join(dict.fromkeys(sides))

    def of_places(self, places: Sequence[Place]) -> str:
        """What the numbers at places of one file are called."""
        return self.names.parts(places[0][0], [place for _, place in places])

    def sum_over_turns(self, step: Outer | Total, template: str) -> str | None:
        """sum over t = 20..2 of delta(t) h(t-1)^T, where the turns of a sum are those of a loop."""
        if step.turns == 1:
            return None
        sides = [
            [self.of_places(places[i : i + size]) for i in range(0, len(places), size)]
            for places in places_read(step)
            for size in [len(places) // step.turns]
        ]
        terms = [template.format(*operands) for operands in zip(*sides, strict=True)]
        found = in_any_turn(terms)
        return None if found is None else f"sum over t = {found[1]}..{found[2]} of {found[0]}"

    def affine(self, step: Affine) -> str:
        """A sum of products of matrices and vectors."""
        if step.turns > 1:
            return self._over_turns(step)
        text = " + ".join(self._product(self.names.matrix(matrix), operand) for matrix, operand in step.terms)
        return text if step.bias is None else f"{text} + {self.names.text(step.bias)}"

    def _operand(self, operand: Operand) -> tuple[str, int]:
        """The text of an operand, and how strongly it binds: its name, or what computes it."""
        places = places_of(operand)
        if places[0] not in self.inside:
            text = self.names.text(operand)
            return text, SIGN if text.startswith("-") else ATOM
        step, start = self.inside[places[0]]
        if isinstance(step, Affine):
            return self.affine(step), PLUS
        return self._expression(elements_of(step, start, start + len(places)))

    def _expression(self, step: Elementwise) -> tuple[str, int]:
        operands = list(map(self._operand, step.operands))
        if step.primitive is primitives.add and operands[1][0].startswith("-") and operands[1][1] >= TIMES:
            operands[1] = operands[1][0].removeprefix("-"), operands[1][1]
            return with_operands(OPERATORS["subtract"], operands)
        return with_operands(OPERATORS[step.primitive.name], operands)

    def _product(self, matrix: str, operand: Operand) -> str:
        text = self.names.text(operand)
        return f"sum({text})" if matrix == "ones" else f"{matrix} {text}"

    def form(self, form: TextbookForm) -> str:
        """The text of a form with the names of its operands."""
        places = {name: [self.place_of[index] for index in registers] for name, registers in form.operands.items()}
        return form.text.format(**{name: self.names.parts(File.ROWS, places[name]) for name in places})

    def elementwise(self, step: Elementwise) -> str:
        """An operation on operands."""
        if step.primitive in ARITHMETIC:
            return self._expression(step)[0]
        operands = [self.names.text(operand) for operand in step.operands]
        if step.primitive is primitives.where and operands[1] == "0" and operands[0] == f"{operands[2]} <= 0":
            return f"relu({operands[2]})"
        return write_code(step.primitive, operands)

    def _over_turns(self, step: Affine) -> str:
        """A product with one vector for each turn: these are the rows of a matrix X, and the product is X W^T."""
        terms = []
        for (matrix, operand), apart in zip(step.terms, step.apart, strict=True):
            span = over_turns(operand, step.turns, apart)
            text = self.names.windows(range(span.start, span.stop)) or self.names.text(span)
            terms.append(f"{text if abs(apart) >= operand.size else f'windows({text})'} {self.names.matrix(matrix)}^T")
        return " + ".join(terms if step.bias is None else [*terms, self.names.text(step.bias)])
