"""A graph of operations on arrays, as other tools keep a model, as a module that runs it on Values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograd_core import ExchangeError, Value
from autograd_core.exchange.arrays.array_operations import as_array, require_few
from nn.modules.activations import Activation, Softmax
from nn.modules.layers import Dropout, Embedding, Input, Linear, Sequential
from nn.modules.module import Module
from nn.modules.normalisation import LayerNorm, RMSNorm
from nn.modules.tensor_lists import NestedList, as_lists, map_leaves
from nn.sequences.attention import MultiheadAttention, TransformerBlock
from nn.sequences.convolution import Conv1d, Conv2d


@dataclass(frozen=True, slots=True)
class ResultName:
    """The result of an operation, or an input of the graph, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class ArrayOperation:
    """results: the names of what it gives. apply: a function of arrays, or the name of a part of the graph. inputs,
    settings: what it is called with, where `ResultName` stands for an earlier result."""

    results: tuple[str, ...]
    apply: Callable[..., Any] | str
    inputs: Sequence[Any]
    settings: Mapping[str, Any] = field(default_factory=dict)


class ArrayGraph(Module):
    """Operations on arrays, one after the other, for one row at a time: the arrays have an axis of one row in front.

    source: what it was made from. inputs: the names of the arrays given. parts: the modules that operations name.
    constants: nested lists of parameters or numbers. output: the result that is returned. options: arrays without an
    axis of rows, as a mask, that may be given by name.
    """

    def __init__(
        self,
        source: str,
        inputs: Sequence[str],
        operations: Sequence[ArrayOperation],
        output: Any,
        parts: Mapping[str, Module],
        constants: Mapping[str, NestedList],
        options: Sequence[str] = (),
    ) -> None:
        self.options = tuple(options)
        self.name = self.source = source
        self.inputs = tuple(inputs)
        self.operations = tuple(operations)
        self.output = output
        for path, part in parts.items():
            part.name = part.name or path
        layers = [part for part in parts.values() if isinstance(part, Linear)]
        for number, layer in enumerate(dict.fromkeys(layers), 1):
            layer.number_labels(number if len(layers) > 1 else "")
        self.parts = dict(parts)
        self.constants = dict(constants)

    def contents(self) -> Iterator[tuple[str, Any]]:
        yield from (*self.constants.items(), *self.parts.items())

    def forward(self, *rows: Any, **options: Any) -> Any:
        if len(rows) != len(self.inputs):
            raise TypeError(f"{self.source} takes {len(self.inputs)} input(s) ({', '.join(self.inputs)}).")
        results = {name: as_array(numbers) for name, numbers in self.constants.items()}
        results |= {name: options.get(name) for name in self.options}
        for name, row in zip(self.inputs, rows, strict=True):
            results[name] = as_array(_as_inputs(as_lists(row), "x" if len(rows) == 1 else name))[None]

        def look_up(given: Any) -> Any:
            if isinstance(given, ResultName):
                return results[given.name]
            if isinstance(given, slice):
                return slice(look_up(given.start), look_up(given.stop), look_up(given.step))
            if isinstance(given, (tuple, list)):  # of fx, they are classes of their own
                return [look_up(part) for part in given] if isinstance(given, list) else tuple(map(look_up, given))
            return given

        for operation in self.operations:
            apply = operation.apply
            given = look_up(list(operation.inputs))
            settings = {name: look_up(setting) for name, setting in operation.settings.items()}
            try:
                outcome = (
                    apply_part(self.parts[apply], *given, **settings)
                    if isinstance(apply, str)
                    else apply(*given, **settings)
                )
            except (TypeError, IndexError, AttributeError) as problem:
                raise ExchangeError(
                    f"the operation {operation.results[0]} of {self.source} is not read: {_in_words(problem)}."
                ) from problem
            found = (outcome,) if len(operation.results) == 1 else outcome
            results.update(zip(operation.results, found, strict=False))
        return _first_row(look_up(self.output))

    def extra_repr(self) -> str:
        return f"{len(self.operations)} operations"


def apply_part(part: Module, *arrays: Any, is_sequence_first: bool = False, **settings: Any) -> Any:
    """A module of nn, which takes one number, row or sequence, over the axes in front of it."""
    if is_sequence_first:
        if arrays[0].shape[1] != 1:
            raise ExchangeError(
                "attention with batch_first=False takes (positions, rows, numbers), and here it is given "
                f"{arrays[0].shape}, so that rows would attend to each other. Make it with batch_first=True."
            )
        outputs = apply_part(part, *(array.swapaxes(0, 1) for array in arrays), **settings)
        first, *others = outputs if isinstance(outputs, tuple) else (outputs,)
        return (first.swapaxes(0, 1), *others) if others else first.swapaxes(0, 1)
    axes = _axes_taken(part)
    first = arrays[0]
    if axes == 0:
        return as_array(part(first.tolist()))
    if isinstance(part, (MultiheadAttention, TransformerBlock)):
        settings = _attention_settings(part, settings, len(arrays[-1].swapaxes(0, -2)))
    in_front = first.shape[: first.ndim - axes] if axes is not None else first.shape[:1]
    require_few((*in_front, part.out_features if isinstance(part, Linear) else 1))
    flat = [array.reshape(-1, *array.shape[len(in_front) :]) for array in arrays]
    outputs = [part(*(each.tolist() for each in row), **settings) for row in zip(*flat, strict=True)]
    if isinstance(outputs[0], tuple):
        return tuple(
            None if places[0] is None else _stacked(list(places), in_front) for places in zip(*outputs, strict=True)
        )
    return _stacked(outputs, in_front)


def _attention_settings(part: Module, given: Mapping[str, Any], keys: int) -> dict[str, Any]:
    """The settings of PyTorch's attention and its blocks as those of nn: both masks become one."""
    names = {"src_mask": "attn_mask", "mask": "attn_mask", "src_key_padding_mask": "key_padding_mask"}
    settings = {names.get(name, name): setting for name, setting in given.items()}
    mask, padding = (settings.pop(name, None) for name in ("attn_mask", "key_padding_mask"))
    is_causal = bool(settings.pop("is_causal", False)) and mask is None
    settings.pop("average_attn_weights", None)
    if mask is not None:
        mask = as_array(mask)
        if mask.ndim > 2:
            raise ExchangeError("a mask of its own for each head is not read.")
        mask = mask.tolist()
    if padding is not None:
        hidden = [entry is True or entry == -math.inf for entry in as_array(padding).reshape(-1, keys)[0].tolist()]
        rows = mask if mask is not None else [[False] * keys] * keys
        mask = [[True if is_hidden else entry for entry, is_hidden in zip(row, hidden, strict=True)] for row in rows]
    if isinstance(part, MultiheadAttention):
        settings["need_weights"] = settings.get("need_weights", True)
    return {**settings, "is_causal": is_causal, "attn_mask": mask}


def _stacked(outputs: list[Any], in_front: tuple[int, ...]) -> Any:
    array = as_array(outputs)
    return array.reshape(*in_front, *array.shape[1:])


def _axes_taken(part: Module) -> int | None:
    """The axes of what a module takes at a time; None for a whole row of any shape."""
    if isinstance(part, Sequential):
        taken = [_axes_taken(stage) for stage in part.stages]
        return None if None in taken else max((axes for axes in taken if axes is not None), default=0)
    if isinstance(part, Softmax):
        return 1
    for kinds, axes in _AXES:
        if isinstance(part, kinds):
            return axes
    return None


_AXES: tuple[tuple[tuple[type[Module], ...], int], ...] = (
    ((Activation, Dropout, Embedding), 0),
    ((Linear, LayerNorm, RMSNorm), 1),
    ((MultiheadAttention, TransformerBlock, Conv1d), 2),
    ((Conv2d,), 3),
)


def _as_inputs(nested: NestedList, name: str) -> NestedList:
    """Every plain float as an input with a label, so that it stands in pictures; whole numbers are indices."""
    count = 0

    def as_input(number: Any) -> Any:
        nonlocal count
        count += 1
        return Input(number, f"{name}{count}") if type(number) is float and not isinstance(number, Value) else number

    return map_leaves(nested, as_input)


def _in_words(problem: Exception) -> str:
    """The reason without the name of our function, where it does not have a setting."""
    setting = re.search(r"unexpected keyword argument '(\w+)'", str(problem))
    return f"it has the setting {setting[1]}, which is not known here" if setting else str(problem)


def _first_row(output: Any) -> Any:
    if isinstance(output, (tuple, list)):
        return type(output)(_first_row(part) for part in output)
    return output if output is None or not output.ndim else as_lists(output)[0]
