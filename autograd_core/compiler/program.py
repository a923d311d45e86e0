"""`Program`: a function recorded once for one row, to be run for every row, with its gradients."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd_core.compiler.frontend.choices import places_of
from autograd_core.compiler.frontend.gradient import differentiate
from autograd_core.compiler.frontend.program_file import load, save
from autograd_core.compiler.frontend.trace import Trace
from autograd_core.compiler.run.running import Kind, Running
from autograd_core.compiler.run.streaming import Streaming, is_mapped, is_stream
from autograd_core.compiler.run.training import Training, find_rule, require_counts
from autograd_core.compiler.update_rules import UpdateRule
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.engine.accumulate_grad import accumulate_grad
from autograd_core.engine.choose import require_place
from autograd_core.engine.nested import Nested, as_lists, leaves, rebuild
from autograd_core.engine.primitive import Primitive
from autograd_core.engine.value import Value


class Program:
    """A compiled function: `program(X, y)` gives its value for each row, `value_and_grad` the reduced value and its
    gradients. The reduced value is the mean or the sum of `program(X, y)`, plus `once()`. `autograd_core.compile` makes
    it.

    parameters: the Values that are read at each call and receive gradients, in the order of the gradients: those passed
    to `compile`, then the others in the topological order of the graph. arguments: those of the function, with name and
    shape. dtype, reduce: as compiled. backend: "numpy", "native", "jax" or "javascript" (the script of pages, under
    Node), which runs every call. With "native" Python
    computes custom primitives, number by number; NumPy computes a call that gave nan once more, and the steps of an
    optimiser where the program or the rule has a custom primitive.
    """

    def __init__(
        self,
        trace: Trace,
        name: str,
        names: Sequence[str],
        example: Sequence[Nested],
        backend: str = "auto",
        dtype: str = "float64",
        reduce: str = "mean",
        threads: int = 1,
        devices: int = 1,
    ) -> None:
        self.trace = trace
        self.name = name
        self._options = backend, threads, devices
        self._about = {"name": name, "names": list(names), "example": [_zeros(argument) for argument in example]}
        self.parameters: list[Value] = trace.values[: trace.parameter_count]
        self.dtype = dtype
        self._running = Running(trace, names, example, backend, dtype, reduce, threads, devices)
        self.arguments = self._running.arguments
        self.backend = self._running.backend
        self.reduce = self._running.reduce
        self._streaming = Streaming(self._running)
        self._training = Training(self._running)

    def __call__(self, *data: Any) -> Any:
        """The value of the function for each row, as an array; a list of Values where the data has Values in it.

        data: the arguments of the function, each with one entry a row. Raises ValueError or TypeError for data without
        the structure of the example.

        An array mapped from a file (`np.load(path, mmap_mode="r")`) is read part by part. For an iterator of chunks, as
        in `value_and_grad`, the result is an iterator with an array of values for each chunk.
        """
        if (values := self._running.values_at_once(data)) is not None:
            return values
        if is_stream(data):
            return self._streaming.predictions(data[0])
        if is_mapped(data):
            return self._streaming.values(data)
        if any(map(_has_values, data)):
            return self._on_values(data)
        return self._running.values(data, None)

    def value_and_grad(self, *data: Any, inputs: bool = False, parameters: Any = None) -> tuple[Any, ...]:
        """(the reduced value, its gradients in the order of `parameters`).

        With `inputs` also its gradients with respect to the data, in the shape of the data: an array, or a tuple of
        arrays for several arguments.

        parameters: an array of numbers to use instead of the parameters' own, one for each. Raises ValueError for
        another number of them, and for no rows.

        For more rows than fit into memory: arrays mapped from files, which are read part by part, or one iterator of
        chunks instead of the data, each chunk the tuple of the arguments for a few rows:
        `value_and_grad((X, y) for X, y in ...)`. An iterator allows one pass only, so a gradient that is infinite for
        all rows at once may be nan.
        """
        result = None if inputs else self._running.value_and_grad_at_once(data, parameters)
        if result is not None:
            return result
        if parameters is not None:
            parameters = self._running.parameter_numbers(parameters)
        if is_stream(data) and inputs:
            raise ValueError(
                "gradients with respect to a stream of data are as large as the stream: compute them chunk by chunk."
            )
        if is_stream(data) or (is_mapped(data) and not inputs):
            return self._streaming.value_and_grad(data, parameters)
        return self._running.value_and_grad(data, inputs, parameters)

    def backward(self, *data: Any) -> float:
        """Add the gradients to the `.grad` of the parameters, as `.backward()` does; returns the reduced value."""
        value, gradients = self.value_and_grad(*data)
        accumulate_grad(dict(zip(self.parameters, gradients.tolist(), strict=True)))
        return float(value)

    def train(
        self,
        *data: Any,
        steps: int,
        learning_rate: float,
        rule: str | UpdateRule = "sgd",
        batch_size: int | None = None,
        start: int = 0,
        state: dict[str, Any] | None = None,
        parameters: Any = None,
        **numbers: Any,
    ) -> Any:
        """Do `steps` steps of gradient descent on the parameters; returns the value before each step, as an array.

        rule: "sgd" (numbers: momentum, nesterov), "adam" or "adamw" (betas, epsilon), all with weight_decay, or a
        function like those in `autograd_core.update_rules`. batch_size: the number of rows of a step, None for all; the
        next step takes the next rows. start: the first row. state: a dict that keeps the state of the rule, the count
        of steps, and in "row" the next row, from call to call. parameters: an array of floats that is updated instead
        of the parameters' own numbers. Raises NonFiniteError for a gradient that is inf or nan; the parameters stay as
        they were before that step. Raises CompileError for a rule that cannot be compiled.

        >>> from autograd_core import compile
        >>> w = Value(0.0)
        >>> program = compile(lambda x, y: (w * x - y) ** 2, example=(1.0, 1.0))
        >>> program.train([1.0, 2.0], [3.0, 6.0], steps=3, learning_rate=0.1).round(3).tolist(), round(w.data, 3)
        ([22.5, 5.625, 1.406], 2.625)
        """
        plain = steps == 1 and rule == "sgd" and batch_size is None and start == 0 and state is None and not numbers
        if plain and parameters is not None:
            losses = self._running.step_at_once(data, parameters, learning_rate)
            if losses is not None:
                return losses
        require_counts(steps, batch_size, start)
        if parameters is not None and getattr(getattr(parameters, "flags", None), "writeable", True) is False:
            raise ValueError("the array of parameters is read-only, but training updates it: give array.copy().")
        found = find_rule(rule, learning_rate, numbers)
        state = {} if state is None else state
        return self._training.run(data, found, numbers, learning_rate, state, parameters, steps, batch_size, start)

    def save(self, path: str | Path) -> None:
        """Write the tape and the numbers of the parameters to a JSON file, for `Program.load`."""
        save(path, self.trace, {**self._about, "dtype": self.dtype, "reduce": self.reduce})

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        parameters: Sequence[Value] | None = None,
        primitives: Sequence[Primitive] = (),
        backend: str = "auto",
        threads: int = 1,
        devices: int = 1,
    ) -> Program:
        """The program in a file that `save` wrote. The file contains no code.

        Its parameters are new Values with the saved numbers, or `parameters` instead. primitives: the custom
        primitives it uses. Raises ValueError for a file that cannot be read.
        """
        trace, about = load(path, parameters, primitives)
        example = tuple(about["example"])
        return cls(
            trace, about["name"], about["names"], example, backend, about["dtype"], about["reduce"], threads, devices
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """The state for pickle and copy. Machine code is compiled again; parameters that are copied too stay shared."""
        backend, threads, devices = self._options
        about = self._about["name"], self._about["names"], self._about["example"]
        return type(self), (self.trace, *about, backend, self.dtype, self.reduce, threads, devices)

    def explain(self) -> str:
        """The matrices and vectors found in the scalars, as text: h1 = relu(W1 x + b1), dJ/dW1 = delta1 x^T.

        J is the reduced value, theta the parameters. Each line ends with the registers of the tape that it computes.
        """
        return self._running.explain()

    def source(self, language: str = "numpy") -> str:
        """The reduced value and its gradient as code that a person reads, each line with the formula it stands for.

        language: "numpy", "c" or "javascript". The function takes the rows and theta, the numbers of `parameters`, and
        returns the value and the gradient in this order: with `compile(..., parameters=list(model.parameters()))` it is
        that of the model, and reads best. It is written with textbook formulas, as `explain` shows
        them: where a derivative is close to 0, this program keeps digits that they lose. Raises CompileError for a
        program with an instruction that is not written so, such as a lookup in a table or a loop over a sequence.
        """
        return self._running.source(language, self.name)

    def vectorised(self, kind: Kind = "gradient", propagate_gates: bool = False) -> VectorProgram:
        """The `VectorProgram` that a backend runs: for the "value" of each row, for the "gradient" of the reduced
        value, or for that with respect to the "inputs" too.

        propagate_gates: the longer one for a call in which 0 has met inf behind a closed gate.
        """
        return self._running.vector_program(kind, propagate_gates)

    def _on_values(self, data: Sequence[Any]) -> list[Value]:
        """The value for each row as a graph, so that a program can be part of another function."""
        results: list[Value] = []
        for row in zip(*data, strict=True):
            numbers = [leaf for argument in row for leaf in leaves(argument)]
            if len(numbers) != len(self.trace.columns):
                raise ValueError(
                    f"this row has {len(numbers)} numbers, but the function was compiled for a row of "
                    f"{len(self.trace.columns)}. Give one entry a row for each argument: program([x], [y])."
                )
            given = dict(zip([*self.trace.columns, *self.trace.registers], [*numbers, *self.trace.values], strict=True))
            tape = self.trace.tape
            computed = tape.run([given[leaf] for leaf in tape.leaves])
            for index, count in places_of(tape, [self.trace.root]).items():
                require_place(computed[index], count, f" in row {len(results)}")
            results.append(computed[self.trace.root])
        return results

    def __str__(self) -> str:
        tape, root, once, _ = self._running.rewritten()[0]
        wanted = self.trace.registers[: self.trace.parameter_count]
        gradient = differentiate(tape, root, once, self.trace.columns, wanted, self.reduce)
        results = [f"value = r{gradient.value}"]
        results += [f"d value / d r{leaf} = r{index}" for leaf, index in zip(wanted, gradient.shared, strict=True)]
        needed = tape.needed([gradient.value, *gradient.shared, *wanted, *self.trace.columns])
        lines = [line for line, is_needed in zip(tape.lines(), needed, strict=True) if is_needed]
        return "\n".join([*lines, *results])

    def __repr__(self) -> str:
        return (
            f"<program {self.name}: {len(self.trace.columns)} inputs, {self.trace.parameter_count} parameters, "
            f"{len(self.trace.tape.instructions)} instructions, {self.backend}>"
        )


def _zeros(nested: Nested) -> Nested:
    return as_lists(rebuild(nested, [0.0] * len(leaves(nested))))


def _has_values(nested: Nested) -> bool:
    if not isinstance(nested, (list, tuple)) and getattr(nested, "dtype", None) != "O":
        return isinstance(nested, Value)
    return any(isinstance(leaf, Value) for leaf in leaves(nested))
