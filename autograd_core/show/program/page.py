"""`to_page`: a compiled program as a page, whose numbers can be changed and which trains in the browser."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from autograd_core.engine.nested import leaves, paths, rebuild
from autograd_core.engine.value import Value
from autograd_core.formulas.labels import isolate_all, visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text, vector_text
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import document, embedded_json
from autograd_core.show.page.saved_files import save_page
from autograd_core.show.page.styles import styles
from autograd_core.show.program.network import network_data
from autograd_core.show.program.plane import outputs_program, plane_data
from autograd_core.show.record.record import json_safe
from autograd_core.show.timeline.decision_map import ModelMap
from autograd_core.show.training.optimiser_pieces import OPTIMISERS, optimiser_pieces

if TYPE_CHECKING:
    from autograd_core.compiler.program import Program

_ENTRY = "show/program/page.js"
_ATTRIBUTE = "data-autograd-program"
_MOST_NUMBERS = 100_000  # in the rows of a page
_MOST_SHOWN = 60  # parameters in the table for readers without a script


def to_page(
    program: Program,
    path: str | os.PathLike[str] | None = None,
    *,
    data: Any = None,
    title: str = "",
    optimiser: str = "SGD",
    learning_rate: float = 0.1,
    batch_size: int | None = None,
    model: Callable[[Any], Any] | None = None,
    map: ModelMap | None = None,  # noqa: A002
    layers: Sequence[Sequence[Sequence[Value]]] = (),
    losses: Iterable[tuple[int, float]] = (),
) -> str:
    """A program of `compile` as one page that needs neither Python nor a network; written to `path` if one is given.

    In the page each parameter and each input has a slider, and the value and its gradient are computed anew by the
    program itself, in JavaScript and float64. With parameters it trains. data: the tuple of the arguments, or the one
    argument, each with one entry a row; without it the row of the example. optimiser: "SGD", "momentum" or "Adam", with
    `learning_rate` and `batch_size` (None: all rows) what the page begins with. model, map: a function of the first
    argument whose outputs are shown over the plane of `map`, with the rows as points that can be moved. layers: the
    weights of a network, of which the page shows the links: layers[k][i][j] leads from input j to unit i; with `model`,
    which then returns the numbers of the hidden units before its outputs. losses: the loss after each epoch so far, as
    (epoch, loss).

    Raises CompileError for an operation without a form in JavaScript, ValueError for data that does not fit or more
    than 100,000 numbers, TypeError for anything but such a program.

    >>> from autograd_core import Value, compile, to_page
    >>> w = Value(2.0, label="w")
    >>> to_page(compile(lambda x, y: (w * x - y) ** 2, example=(1.0, 3.0)))[:15]
    '<!DOCTYPE html>'
    """
    _require_program(program)
    rows = data if isinstance(data, tuple) else (data,)
    if data is None:
        rows = tuple([[_numbers_of(argument.structure)] for argument in program.arguments])
    page = _page_data(program, rows, optimiser, learning_rate, batch_size)
    inputs: list[str] = next((argument["numbers"] for argument in page["arguments"]), [])
    page["network"] = network_data(layers, program, inputs) if layers else None
    if (model is None) != (map is None):
        raise ValueError("model and map belong together: map is the plane over which the outputs of model are shown.")
    if model is not None and map is not None:
        outputs = outputs_program(model, program)
        hidden = sum(len(layer) for layer in layers[:-1])
        page["outputs"], page["plane"] = outputs, plane_data(map, page["arguments"], outputs["count"] - hidden)
    heading = visible_text(title) or f"{page['name']}: change a number"
    page["losses"] = [[int(epoch), float(loss)] for epoch, loss in losses]
    text = embedded_json(isolate_all(json_safe(page)))
    parts = (
        f'<div {_ATTRIBUTE}="">\n<div data-fallback="">{_without_script(program, rows, page)}</div>\n'
        f'<script type="application/json">{text}</script>\n</div>'
    )
    shared = ("show/page/player.css", "show/training/training.css", "show/training/network.css")
    style = styles(_ATTRIBUTE, *shared, "show/program/program.css")
    return save_page(document(heading, parts, style, page_script(_ENTRY)), path)


def _require_program(program: Any) -> None:
    # Its module loads NumPy, and the engine itself runs with the standard library alone.
    from autograd_core.compiler.program import Program

    if not isinstance(program, Program):
        raise TypeError(
            f"to_page takes a program of compile, got {type(program).__name__}. Compile the function first, for a "
            "model its loss of a row: to_page(compile(lambda x, t: loss(model(x), t), example=(x, t)))."
        )


def _page_data(
    program: Program, rows: Sequence[Any], optimiser: str, learning_rate: float, batch_size: int | None
) -> dict[str, Any]:
    # These load NumPy too.
    from autograd_core.compiler.backends.javascript.program_data import program_data
    from autograd_core.compiler.backends.rows import lay_out

    if optimiser not in OPTIMISERS:
        raise ValueError(f"optimiser is one of {', '.join(map(repr, OPTIMISERS))} in a page, got {optimiser!r}.")
    if not learning_rate >= 0:
        raise ValueError(f"learning_rate is a number from 0 up, got {learning_rate!r}.")
    arrays, count = lay_out(program.arguments, rows)
    if not count:
        raise ValueError("there are no rows, and the mean over none has no gradient. Give at least one row.")
    if (size := sum(array.size for array in arrays)) > _MOST_NUMBERS:
        raise ValueError(f"the rows have {size:,} numbers, a page takes {_MOST_NUMBERS:,}. Give fewer rows.")
    names = [value.label or f"parameter {number}" for number, value in enumerate(program.parameters, start=1)]
    values = program.trace.values
    own = len(program.parameters)
    return {
        "name": visible_text(program.name) if program.name.isidentifier() else "f",
        "reduce": program.reduce,
        "trained": program_data(program.vectorised("gradient")),
        "shown": program_data(program.vectorised("inputs", propagate_gates=True)),
        "optimisers": optimiser_pieces() if own else {},
        "arguments": [_argument(argument) for argument in program.arguments],
        "rows": [array.ravel().tolist() for array in arrays],
        "count": count,
        "groups": _groups(names),
        "filters": _filters(names),
        "parameters": [value.data for value in values[:own]],
        "rest": [value.data for value in values[own:]],
        "settings": {"optimiser": optimiser, "rate": float(learning_rate), "batch": batch_size or 0},
        "outputs": None,
        "plane": None,
    }


def _numbers_of(structure: Any) -> Any:
    return rebuild(structure, [float(leaf) for leaf in leaves(structure)])


def _argument(argument: Any) -> dict[str, Any]:
    """Its name, those of its numbers, and for an index how many places there are."""
    return {
        "name": name_text(argument.name),
        "numbers": [name_text(f"{argument.name}{place}") for place in paths(argument.structure)],
        "places": dict(argument.indices),
    }


def _groups(names: Sequence[str]) -> list[dict[str, Any]]:
    """A group for each matrix and vector, by the names without indices, layer by layer; all other names are one."""
    groups: list[tuple[tuple[int, ...], str, list[int]]] = []
    alone: list[int] = []
    for stem, places in _alike(names, lambda name: name.partition("[")[0]):
        if len(places) > 1 or names[places[0]] != stem:
            groups.append((_numbers_in(stem), vector_text(stem), sorted(places, key=lambda at: _numbers_in(names[at]))))
        else:
            alone += places
    groups = [((), "", alone)] * bool(alone) + sorted(groups, key=lambda group: group[0])
    return [
        {"name": name, "numbers": [name_text(names[at]) for at in places], "places": places}
        for _, name, places in groups
    ]


def _filters(names: Sequence[str]) -> list[list[int]]:
    """The places of those that differ in their last index alone: a row of a matrix, a vector, or one number."""
    return [places for _, places in _alike(names, lambda name: name.rpartition("[")[0] or name)]


def _alike(names: Sequence[str], stem_of: Callable[[str], str]) -> list[tuple[str, list[int]]]:
    """The places of each stem. Equal names belong to different things: two modules may have a W1 each."""
    places: dict[tuple[str, int], list[int]] = {}
    seen = Counter[str]()
    for at, name in enumerate(names):
        places.setdefault((stem_of(name), seen[name]), []).append(at)
        seen[name] += 1
    return [(stem, own) for (stem, _), own in places.items()]


def _numbers_in(name: str) -> tuple[int, ...]:
    """The numbers in a name, by which W2 comes after b1 and W1[10] after W1[9]."""
    return tuple(map(int, re.findall(r"\d+", name)))


def _without_script(program: Program, rows: Sequence[Any], page: dict[str, Any]) -> str:
    """The value and the gradient as a table."""
    value, gradients = program.value_and_grad(*rows)
    numbers = list(zip(page["parameters"], gradients.tolist(), strict=True))
    lines = [
        f'<tr><th scope="row">{escape(name)}</th>'
        f"{''.join(f'<td>{number_text(number)}</td>' for number in numbers[at])}</tr>"
        for group in page["groups"]
        for name, at in zip(group["numbers"], group["places"], strict=True)
    ]
    left = len(lines) - _MOST_SHOWN
    more = f"<p>{left:,} more parameters are not in this table.</p>" if left > 0 else ""
    head = "<thead><tr><th>parameter</th><th>value</th><th>gradient</th></tr></thead>"
    table = f"<table>{head}<tbody>{''.join(lines[:_MOST_SHOWN])}</tbody></table>{more}" if lines else ""
    subject = escape(page["name"]) if page["count"] == 1 else f"The {page['reduce']} over {page['count']:,} rows"
    return (
        f"<p>{subject} is {number_text(float(value))}. To change the numbers this page needs JavaScript, which is "
        f"switched off here. It asks no network.</p>{table}"
    )
