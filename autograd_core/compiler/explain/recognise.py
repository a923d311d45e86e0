"""Which instructions of a program are an activation, or the derivative of one, so that they read as in a textbook.

An activation is computed in several steps, chosen for exact results, and its derivative from the partials of these
steps. A reader wants h = sigmoid(z) and delta = dJ/dh * h * (1 - h). The trace records which register is the result of
a call, and the gradient pass which register is the adjoint of that result. A sweep back through the call alone finds
the registers that the gradient pass made for its inputs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from autograd_core.compiler.frontend.gradient import sweep_back
from autograd_core.compiler.frontend.instructions import OPAQUE
from autograd_core.compiler.frontend.trace import Call
from autograd_core.compiler.vectorise.vector_program import Elementwise
from autograd_core.engine import primitives
from autograd_core.engine.gates import GatedContribution
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import CUT
from autograd_core.graph.tape import Register, Tape

_LONG = 60  # letters of a derivative
_NAME = re.compile(r"[A-Za-z_]\w*")
_NOT_A_FACTOR = re.compile(r"^-| [+-] (?![^(]*\))")  # a sum outside of brackets


@dataclass(frozen=True, slots=True)
class TextbookForm:
    """What an instruction computes, as one formula: text with {names}, and the registers that each name stands for, one
    for each element or one for all."""

    text: str
    operands: dict[str, tuple[int, ...]]


class Provenance(NamedTuple):
    """What is known about the registers of a program's tape.

    calls: {register: the composition it is the result of, and the registers of its inputs}. adjoints: see `Gradient`.
    """

    tape: Tape
    calls: Mapping[int, Call]
    adjoints: Mapping[int, GatedContribution]


class TextbookForms:
    """The textbook forms of instructions. place_of: the place of each register in ROWS. Registers that nothing uses may
    be appended to the tape."""

    def __init__(self, provenance: Provenance, place_of: Mapping[int, int]) -> None:
        self._tape, calls, self._adjoints = provenance
        self._place_of = place_of
        self._values: dict[int, TextbookForm] = {}
        self._derivatives: dict[int, TextbookForm] = {}
        for result, (function, inputs) in calls.items():
            self._add_call(result, function, inputs)
        for index in place_of:
            instruction = self._tape.instructions[index]
            if instruction.primitive is not None and instruction.primitive.saturating:
                self._add_call(index, instruction.primitive, instruction.inputs)

    def find(self, step: Elementwise) -> TextbookForm | None:
        """The form of an instruction, if all its elements have the same one."""
        place_of = self._place_of
        places = range(step.out.start, step.out.stop)
        # Where a later instruction adds to a register, this one does not yet give its number.
        if any(place_of.get(index) != place for index, place in zip(step.registers, places, strict=True)):
            return None
        form = self._merge(self._values, step.registers)
        if form is None and step.primitive is not primitives.where:  # which reads well as it is
            form = self._merge(self._derivatives, step.registers)
        if form is None or not all(place_of.keys() >= set(registers) for registers in form.operands.values()):
            return None
        return form

    def _add_call(self, result: int, function: Primitive | Composition, inputs: Sequence[int]) -> None:
        """Add the forms of the result of a call, and of what the call contributes to the adjoints of its inputs."""
        tape, place_of = self._tape, self._place_of
        operands = [_behind_marks(tape, index) for index in inputs]
        value = _behind_marks(tape, result)
        columns: dict[str, tuple[int, ...]] = {f"a{position}": (index,) for position, index in enumerate(operands)}
        if isinstance(function, Composition) and function.takes_lists:
            if len(function.arguments) > 1:
                return
            columns = {"a0": tuple(sorted(operands, key=lambda index: place_of.get(index, -1)))}
        text = f"{function.name}({', '.join(f'{{{name}}}' for name in columns)})"
        self._values[value] = TextbookForm(text, columns)
        adjoint = self._adjoints.get(result)
        variables = [index for index in inputs if tape.instructions[index].constant is None]
        if adjoint is None or len(set(variables)) < len(variables):
            return
        contributions = _sweep_through(tape, result, inputs, adjoint)
        for position, index in enumerate(inputs):
            form = _derivative(function, position, operands, value) if index in contributions else None
            if form is not None:
                self._derivatives[contributions[index]] = _times_upstream(form, adjoint, tape)

    def _merge(self, forms: Mapping[int, TextbookForm], registers: Sequence[int]) -> TextbookForm | None:
        """One form for all elements of a vector; None where some have none, or a different one."""
        elements = [forms[index] for index in registers if index in forms]
        if len(elements) < len(registers) or len({form.text for form in elements}) > 1:
            return None
        first = elements[0]
        texts, operands = {}, {}
        for name, column in first.operands.items():
            if len(elements) > 1:
                if any(len(form.operands[name]) > 1 for form in elements):  # of a list each
                    return None
                column = tuple([form.operands[name][0] for form in elements])
            numbers = {self._tape.instructions[index].constant for index in column}
            if len(numbers) == 1 and (number := numbers.pop()) is not None:
                texts[name] = f"{number:g}"
            else:
                texts[name] = f"{{{name}}}"
                operands[name] = column[:1] if len(set(column)) == 1 else column
        return TextbookForm(first.text.format(**texts), operands)


def _behind_marks(tape: Tape, index: int) -> int:
    """The register that is computed instead of one that only marks it."""
    while tape.instructions[index].primitive in (CUT, OPAQUE):
        index = tape.instructions[index].inputs[0]
    return index


def _sweep_through(tape: Tape, result: int, inputs: Sequence[int], adjoint: GatedContribution) -> dict[int, int]:
    """{input of a call: the register of what the call contributes to the adjoint of this input}."""
    inside: set[int] = set()
    waiting = [result]
    while waiting:
        index = waiting.pop()
        if index not in inside and index not in inputs:
            inside.add(index)
            waiting += tape.instructions[index].inputs
    adjoints = {result: adjoint}
    sweep_back(tape, sorted(inside), adjoints, inside.union(inputs))
    return {
        index: adjoints[index].number.index
        for index in inputs
        if index in adjoints and isinstance(adjoints[index].number, Register)
    }


def _derivative(
    function: Primitive | Composition, position: int, inputs: Sequence[int], result: int
) -> TextbookForm | None:
    """The textbook derivative of a call with respect to one of its inputs; None where no single form is known."""
    if isinstance(function, Primitive):
        text, names = function.derivatives[position], function.arguments
    else:
        text, names = function.derivatives(len(inputs))[position], function.input_names(len(inputs))
    known = {name: (f"a{i}", index) for i, (name, index) in enumerate(zip(names, inputs, strict=True))}
    if isinstance(function, Composition) and function.takes_lists:  # the same form for each input of the list
        known = {names[position]: ("a", inputs[position])}
        if set(names).intersection(_NAME.findall(text)) - known.keys():
            return None
    if len(text) > _LONG:
        text = f"{function.name}'({', '.join(known)})"
    known["y"] = "y", result
    operands: dict[str, tuple[int, ...]] = {}

    def put(match: re.Match[str]) -> str:
        if match[0] not in known:
            return match[0]
        name, index = known[match[0]]
        operands[name] = (index,)
        return f"{{{name}}}"

    text = _NAME.sub(put, text)
    return TextbookForm(text, operands) if operands else None


def _times_upstream(form: TextbookForm, upstream: GatedContribution, tape: Tape) -> TextbookForm:
    """The form, times the adjoint of the call's result."""
    number = upstream.number
    if isinstance(number, float) and number == 1.0:
        return form
    text = f"({form.text})" if _NOT_A_FACTOR.search(form.text) else form.text
    if isinstance(number, float):
        return replace(form, text=f"{number:g} * {text}")
    operands = {**form.operands, "upstream": (_behind_marks(tape, number.index),)}
    return TextbookForm(f"{{upstream}} * {text}", operands)
