"""Why a gradient died on its way down: the gates, the saturated units and the zero factors that stopped it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from autograd_core import Value, backward_steps, topological_order
from nn.diagnosis.activation_uses import Application, applications
from nn.plot.canvas import Pictured
from nn.plot.gradients import draw_why

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Cause = Literal["closed gate", "flat operation", "saturation", "zero weight", "zero input", "zero factor"]


@dataclass(frozen=True, eq=False)
class Hop:
    """One operation that a gradient passes on its way down: from the gradient of `target` to that of `source`.

    factor: dtarget/dsource. words: what it does, for a label. application: the activation it is, or None.
    """

    source: Value
    target: Value
    factor: float
    words: str
    application: Application | None = None


@dataclass(frozen=True)
class Reason:
    """One thing that stops a gradient or starves it, in words with its numbers."""

    cause: Cause
    words: str

    def __str__(self) -> str:
        return f"{self.cause}: {self.words}"


@dataclass(frozen=True, eq=False, repr=False)
class Why(Pictured):
    """Why the gradient of one node is what it is.

    gradient: dloss/dnode. reasons: all that stops it where it is 0, and else the saturated units on its strongest way
    from the loss. way: that way, from the loss down: (operation, gradient after it), the loss's own 1 first.
    """

    name: str
    gradient: float
    reasons: tuple[Reason, ...]
    way: tuple[tuple[str, float], ...]

    def figure(self, theme: str = "light") -> Figure:
        """The size of the gradient after each operation on its way down, the reasons written below."""
        return draw_why(self, theme)

    def __str__(self) -> str:
        head = f"the gradient of {self.name} is {self.gradient + 0.0:.4g}"  # which makes -0 a plain 0
        if not self.reasons:
            return f"{head}: nothing stops it" if self.gradient else f"{head}: its contributions cancel out"
        return "\n  ".join([f"{head}:", *map(str, self.reasons)])


def why_gradient(loss: Value, node: Value) -> Why:
    """Follow the gradient of `loss` to `node` and say what stopped or starved it. No `.grad` is read or written.

    Raises ValueError where the loss does not depend on the node.

    >>> from autograd_core import relu
    >>> x = Value(-1.5, label="x")
    >>> print(why_gradient(relu(x) * 2.0, x).reasons[0])
    closed gate: relu has z = -1.5, and its slope is 0 for x ≤ 0
    """
    order = topological_order(loss)
    if node not in set(order):
        raise ValueError(f"the loss does not depend on {_name(node)}: no way leads from one to the other.")
    gradients: dict[Value, float] = {loss: 1.0}
    partials: dict[tuple[Value, int], float] = {}
    for step in backward_steps(loss):
        for index, (source, adjoint) in enumerate(zip(step.inputs, step.adjoints, strict=True)):
            if isinstance(source, Value) and adjoint is not None:
                gradients[source] = float(adjoint)
                partials[step.node, index] = float(step.partials[index])  # type: ignore[arg-type]
    above = _Above(order, partials)
    gradient = gradients.get(node, 0.0)
    way = _strongest_way(above, node, loss, gradients)
    reasons = _starved(way) if gradient else _stopped(above, node, gradients)
    shown = [("loss", 1.0), *((hop.words, gradients.get(hop.source, 0.0)) for hop in reversed(way))]
    return Why(_name(node), gradient, tuple(reasons), tuple(shown))


class _Above:
    """The operations above every node; an activation is one operation, however many primitives it is made of."""

    def __init__(self, order: list[Value], partials: dict[tuple[Value, int], float]) -> None:
        self.partials = partials
        self.consumers: dict[Value, list[tuple[Value, int]]] = {}
        for node in order:
            for index, source in enumerate(node.inputs):
                if isinstance(source, Value):
                    self.consumers.setdefault(source, []).append((node, index))
        self.applications: dict[Value, list[Application]] = {}
        for one in applications(order):
            self.applications.setdefault(one.input, []).append(one)

    def hops(self, source: Value) -> Iterator[Hop]:
        """Every operation `source` goes into directly."""
        inside: set[int] = set()
        outputs: set[Value] = set()
        for one in self.applications.get(source, ()):
            inside.add(id(one.scope))
            outputs.add(one.output)
            yield Hop(source, one.output, one.slope, f"{one.name} at z = {one.z:.4g}", one)
        for target, index in self.consumers.get(source, ()):
            own = {id(scope) for scope in target.scope.chain()} if target.scope else set()
            if target in outputs or own & inside:
                continue  # a part of the activation, which is one hop
            if target.primitive is None or index not in {rule[0] for rule in target.primitive.rules}:
                yield Hop(source, target, 0.0, target.op)
                continue
            yield Hop(source, target, self._partial(target, index), _words(target, index))

    def _partial(self, target: Value, index: int) -> float:
        """dtarget/dsource; where nothing reaches the target, computed afresh from its numbers."""
        if (target, index) in self.partials:
            return self.partials[target, index]
        inputs = [Value(float(one)) for one in target.inputs]
        assert target.primitive is not None
        target.primitive(*inputs).backward()
        return inputs[index].grad or 0.0


def _strongest_way(above: _Above, node: Value, loss: Value, gradients: dict[Value, float]) -> list[Hop]:
    """The hops from the node up to the loss, at each the one that carries most."""
    way: list[Hop] = []
    while node is not loss:
        hop = max(
            above.hops(node),
            key=lambda hop: (abs(hop.factor * gradients.get(hop.target, 0.0)), abs(gradients.get(hop.target, 0.0))),
        )
        way.append(hop)
        node = hop.target
    return way


def _starved(way: list[Hop]) -> list[Reason]:
    return [_reason(hop) for hop in reversed(way) if hop.application and hop.application.state == "saturated"]


def _stopped(above: _Above, node: Value, gradients: dict[Value, float]) -> list[Reason]:
    """What stands at the end of every way up that no gradient comes down."""
    reasons: dict[str, Reason] = {}
    met, waiting = {node}, [node]
    while waiting:
        for hop in above.hops(waiting.pop(0)):
            if hop.factor == 0.0:
                reason = _reason(hop)
                reasons[str(reason)] = reason
            elif gradients.get(hop.target, 0.0) == 0.0 and hop.target not in met:
                met.add(hop.target)
                waiting.append(hop.target)
    return list(reasons.values())


def _reason(hop: Hop) -> Reason:
    one = hop.application
    if one is not None:
        where = f"{one.name}" + (f" of {one.place_name}" if one.place else "")
        zone = one.zone
        if zone is not None and zone.kind == "saturated":
            return Reason("saturation", f"{where} has z = {one.z:.4g}, where its slope is only {one.slope:.3g}")
        if zone is not None and "everywhere" in str(zone):
            return Reason("flat operation", f"the slope of {where} is 0 everywhere")
        limit = str(zone).partition("for ")[2] if zone is not None else f"x = {one.z:.4g}"
        return Reason("closed gate", f"{where} has z = {one.z:.4g}, and its slope is 0 for {limit}")
    if hop.target.op == "multiply":
        left, right = hop.target.inputs
        other = right if left is hop.source else left
        if getattr(other, "role", "") == "parameter":
            return Reason("zero weight", f"it is multiplied by {_name(other)} = 0")
        leaf = isinstance(other, float) or other.primitive is None
        return Reason("zero input" if leaf else "zero factor", f"it is multiplied by {_name(other)} = {float(other):g}")
    if hop.target.op in ("where", "maximum", "minimum"):
        return Reason("closed gate", f"{hop.target.op} chose its other input")
    return Reason("flat operation", f"the slope of {hop.words} is 0 here")


def _words(target: Value, index: int) -> str:
    if target.op == "multiply":
        return f"× {_name(target.inputs[1 - index])}"
    return {"add": "+", "subtract": "−", "divide": "÷"}.get(target.op, target.op)


def _name(node: Value | float) -> str:
    if not isinstance(node, Value):
        return f"{node:.4g}"
    if node.label:
        return node.label
    outer = [one.name for one in node.scope.chain()] if node.scope else []
    return f"{node.op or 'a value'}" + (f" of {' / '.join(reversed(outer))}" if outer else "")
