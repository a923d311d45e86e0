"""`Parameter` and `Module`: what is learnt, and the thing that owns it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, SupportsFloat

from autograd_core import NumberError, Value, scope
from nn.modules.tensor_lists import Nested, as_lists, leaves, mapped, places, shape
from nn.modules.unreachable import note_what_is_cut_off


class Parameter(Value):
    """A number to be learnt: a `Value` that a `Module` lists and an optimiser changes.

    cut_off_by: "" or the flat operation that no gradient can pass on its way here (set when a module is first called).

    >>> Parameter(0.5, label="w").role
    'parameter'
    """

    __slots__ = ("cut_off_by",)

    role: ClassVar[Literal["input", "parameter"]] = "parameter"
    cut_off_by: str

    def __init__(self, data: SupportsFloat, label: str = "") -> None:
        super().__init__(data, label)
        self.cut_off_by = ""


class Module:
    """A part of a model: write `__init__` to make its parameters and sub-modules, `forward` to use them.

    Parameters and modules are found in definition order wherever they are: attributes, lists and dictionaries of them.
    A list (of lists) of parameters is one entry of `state_dict`. name: what pictures call this part; by default the
    attribute it was assigned to, else its class. formula: what it computes, shown beside that name.

    >>> class Line(Module):
    ...     def __init__(self): self.w, self.b = Parameter(2.0), Parameter(1.0)
    ...     def forward(self, x): return self.w * x + self.b
    >>> Line()(3.0).data, Line().state_dict()
    (7.0, {'w': 2.0, 'b': 1.0})
    """

    name: str = ""
    formula: str = ""
    training: bool = True
    _looked_for_cuts: bool = False

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """What this module computes; to be written by each class."""
        raise NotImplementedError(f"{type(self).__name__} has no forward. Write `def forward(self, x): ...` in it.")

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        """forward(...), inside a scope that bears this module's name."""
        with scope(self.name or type(self).__name__, self.formula):
            output = self.forward(*inputs, **named)
        if self.training and not self._looked_for_cuts:
            self._looked_for_cuts = note_what_is_cut_off(leaves(output))
        return output

    def __setattr__(self, attribute: str, thing: Any) -> None:
        object.__setattr__(self, attribute, thing)
        for path, found in _found(attribute, thing):
            if isinstance(found, Module):
                found.name = found.name or path
            else:
                for parameter, place in zip(leaves(found), places(found), strict=True):
                    parameter.label = parameter.label or path + place

    # --------------------------------------------------------------------------------------- what it is made of

    def contents(self) -> Iterator[tuple[str, Any]]:
        """(name, thing) of all that may be or hold parameters and modules, in definition order."""
        yield from vars(self).items()

    def children(self) -> Iterator[tuple[str, Module]]:
        """(name, module) of the modules directly in this one."""
        for name, thing in self.contents():
            yield from ((path, found) for path, found in _found(name, thing) if isinstance(found, Module))

    def named_modules(self) -> Iterator[tuple[str, Module]]:
        """(path, module) of this module, whose path is "", and of every module in it, each once."""
        met: set[int] = set()
        for path, module in self._all_modules("", ()):
            if id(module) not in met:
                met.add(id(module))
                yield path, module

    def modules(self) -> Iterator[Module]:
        """This module and every module in it, each once."""
        return (module for _, module in self.named_modules())

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """(path, parameter) in definition order, as ("layers.0.weight[1][2]", p); a shared parameter once."""
        met: set[Parameter] = set()
        for path, entry in self._entries():
            for parameter, place in zip(leaves(entry), places(entry), strict=True):
                if parameter not in met:
                    met.add(parameter)
                    yield path + place, parameter

    def parameters(self) -> Iterator[Parameter]:
        """Every parameter in definition order, a shared one once."""
        return (parameter for _, parameter in self.named_parameters())

    def _all_modules(self, path: str, outer: tuple[Module, ...]) -> Iterator[tuple[str, Module]]:
        """This module and those in it, a shared one by each of its names; a module inside itself is not followed."""
        if any(self is one for one in outer):
            return
        yield path, self
        for name, child in self.children():
            yield from child._all_modules(_joined(path, name), (*outer, self))

    def _entries(self, path: str = "", outer: tuple[Module, ...] = ()) -> Iterator[tuple[str, Nested]]:
        """(path, parameter or nested list of parameters): the entries of `state_dict`, in definition order."""
        if any(self is one for one in outer):
            return
        for name, thing in self.contents():
            for inner, found in _found(name, thing):
                if isinstance(found, Module):
                    yield from found._entries(_joined(path, inner), (*outer, self))
                else:
                    yield _joined(path, inner), found

    # ------------------------------------------------------------------------------------- numbers in and out

    def state_dict(self) -> dict[str, Nested]:
        """The numbers of all parameters: {"layers.0.weight": [[...], ...], ...}, in PyTorch's shapes."""
        return {path: mapped(entry, _number) for path, entry in self._entries()}

    def load_state_dict(self, state: Mapping[str, Nested]) -> None:
        """Set every parameter from nested lists, tuples or arrays in the form of `state_dict`.

        Raises ValueError naming every missing, unexpected and misshapen entry, and NumberError naming the place of
        what is no number; then nothing is changed.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"a state is a dictionary such as state_dict() gives, got a {type(state).__name__}.")
        own = dict(self._entries())
        given = {path: as_lists(numbers) for path, numbers in state.items()}
        problems = [f"missing: {path}" for path in own if path not in given]
        problems += [f"unexpected: {path}" for path in given if path not in own]
        problems += [
            f"misshapen: {path} is {shape(entry)} here, {shape(given[path])} in the state"
            for path, entry in own.items()
            if path in given and shape(entry) != shape(given[path])
        ]
        wanted: dict[Parameter, float] = {}
        if not problems:
            for path, entry in own.items():
                for parameter, thing, place in zip(leaves(entry), leaves(given[path]), places(entry), strict=True):
                    try:
                        number = Value(thing).data
                    except NumberError as problem:
                        raise NumberError(f"{path}{place} in the state: {problem}") from None
                    if parameter in wanted and wanted[parameter] != number:
                        problems.append(f"in conflict: {path} shares a parameter that has another number elsewhere")
                    wanted[parameter] = number
        if problems:
            raise ValueError(
                f"this state does not fit {type(self).__name__}, which was left as it is:\n  "
                + "\n  ".join(problems)
                + "\nMake the model with the same layers and sizes as the one the state was taken from."
            )
        for parameter, number in wanted.items():
            parameter.data = number

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to None, so that the next `backward()` starts afresh."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Module:
        """Switch this module and those in it to training (dropout drops); returns the module."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Switch this module and those in it to use (dropout passes all); returns the module."""
        return self.train(False)

    # ------------------------------------------------------------------------------------------ in words

    def extra_repr(self) -> str:
        """The settings shown between the brackets of its repr."""
        return ""

    def __repr__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self, outer: tuple[Module, ...] = ()) -> list[str]:
        count = len(list(self.parameters()))
        counted = f": {count:,} parameter{'' if count == 1 else 's'}" if count else ""
        lines = [f"{type(self).__name__}({self.extra_repr()}){counted}"]
        for name, child in self.children():
            if not any(child is one for one in (*outer, self)):
                first, *rest = child._lines((*outer, self))
                lines += [f"  {name}: {first}", *("  " + line for line in rest)]
        return lines


def _number(parameter: Parameter) -> float:
    return parameter.data


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _found(path: str, thing: Any) -> Iterator[tuple[str, Any]]:
    """(path, module, parameter or nested list of nothing but parameters) for all there is in `thing`."""
    if isinstance(thing, (Module, Parameter)) or _is_entry(thing):
        yield path, thing
    elif isinstance(thing, dict):
        for key, part in thing.items():
            yield from _found(f"{path}.{key}", part)
    elif isinstance(thing, (list, tuple)):
        for index, part in enumerate(thing):
            yield from _found(f"{path}.{index}", part)


def _is_entry(thing: Any) -> bool:
    return (
        isinstance(thing, (list, tuple))
        and bool(thing)
        and all(isinstance(part, Parameter) or _is_entry(part) for part in thing)
    )
