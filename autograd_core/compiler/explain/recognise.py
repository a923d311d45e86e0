"""Which vectors of a program are an activation, or the derivative of one, so that they can be read as in a textbook.

An activation is computed in several steps, chosen for exact results; its derivative is made of the partials of these. A
reader wants h = sigmoid(z) and delta = dJ/dh * h * (1 - h). That a vector is a derivative is found by its numbers: the
program is run on a few random rows, with the parameters shaken, and the derivative computed beside it by the engine.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.frontend.trace import Trace
from autograd_core.compiler.vectorise.vector_program import (
    Affine,
    Elementwise,
    File,
    Step,
    VectorProgram,
)
from autograd_core.engine import primitives
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.scope import Composition
from autograd_core.engine.value import Value
from autograd_core.graph.tape import Tape

_RUNS = 6
_MOST_STEPS = 400  # a longer program is no layered net
_CLOSE = 1e-9
_LONG = 60  # letters of a derivative
_NAME = re.compile(r"[A-Za-z_]\w*")
_NOT_A_FACTOR = re.compile(r"^-| [+-] (?![^(]*\))")  # a sum outside of brackets

_ACTIVATIONS = frozenset({primitives.tanh, primitives.atan, primitives.erf})  # primitives that serve as such

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an instruction computes, as one formula: text with {names}, and the registers each name stands for."""

    text: str
    operands: dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class _Call:
    """An instruction that gives one function of vectors. inputs: registers, or the number that all elements share."""

    step: Elementwise
    function: Primitive | Composition
    inputs: list[tuple[int, ...] | float]


def readings(program: VectorProgram, tape: Tape, trace: Trace) -> dict[int, Reading]:
    """How instructions of the body read, by their places in the list: activations, and derivatives of activations."""
    body = program.body
    if len(body) > _MOST_STEPS:
        return {}
    runs = _runs(tape, trace)
    made = {number: step for number, step in enumerate(body) if isinstance(step, (Elementwise, Affine))}
    last = {index: number for number, step in made.items() for index in step.registers}
    # An instruction that others add to does not yet give the registers it is named by.
    whole = {n: step for n, step in made.items() if all(last[index] == n for index in step.registers)}
    vectors = {n: runs[:, list(step.registers)] for n, step in whole.items()}
    order = {frozenset(step.registers): step.registers for step in whole.values()}
    found: dict[int, Reading] = {}
    for number, values in vectors.items():
        step = body[number]
        call = _call(step, values, runs, tape, trace) if isinstance(step, Elementwise) else None
        if call is None:
            continue
        if isinstance(call.function, Composition):
            if call.function.takes_lists and isinstance(listed := call.inputs[0], tuple):
                call.inputs[0] = order.get(frozenset(listed), listed)
            found[number] = _activation(call)
        found.update(_derivatives(call, number, values, runs, vectors, body))
    named = {
        *trace.columns,
        *[index for step in whole.values() if step.out.file is File.ROWS for index in step.registers],
    }
    return {n: one for n, one in found.items() if all(named.issuperset(some) for some in one.operands.values())}


def _runs(tape: Tape, trace: Trace) -> Numbers:
    """The numbers in all registers, one row for each of a few runs on random data."""
    chosen = random.Random(1)
    parameters = dict(zip(trace.registers, [one.data for one in trace.read], strict=True))
    rows = []
    for _ in range(_RUNS):
        given = []
        for index in tape.leaves:
            if index in parameters:
                given.append(parameters[index] * chosen.uniform(0.8, 1.2) + chosen.uniform(-0.05, 0.05))
            else:  # a number of the row; the number of rows and its inverse come last
                given.append(chosen.gauss(0.0, 1.0))
        given[-2:] = 1.0, 1.0
        rows.append(tape.run(given))
    return np.array(rows)


def _call(step: Elementwise, values: Numbers, runs: Numbers, tape: Tape, trace: Trace) -> _Call | None:
    """The function that a step gives the results of; None where it is none worth a line."""
    calls = [trace.calls.get(index) for index in step.registers]
    if calls == [None]:  # a list may have been computed in another form, in other registers
        same = [index for index in trace.lists if _equal(runs[:, [index]], values)]
        calls = [trace.calls.get(index) for index in same[:1]]
    known = [one for one in calls if one is not None]
    if known and len(known) == len(step.registers) and all(one[0] is known[0][0] for one in known):
        function = known[0][0]
        lists = [known[0][1]] if function.takes_lists else list(zip(*[one[1] for one in known], strict=True))
        if function.takes_lists and (len(known) > 1 or len(function.arguments) > 1):
            return None
        return _Call(step, function, [_shared(one, tape) for one in lists])
    if step.primitive in _ACTIVATIONS:
        return _Call(step, step.primitive, [tuple([tape.instructions[one].inputs[0] for one in step.registers])])
    return None


def _shared(registers: Sequence[int], tape: Tape) -> tuple[int, ...] | float:
    constants = {tape.instructions[index].constant for index in registers}
    (first, *others) = constants
    return tuple(registers) if others or first is None else first


def _activation(call: _Call) -> Reading:
    names = [f"{{a{i}}}" if isinstance(one, tuple) else f"{one:g}" for i, one in enumerate(call.inputs)]
    operands = {f"a{i}": one for i, one in enumerate(call.inputs) if isinstance(one, tuple)}
    return Reading(f"{call.function.name}({', '.join(names)})", operands)


def _derivatives(
    call: _Call,
    number: int,
    values: Numbers,
    runs: Numbers,
    vectors: Mapping[int, Numbers],
    body: Sequence[Step],
) -> dict[int, Reading]:
    """The instructions that give the derivative of a call times what flows into it."""
    found: dict[int, Reading] = {}
    for position, registers in enumerate(call.inputs):
        if not isinstance(registers, tuple):
            continue
        slopes = _slopes(call, position, runs)
        if not np.isfinite(slopes).all() or (slopes == 0.0).any() or np.ptp(slopes) == 0.0:
            continue
        derivative = _derivative(call, position)
        for target, carried in vectors.items():
            if target <= number or carried.shape != slopes.shape or not isinstance(body[target], Elementwise):
                continue
            flows = carried != 0.0  # in some runs a gate may stop all of it
            if not flows.any() or (flows.any(axis=1) != flows.all(axis=1)).any():
                continue
            if _equal(wanted := carried / slopes, np.ones_like(slopes)):
                found[target] = derivative
                continue
            for before in range(target - 1, -1, -1):
                if before in vectors and _equal(vectors[before], wanted):
                    text = f"({derivative.text})" if _NOT_A_FACTOR.search(derivative.text) else derivative.text
                    operands = {**derivative.operands, "upstream": body[before].registers}
                    found[target] = Reading(f"{{upstream}} * {text}", operands)
                    break
    return found


def _slopes(call: _Call, position: int, runs: Numbers) -> Numbers:
    """The derivative of a call by one of its inputs, as the engine computes it."""
    columns = [runs[:, list(one)] if isinstance(one, tuple) else one for one in call.inputs]
    given = columns[position]
    assert isinstance(given, np.ndarray)
    slopes = np.empty_like(given)
    for place in np.ndindex(given.shape):
        if isinstance(call.function, Composition) and call.function.takes_lists:
            values = [Value(number) for number in given[place[0]]]
            call.function(values).backward()
            slopes[place] = values[place[1]].grad or 0.0
        else:
            inputs = [Value(one if isinstance(one, float) else one[place]) for one in columns]
            call.function(*inputs).backward()
            slopes[place] = inputs[position].grad or 0.0
    return slopes


def _derivative(call: _Call, position: int) -> Reading:
    """The textbook derivative of a call by one of its inputs."""
    function, inputs = call.function, call.inputs
    names = dict(zip(function.arguments, [f"a{i}" for i in range(len(inputs))], strict=True))
    if isinstance(function, Primitive):
        text = function.derivatives[position]
    else:
        count = len(inputs[0]) if function.takes_lists and isinstance(inputs[0], tuple) else len(inputs)
        text = function.derivatives(count)[position]
        names = dict(zip(function.input_names(count), names.values(), strict=False))
    known: dict[str, tuple[int, ...] | float] = {f"a{i}": one for i, one in enumerate(inputs)}
    known["y"] = call.step.registers
    names["y"] = "y"
    if len(text) > _LONG:
        text, names = f"{function.name}'({', '.join(names)})".replace(", y)", ")"), names
    used: dict[str, tuple[int, ...]] = {}

    def put(match: re.Match[str]) -> str:
        name = names.get(match[0])
        if name is None:
            return match[0]
        operand = known[name]
        if not isinstance(operand, tuple):
            return f"{operand:g}"
        used[name] = operand
        return f"{{{name}}}"

    return Reading(_NAME.sub(put, text), used)


def _equal(one: Numbers, other: Numbers) -> bool:
    """Whether two vectors are the same in all runs, up to rounding; one may have a single element for all."""
    if one.shape[1] not in (1, other.shape[1]):
        return False
    return bool(np.isfinite(one).all() and np.abs(one - other).max() <= _CLOSE * np.abs(other).max())
