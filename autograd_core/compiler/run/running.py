"""A trace is run on rows of data: its vectorised programs, each made on first use, and their runners."""

from __future__ import annotations

import functools
import itertools
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.javascript.backend import JavascriptRunner, find_node
from autograd_core.compiler.backends.llvm.backend import NativeRunner
from autograd_core.compiler.backends.llvm.machine import is_installed
from autograd_core.compiler.backends.numpy.backend import NumpyRunner
from autograd_core.compiler.backends.rows import Argument, lay_out, require_places
from autograd_core.compiler.backends.runner import OptimiserStep, Results, Runner
from autograd_core.compiler.explain.code_lines import code_lines
from autograd_core.compiler.explain.describe import describe
from autograd_core.compiler.explain.recognise import Provenance
from autograd_core.compiler.explain.source import source
from autograd_core.compiler.frontend.choices import (
    Choices,
    has_choices,
    nan_unless_valid,
    places_of,
    rewrite_choices,
)
from autograd_core.compiler.frontend.gradient import Gradient, Reduction, differentiate
from autograd_core.compiler.frontend.logsumexp import Rewritten, rewrite_logsumexp
from autograd_core.compiler.frontend.probabilities import join_probabilities
from autograd_core.compiler.frontend.sums_of_products import gather_products
from autograd_core.compiler.frontend.trace import Trace
from autograd_core.compiler.run.optimiser_program import plain_sgd_step
from autograd_core.compiler.run.stored_programs import stored
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.compiler.vectorise.vectorise import vectorise
from autograd_core.engine.interpreter.garbage_collection import without_gc
from autograd_core.engine.interpreter.locks import make_lock
from autograd_core.engine.nested import Nested
from autograd_core.engine.numbers.number import as_number

Array = npt.NDArray[Any]
# The value of each row; the reduced value with its gradient; the same with the gradient with respect to the rows; the
# indices of the choices in each row.
Kind = Literal["value", "gradient", "inputs", "indices"]

BACKENDS = ("numpy", "native", "jax", "javascript")


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
        devices: int,
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
        places = places_of(trace.tape, [trace.root, *([] if trace.once is None else [trace.once])])
        self._has_choices = has_choices(trace.tape)
        rest = iter(trace.columns)
        self.arguments = []
        for name, row in zip(names, example, strict=True):
            argument = Argument.of(name, row)
            own = enumerate(itertools.islice(rest, argument.columns))
            indices = tuple([(column, places[register]) for column, register in own if register in places])
            self.arguments.append(replace(argument, indices=indices))
        if backend == "native" and not is_installed():
            raise ImportError(
                "backend='native' makes machine code with llvmlite, which is not installed here: "
                "pip install -e '.[fast]' in the clone. backend='numpy' needs nothing."
            )
        if backend in ("numpy", "jax", "javascript") and threads != 1:
            raise ValueError(f"threads=2 is for the native backend, not for backend={backend!r}. Leave it out.")
        _require_devices(backend, devices)
        if backend == "javascript":
            if dtype != "float64":
                raise ValueError(
                    "backend='javascript' computes in float64 alone: leave dtype out, or use another backend."
                )
            find_node()
        self.backend = backend if backend != "auto" else "native" if is_installed() else "numpy"
        self.dtype = dtype
        self.reduce: Reduction = "mean" if reduce == "mean" else "sum"
        self.threads, self.devices = threads, devices
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
        if (self.trace.lists or self._has_choices) and _has_nan(by_row[0]):  # see logsumexp.py and choices.py
            self.require_places(arrays, count, parameters)
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
        self, arrays: list[Array], count: int, parameters: Any, kind: Kind = "gradient", first: int = 0
    ) -> tuple[float, Array, Array]:
        """(the reduced value, its gradients, those with respect to the data) for rows from `rows.lay_out`, the first of
        which has the number `first`."""
        values, by_row, finite = self._run(kind, False, arrays, count, parameters)
        if (not finite and _has_nan(values)) or (by_row.size and _has_nan(by_row.ravel())):
            # 0 may have met inf behind a closed gate (see gradient.differentiate), or a list had a nan in it.
            self.require_places(arrays, count, parameters, first)
            values, by_row, _ = self._run(kind, True, arrays, count, parameters)
        return float(values[0]), values[1:], by_row

    def require_places(self, arrays: list[Array], count: int, parameters: Any = None, first: int = 0) -> None:
        """Raise ValueError where an index that is computed is no place; first: the number of the first row."""
        if self._has_choices:
            choices = self.rewritten()[1]
            by_row = self._run("indices", False, arrays, count, parameters).by_row
            for line, number in zip(by_row, choices.places.values(), strict=True):
                require_places(line, number, first=first)

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
        asked = kind, propagate_gates, self.reduce, [argument.columns for argument in self.arguments]
        program = stored(self.trace, asked, lambda: self.vector_program(kind, propagate_gates))
        runner = self._runners[kind, propagate_gates] = self.runner(program, propagate_gates, self.threads)
        own = self.trace.parameter_count
        entry = runner.entry(self.trace.values, own, self.arguments, functools.partial(plain_sgd_step, own))
        if entry is not None and kind == "value" and not self.trace.lists and not self._has_choices:
            self.values_at_once = entry.values
        elif entry is not None and kind in ("gradient", "inputs"):
            self.value_and_grad_at_once, self.step_at_once = entry.value_and_grad, entry.step
        return runner

    def runner(self, program: VectorProgram, propagate_gates: bool, threads: int = 1) -> Runner:
        """The runner of a program: of the backend, but NumPy's for a run that is repeated with gates propagated."""
        if self.backend == "numpy" or propagate_gates:
            return NumpyRunner(program, self.dtype, threads)
        if self.backend == "native":
            return NativeRunner(program, self.dtype, threads)
        if self.backend == "javascript":
            return JavascriptRunner(program)
        from autograd_core.compiler.backends.jax.backend import JaxRunner  # which loads JAX

        return JaxRunner(program, self.dtype, self.devices)

    def vector_program(self, kind: Kind, propagate_gates: bool = False) -> VectorProgram:
        """The program that a backend runs."""
        return self._vectorise(kind, propagate_gates)[0]

    def once_program(self) -> VectorProgram:
        """The program of what is added once to the reduced value, and of its gradient, without any rows."""
        trace, tape = self.trace, self.trace.tape.copy()
        root = tape.constant(0.0).index if trace.once is None else trace.once
        tape, root, *_ = rewrite_choices(Rewritten(tape, root, None, {}), trace.columns)[0]
        wanted = trace.registers[: trace.parameter_count]
        gradient = differentiate(tape, root, None, trace.columns, wanted, "mean", propagate_gates=True)
        given = [*trace.registers, gradient.rows, gradient.scale]
        return vectorise(tape, [], given, [gradient.value, *gradient.shared])

    def rewritten(
        self, trace: Trace | None = None, propagate_gates: bool = False, nan_if_infinite: bool = True
    ) -> tuple[Rewritten, Choices]:
        """The tape as it is vectorised, and what is known of the indices of its choices. trace: with sums of products
        as one instruction each, or None as it was recorded."""
        trace = trace or self.trace
        lists = {} if propagate_gates else trace.lists
        rewritten = rewrite_logsumexp(trace.tape, trace.root, trace.once, lists, nan_if_infinite)
        return rewrite_choices(rewritten, trace.columns)

    def _vectorise(
        self, kind: Kind, propagate_gates: bool = False, is_for_reader: bool = False
    ) -> tuple[VectorProgram, Rewritten, Gradient | None]:
        """(the vectorised program, the tape it was made from, its gradient). is_for_reader: from the scalars that
        `print` of the program shows, and without what makes the value nan where a list of `rewrite_logsumexp` has an
        infinite number, or an index is no place."""
        trace = self.trace
        if not is_for_reader:
            trace = gather_products(trace if propagate_gates else join_probabilities(trace))
        rewritten, choices = self.rewritten(trace, propagate_gates, not is_for_reader)
        tape, root, once, _ = rewritten
        rest = iter(trace.columns)
        columns = [list(itertools.islice(rest, argument.columns)) for argument in self.arguments]
        if kind in ("value", "indices"):
            root = nan_unless_valid(tape, root, choices, trace.columns, in_all_rows=False)
            by_row = [root] if kind == "value" else list(choices.places)
            given = [*trace.registers, tape.leaf().index, tape.leaf().index]
            return vectorise(tape, columns, given, [], by_row), rewritten, None
        wanted = trace.registers[: trace.parameter_count]
        inputs = kind == "inputs"
        gradient = differentiate(tape, root, once, trace.columns, wanted, self.reduce, inputs, propagate_gates)
        given = [*trace.registers, gradient.rows, gradient.scale]
        value = gradient.value
        if not is_for_reader:
            value = nan_unless_valid(tape, value, choices, trace.columns, in_all_rows=True)
        values = [value, *gradient.shared]
        program = vectorise(tape, columns, given, values, gradient.by_column, gradient.primals())
        return program, rewritten, gradient

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
        return describe(*self._described())

    def source(self, language: str, name: str) -> str:
        """The same as code that a person reads."""
        return source(code_lines(*self._described()), language, name)

    def _described(self) -> tuple[VectorProgram, list[str], list[str], Sequence[int], Provenance]:
        """What `describe` takes."""
        program, (tape, _, _, moved), gradient = self._vectorise("gradient", is_for_reader=True)
        assert gradient is not None
        calls = {
            moved.get(result, result): (function, tuple([moved.get(index, index) for index in inputs]))
            for result, (function, inputs) in self.trace.calls.items()
        }
        provenance = Provenance(tape, calls, gradient.adjoints)
        names = [argument.name for argument in self.arguments]
        labels = [*(value.label for value in self.trace.values), "rows", "1/rows"]
        return program, names, labels, self.trace.columns, provenance


def _require_devices(backend: str, devices: int) -> None:
    """Raise where the rows cannot be shared among so many devices of JAX."""
    if not hasattr(devices, "__index__") or devices < 1:
        raise ValueError(f"devices is a whole number from 1 up, got {devices!r}.")
    if backend != "jax":
        if devices != 1:
            raise ValueError(f"devices={devices} is for backend='jax', not for backend={backend!r}. Leave it out.")
        return
    if find_spec("jax") is None:
        raise ImportError(
            "backend='jax' needs JAX, which is not installed here: pip install -e '.[jax]' in the clone. "
            "backend='numpy' needs nothing."
        )
    import jax

    count = len(jax.devices())
    if jax.process_count() > 1 and devices not in (1, count):
        raise ValueError(
            f"with several processes devices is 1, for each by itself, or all {count} of them, got {devices!r}."
        )
    if devices > count:
        raise ValueError(
            f"JAX has {count} device(s) here, got devices={devices}. For a try on one processor set "
            f"XLA_FLAGS=--xla_force_host_platform_device_count={devices} before Python starts."
        )


def _has_nan(numbers: Array) -> bool:
    return math.isnan(np.minimum.reduce(numbers, initial=0.0))  # which nan passes, and nothing overflows
