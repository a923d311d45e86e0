"""The recovered form of a program as a reader would write it: h1 = relu(W1 x + b1), dJ/dW1 = delta1 x^T.

Vectors are named by what they are for: z what a matrix gives, h what becomes of it, delta what is multiplied with an
input to form the gradient of a matrix; v any other. Every line tells the scalar registers it came from, as `print` of
the program numbers them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from autograd_core.compiler.explain.recognise import Reading
from autograd_core.compiler.explain.telling import part, told
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Gather,
    Operand,
    Outer,
    Places,
    Span,
    Spread,
    Step,
    Total,
    VectorProgram,
)
from autograd_core.engine import primitives

_ACTIVATED = re.compile(r"\w+\(z(\d+(?:\(\d+\))?)(?:, -?[\d.]+)*\)")
_WIDE = 72  # letters of a formula
_LISTED = 6  # so many registers, or parts of an operand, are listed in full


def described(
    program: VectorProgram,
    arguments: Sequence[str],
    labels: Sequence[str],
    columns: Sequence[int] = (),
    readings: Mapping[int, Reading] | None = None,
) -> str:
    """`program` as text. arguments: the names of its columns; labels: those of the numbers given at each call.

    readings: how instructions of the body read instead, by their places in the list; what is then of no use to the
    reader is left out. columns: the registers of a row, which these may name.
    """
    return "\n".join(_Description(program, arguments, labels, columns, readings or {}).lines())


class _Description:
    def __init__(
        self,
        program: VectorProgram,
        arguments: Sequence[str],
        labels: Sequence[str],
        columns: Sequence[int],
        readings: Mapping[int, Reading],
    ) -> None:
        self.program = program
        self.place_of = dict(zip(columns, [s.start + i for s in program.columns for i in range(s.size)], strict=False))
        self.readings = readings
        for step in program.body:
            if isinstance(step, (Elementwise, Affine)) and step.out.file is File.ROWS:
                self.place_of.update(zip(step.registers, range(step.out.start, step.out.stop), strict=True))
        self.labels = labels
        self.vectors: dict[File, dict[int, tuple[str, int, int]]] = {one: {} for one in File}  # (name, index, size)
        self.places: dict[bytes, str] = {}
        self.conditions: dict[int, Elementwise] = {}
        self.matrices: list[tuple[str, Places]] = []
        self.bias_of: dict[bytes, str] = {}
        for name, span in zip(arguments, program.columns, strict=True):
            self._name(name, span)
        for one in program.steps():
            if isinstance(one, Affine):
                for matrix, _ in one.terms:
                    self._matrix(matrix, one.bias)
        self.left_of = {one.left: one for one in program.body if isinstance(one, Outer)}
        self.counted = 0
        self.sizes: dict[str, int] = {}

    def _name(self, name: str, span: Span) -> None:
        for index in range(span.size):
            self.vectors[span.file][span.start + index] = name, index, span.size

    def _matrix(self, matrix: Places, bias: Places | None = None) -> str:
        """The name of a matrix, a new one where it is neither a known one nor a known one turned over."""
        for name, known in self.matrices:
            if np.array_equal(known, matrix):
                return name
            if np.array_equal(known.T, matrix):
                return f"{name}^T"
        constants = self.program.constants
        if all(place in constants for place in matrix.flat):
            return "ones" if len(matrix) == 1 and all(constants[place] == 1.0 for place in matrix[0]) else "constants"
        number = len(self.matrices) + 1
        self.matrices.append((f"W{number}", matrix))
        self.places[matrix.tobytes()] = f"W{number}"
        if bias is not None:
            self.places.setdefault(bias.tobytes(), f"b{number}")
        return f"W{number}"

    # -------------------------------------------------------------------------------------------------- operands

    def _written(self, operand: Operand) -> str:
        if isinstance(operand, Span):
            if operand.file is File.CONDITIONS and operand.start in self.conditions:
                asked = self.conditions[operand.start]
                return asked.primitive.text.format(*map(self._written, asked.operands))
            return self._named([self.vectors[operand.file].get(operand.start + i) for i in range(operand.size)])
        if operand.tobytes() in self.places:
            return self.places[operand.tobytes()]
        constants = self.program.constants
        if all(place in constants for place in operand):
            numbers = list(dict.fromkeys(constants[place] for place in operand))
            return f"{numbers[0]:g}" if len(numbers) == 1 else "constants"
        if len(operand) == 1 and operand[0] < len(self.labels):
            return self.labels[operand[0]] or f"theta[{operand[0]}]"
        if all(place < len(self.labels) for place in operand):
            even = len(operand) < 2 or (np.diff(operand) == 1).all()
            return f"theta[{operand[0]}:{operand[-1] + 1}]" if even else f"{len(operand)} of theta"
        return self._named([self.vectors[File.ONCE].get(int(place)) for place in operand])

    @staticmethod
    def _named(found: Sequence[tuple[str, int, int] | None]) -> str:
        """A stretch of places as parts of vectors."""
        parts: list[list[tuple[str, int, int]]] = []
        for one in found:
            one = one or ("?", 0, 1)
            if parts and parts[-1][-1][0] == one[0]:
                parts[-1].append(one)
            else:
                parts.append([one])
        if len(parts) > _LISTED:
            return "sums" if all(some[0][0].startswith(("sum", "dJ/d")) for some in parts) else f"{len(found)} numbers"
        texts = []
        for some in parts:
            name, start, size = some[0]
            if [index for _, index, _ in some] != list(range(start, start + len(some))):
                texts.append(f"{len(some)} of {name}")
            elif len(some) == size:
                texts.append(name)
            else:
                texts.append(f"{name}[{start}]" if len(some) == 1 else f"{name}[{start}:{start + len(some)}]")
        return texts[0] if len(texts) == 1 else f"[{'; '.join(texts)}]"

    # ----------------------------------------------------------------------------------------------------- lines

    def lines(self) -> Iterator[str]:
        """A heading for each part, and a line for each of its instructions."""
        program = self.program
        for heading, steps in (
            ("once, before the rows", [(step, None) for step in program.before]),
            ("for every row", told(program, self.readings, self.place_of)),
            ("once, after the rows", [(step, None) for step in program.after]),
        ):
            lines = [line for step, reading in steps if (line := self._line(step, reading)) is not None]
            if lines:
                yield heading
            width = min(_WIDE, max([len(line[0]) for line in lines], default=0))
            size_width = max([7, *[len(line[1]) for line in lines]])
            for text, size, source in lines:
                yield f"  {text:{width}}  {size:>{size_width}}  {source}".rstrip()

    def _line(self, step: Step, reading: Reading | None) -> tuple[str, str, str] | None:
        source = _listed(step.registers)
        if isinstance(step, Outer):
            name = self._gradient_of(step)
            return f"{name} = {self._written(step.left)} {self._written(step.right)}^T", _by(step.sums), source
        if isinstance(step, Total):
            summed = self._written(step.operand)
            self._name_sums(step.sums, f"sum({summed})" if len(summed) < 20 else "sums")
            return f"sum over the rows of {summed}", str(step.operand.size), source
        if isinstance(step, Gather):
            parts = [self.vectors[step.out.file].get(int(place)) for place in step.places]
            for i, one in enumerate(parts):
                if one is not None:
                    self.vectors[step.out.file][step.out.start + i] = one
            return None
        if isinstance(step, Spread):
            self._name(self._written(step.places), step.out)
            return None
        if isinstance(step, Affine):
            text = " + ".join(self._product(self._matrix(matrix), operand) for matrix, operand in step.terms)
            if step.bias is not None:
                text += f" + {self._written(step.bias)}"
            name = self._new_name(self._kind(step), step.out)
            shape = " ".join(_by(matrix) for matrix, _ in step.terms)
            return f"{name} = {text}", shape, source
        if step.out.file is File.CONDITIONS:
            for i in range(step.out.size):
                self.conditions[step.out.start + i] = part(step, i, i + 1)
            self.conditions[step.out.start] = step
            return None
        text = self._formula(step) if reading is None else self._read(reading)
        activated = _ACTIVATED.fullmatch(text)
        same_size = activated is not None and self.sizes.get(f"z{activated[1]}") == step.out.size
        kind = f"h{activated[1]}" if activated is not None and same_size else "v"
        return f"{self._new_name(kind, step.out)} = {text}", str(step.out.size), source

    def _kind(self, step: Affine) -> str:
        """z with the number of the matrix, where it is the first that comes of it."""
        name = self._matrix(step.terms[0][0]).replace("W", "z", 1)
        return name if name[1:].isdecimal() else "v"

    def _product(self, matrix: str, operand: Operand) -> str:
        return f"sum({self._written(operand)})" if matrix == "ones" else f"{matrix} {self._written(operand)}"

    def _read(self, reading: Reading) -> str:
        """The text of a reading with the names of its operands."""
        return reading.text.format(
            **{
                name: self._named([self.vectors[File.ROWS].get(self.place_of[index]) for index in registers])
                for name, registers in reading.operands.items()
            }
        )

    def _formula(self, step: Elementwise) -> str:
        written = [self._written(one) for one in step.operands]
        if step.primitive is primitives.where and written[2] == "0" and written[0] == f"{written[1]} > 0":
            return f"relu({written[1]})"
        return step.primitive.text.format(*written)

    def _new_name(self, kind: str, out: Span) -> str:
        if out in self.left_of:
            name = f"delta{self._number_of(self.left_of[out])}"
        elif kind == "v":
            self.counted += 1
            name = f"v{self.counted}"
        else:
            name = kind
        name = self._once_more(name)
        self.sizes[name] = out.size
        self._name(name, out)
        return name

    def _once_more(self, name: str) -> str:
        """The name, or name(2), name(3) ... where it is taken: by weights that are used several times."""
        count = 1
        while (name if count == 1 else f"{name}({count})") in self.sizes:
            count += 1
        return name if count == 1 else f"{name}({count})"

    def _number_of(self, outer: Outer) -> str:
        """The number of the matrix whose gradient an outer product is: the one that takes its right factor."""
        for one in self.program.body:
            if isinstance(one, Affine) and one.out.size == outer.left.size:
                for matrix, operand in one.terms:
                    if operand == outer.right:
                        return self._matrix(matrix).removeprefix("W")
        return ""

    def _gradient_of(self, outer: Outer) -> str:
        number = self._number_of(outer)
        name = self._once_more(f"dJ/dW{number}") if number else "sums of products"
        self.sizes[name] = outer.sums.size
        self._name_sums(outer.sums, name)
        return name

    def _name_sums(self, sums: Places, name: str) -> None:
        for index, place in enumerate(sums.flat):
            self.vectors[File.ONCE][int(place)] = name, index, sums.size


def _by(places: Places) -> str:
    return f"{places.shape[0]}x{places.shape[1]}"


def _listed(registers: Sequence[int]) -> str:
    if not registers:
        return ""
    if len(registers) <= _LISTED:
        return "from " + " ".join(f"r{one}" for one in registers)
    return f"from r{registers[0]} r{registers[1]} ... r{registers[-1]} ({len(registers)})"
