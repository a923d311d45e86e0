"""The plane of a page: the outputs of a model over its one or two inputs, as a program and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograd_core.engine.context import no_grad
from autograd_core.engine.functions import dot
from autograd_core.engine.nested import leaves
from autograd_core.show.timeline.decision_map import ModelMap

if TYPE_CHECKING:
    from autograd_core.compiler.program import Program

_ROOM = 0.3  # above and below the targets of a curve, of their range


def outputs_program(model: Callable[[Any], Any], program: Program) -> dict[str, Any]:
    """The program of the outputs of a model, given the parameters of `program` and further numbers, `rest`.

    The derivative of c · outputs with respect to c is the outputs, so that one program returns them all.
    """
    # These load NumPy, and the engine itself runs with the standard library alone.
    from autograd_core.compiler.backends.javascript.program_data import program_data
    from autograd_core.compiler.compile import compile as compiled

    example = program.arguments[0].structure
    with no_grad():
        count = len(leaves(model(example)))
    weighted = compiled(
        lambda x, c: dot(c, leaves(model(x))),
        example=(example, [1.0] * count),
        parameters=program.parameters,
        reduce="sum",
        backend="numpy",
    )
    data = program_data(weighted.vectorised("inputs", propagate_gates=True))
    rest = [value.data for value in weighted.trace.values[len(program.parameters) :]]
    return {"program": {**data, "byRow": data["byRow"][-count:]}, "rest": rest, "count": count}


def plane_data(model_map: ModelMap, arguments: Sequence[dict[str, Any]], outputs: int) -> dict[str, Any]:
    """What is shown of the outputs. Raises ValueError where the program does not fit the map."""
    is_curve = model_map.kind == "curve"
    width = 1 if is_curve else 2
    if [len(argument["numbers"]) for argument in arguments] != [width, 1]:
        raise ValueError(
            f"a {model_map.kind} map needs a program of a row of {width} and its target, one number each: "
            f"compile(lambda x, t: ..., example=({[0.0] * width}, 0.0))."
        )
    if (outputs == 1) == (model_map.kind == "classes") and not is_curve:
        raise ValueError(f"a {model_map.kind} map does not fit a model with {outputs} outputs.")
    low, high = min(model_map.targets), max(model_map.targets)
    room = _ROOM * (high - low or 1.0)
    return {
        "kind": model_map.kind,
        "middle": model_map.middle,
        "reach": model_map.reach,
        "frame": {"x": model_map.range_of(0), "y": (low - room, high + room) if is_curve else model_map.range_of(1)},
    }
