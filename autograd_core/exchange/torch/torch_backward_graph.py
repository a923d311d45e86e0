"""The backward graph of a tensor of PyTorch, computed again on Values from its leaves to the loss."""

from __future__ import annotations

import math
import re
from typing import Any

from autograd_core.engine.backward import adjoints
from autograd_core.engine.value import Value
from autograd_core.errors import ExchangeError
from autograd_core.exchange.arrays.array_operations import as_array
from autograd_core.exchange.torch.torch_rules import RULES
from autograd_core.exchange.torch.torch_saved import (
    INPUT,
    INPUT_OF_RESULT,
    INVERSES,
    OPTIONAL_INPUTS,
    OUTPUT,
    SAVED_INPUTS,
    SCALAR_OPERATIONS,
    shortest,
)

MOST_NUMBERS = 5000  # of all results together: an explanation of more is read by nobody


def _operation(node: Any) -> str:
    return re.sub(r"Backwards?\d*$", "", node.name().split("::")[-1])


class BackwardGraph:
    """Computes a backward graph again on Values, from its leaves to the loss."""

    def __init__(self, torch: Any, loss: Any, names: dict[int, str]) -> None:
        self.torch, self.loss, self.names = torch, loss, names
        self.leaves: dict[Any, tuple[Any, Any]] = {}  # of a node that accumulates a gradient: tensor, its Values
        self.reasons: list[str] = []
        self.order = _forward_order(loss.grad_fn)
        self.known: dict[Any, Any] = {loss.grad_fn: loss}
        self.solved = {loss.grad_fn}  # known, but not as inputs in whose place they could stand

    def read(self) -> Value:
        """The Value of the loss."""
        self._find_known_results()
        results = self._compute_all()
        while results[self.loss.grad_fn] is None and self._solve_from_the_loss(results):
            results = self._compute_all()
        root = results[self.loss.grad_fn]
        if root is None:
            states = (f"{_operation(node)}: {'not known' if results[node] is None else 'read'}" for node in self.order)
            raise ExchangeError(
                f"this graph cannot be computed again. {' '.join(dict.fromkeys(self.reasons))}\n  "
                + "\n  ".join(states)
            )
        value: Value = root.reshape(-1)[0]
        return value

    def _compute_all(self) -> dict[Any, Any]:
        """Of every operation an array of Values, or None where it is not known."""
        self.reasons.clear()
        results: dict[Any, Any] = {}
        count = 0
        for node in self.order:
            is_leaf = _operation(node) == "AccumulateGrad"
            results[node] = found = self._leaf(node) if is_leaf else self._compute(node, results)
            count += (
                0 if found is None else sum(part.size for part in (found if isinstance(found, tuple) else (found,)))
            )
            if count > MOST_NUMBERS:
                raise ExchangeError(
                    f"this graph has more than {MOST_NUMBERS:,} numbers. Explain the loss of fewer rows or of a "
                    "smaller model: the rules are the same."
                )
        return results

    def _solve_from_the_loss(self, results: dict[Any, Any]) -> bool:
        """Find one more result, from that of a sum or difference and its other term; False where there is none."""
        for node in reversed(self.order):
            inverses = INVERSES.get(_operation(node))
            if node not in self.known or inverses is None or _alpha(node) != 1:
                continue
            if len(node.next_functions) < 2:
                continue
            for place, (below, _) in enumerate(node.next_functions):
                other = results.get(node.next_functions[1 - place][0])
                if below is None or results[below] is not None or below in self.known or other is None:
                    continue
                number = inverses[place](self.known[node].detach(), self._numbers(other))
                if number.shape == _shape(below):
                    self.known[below] = number
                    self.solved.add(below)
                    return True
        return False

    def check(self, root: Value) -> None:
        """Compare the loss and the gradients with those of PyTorch."""
        expected = float(self.loss.detach())
        tolerance = math.sqrt(self.torch.finfo(self.loss.dtype).eps)
        tensors = [tensor for tensor, _ in self.leaves.values()]
        theirs = self.torch.autograd.grad(self.loss, tensors, retain_graph=True, allow_unused=True) if tensors else ()
        ours = adjoints(root, 1.0)
        pairs = [(float(root), expected)]
        for (_, values), gradient in zip(self.leaves.values(), theirs, strict=True):
            if gradient is not None and not self.reasons:
                own = [float(ours.get(value) or 0.0) for value in values.flatten()]
                pairs += zip(own, gradient.flatten().tolist(), strict=True)
        scale = max([1.0, *(abs(b) for _, b in pairs if math.isfinite(b))])
        for a, b in pairs:
            if not (abs(a - b) <= tolerance * scale or (math.isnan(a) and math.isnan(b)) or a == b):
                raise ExchangeError(
                    f"computed again, a number of this graph is {a!r}, where PyTorch has {b!r}: an operation in it "
                    "rounds to fewer bits, works on complex numbers, or has a setting that is not read. Compute the "
                    "loss in float64, and explain it part by part."
                )

    def _leaf(self, node: Any) -> Any:
        if node not in self.leaves:
            name = self.names.get(id(node.variable), f"p{len(self.leaves) + 1}")
            self.leaves[node] = node.variable, self._inputs(node.variable, name)
        return self.leaves[node][1]

    def _inputs(self, tensor: Any, name: str) -> Any:
        import numpy as np

        numbers = tensor.detach().to("cpu", self.torch.float64).numpy()
        values = np.empty(numbers.shape, dtype=object)
        for place in np.ndindex(numbers.shape):
            values[place] = Value(float(numbers[place]), name + "".join(f"[{index}]" for index in place))
        return values

    def _find_known_results(self) -> None:
        """The results whose numbers PyTorch has kept."""
        for node in self.order:
            result = self._saved(node, OUTPUT)
            if result is not None:
                self.known[node] = result
                self._invert(node, result)
            for place, (below, _) in enumerate(node.next_functions):
                if below is not None and (number := self._saved_input(node, place)) is not None:
                    self.known.setdefault(below, number)

    def _invert(self, node: Any, result: Any) -> None:
        """The input of a function of which PyTorch has kept the result alone."""
        inverse, (below, _) = INPUT_OF_RESULT.get(_operation(node)), node.next_functions[0]
        if inverse is None or below is None or below in self.known:
            return
        number = inverse(result.detach())
        if bool(number.isfinite().all()):
            self.known[below] = number
            self.solved.add(below)

    def _saved_input(self, node: Any, place: int) -> Any:
        attributes = SAVED_INPUTS.get(_operation(node), (INPUT,))
        attribute = attributes[place] if place < len(attributes) else None
        return None if attribute is None else self._saved(node, attribute)

    def _saved(self, node: Any, attribute: str) -> Any:
        if not hasattr(type(node), attribute):
            return None
        try:
            return getattr(node, attribute)
        except RuntimeError as problem:
            raise ExchangeError(
                "backward() has freed the numbers of this graph. Call explain_torch before backward(), or "
                "backward(retain_graph=True)."
            ) from problem

    def _compute(self, node: Any, results: dict[Any, Any]) -> Any:
        """The result of one operation as an array of Values; None where no number is known."""
        name = _operation(node)
        inputs = []
        reason = "" if name in RULES else f"The operation {name} is not read."
        for place, (below, output) in enumerate(node.next_functions):
            given = None if below is None else _output(results[below], output)
            if below is None:
                given = self._constant(node, place, results)
            if given is None and not (below is None and name in OPTIONAL_INPUTS):
                reason = reason or f"PyTorch has kept no number of input {place + 1} of {name}."
            inputs.append(given)
        if name in SCALAR_OPERATIONS and len(inputs) == 1:
            place = 0 if name == "Pow" and not isinstance(node._saved_self, self.torch.Tensor) else 1  # as in 2**x
            inputs.insert(place, self._constant(node, place, results))
            if inputs[place] is None:
                reason = reason or f"PyTorch has kept no number of input {place + 1} of {name}."
        if not reason:
            try:
                found = RULES[name](node, _shape(node), *inputs)
                # Of no axes, NumPy gives the entry itself, and of axes that are kept the rules give none.
                return found if isinstance(found, tuple) else as_array(found).reshape(_shape(node))
            except ExchangeError as problem:
                reason = f"In {name}, {problem}."
        self.reasons.append(reason)
        if node not in self.known or node in self.solved:
            return None
        return self._inputs(self.known[node], f"{name}{len(self.reasons)}")

    def _constant(self, node: Any, place: int, results: dict[Any, Any]) -> Any:
        """The numbers of an input that requires no gradient: kept, or those that give the result with the other."""
        number = self._saved_input(node, place)
        name = _operation(node)
        if number is None and name in INVERSES and node in self.known and _alpha(node) == 1:
            other = results.get(node.next_functions[1 - place][0])
            if other is not None:
                total, term = self.known[node].detach(), self._numbers(other)
                exact = INVERSES[name][place](total, term).flatten().tolist()
                size = max([1.0, *map(abs, total.flatten().tolist()), *map(abs, term.flatten().tolist())])
                error = 4.0 * self.torch.finfo(self.loss.dtype).eps * size
                return as_array([shortest(number, error) for number in exact]).reshape(total.shape)
        if number is None:
            return None
        tensor = number
        if not isinstance(number, self.torch.Tensor):
            tensor = self.torch.tensor(float(number), dtype=self.torch.float64)
        return as_array(tensor.detach().to("cpu", self.torch.float64).tolist())

    def _numbers(self, values: Any) -> Any:
        numbers = [float(value) for value in values.flatten()]
        return self.torch.tensor(numbers, dtype=self.torch.float64).reshape(values.shape)


def _output(results: Any, place: int) -> Any:
    """One result of an operation, which may have several."""
    if isinstance(results, tuple):
        return results[place]
    return results if place == 0 else None


def _alpha(node: Any) -> Any:
    """The factor of the second term of a sum; of a number that is added there is none."""
    return getattr(node, "_saved_alpha", 1)


def _shape(node: Any) -> tuple[int, ...]:
    return tuple(node._input_metadata[0].shape)


def _forward_order(root: Any) -> list[Any]:
    """The nodes of a backward graph, each after those that it leads to."""
    order: list[Any] = []
    entered: set[Any] = set()
    waiting = [(root, False)]
    while waiting:
        node, is_done = waiting.pop()
        if is_done:
            order.append(node)
        elif node not in entered:
            entered.add(node)
            waiting.append((node, True))
            waiting += [(below, False) for below, _ in reversed(node.next_functions) if below is not None]
    return order
