"""What an operation is: its forward rule, its partials, its notation, and how calling it records a node."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograd_core.engine.number import as_number
from autograd_core.errors import GraphError

Partial = Callable[..., Any]
Gate = Callable[..., Any]
Interval = tuple[float, float]

ATOM = 100  # binds so strongly that it never needs brackets


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Primitive:
    """One operation. Calling it with numbers computes; with a `Value` among them it records a node.

    name: the word used in tables and errors. forward: floats to a float, IEEE results, never raises for a float.
    partials: dy/d(input) for each input; a float where it is constant, None where no gradient flows; the tuple is
    None for an operation that has a forward rule only. domain: for each input the interval tests sample from.
    text, latex: notation with {0} {1} for the inputs; `binding` says how strongly the result holds together, then
    how strongly each input must, or be put in brackets (`latex_binding` where LaTeX differs, as under a fraction bar).

    words: what a reader calls the inputs, where `arguments` does not say it, such as ("base", "exponent").
    commutative: exchanging the inputs changes nothing but the sign of a zero. comparison: the result is 1.0 or 0.0, the
    answer to a question. saturating: an activation that is bounded, with a slope that goes to 0 on both sides. linear:
    the inputs in which it is linear, or piecewise linear, while the others stay: there a small partial is a scale and
    no saturation.
    """

    name: str
    forward: Callable[..., float]
    partials: tuple[Partial | float | None, ...] | None
    arguments: tuple[str, ...] = ("a",)
    formula: str = ""
    derivatives: tuple[str, ...] = ()
    symbol: str = ""
    text: str = ""
    latex: str = ""
    binding: tuple[int, ...] = (ATOM, 0)
    latex_binding: tuple[int, ...] = ()
    domain: tuple[Interval, ...] = ((-3.0, 3.0),)
    kink: str = ""
    words: tuple[str, ...] = ()
    commutative: bool = False
    comparison: bool = False
    saturating: bool = False
    linear: tuple[int, ...] = ()
    gates: tuple[Gate | None, ...] = ()
    rules: tuple[tuple[int, Partial | float, Gate | None], ...] = field(init=False)
    pair: tuple[Partial | float, Partial | float] | None = field(init=False)
    many: bool = field(init=False)

    def __post_init__(self) -> None:
        partials = self.partials or (self._no_partial,) * len(self.arguments)
        gates = self.gates or (None,) * len(self.arguments)
        rules = tuple(
            (index, partial, gate)
            for index, (partial, gate) in enumerate(zip(partials, gates, strict=True))
            if partial is not None
        )
        ungated_pair = len(rules) == len(self.arguments) == 2 and not self.gates
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "pair", (rules[0][1], rules[1][1]) if ungated_pair else None)
        object.__setattr__(self, "many", len(self.arguments) > 2)

    def __call__(self, *inputs: Any) -> Any:
        if len(inputs) != len(self.arguments):
            raise self._wrong_count(len(inputs))
        numbers = True
        for thing in inputs:
            if type(thing) is not float:
                numbers = False
                record = getattr(thing, "_record", None)
                if record is not None:
                    return record(self, inputs)
        return self.forward(*inputs) if numbers else self.forward(*(as_number(thing, self.name) for thing in inputs))

    def _no_partial(self, *_: Any) -> Any:
        raise GraphError(
            f"{self.name!r} has a forward rule only, so no gradient can go back through it. Give custom_primitive its "
            "partials, one for each input, or use .detach() on its result if none should flow."
        )

    def _wrong_count(self, given: int) -> TypeError:
        wanted = len(self.arguments)
        return TypeError(f"{self.name}({', '.join(self.arguments)}) takes {wanted} number(s), got {given}.")

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.arguments)})>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self is not DETACHED and PRIMITIVES.get(self.name) is not self:
            raise GraphError(
                f"the custom primitive {self.name!r} cannot be pickled: its rules are code. "
                "Save the numbers (the .data of the leaves) and record the graph again."
            )
        return _named, (self.name,)

    def __deepcopy__(self, memo: Any) -> Primitive:
        return self


# What computed a number while recording was off: nothing that a gradient could flow back through.
DETACHED = Primitive("detach", lambda: math.nan, (), arguments=())

# The table: filled in order by primitives.py.
PRIMITIVES: dict[str, Primitive] = {}


def entry(name: str, forward: Callable[..., float], partials: tuple[Any, ...], **rest: Any) -> Primitive:
    """Make a primitive and enter it in the table."""
    primitive = PRIMITIVES[name] = Primitive(name, forward, partials, **rest)
    return primitive


def _named(name: str) -> Primitive:
    return DETACHED if name == DETACHED.name else PRIMITIVES[name]
