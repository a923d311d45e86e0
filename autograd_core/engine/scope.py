"""Named groups of nodes: a picture folds a group into one box, a table into one line.

A composition (sigmoid, GELU ...) is a function built of primitives that opens a scope around itself and carries its
textbook formula, so that closed it reads as one operation and opened it shows the graph as computed.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

from autograd_core.engine.context import Scope, ScopeBlock, current_scope, enter_scope
from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.primitive import function_latex, split_rules

Formula = str | Callable[[int], str]
Derivatives = tuple[str, ...] | Callable[[int], tuple[str, ...]]
OneNode = Callable[..., Any]
WrongRules = str | Callable[[int], tuple[tuple[str, ...], ...]]


@functools.cache
def _input_names(arguments: tuple[str, ...], count: int) -> tuple[str, ...]:
    length = count // len(arguments)
    return tuple(f"{argument[0]}{i + 1}" for argument in arguments for i in range(length))


@functools.cache
def _derivatives(write: Callable[[int], tuple[str, ...]], count: int) -> tuple[str, ...]:
    return write(count)


def scope(name: str, formula: str = "") -> ScopeBlock:
    """Group the nodes computed inside the `with` block under `name`; scopes nest. Raises ValueError for an empty name.

    >>> from autograd_core import Value
    >>> with scope("neuron 1"):
    ...     y = Value(2.0) * 3
    >>> y.scope
    <scope 'neuron 1'>
    """
    if not name:
        raise ValueError("a scope needs a name, which is shown on its box.")
    return ScopeBlock(lambda outer: Scope(name, formula or None, (), outer, outer.mode))


class Composition:
    """A function built of primitives, drawn as one box.

    formula, derivatives: the textbook value and its derivative with respect to each input, in the expression language
    (for a function of a list, functions of the number of inputs that return them); `y` stands for the output. why: in
    one line, why it is computed in another form. symbol: what its box shows. text, latex: notation with {0} {1} for the
    inputs (for a function of lists, for the lists), by default the symbol as a function of them. wrong_rules,
    commutative, saturating: see `Primitive`; commutative lists may exchange their numbers too. one_node: given the
    inputs, records the whole as one node that is expanded when something looks inside, or returns None.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        formula: Formula,
        derivatives: Derivatives,
        why: str,
        symbol: str,
        text: str,
        latex: str,
        domain: tuple[tuple[float, float], ...],
        kink: str,
        commutative: bool = False,
        saturating: bool = False,
        wrong_rules: WrongRules = "",
        one_node: OneNode | None = None,
    ) -> None:
        functools.update_wrapper(self, function)
        self.__qualname__ = function.__qualname__
        self.function = function
        self.name = function.__name__
        self.why = why
        self.symbol = symbol or self.name
        self.domain = domain
        self.kink = kink
        self.commutative = commutative
        self.saturating = saturating
        self.takes_lists = callable(formula)
        self._one_node = one_node
        self._formula = formula
        self._derivatives = derivatives
        self._wrong_rules = wrong_rules
        self._signature = inspect.signature(function)
        self.arguments = tuple(self._signature.parameters)
        parameters = self._signature.parameters.values()
        inputs = "" if self.takes_lists else ", ".join(f"{{{index}}}" for index in range(len(self.arguments)))
        self.text = text or (inputs and f"{self.symbol}({inputs})")
        self.latex = latex or (inputs and function_latex(self.symbol, inputs))
        self.defaults = tuple(item.default for item in parameters if item.default is not item.empty)

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        if named or len(inputs) != len(self.arguments):
            inputs = self._complete(inputs, named)
        if self._one_node is not None and (node := self._one_node(*inputs)) is not None:
            return node
        if self.takes_lists:
            inputs = tuple([self._as_floats(self._as_list(numbers)) for numbers in inputs])
            flat = tuple(chain.from_iterable(inputs))
        else:
            inputs = flat = self._as_floats(inputs)
        outer = current_scope()
        try:
            enter_scope(Scope(self.name, self, flat, outer, outer.mode))
            return self.function(*inputs)
        finally:
            enter_scope(outer)

    def _complete(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        try:
            bound = self._signature.bind(*inputs, **named)
        except TypeError as problem:
            raise TypeError(f"{self.name}({', '.join(self.arguments)}): {problem}.") from None
        bound.apply_defaults()
        return bound.args

    def _as_list(self, numbers: Any) -> list[Any]:
        try:
            return list(numbers)
        except TypeError:
            kind = type(numbers).__name__
            raise TypeError(f"{self.name} takes a list of numbers, got one {kind}. Write {self.name}([...]).") from None

    def _as_floats(self, inputs: Any) -> Any:
        """The inputs with every plain number a float, so that the function may divide and compare them."""
        for kind in {*map(type, inputs)} if len(inputs) > 1 else map(type, inputs):
            if kind is not float and not hasattr(kind, "_record"):
                return type(inputs)([x if hasattr(x, "_record") else as_number(x, self.name) for x in inputs])
        return inputs

    def input_names(self, count: int) -> tuple[str, ...]:
        """The names its formula uses for `count` inputs: the arguments, or a1 a2 ... for a list called a..."""
        return _input_names(self.arguments, count) if self.takes_lists else self.arguments

    def of_flat(self, inputs: Sequence[Any]) -> Any:
        """Its result on a flat sequence of inputs, the lists one after the other."""
        if not self.takes_lists:
            return self(*inputs)
        length = len(inputs) // len(self.arguments)
        return self(*(list(inputs[start : start + length]) for start in range(0, len(inputs), length)))

    def formula(self, count: int) -> str:
        """The textbook formula for `count` inputs."""
        return self._formula(count) if callable(self._formula) else self._formula

    def derivatives(self, count: int) -> tuple[str, ...]:
        """The textbook derivative with respect to each of `count` inputs."""
        return _derivatives(self._derivatives, count) if callable(self._derivatives) else self._derivatives

    def wrong_derivatives(self, count: int) -> tuple[tuple[str, ...], ...]:
        """The wrong rules, each with one expression for each of `count` inputs, "" where it is right."""
        return self._wrong_rules(count) if callable(self._wrong_rules) else split_rules(self._wrong_rules)

    def __repr__(self) -> str:
        return f"<composition {self.name}({', '.join(self.arguments)})>"

    def __reduce__(self) -> str:
        return self.__qualname__  # pickled as a reference to the module's global

    def __deepcopy__(self, memo: Any) -> Composition:
        return self


COMPOSITIONS: dict[str, Composition] = {}


def enclosing_compositions(node: Any) -> list[Composition]:
    """The compositions that a node was computed in, the innermost first."""
    return [scope.definition for scope in node._scope.chain() if isinstance(scope.definition, Composition)]


def is_at_kink(node: Any) -> bool:
    """Whether a convention of the table decides on the derivative of a node.

    None does inside a composition that is smooth, as softplus, whose two branches meet in one slope; and none where the
    inputs stay the same beside this point, as in a comparison with the answer of another one.
    """
    primitive = node.primitive
    return primitive is not None and primitive.at_kink(*node.input_numbers) and may_be_at_kink(node)


def may_be_at_kink(node: Any) -> bool:
    """Whether a convention decides where a node is at its kink: `is_at_kink`, whatever the numbers are."""
    return _depends_on_a_leaf(node) and all(composition.kink for composition in enclosing_compositions(node))


def _depends_on_a_leaf(node: Any) -> bool:
    """Whether an input of `node` leads to a leaf without a comparison, or another operation that is flat, between."""
    entered = set()
    waiting = list(node.inputs)
    while waiting:
        source = waiting.pop()
        if type(source) is float or source in entered:
            continue
        entered.add(source)
        if source.primitive is None:
            return True
        waiting += [source.inputs[index] for index, _, _ in source.primitive.rules]
    return False


def composition(
    formula: Formula,
    derivatives: Derivatives,
    why: str,
    symbol: str = "",
    text: str = "",
    latex: str = "",
    domain: tuple[tuple[float, float], ...] = ((-5.0, 5.0),),
    kink: str = "",
    commutative: bool = False,
    saturating: bool = False,
    wrong_rules: WrongRules = "",
    one_node: OneNode | None = None,
) -> Callable[[Callable[..., Any]], Composition]:
    """Make a function of primitives a `Composition` and enter it in the table `COMPOSITIONS`."""

    def enter(function: Callable[..., Any]) -> Composition:
        entry = Composition(
            *(function, formula, derivatives, why, symbol, text, latex, domain, kink),
            commutative=commutative,
            saturating=saturating,
            wrong_rules=wrong_rules,
            one_node=one_node,
        )
        COMPOSITIONS[entry.name] = entry
        return entry

    return enter
