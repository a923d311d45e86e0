"""A rule of an optimiser as a vectorised program: one row is one parameter."""

from __future__ import annotations

import functools
import inspect
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.runner import OptimiserStep
from autograd_core.compiler.frontend.choices import rewrite_choices
from autograd_core.compiler.frontend.logsumexp import Rewritten
from autograd_core.compiler.frontend.phases import ROW, times
from autograd_core.compiler.frontend.trace import trace_function
from autograd_core.compiler.update_rules import UpdateRule, sgd
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.compiler.vectorise.vectorise import vectorise
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.value import Value
from autograd_core.errors import CompileError

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class OptimiserProgram:
    """The program of a rule; see `OptimiserStep` for the order of its numbers.

    shared: the names of the state that all parameters share, such as the count of steps. each: the names of the state
    that each parameter has. values: the Values from outside that the rule uses.
    """

    program: VectorProgram
    shared: list[str]
    each: list[str]
    values: list[Value]


def vectorise_rule(rule: UpdateRule, numbers: Mapping[str, Any], differing: Collection[str] = ()) -> OptimiserProgram:
    """The program of a rule with the given numbers of its own.

    State that depends neither on a parameter nor on its gradient is shared, unless it is `differing`: then it is not
    the same for all parameters. Raises CompileError where the rule cannot be traced.
    """
    names = list(rule(1.0, 1.0, defaultdict(float), 1.0, **numbers)[1])
    results = Primitive("results", lambda *_: 0.0, (None,) * (1 + len(names)), arguments=("parameter", *names))

    def step(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> Any:
        known = defaultdict(float, zip(names, state, strict=True))
        parameter, after = rule(parameter, gradient, known, learning_rate, **numbers)
        return results(parameter, *[after[name] for name in names])

    trace = trace_function(step, (1.0, 1.0, [0.0] * len(names), 1.0), [])
    tape, root, *_ = rewrite_choices(Rewritten(trace.tape, trace.root, None, {}), ())[0]
    last = tape.instructions[root]
    if last.primitive is not results:
        raise CompileError(
            "this rule uses neither the parameter nor its gradient.\n"
            "  Let it return the new parameter and a dict of the new state."
        )
    parameter, gradient, *state, learning_rate = trace.columns
    before, after = dict(zip(names, state, strict=True)), dict(zip(names, last.inputs[1:], strict=True))
    shared = [name for name in names if name not in differing]
    while True:
        each = [name for name in names if name not in shared]
        when = times(tape, [parameter, gradient, *[before[name] for name in each]])
        steady = [name for name in shared if when[after[name]] != ROW]
        if steady == shared:
            break
        shared = steady
    program = vectorise(
        tape,
        [[register] for register in (parameter, gradient, *[before[name] for name in each])],
        [*[before[name] for name in shared], learning_rate, *trace.registers],
        [after[name] for name in shared],
        [last.inputs[0], *[after[name] for name in each]],
    )
    return OptimiserProgram(program, shared, each, trace.values)


def vectorise_rule_for(state: Mapping[str, Any], rule: UpdateRule, numbers: Mapping[str, Any]) -> OptimiserProgram:
    """The program of a rule that fits the state of `Program.train`. A rule is traced once for the same numbers."""
    items = tuple([(name, tuple(number) if type(number) is list else number) for name, number in numbers.items()])
    compiled = _vectorise_once(rule, items, ())
    differing = tuple([name for name in compiled.shared if name in state and _differ(state[name])])
    return _vectorise_once(rule, items, differing) if differing else compiled


@functools.lru_cache
def _vectorise_once(
    rule: UpdateRule, numbers: tuple[tuple[str, Any], ...], differing: tuple[str, ...]
) -> OptimiserProgram:
    return vectorise_rule(rule, dict(numbers), differing)


def _differ(numbers: Any) -> bool:
    return np.size(numbers) > 1 and bool(np.ptp(numbers) != 0.0)


def step_for(
    compiled: OptimiserProgram, parameters: Array, learning_rate: float, state: Mapping[str, Any]
) -> OptimiserStep:
    """The step for these parameters, from the state of `Program.train`. Raises ValueError for the state of another
    number of parameters."""
    count = len(parameters)
    columns = [parameters]
    for name in compiled.each:
        numbers = np.array(state[name], np.float64) if name in state else np.zeros(count)
        if numbers.shape != (count,):
            raise ValueError(f"this state is of {numbers.size} parameters, the program has {count}: begin with {{}}.")
        columns.append(numbers)
    shared = [np.max(state[name]) if name in state else 0.0 for name in compiled.shared]  # an array of equal numbers
    given = np.array([*shared, learning_rate, *[value._data for value in compiled.values]])
    return OptimiserStep(compiled.program, given, columns)


def plain_sgd_step(count: int) -> OptimiserStep:
    """The step of SGD without momentum, for `count` parameters."""
    return step_for(vectorise_rule_for({}, sgd, {}), np.zeros(count), 0.0, {})


@functools.lru_cache
def numbers_of(rule: UpdateRule) -> tuple[str, ...]:
    """The names of a rule's own numbers, behind parameter, gradient, state and learning rate."""
    return tuple(inspect.signature(rule).parameters)[4:]
