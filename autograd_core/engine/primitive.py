"""What an operation is: its forward rule, its partials, its notation, and how calling it records a node."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_core.engine.numbers.number import as_number
from autograd_core.errors import GraphError

Partial = Callable[..., Any]
Gate = Callable[..., Any]
Interval = tuple[float, float]
Rule = tuple[int, Partial | float, Gate | None]  # of an edge: the place of the input, the partial, the gate

ATOM = 100  # binds so strongly that it never needs brackets


def function_latex(symbol: str, inputs: str) -> str:
    """The LaTeX of a function, as a template: its name upright, its inputs in brackets."""
    upright = symbol.replace("_", r"\_")
    return rf"\operatorname{{{{{upright}}}}}\left({inputs}\right)"


def first_input(y: Any, a: Any, b: Any) -> Any:
    """A partial of an operation of two inputs: the first of them."""
    return a


def second_input(y: Any, a: Any, b: Any) -> Any:
    """A partial of an operation of two inputs: the second of them."""
    return b


def _never(*inputs: float) -> bool:
    return False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Primitive:
    """One operation. Calling it with numbers computes; with a `Value` among them it records a node.

    name: the word used in tables and errors. forward: floats to a float, IEEE results, never raises for a float.
    partials: dy/d(input) for each input; a float where it is constant, None where no gradient flows; the tuple is
    None for an operation that has a forward rule only. gates: for each input a rule that gives 0 where no gradient
    flows to it.

    formula, derivatives: the same as a textbook prints it, in the expression language; y is the output. wrong_rules:
    the derivatives that people write instead, separated by ";"; with several inputs "da | db", nothing where it is
    right. symbol: what its box shows. text, latex: notation with {0} {1} for the inputs, in Unicode and in LaTeX; by
    default the symbol as a function of them. binding: the precedence of the result, then for each input the lowest
    precedence without brackets (`latex_binding` where LaTeX differs, as under a fraction bar). words: what a reader
    calls the inputs, where `arguments` does not say it, such as ("base", "exponent").

    domain: for each input the interval that tests sample from; is_bounded: the operation is defined there only, and
    checks keep to it. kink: the convention where there is no derivative; at_kink: whether the inputs are at one.
    commutative: exchanging the inputs changes nothing but the sign of a zero. comparison: the result is 1.0 (true) or
    0.0 (false). saturating: an activation that is bounded, with a slope that goes to 0 on both sides. linear: the
    inputs in which it is linear, or piecewise linear, with the others fixed.

    selects: of an operation with one open edge among many, the place of that edge in `rules`, or None, from the same
    numbers as a gate. family: of an operation of any number of inputs, the primitive with so many, or None.
    """

    name: str
    forward: Callable[..., float]
    partials: tuple[Partial | float | None, ...] | None
    arguments: tuple[str, ...] = ("a",)
    formula: str = ""
    derivatives: tuple[str, ...] = ()
    wrong_rules: str = ""
    symbol: str = ""
    text: str = ""
    latex: str = ""
    binding: tuple[int, ...] = ()
    latex_binding: tuple[int, ...] = ()
    domain: tuple[Interval, ...] = ()
    is_bounded: bool = False
    kink: str = ""
    at_kink: Callable[..., bool] = _never
    words: tuple[str, ...] = ()
    commutative: bool = False
    comparison: bool = False
    saturating: bool = False
    linear: tuple[int, ...] = ()
    gates: tuple[Gate | None, ...] = ()
    selects: Callable[..., int | None] | None = None
    family: Callable[[int], Primitive | None] | None = None
    rules: tuple[Rule, ...] = field(init=False)
    pair: tuple[Partial | float, Partial | float] | None = field(init=False)
    many: bool = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.arguments)
        partials = self.partials or (self._no_partial,) * count
        gates = self.gates or (None,) * count
        rules = tuple(
            (index, partial, gate)
            for index, (partial, gate) in enumerate(zip(partials, gates, strict=True))
            if partial is not None
        )
        ungated_pair = len(rules) == count == 2 and not self.gates
        inputs = ", ".join(f"{{{index}}}" for index in range(count))
        symbol = self.symbol or self.name
        fields = {
            "rules": rules,
            "pair": (rules[0][1], rules[1][1]) if ungated_pair else None,
            "many": count > 2,
            "text": self.text or f"{symbol}({inputs})",
            "latex": self.latex or function_latex(symbol, inputs),
            "formula": self.formula or f"{self.name}({', '.join(self.arguments)})",
            "symbol": symbol,
            "binding": self.binding or (ATOM,) + (0,) * count,
            "domain": self.domain or ((-3.0, 3.0),) * count,
        }
        for name, content in fields.items():
            object.__setattr__(self, name, content)

    def __call__(self, *inputs: Any) -> Any:
        if len(inputs) != len(self.arguments):
            return self.of_count(len(inputs))(*inputs)
        numbers = True
        for number in inputs:
            if type(number) is not float:
                numbers = False
                record = getattr(number, "_record", None)
                if record is not None:
                    return record(self, inputs)
        return self.forward(*inputs) if numbers else self.forward(*(as_number(number, self.name) for number in inputs))

    def of_count(self, count: int) -> Primitive:
        """The operation on so many inputs: this, or another of its family. Raises TypeError where there is none."""
        if count == len(self.arguments):
            return self
        found = self.family(count) if self.family is not None else None
        if found is None:
            raise self._wrong_count(count)
        return found

    def open_rules(self, numbers: Sequence[Any]) -> Sequence[Rule]:
        """The rules of the edges that carry a gradient where the node and its inputs are these `numbers`."""
        if self.selects is not None:
            place = self.selects(*numbers)
            return () if place is None else (self.rules[place],)
        return [rule for rule in self.rules if rule[2] is None or rule[2](*numbers)]

    @property
    def is_listed(self) -> bool:
        """Whether it is an entry of the table, or of the family of one."""
        listed = PRIMITIVES.get(self.name)
        return listed is self or (listed is not None and self.family is not None and listed.family is self.family)

    def wrong_derivatives(self, count: int) -> tuple[tuple[str, ...], ...]:
        """The wrong rules, each with one expression for each input, "" where it is right."""
        return split_rules(self.wrong_rules)

    def _no_partial(self, *_: Any) -> Any:
        raise GraphError(
            f"{self.name!r} has a forward rule only, so no gradient can go back through it. Give custom_primitive its "
            "partials, one for each input, or use .detach() on its result if none should flow."
        )

    def _wrong_count(self, count: int) -> TypeError:
        wanted = len(self.arguments) if self.family is None else "more"
        return TypeError(f"{self.name}({', '.join(self.arguments)}) takes {wanted} number(s), got {count}.")

    def __repr__(self) -> str:
        return f"<primitive {self.name}({', '.join(self.arguments)})>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self is not DETACHED and not self.is_listed:
            raise GraphError(
                f"the custom primitive {self.name!r} cannot be pickled: its rules are code. "
                "Save the numbers (the .data of the leaves) and record the graph again."
            )
        return _find_primitive, (self.name, len(self.arguments))

    def __deepcopy__(self, memo: Any) -> Primitive:
        return self


# The operation of a number computed with recording off: no gradient flows back through it.
DETACHED = Primitive("detach", lambda: math.nan, (), arguments=())

# The table: filled in order by primitives.py.
PRIMITIVES: dict[str, Primitive] = {}


def entry(name: str, forward: Callable[..., float], partials: tuple[Any, ...], **fields: Any) -> Primitive:
    """Make a primitive, with inputs called a and b by default, and enter it in the table."""
    fields.setdefault("arguments", ("a", "b")[: len(partials)])
    primitive = PRIMITIVES[name] = Primitive(name, forward, partials, **fields)
    return primitive


def split_rules(rules: str) -> tuple[tuple[str, ...], ...]:
    """Wrong rules as tuples with one expression for each input.

    >>> split_rules("1 | -a / b; | a / b")
    (('1', '-a / b'), ('', 'a / b'))
    """
    return tuple(tuple(part.strip() for part in rule.split("|")) for rule in rules.split(";") if rule)


def _find_primitive(name: str, count: int) -> Primitive:
    return DETACHED if name == DETACHED.name else PRIMITIVES[name].of_count(count)
