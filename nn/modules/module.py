"""`Parameter`, a number to be learnt, and `Module`, which owns parameters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from itertools import repeat
from typing import Any, ClassVar, Literal, SupportsFloat

from autograd_core import GraphError, NumberError, Value, interrupts, scope, topological_order
from autograd_core.formulas.labels import visible_text
from nn.modules.tensor_lists import NestedList, as_lists, leaves, map_leaves, places, shape
from nn.modules.unreachable import mark_unreachable


class Parameter(Value):
    """A number to be learnt: a `Value` that a `Module` lists and an optimiser changes.

    grad stays None where the loss does not depend on it: a loop of one's own skips it with `if p.grad is not None`.
    cut_off_by: the flat operation that stops every gradient on its way here, or ""; set by the first call of a module.

    >>> Parameter(0.5, label="w").role
    'parameter'
    """

    __slots__ = ("cut_off_by",)

    role: ClassVar[Literal["input", "parameter"]] = "parameter"
    cut_off_by: str

    def __init__(self, data: SupportsFloat, label: str = "") -> None:
        super().__init__(data, label)
        self.cut_off_by = ""


# Inside the first call of a module, which marks all parameters below it in one walk over the graph.
_IN_FIRST_CALL: ContextVar[bool] = ContextVar("in_first_call", default=False)


class Module:
    """A part of a model: write `__init__` to make its parameters and sub-modules, and `forward` to use them.

    Parameters and modules are found in definition order, in attributes and in lists and dictionaries of them. A list
    (of lists) of parameters is one entry of `state_dict`. name: of this part in pictures; by default the attribute it
    was assigned to, else its class. formula: of its output, shown beside that name. What depends on parameters is
    computed in `forward`: a number derived in `__init__` would not learn, and is refused with a GraphError.

    >>> class Line(Module):
    ...     def __init__(self): self.w, self.b = Parameter(2.0), Parameter(1.0)
    ...     def forward(self, x): return self.w * x + self.b
    >>> Line()(3.0).data, Line().state_dict()
    (7.0, {'w': 2.0, 'b': 1.0})
    """

    name: str = ""
    formula: str = ""
    training: bool = True
    _was_called: bool = False
    _reachability_marked: bool = False

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """The output of this module; each class writes its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward. Write `def forward(self, x): ...` in it.")

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """forward(...), inside a scope with this module's name.

        Raises GraphError at the first call where an attribute was computed from a parameter before it.
        """
        if not self._was_called:
            self._refuse_computed_attributes()
            self._was_called = True
        is_first = self.training and not self._reachability_marked
        if is_first and _IN_FIRST_CALL.get():
            self._reachability_marked, is_first = True, False
        if not is_first:
            return self._output(inputs, named)
        before = _IN_FIRST_CALL.set(True)
        try:
            output = self._output(inputs, named)
        finally:
            _IN_FIRST_CALL.reset(before)
        self._reachability_marked = mark_unreachable(leaves(output))
        return output

    def _output(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
        with scope(self.name or type(self).__name__, self.formula):
            return self.forward(*inputs, **named)

    def _refuse_computed_attributes(self) -> None:
        for path, computed in _computed(type(self).__name__, dict(self.contents())):
            for node in topological_order(computed):
                if isinstance(node, Parameter):
                    raise GraphError(
                        f"{path} was computed before the first call, from the parameter {node.label or 'of a module'}. "
                        "It would keep its number while the parameter learns. Compute it in forward, so that each call "
                        "uses the present numbers."
                    )

    def __setattr__(self, attribute: str, value: Any) -> None:
        object.__setattr__(self, attribute, value)
        for path, member in _members(attribute, value):
            if isinstance(member, Module):
                member.name = member.name or path
            else:
                for parameter, place in zip(leaves(member), places(member), strict=True):
                    parameter.label = parameter.label or path + place

    # --------------------------------------------------------------------------------------- parts

    def contents(self) -> Iterator[tuple[str, Any]]:
        """(name, value) of everything that may be or contain a parameter or a module, in definition order."""
        yield from vars(self).items()

    def children(self) -> Iterator[tuple[str, Module]]:
        """(name, module) of the modules directly in this one."""
        for name, value in self.contents():
            yield from ((path, member) for path, member in _members(name, value) if isinstance(member, Module))

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """(path, module) of this module, whose path is "", and of every module in it, each once."""
        visited: set[int] = set()
        for path, module in self._all_modules("", ()):
            if id(module) not in visited:
                visited.add(id(module))
                yield path, module

    def modules(self) -> Iterator[Module]:
        """This module and every module in it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """(path, parameter) in definition order, as ("layers.0.weight[1][2]", p); a shared parameter once."""
        visited: set[Parameter] = set()
        for path, entry in self._entries():
            for parameter, place in zip(leaves(entry), places(entry), strict=True):
                if parameter not in visited:
                    visited.add(parameter)
                    yield path + place, parameter

    def parameters(self) -> Iterator[Parameter]:
        """Every parameter in definition order, a shared one once."""
        return (parameter for _, parameter in self.named_parameters())

    def _all_modules(self, path: str, outer: tuple[Module, ...]) -> Iterator[tuple[str, Module]]:
        """This module and those in it, a shared module under each of its names; a module inside itself is left out."""
        if any(self is module for module in outer):
            return
        yield path, self
        for name, child in self.children():
            yield from child._all_modules(_join(path, name), (*outer, self))

    def _entries(self, path: str = "", outer: tuple[Module, ...] = ()) -> Iterator[tuple[str, NestedList]]:
        """(path, parameter or nested list of parameters): the entries of `state_dict`, in definition order."""
        if any(self is module for module in outer):
            return
        for name, value in self.contents():
            for inner, member in _members(name, value):
                if isinstance(member, Module):
                    yield from member._entries(_join(path, inner), (*outer, self))
                else:
                    yield _join(path, inner), member

    # ------------------------------------------------------------------------------------- numbers in and out

    def state_dict(self) -> dict[str, NestedList]:
        """The numbers of all parameters: {"layers.0.weight": [[...], ...], ...}, in PyTorch's shapes."""
        return {path: map_leaves(entry, _number) for path, entry in self._entries()}

    def load_state_dict(self, state: Mapping[str, NestedList]) -> None:
        """Set every parameter from nested lists, tuples or arrays in the form of `state_dict`.

        Raises ValueError with every missing, unexpected and misshapen entry, and NumberError with the place of an
        entry that is not a number; then nothing is changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"a state is a dictionary such as state_dict() returns, got a {type(state).__name__}.")
        own = dict(self._entries())
        new = {path: as_lists(numbers) for path, numbers in state.items()}
        problems = [f"missing: {path}" for path in own if path not in new]
        problems += [f"unexpected: {path}" for path in new if path not in own]
        problems += [
            f"misshapen: {path} is {shape(entry)} here, {shape(new[path])} in the state"
            for path, entry in own.items()
            if path in new and shape(entry) != shape(new[path])
        ]
        numbers: dict[Parameter, float] = {}
        if not problems:
            for path, entry in own.items():
                for parameter, leaf, place in zip(leaves(entry), leaves(new[path]), places(entry), strict=True):
                    try:
                        number = Value(leaf).data
                    except NumberError as problem:
                        raise NumberError(f"{visible_text(path)}{place} in the state: {problem}") from None
                    before = numbers.get(parameter, number)
                    if before != number and not (math.isnan(before) and math.isnan(number)):
                        problems.append(f"in conflict: {path} shares a parameter that has another number elsewhere")
                    numbers[parameter] = number
        if problems:
            raise ValueError(
                f"this state does not fit {type(self).__name__}, which was left as it is:\n  "
                + "\n  ".join(map(visible_text, problems))
                + "\nMake the model with the same layers and sizes as the model this state was taken from."
            )
        interrupts.commit(interrupts.assign(numbers.keys(), numbers.values()))

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None, so that the next `backward()` starts afresh."""
        interrupts.commit(map(setattr, list(self.parameters()), repeat("_grad"), repeat(None)))

    def train(self, mode: bool = True) -> Module:
        """Switch this module and those in it to training mode (dropout drops numbers); returns the module."""
        interrupts.commit(map(object.__setattr__, list(self.modules()), repeat("training"), repeat(mode)))
        return self

    def eval(self) -> Module:
        """Switch this module and those in it to evaluation mode (dropout changes nothing); returns the module."""
        return self.train(False)

    # ------------------------------------------------------------------------------------------ as text

    def extra_repr(self) -> str:
        """The settings shown in the brackets of the repr."""
        return ""

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self, outer: tuple[Module, ...] = ()) -> list[str]:
        count = len(list(self.parameters()))
        counted = f": {count:,} parameter{'' if count == 1 else 's'}" if count else ""
        lines = [f"{type(self).__name__}({self.extra_repr()}){counted}"]
        for name, child in self.children():
            if not any(child is module for module in (*outer, self)):
                first, *rest = child._lines((*outer, self))
                lines += [f"  {visible_text(name)}: {first}", *("  " + line for line in rest)]
        return lines


def _number(parameter: Parameter) -> float:
    return parameter.data


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _members(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """(path, module, parameter or nested list of parameters alone) for every one of these in `value`."""
    if isinstance(value, (Module, Parameter)) or _is_entry(value):
        yield path, value
    elif isinstance(value, (dict, list, tuple)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _members(f"{path}.{key}", part)


def _computed(path: str, value: Any) -> Iterator[tuple[str, Value]]:
    """(path, Value) for every Value in `value` that is the result of an operation."""
    if isinstance(value, Value) and value.primitive is not None:
        yield path, value
    elif isinstance(value, (dict, list, tuple)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _computed(f"{path}.{key}", part)


def _is_entry(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and all(isinstance(part, Parameter) or _is_entry(part) for part in value)
    )
