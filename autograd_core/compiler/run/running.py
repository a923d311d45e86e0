"""A trace is run on rows of data: its vectorised programs, each made on first use, and their runners."""

from __future__ import annotations

import functools
import itertools
import math
import struct
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.llvm.backend import NativeRunner
from autograd_core.compiler.backends.llvm.machine import is_installed
from autograd_core.compiler.backends.numpy.backend import NumpyRunner
from autograd_core.compiler.backends.rows import Argument, lay_out
from autograd_core.compiler.backends.runner import Backend, OptimiserStep, Results, Runner
from autograd_core.compiler.explain.describe import describe
from autograd_core.compiler.explain.recognise import Provenance
from autograd_core.compiler.frontend.gradient import Gradient, Reduction, differentiate
from autograd_core.compiler.frontend.logsumexp import Rewritten, rewrite_logsumexp
from autograd_core.compiler.frontend.trace import Trace
from autograd_core.compiler.run.optimiser_program import plain_sgd_step
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.compiler.vectorise.vectorise import vectorise
from autograd_core.engine.garbage_collection import without_gc
from autograd_core.engine.locks import make_lock
from autograd_core.engine.nested import Nested
from autograd_core.engine.number import as_number

Array = npt.NDArray[Any]
# The value of each row; the reduced value with its gradient; the same with the gradient with respect to the rows.
Kind = Literal["value", "gradient", "inputs"]

BACKENDS: dict[str, Backend] = {"numpy": NumpyRunner, "native": NativeRunner}


class Running:
    """A trace with its runners; see `Program` for its methods."""

    def __init__(
        self,
        trace: Trace,
        names: Sequence[str],
        example: Sequence[Nested],
        backend: str,
        dtype: str,
        reduce: str,
        threads: int,
    ) -> None:
        choices: tuple[Any, ...]
        for option, choice, choices in (
            ("backend", backend, ("auto", *BACKENDS)),
            ("dtype", dtype, ("float64", "float32")),
            ("reduce", reduce, ("mean", "sum")),
            ("threads", threads, (1, 2)),
        ):
            if choice not in choices:
                raise ValueError(f"{option} is one of {', '.join(map(repr, choices))}, got {choice!r}.")
        self.trace = trace
        self.arguments = [Argument.of(name, row) for name, row in zip(names, example, strict=True)]
        if backend == "native" and not is_installed():
            raise ImportError(
                "backend='native' makes machine code with llvmlite, which is not installed here: "
                "pip install -e '.[fast]' in the clone. backend='numpy' needs nothing."
            )
        if backend == "numpy" and threads != 1:
            raise ValueError("threads=2 is for the native backend: backend='numpy' runs on one thread. Leave it out.")
        self.backend = backend if backend != "auto" else "native" if is_installed() else "numpy"
        self.dtype = dtype
        self.reduce: Reduction = "mean" if reduce == "mean" else "sum"
        self.threads = threads
        self._runners: dict[tuple[Kind, bool], Runner] = {}
        self._lock = make_lock()
        self._given = np.empty(len(trace.values) + 2)
        # The entries of the native backend, once they are made: for `values`, for one step of `train` by plain SGD, and
        # for `value_and_grad` without inputs. They return None for data that they do not take.
        self.values_at_once: Callable[[tuple[Any, ...]], Array | None] = lambda data: None
        self.step_at_once: Callable[[tuple[Any, ...], Any, Any], Array | None] = lambda data, parameters, rate: None
        self.value_and_grad_at_once: Callable[[tuple[Any, ...], Any], tuple[float, Array] | None] = (
            lambda data, parameters: None
        )

    def values(self, data: Sequence[Any], parameters: Any) -> Array:
        """One value for each row."""
        return self.values_of(*lay_out(self.arguments, data), parameters)

    def values_of(self, arrays: list[Array], count: int, parameters: Any = None) -> Array:
        """One value for each row of data that from `rows.lay_out`."""
        by_row = self._run("value", False, arrays, count, parameters).by_row
        if self.trace.lists and _has_nan(by_row[0]):  # see logsumexp.py
            by_row = self._run("value", True, arrays, count, parameters).by_row
        values: Array = by_row[0]
        return values

    def value_and_grad(self, data: Sequence[Any], inputs: bool, parameters: Any) -> tuple[Any, ...]:
        """(the reduced value, its gradients), and with `inputs` also those with respect to the data."""
        arrays, count = lay_out(self.arguments, data)
        if count == 0:
            raise ValueError("there are no rows, and the mean or sum over none has no gradient. Give at least one row.")
        kind: Kind = "inputs" if inputs else "gradient"
        value, gradients, by_row = self.value_and_grad_of(arrays, count, parameters, kind)
        if not inputs:
            return value, gradients
        parts, start = [], 0
        for argument in self.arguments:
            parts.append(argument.restore_shape(by_row[start : start + argument.columns].T))
            start += argument.columns
        return value, gradients, parts[0] if len(parts) == 1 else tuple(parts)

    def value_and_grad_of(
        self, arrays: list[Array], count: int, parameters: Any, kind: Kind = "gradient"
    ) -> tuple[float, Array, Array]:
        """(the reduced value, its gradients, those with respect to the data) for rows from `rows.lay_out`."""
        values, by_row, finite = self._run(kind, False, arrays, count, parameters)
        if (not finite and _has_nan(values)) or (by_row.size and _has_nan(by_row.ravel())):
            # 0 may have met inf behind a closed gate (see gradient.differentiate), or a list had a nan in it.
            values, by_row, _ = self._run(kind, True, arrays, count, parameters)
        return float(values[0]), values[1:], by_row

    def train_steps(
        self, arrays: list[Array], count: int, update: OptimiserStep, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """As many steps as the backend makes by itself: see `Runner`."""
        with self._lock:
            runner = self._runners.get(("gradient", False)) or self._make_runner("gradient", False)
            given = self._fill_given(update.columns[0])
            return runner.train_steps(given, arrays, count, update, steps, batch, start)

    def _run(self, kind: Kind, propagate_gates: bool, arrays: list[Array], count: int, parameters: Any) -> Results:
        with self._lock:
            runner = self._runners.get((kind, propagate_gates)) or self._make_runner(kind, propagate_gates)
            given = self._fill_given(parameters)
            given[-2] = count
            given[-1] = 1.0 / count if count else 0.0
            return runner.run(given, arrays, count)

    def _fill_given(self, parameters: Any) -> Array:
        """The numbers of a call. The last two places, for the number of rows and its inverse, are left as they are."""
        given, start = self._given, 0
        if parameters is not None:
            start = self.trace.parameter_count
            given[:start] = parameters
        values = self.trace.values[start:] if start else self.trace.values
        if values:
            struct.pack_into(f"{len(values)}d", given.data, 8 * start, *[value._data for value in values])
        return given

    @without_gc
    def _make_runner(self, kind: Kind, propagate_gates: bool) -> Runner:
        runner = self._runners[kind, propagate_gates] = self.runner(
            self.vector_program(kind, propagate_gates), propagate_gates, self.threads
        )
        own = self.trace.parameter_count
        entry = runner.entry(self.trace.values, own, self.arguments, functools.partial(plain_sgd_step, own))
        if entry is not None and kind == "value" and not self.trace.lists:
            self.values_at_once = entry.values
        elif entry is not None and kind != "value":
            self.value_and_grad_at_once, self.step_at_once = entry.value_and_grad, entry.step
        return runner

    def runner(self, program: VectorProgram, propagate_gates: bool, threads: int = 1) -> Runner:
        """The runner of a program: of the backend, but NumPy's for a run that is repeated with gates propagated."""
        name = "numpy" if propagate_gates else self.backend
        return BACKENDS[name](program, self.dtype, threads)

    def vector_program(self, kind: Kind, propagate_gates: bool = False) -> VectorProgram:
        """The program that a backend runs."""
        return self._vectorise(kind, propagate_gates)[0]

    def once_program(self) -> VectorProgram:
        """The program of what is added once to the reduced value, and of its gradient, without any rows."""
        trace, tape = self.trace, self.trace.tape.copy()
        root = tape.constant(0.0).index if trace.once is None else trace.once
        wanted = trace.registers[: trace.parameter_count]
        gradient = differentiate(tape, root, None, trace.columns, wanted, "mean", propagate_gates=True)
        given = [*trace.registers, gradient.rows, gradient.scale]
        return vectorise(tape, [], given, [gradient.value, *gradient.shared])

    def _vectorise(
        self, kind: Kind, propagate_gates: bool = False, nan_if_infinite: bool = True
    ) -> tuple[VectorProgram, Rewritten, Gradient | None]:
        """(the vectorised program, the tape it was made from, its gradient). nan_if_infinite: see
        `rewrite_logsumexp`."""
        trace = self.trace
        lists = {} if propagate_gates else trace.lists
        rewritten = rewrite_logsumexp(trace.tape, trace.root, trace.once, lists, nan_if_infinite)
        tape, root, once, _ = rewritten
        rest = iter(trace.columns)
        columns = [list(itertools.islice(rest, argument.columns)) for argument in self.arguments]
        if kind == "value":
            given = [*trace.registers, tape.leaf().index, tape.leaf().index]
            return vectorise(tape, columns, given, [], [root]), rewritten, None
        wanted = trace.registers[: trace.parameter_count]
        inputs = kind == "inputs"
        gradient = differentiate(tape, root, once, trace.columns, wanted, self.reduce, inputs, propagate_gates)
        given = [*trace.registers, gradient.rows, gradient.scale]
        values = [gradient.value, *gradient.shared]
        return vectorise(tape, columns, given, values, gradient.by_column), rewritten, gradient

    def parameter_numbers(self, parameters: Any) -> Array:
        """Numbers to use instead of the parameters' own, as an array. Raises ValueError for too many or too few."""
        numbers = np.asarray(parameters)
        if numbers.dtype.kind not in "biuf":  # NumPy would make nan of None
            checked = [as_number(number, "each of the parameters") for number in numbers.ravel().tolist()]
            numbers = np.array(checked, np.float64).reshape(numbers.shape)
        numbers = numbers.astype(np.float64, copy=False)
        count = self.trace.parameter_count
        if numbers.shape != (count,):
            raise ValueError(
                f"this program has {count} parameters, got numbers of shape {numbers.shape} for them. Give a flat "
                "array, one number for each of program.parameters, in that order."
            )
        return numbers

    def explain(self) -> str:
        """The program of the gradient in vectors and matrices, as text."""
        program, (tape, _, _, moved), gradient = self._vectorise("gradient", nan_if_infinite=False)
        assert gradient is not None
        calls = {
            moved.get(result, result): (function, tuple([moved.get(index, index) for index in inputs]))
            for result, (function, inputs) in self.trace.calls.items()
        }
        provenance = Provenance(tape, calls, gradient.adjoints)
        names = [argument.name for argument in self.arguments]
        labels = [*(value.label for value in self.trace.values), "rows", "1/rows"]
        return describe(program, names, labels, self.trace.columns, provenance)


def _has_nan(numbers: Array) -> bool:
    return math.isnan(np.minimum.reduce(numbers, initial=0.0))  # which nan passes, and nothing overflows
