"""The matrix view as a page: the scalars of each affine layer and its matrix equation side by side.

The tables below the picture stand where no script runs; with one, every entry shows the scalars it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.show.matrix.picture import MatrixPicture, matrix_picture
from autograd_core.show.matrix.record import Entry, MatrixRecord, Moment
from autograd_core.show.matrix.text import Rows, cells, derivative
from autograd_core.show.page.document import document, embedded_json, image, script_of, styles
from autograd_core.show.record.record import json_safe

_OWN = ("words", "layer_steps", "tables", "page")
_SCRIPTS = ("show/page/elements.js", "show/page/numbers.js", *(f"show/matrix/{name}.js" for name in _OWN))
_MOST_ROWS, _MOST_COLUMNS = 16, 32  # of a larger layer the tables show the upper left corner
_CORNER = 8
_MOST_BLOCKS = 64, 128  # rows and columns of the overview of a large matrix
_LEVELS = 9  # of magnitude in the overview, each a digit
_MOST_BYTES = 500_000  # of all layers on a page


def matrix_page(title: str, made: Sequence[MatrixRecord]) -> str:
    """A complete HTML document that needs no network. Raises `DrawingError` where there is no layer to show."""
    return document(title, _parts(made), _style(), script_of(*_SCRIPTS))


def matrix_output(made: Sequence[MatrixRecord]) -> str:
    """The same as the output of a notebook cell; the script brings its style sheet along. Raises as `matrix_page`."""
    style = (
        "(() => { if (document.getElementById('autograd-matrix-style')) return;"
        "const style = document.createElement('style'); style.id = 'autograd-matrix-style';"
        f"style.textContent = {embedded_json(_style())}; document.head.append(style); }})();\n"
    )
    return f"{_parts(made)}\n<script>{style}{script_of(*_SCRIPTS)}</script>"


def _parts(made: Sequence[MatrixRecord]) -> str:
    if not made:
        raise DrawingError("there is no affine layer to show: print the view to read what it looks for.")
    shown_layers: list[str] = []
    data: list[str] = []
    for layer in made:
        picture = matrix_picture(layer)
        static, numbers = _static(layer, picture), embedded_json(json_safe(_data(layer, picture)))
        size = sum(map(len, (*shown_layers, *data, static, numbers)))
        if shown_layers and size > _MOST_BYTES:
            break
        shown_layers.append(static)
        data.append(numbers)
    left_out = len(made) - len(shown_layers)
    note = ""
    if left_out:
        note = (
            f"The first {len(shown_layers)} of {len(made):,} affine layers are on this page; "
            f'matrix_view(value, layer="{visible_text(made[len(shown_layers)].title)}") shows another.'
        )
    return (
        '<div data-autograd-matrix="">\n'
        f'<script type="application/json">{{"layers":[{",".join(data)}],"note":{embedded_json(note)}}}</script>\n'
        f'<div data-fallback="">\n{"".join(shown_layers)}<p>{escape(note)}</p>\n</div>\n</div>'
    )


def _style() -> str:
    return styles("data-autograd-matrix", "show/matrix/page.css")


# ------------------------------------------------------------------------------------------- what the script reads


def _data(made: MatrixRecord, picture: MatrixPicture) -> dict[str, Any]:
    count, width = made.shape
    large = count > _MOST_ROWS or width > _MOST_COLUMNS
    rows = min(count, _CORNER) if large else count
    columns = min(width, _CORNER) if large else width

    def kept(moments: Sequence[Moment]) -> list[Moment]:
        return [one for one in moments if one[1] < rows and one[2] < columns]

    return {
        "title": made.title,
        "path": list(made.path),
        "output": visible_text(made.output),
        "symbols": made.symbols,
        "shape": made.shape,
        "kept": [rows, columns],
        "rows": made.rows[:rows],
        "z": [[one.name, one.value] for one in made.z[:rows]],
        "x": [_entry(one) for one in made.x[:columns]],
        "b": [one and _entry(one) for one in made.b[:rows]] if made.has_bias else [],
        "W": [[_entry(one) for one in row[:columns]] for row in made.W[:rows]],
        "minus": [[i, j] for i, row in enumerate(made.minus) for j, one in enumerate(row) if one],
        "minusBias": [i for i, one in enumerate(made.minus_b) if one],
        "delta": made.delta[:rows],
        "closed": [i for i, one in enumerate(made.closed) if one],
        "product": [row[:columns] for row in made.product[:rows]],
        "carried": [row[:columns] for row in made.carried[:rows]],
        "forward": kept(made.forward),
        "backward": [] if made.problem else kept(made.backward),
        "problem": visible_text(made.problem),
        "sharedWeights": made.shared_weights,
        "sharedBiases": made.shared_biases,
        "sharedInputs": made.shared_inputs,
        "wantedWeights": any(one.wanted for row in made.W for one in row),
        "wantedBiases": any(one is not None and one.wanted for one in made.b),
        "wantedInputs": made.reaches_inputs,
        "uses": made.uses,
        "cards": picture.cards,
        "links": picture.links,
        "picture": [picture.rows, picture.columns],
        "overview": {
            "W": overview([[one.value for one in row] for row in made.W]),
            "dW": overview([[one.share for one in row] for row in made.W]),
        }
        if large
        else None,
    }


def _entry(one: Entry) -> list[Any]:
    """[name, value, share, grad, elsewhere, others], without what says nothing more; [name, value] of a number."""
    if not one.wanted:
        return [one.name, one.value]
    return [one.name, one.value, one.share, *([one.grad, one.elsewhere, one.others] if one.others else [])]


def overview(rows: Rows) -> list[str]:
    """A large matrix as digits: a sign and how large, from 0 to 9; where it is too large even so, a block is shown by
    its largest entry.

    >>> overview([[0.0, 1.0], [-0.5, 0.25]])
    ['+0+9', '-5+3']
    """
    high, wide = (-(-size // most) for size, most in zip((len(rows), len(rows[0])), _MOST_BLOCKS, strict=True))
    blocks = [
        [
            max((one or 0.0 for row in rows[i : i + high] for one in row[j : j + wide]), key=abs)
            for j in range(0, len(rows[0]), wide)
        ]
        for i in range(0, len(rows), high)
    ]
    largest = max(abs(one) for row in blocks for one in row) or 1.0

    def level(one: float) -> int:
        share = abs(one) / largest
        return _LEVELS if not share < 1 else -int(-share * _LEVELS // 1)

    return ["".join(f"{'-' if one < 0 else '+'}{level(one)}" for one in row) for row in blocks]


# ------------------------------------------------------------------------------------------------- without a script


def _static(made: MatrixRecord, picture: MatrixPicture) -> str:
    """The layer as a picture and tables."""
    sym, (rows, columns) = made.symbols, made.shape
    equation = f"{sym['z']} = {sym['W']} {sym['x']}" + f" + {sym['b']}" * made.has_bias
    tables = [
        _table(f"{sym['W']} ({rows} × {columns})", [[one.value for one in row] for row in made.W]),
        _table(f"{sym['x']} ({columns})", [[one.value for one in made.x]]),
    ]
    if made.has_bias:
        tables.append(_table(f"{sym['b']} ({rows})", [[one.value if one else 0.0 for one in made.b]]))
    tables.append(_table(f"{equation} ({rows})", [[one.value for one in made.z]]))
    if not made.problem:
        tables.append(_table(f"δ = {derivative(made, 'z')}", [made.delta]))
        if any(one.wanted for row in made.W for one in row):
            name = f"{_share(made, 'W', made.shared_weights)} = δ {sym['x']}ᵀ"
            tables.append(_table(name, [[one.share for one in row] for row in made.W]))
        if made.has_bias:
            name = f"{_share(made, 'b', made.shared_biases)} = δ"
            tables.append(_table(name, [[one.share if one else None for one in made.b]]))
        if made.reaches_inputs:
            name = f"{_share(made, 'x', made.shared_inputs)} = {sym['W']}ᵀ δ"
            tables.append(_table(name, [[one.share for one in made.x]]))
    why = f"<p>No gradients: {escape(visible_text(made.problem))}</p>\n" if made.problem else ""
    return (
        f"<section>\n<h2>{escape(made.title)}: {escape(equation)}</h2>\n<p>{image(picture.scene)}</p>\n"
        f"{''.join(tables)}{why}</section>\n"
    )


def _share(made: MatrixRecord, of: str, shared: bool) -> str:
    return f"this layer's share of {derivative(made, of)}" if shared else derivative(made, of)


def _table(caption: str, rows: Rows) -> str:
    body = "".join(
        "<tr>" + "".join(f"<td>{one}</td>" for one in row) + "</tr>\n" for row in cells(rows, number_text, "…")
    )
    return f"<table>\n<caption>{escape(caption)}</caption>\n<tbody>\n{body}</tbody>\n</table>\n"
