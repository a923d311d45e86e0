"""The execution of `fit` for sequences: one compiled program for rows of all lengths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd_core import (
    compile,  # noqa: A004
    compile_sequences,
    dot,
    no_grad,
)
from nn.batched import evaluating
from nn.modules.layers import Embedding
from nn.modules.module import Module
from nn.modules.tensor_lists import leaves, map_leaves
from nn.optim import Optimiser
from nn.training.compiled_steps import many_steps
from nn.training.examples import Examples
from nn.training.execution import output_of
from nn.training.position_losses import OverPositions


class CompiledSequences:
    """A program for the loss of a row and its gradients, and one for the outputs; see `Execution`.

    longest: the number of entries of the longest row, also among those that are only measured. Raises CompileError
    where an output depends on a later entry or on the length of the row, ValueError for a loss that is no mean.
    """

    def __init__(
        self,
        model: Module,
        loss: OverPositions,
        rows: list[Any],
        targets: list[Any],
        longest: int,
        backend: str,
        devices: int = 1,
    ) -> None:
        self.model, self.loss, self.rows, self.targets = model, loss, rows, targets
        with no_grad():
            loss.require_mean(output_of(model, rows[0]), targets[0])
        # The structure of the example matters, its numbers do not.
        self.example, target = ([map_leaves(row[0], float)] * longest for row in (rows[0], targets[0]))

        def losses(x: Any, t: Any) -> list[Any]:
            return [loss.loss([output], [label]) for output, label in zip(model(x), t, strict=True)]

        tables = [module.weight for module in model.modules() if isinstance(module, Embedding)]
        self.program: Any = compile_sequences(
            losses, example=(self.example, target), backend=backend, parameters=leaves(tables), devices=devices
        )
        self.program.value_and_grad(rows[:1], targets[:1])  # raises now if it cannot run
        self.name: str = self.program.backend

    def backward(self, rows: Sequence[int]) -> float:
        """See `Execution`."""
        return float(self.program.backward(*self._data(rows)))

    def descend(self, optimiser: Optimiser, batches: Sequence[Sequence[int]]) -> list[float] | None:
        """See `Execution`."""
        places = [row for batch in batches for row in batch]
        return many_steps(self.program, optimiser, self._data(places), len(batches[0]))

    def outputs(self, rows: list[Any]) -> list[Any]:
        """See `Execution`."""
        padded = [row + row[-1:] * (len(self.example) - len(row)) for row in rows]
        ones = np.ones((len(rows), len(self.example) * len(leaves(self._output))))
        _, _, (_, flat) = self._weighted.value_and_grad(padded, ones, inputs=True)
        found = []
        for row, numbers in zip(rows, flat.tolist(), strict=True):
            rest = iter(numbers)
            found.append([map_leaves(self._output, lambda _, rest=rest: next(rest)) for _ in row])
        return found

    def loss_of(self, held: Examples, outputs: list[Any] | None) -> float:
        """See `Execution`."""
        return float(self.program(held.rows, held.targets).mean())

    def _data(self, rows: Sequence[int]) -> tuple[list[Any], list[Any]]:
        return [self.rows[row] for row in rows], [self.targets[row] for row in rows]

    @cached_property
    def _output(self) -> Any:
        """The output at one position."""
        return output_of(self.model, self.rows[0])[0]

    @cached_property
    def _weighted(self) -> Any:
        """A program whose derivative with respect to c is the outputs of all positions, as for `Compiled`; compiled for
        metrics only."""
        ones = [1.0] * (len(self.example) * len(leaves(self._output)))
        with evaluating(self.model):
            return compile(
                lambda x, c: dot(c, leaves(self.model(x))),
                example=(self.example, ones),
                backend=self.name,
                reduce="sum",
            )
