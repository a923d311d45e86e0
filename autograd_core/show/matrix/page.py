"""The matrix view as a page: the scalars of each affine layer beside its matrix equation.

Without a script the page shows tables below the picture; with one, each entry shows the scalars behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import isolate_all, isolate_names, visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text, vector_text
from autograd_core.graph.captured_numbers import changes_sentence
from autograd_core.show.matrix.picture import MatrixPicture, matrix_picture
from autograd_core.show.matrix.record import MatrixEntry, MatrixRecord, ScalarKey
from autograd_core.show.matrix.text import NumberRows, cells, derivative
from autograd_core.show.page.bundle import page_script
from autograd_core.show.page.document import document, embedded_json, image, notebook_script
from autograd_core.show.page.styles import styles
from autograd_core.show.record.record import json_safe

_ENTRY = "show/matrix/page.js"
_MOST_ROWS, _MOST_COLUMNS = 16, 32  # a larger layer shows its upper left corner
_CORNER = 8
_MOST_BLOCKS = 64, 128  # rows and columns of the overview of a large matrix
_LEVELS = 9  # of magnitude in the overview, one digit each
_MOST_BYTES = 500_000  # of all layers on a page


def matrix_page(title: str, layers: Sequence[MatrixRecord]) -> str:
    """A complete HTML document that needs no network. Raises `DrawingError` without a layer."""
    return document(title, _parts(layers), _style(), page_script(_ENTRY))


def matrix_output(layers: Sequence[MatrixRecord]) -> str:
    """The same as the output of a notebook cell; the script brings its style sheet. Raises as `matrix_page` does."""
    return f"{_parts(layers)}\n{notebook_script('matrix', _ENTRY, _style())}"


def _parts(layers: Sequence[MatrixRecord]) -> str:
    if not layers:
        raise DrawingError("there is no affine layer to show. Print the view to read which sums it looks for.")
    shown_layers: list[str] = []
    data: list[str] = []
    for layer in layers:
        picture = matrix_picture(layer)
        static, numbers = _static(layer, picture), embedded_json(isolate_all(json_safe(_data(layer, picture))))
        size = sum(map(len, (*shown_layers, *data, static, numbers)))
        if shown_layers and size > _MOST_BYTES:
            break
        shown_layers.append(static)
        data.append(numbers)
    left_out = len(layers) - len(shown_layers)
    note = ""
    if left_out:
        note = (
            f"The first {len(shown_layers)} of {len(layers):,} affine layers are on this page; "
            f'matrix_view(value, layer="{visible_text(layers[len(shown_layers)].title)}") shows another.'
        )
    return (
        '<div data-autograd-matrix="">\n'
        f'<script type="application/json">{{"layers":[{",".join(data)}],"note":{embedded_json(note)}}}</script>\n'
        f'<div data-fallback="">\n{"".join(shown_layers)}<p>{escape(note)}</p>\n</div>\n</div>'
    )


def _style() -> str:
    shared = ("show/page/camera.css", "show/page/one_screen.css")
    return styles("data-autograd-matrix", *shared, "show/matrix/page.css")


# ------------------------------------------------------------------------------------------- what the script reads


def _data(layer: MatrixRecord, picture: MatrixPicture) -> dict[str, Any]:
    count, width = layer.shape
    large = count > _MOST_ROWS or width > _MOST_COLUMNS
    rows = min(count, _CORNER) if large else count
    columns = min(width, _CORNER) if large else width

    def in_tables(keys: Sequence[ScalarKey]) -> list[ScalarKey]:
        return [key for key in keys if key[1] < rows and key[2] < columns]

    return {
        "name": layer.name,
        "use": layer.use,
        "path": list(layer.path),
        "output": name_text(layer.output),
        "outputName": name_text(layer.output_name),
        "symbols": {key: vector_text(name) for key, name in layer.symbols.items()},
        "shape": layer.shape,
        "kept": [rows, columns],
        "rows": layer.rows[:rows],
        "z": [[name_text(entry.name), entry.value] for entry in layer.z[:rows]],
        "x": [_entry(entry) for entry in layer.x[:columns]],
        "b": [entry and _entry(entry) for entry in layer.b[:rows]] if layer.has_bias else [],
        "W": [[_entry(entry) for entry in row[:columns]] for row in layer.W[:rows]],
        "minus": [[i, j] for i, row in enumerate(layer.minus) for j, entry in enumerate(row) if entry],
        "minusBias": [i for i, entry in enumerate(layer.minus_b) if entry],
        "delta": layer.delta[:rows],
        "closed": [i for i, entry in enumerate(layer.closed) if entry],
        "product": [row[:columns] for row in layer.product[:rows]],
        "carried": [row[:columns] for row in layer.contributions[:rows]],
        "forward": in_tables(layer.forward),
        "backward": [] if layer.problem else in_tables(layer.backward),
        "problem": visible_text(layer.problem),
        "sharedWeights": layer.shared_weights,
        "sharedBiases": layer.shared_biases,
        "sharedInputs": layer.shared_inputs,
        "wantedWeights": any(entry.has_gradient for row in layer.W for entry in row),
        "wantedBiases": any(entry is not None and entry.has_gradient for entry in layer.b),
        "wantedInputs": layer.reaches_inputs,
        "uses": layer.uses,
        "changed": changes_sentence(layer.changed),
        "cards": picture.cards,
        "links": picture.links,
        "picture": [picture.rows, picture.columns],
        "overview": {
            "W": overview([[entry.value for entry in row] for row in layer.W]),
            "dW": overview([[entry.share for entry in row] for row in layer.W]),
        }
        if large
        else None,
    }


def _entry(entry: MatrixEntry) -> list[Any]:
    """[name, value, share, grad, elsewhere, others], the last three only if shared; [name, value] of a number."""
    if not entry.has_gradient:
        return [name_text(entry.name), entry.value]
    return [
        name_text(entry.name),
        entry.value,
        entry.share,
        *([entry.grad, entry.elsewhere, entry.others] if entry.others else []),
    ]


def overview(rows: NumberRows) -> list[str]:
    """A large matrix as signs and digits of size, from 0 to 9. Of a very large one, each block shows its largest entry.

    >>> overview([[0.0, 1.0], [-0.5, 0.25]])
    ['+0+9', '-5+3']
    """
    high, wide = (-(-size // most) for size, most in zip((len(rows), len(rows[0])), _MOST_BLOCKS, strict=True))
    blocks = [
        [
            max((number or 0.0 for row in rows[i : i + high] for number in row[j : j + wide]), key=abs)
            for j in range(0, len(rows[0]), wide)
        ]
        for i in range(0, len(rows), high)
    ]
    largest = max(abs(number) for row in blocks for number in row) or 1.0

    def level(number: float) -> int:
        share = abs(number) / largest
        return _LEVELS if not share < 1 else -int(-share * _LEVELS // 1)

    return ["".join(f"{'-' if number < 0 else '+'}{level(number)}" for number in row) for row in blocks]


# ------------------------------------------------------------------------------------------------- without a script


def _static(layer: MatrixRecord, picture: MatrixPicture) -> str:
    """The layer as a picture and tables."""
    sym, (rows, columns) = {key: vector_text(name) for key, name in layer.symbols.items()}, layer.shape
    equation = f"{sym['z']} = {sym['W']} {sym['x']}" + f" + {sym['b']}" * layer.has_bias
    tables = [
        _table(f"{sym['W']} ({rows} × {columns})", [[entry.value for entry in row] for row in layer.W]),
        _table(f"{sym['x']} ({columns})", [[entry.value for entry in layer.x]]),
    ]
    if layer.has_bias:
        tables.append(_table(f"{sym['b']} ({rows})", [[entry.value if entry else 0.0 for entry in layer.b]]))
    tables.append(_table(f"{equation} ({rows})", [[entry.value for entry in layer.z]]))
    if not layer.problem:
        tables.append(_table(f"δ = {derivative(layer, 'z')}", [layer.delta]))
        if any(entry.has_gradient for row in layer.W for entry in row):
            name = f"{_share(layer, 'W', layer.shared_weights)} = δ {sym['x']}ᵀ"
            tables.append(_table(name, [[entry.share for entry in row] for row in layer.W]))
        if layer.has_bias:
            name = f"{_share(layer, 'b', layer.shared_biases)} = δ"
            tables.append(_table(name, [[entry.share if entry else None for entry in layer.b]]))
        if layer.reaches_inputs:
            name = f"{_share(layer, 'x', layer.shared_inputs)} = {sym['W']}ᵀ δ"
            tables.append(_table(name, [[entry.share for entry in layer.x]]))
    why = f"<p>No gradients: {escape(visible_text(layer.problem))}</p>\n" if layer.problem else ""
    changed = f"<p>{escape(isolate_names(changes_sentence(layer.changed)))}</p>\n" if layer.changed else ""
    heading = escape(isolate_names(f"{layer.title}: {equation}"))
    return f"<section>\n<h2>{heading}</h2>\n<p>{image(picture.scene)}</p>\n{''.join(tables)}{changed}{why}</section>\n"


def _share(layer: MatrixRecord, of: str, shared: bool) -> str:
    return f"this layer's share of {derivative(layer, of)}" if shared else derivative(layer, of)


def _table(caption: str, rows: NumberRows) -> str:
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in cells(rows, number_text, "…")
    )
    return f"<table>\n<caption>{escape(isolate_names(caption))}</caption>\n<tbody>\n{body}</tbody>\n</table>\n"
