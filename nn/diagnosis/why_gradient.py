"""Why a gradient vanishes on its way from the loss: closed gates, saturated units and zero factors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from autograd_core import Value, backward_steps, topological_order, visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.text_report import Part
from nn.diagnosis.activation_uses import ActivationUse, activation_uses
from nn.plot.canvas import Pictured
from nn.plot.gradients import draw_why

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Cause = Literal["closed gate", "flat operation", "saturation", "zero weight", "zero input", "zero factor"]


@dataclass(frozen=True, eq=False)
class PathEdge:
    """An operation on the path of a gradient: from the gradient of `target` to that of `source`.

    factor: dtarget/dsource. words: its label. use: the activation, None for any other operation.
    """

    source: Value
    target: Value
    factor: float
    words: str
    use: ActivationUse | None = None


@dataclass(frozen=True)
class Reason:
    """A reason why a gradient is zero or small, in words with its numbers."""

    cause: Cause
    words: str

    def __str__(self) -> str:
        return f"{self.cause}: {self.words}"


@dataclass(frozen=True, eq=False, repr=False)
class Why(Pictured):
    """The reasons for the gradient of a node.

    gradient: dloss/dnode. reasons: every operation that stops it where it is 0, else the saturated units on its
    strongest path from the loss. path: (operation, gradient after it) from the loss on, whose own gradient 1 is first.
    """

    name: str
    gradient: float
    reasons: tuple[Reason, ...]
    path: tuple[tuple[str, float], ...]

    def figure(self, theme: str = "light") -> Figure:
        """The size of the gradient after each operation on its path, with the reasons."""
        return draw_why(self, theme)

    def parts(self) -> list[Part]:
        """The numbers as text."""
        head = f"the gradient of {self.name} is {number_text(self.gradient)}"
        if not self.reasons:
            return [f"{head}: nothing stops it" if self.gradient else f"{head}: its contributions cancel out"]
        return [f"{head}:", *(f"  {reason}" for reason in self.reasons)]


def why_gradient(loss: Value, node: Value) -> Why:
    """Follow the gradient of `loss` to `node` and find what stopped or reduced it. No `.grad` is read or written.

    Raises ValueError where the loss does not depend on the node.

    >>> from autograd_core import relu
    >>> x = Value(-1.5, label="x")
    >>> print(why_gradient(relu(x) * 2.0, x).reasons[0])
    closed gate: relu has z = −1.5, and its slope is 0 for x ≤ 0
    """
    order = topological_order(loss)
    if node not in set(order):
        raise ValueError(f"the loss does not depend on {_name(node)}: no path connects them.")
    gradients: dict[Value, float] = {loss: 1.0}
    partials: dict[tuple[Value, int], float] = {}
    for step in backward_steps(loss):
        for index, (source, adjoint) in enumerate(zip(step.inputs, step.adjoints, strict=True)):
            if isinstance(source, Value) and adjoint is not None:
                gradients[source] = float(adjoint)
                partials[step.node, index] = float(step.partials[index])  # type: ignore[arg-type]
    above = _Consumers(order, partials)
    gradient = gradients.get(node, 0.0)
    path = _strongest_path(above, node, loss, gradients)
    reasons = _saturations(path) if gradient else _stops(above, node, gradients)
    shown = [("loss", 1.0), *((edge.words, gradients.get(edge.source, 0.0)) for edge in reversed(path))]
    return Why(_name(node), gradient, tuple(reasons), tuple(shown))


class _Consumers:
    """The operations that use each node; an activation counts as one operation."""

    def __init__(self, order: list[Value], partials: dict[tuple[Value, int], float]) -> None:
        self.partials = partials
        self.consumers: dict[Value, list[tuple[Value, int]]] = {}
        for node in order:
            for index, source in enumerate(node.inputs):
                if isinstance(source, Value):
                    self.consumers.setdefault(source, []).append((node, index))
        self.uses: dict[Value, list[ActivationUse]] = {}
        for use in activation_uses(order):
            self.uses.setdefault(use.input, []).append(use)

    def edges_up(self, source: Value) -> Iterator[PathEdge]:
        """Every operation with `source` as an input."""
        inside: set[int] = set()
        outputs: set[Value] = set()
        for use in self.uses.get(source, ()):
            inside.add(id(use.scope))
            outputs.add(use.output)
            yield PathEdge(source, use.output, use.slope, f"{use.name} at z = {number_text(use.z)}", use)
        for target, index in self.consumers.get(source, ()):
            own = {id(scope) for scope in target.scope.chain()} if target.scope else set()
            if target in outputs or own & inside:
                continue  # a part of the activation
            if target.primitive is None or index not in {rule[0] for rule in target.primitive.rules}:
                yield PathEdge(source, target, 0.0, target.op)
                continue
            yield PathEdge(source, target, self._partial(target, index), _words(target, index))

    def _partial(self, target: Value, index: int) -> float:
        """dtarget/dsource; computed from its inputs where no gradient reaches the target."""
        if (target, index) in self.partials:
            return self.partials[target, index]
        inputs = [Value(number) for number in target.input_numbers]
        assert target.primitive is not None
        target.primitive(*inputs).backward()
        return inputs[index].grad or 0.0


def _strongest_path(above: _Consumers, node: Value, loss: Value, gradients: dict[Value, float]) -> list[PathEdge]:
    """The edges from the node up to the loss, at each node the edge with the largest contribution."""
    path: list[PathEdge] = []
    while node is not loss:
        edge = max(
            above.edges_up(node),
            key=lambda edge: (abs(edge.factor * gradients.get(edge.target, 0.0)), abs(gradients.get(edge.target, 0.0))),
        )
        path.append(edge)
        node = edge.target
    return path


def _saturations(path: list[PathEdge]) -> list[Reason]:
    return [_reason(edge) for edge in reversed(path) if edge.use and edge.use.state == "saturated"]


def _stops(above: _Consumers, node: Value, gradients: dict[Value, float]) -> list[Reason]:
    """The operations that stop the gradient on every path from the loss."""
    reasons: dict[str, Reason] = {}
    met, waiting = {node}, [node]
    while waiting:
        for edge in above.edges_up(waiting.pop(0)):
            if edge.factor == 0.0:
                reason = _reason(edge)
                reasons[str(reason)] = reason
            elif gradients.get(edge.target, 0.0) == 0.0 and edge.target not in met:
                met.add(edge.target)
                waiting.append(edge.target)
    return list(reasons.values())


def _reason(edge: PathEdge) -> Reason:
    use = edge.use
    if use is not None:
        where = f"{use.name}" + (f" of {use.place_name}" if use.place else "")
        zone = use.zone
        if zone is not None and zone.kind == "saturated":
            return Reason(
                "saturation",
                f"{where} has z = {number_text(use.z)}, where its slope is only {number_text(use.slope, 3)}",
            )
        if zone is not None and "everywhere" in str(zone):
            return Reason("flat operation", f"the slope of {where} is 0 everywhere")
        limit = str(zone).partition("for ")[2] if zone is not None else f"x = {number_text(use.z)}"
        return Reason("closed gate", f"{where} has z = {number_text(use.z)}, and its slope is 0 for {limit}")
    if edge.target.op == "multiply":
        place = 0 if edge.target.inputs[0] is edge.source else 1
        other, number = edge.target.inputs[1 - place], edge.target.input_numbers[1 - place]
        if getattr(other, "role", "") == "parameter":
            return Reason("zero weight", f"it is multiplied by {_name(other)} = 0")
        leaf = isinstance(other, float) or other.primitive is None
        return Reason("zero input" if leaf else "zero factor", f"it is multiplied by {_name(other)} = {number:g}")
    primitive, inputs = edge.target.primitive, edge.target.inputs
    if primitive is not None and primitive.gates:
        places = [place for place, source in enumerate(inputs) if source is edge.source]
        words = primitive.words or primitive.arguments
        if not any(place in places for place, _, _ in primitive.rules):
            return Reason(
                "flat operation", f"{edge.target.op} has no derivative with respect to its {words[places[0]]}"
            )
        if primitive.selects is not None:
            chosen = primitive.open_rules((edge.target.output_number, *edge.target.input_numbers))
            return Reason("closed gate", f"{edge.target.op} chose {words[chosen[0][0]]}, not {words[places[0]]}")
        return Reason("closed gate", f"{edge.target.op} chose its other input")
    return Reason("flat operation", f"the slope of {edge.words} is 0 here")


def _words(target: Value, index: int) -> str:
    if target.op == "multiply":
        return f"× {_name(target.inputs[1 - index])}"
    return target.primitive.symbol if target.primitive is not None else target.op


def _name(node: Value | float) -> str:
    if not isinstance(node, Value):
        return number_text(node)
    if label := visible_text(node.label):
        return label
    outer = [visible_text(scope.name) for scope in node.scope.chain()] if node.scope else []
    return f"{node.op or 'a value'}" + (f" of {' / '.join(reversed(outer))}" if outer else "")
