"""An affine layer in matrix form as text for a terminal, and as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd_core.formulas.aligned_table import AlignedTable, wrap_lines
from autograd_core.formulas.labels import display_width
from autograd_core.formulas.notation import number_latex, number_text
from autograd_core.formulas.symbols import escape_latex, name_latex, name_text, vector_latex, vector_text
from autograd_core.graph.captured_numbers import changes_sentence
from autograd_core.show.matrix.record import MatrixRecord

NumberRows = Sequence[Sequence[float | None]]
_Piece = str | tuple[str, NumberRows]  # a sign, or a matrix with its name
_MOST = 8  # rows and columns of a matrix that are written out
_FEW = 4  # the same in a narrow terminal, before a product is broken at its equals sign


def matrix_text(layer: MatrixRecord, width: int | None = None) -> str:
    """The layer with its numbers, the matrices side by side as on paper. width: of the terminal that it has to fit."""
    sym = {key: vector_text(name) for key, name in layer.symbols.items()}
    rows, columns = layer.shape
    shapes = [f"{sym['W']} {rows}×{columns}", f"{sym['x']} {columns}"]
    shapes += [f"{sym['b']} {rows}"] * layer.has_bias
    equation = f"{sym['z']} = {sym['W']} {sym['x']}" + f" + {sym['b']}" * layer.has_bias
    lines = [f"{layer.title}: {equation}   ({', '.join(shapes)}, {sym['z']} {rows})", ""]
    forward: list[_Piece] = [
        (sym["z"], _column([entry.value for entry in layer.z])),
        "=",
        (sym["W"], [[entry.value for entry in row] for row in layer.W]),
        (sym["x"], _column([entry.value for entry in layer.x])),
    ]
    if layer.has_bias:
        forward += ["+", (sym["b"], _column([entry.value if entry else 0.0 for entry in layer.b]))]
    lines += _beside(forward, width)
    if layer.changed:
        lines += ["", changes_sentence(layer.changed)]
    if layer.problem:
        lines += ["", f"no gradients: {layer.problem}"]
        return _joined(lines, width)
    meaning = f"   ({name_text(layer.output)} is {name_text(layer.output_name)})"
    lines += ["", f"δ = d{name_text(layer.output)}/d{sym['z']}" + meaning * (layer.output != layer.output_name)]
    delta = _column(layer.delta)
    x_row = [[entry.value for entry in layer.x]]
    weights = [[entry.share for entry in row] for row in layer.W]
    if any(entry.has_gradient for row in layer.W for entry in row):
        lines += ["", _heading(layer, "W", f"δ {sym['x']}ᵀ", layer.shared_weights)]
        lines += _beside(
            [
                ("share" if layer.shared_weights else _d(layer, "W"), weights),
                "=",
                ("δ", delta),
                (f"{sym['x']}ᵀ", x_row),
            ],
            width,
        )
    if layer.has_bias and any(entry is not None and entry.has_gradient for entry in layer.b):
        lines += ["", _heading(layer, "b", "δ", layer.shared_biases)]
        name = "share" if layer.shared_biases else _d(layer, "b")
        lines += _beside([(name, _column([entry.share if entry else None for entry in layer.b]))], width)
    if layer.reaches_inputs:
        lines += ["", _heading(layer, "x", f"{sym['W']}ᵀ δ", layer.shared_inputs)]
        transposed = [[row[j].value for row in layer.W] for j in range(columns)]
        share = _column([entry.share for entry in layer.x])
        parts: list[_Piece] = [(f"{sym['W']}ᵀ", transposed), ("δ", delta)]
        if layer.shared_inputs:
            elsewhere = _column([entry.elsewhere for entry in layer.x])
            whole = _column([entry.grad for entry in layer.x])
            parts = [(_d(layer, "x"), whole), "=", *parts, "+", ("elsewhere", elsewhere)]
        else:
            parts = [(_d(layer, "x"), share), "=", *parts]
        lines += _beside(parts, width)
    if opposite := _opposites(layer):
        lines += [
            "",
            f"the program subtracts: the entries, and their gradients, are those of {', '.join(opposite)}",
        ]
    return _joined(lines, width)


def _joined(lines: Sequence[str], width: int | None) -> str:
    return "\n".join(lines if width is None else [wrap_lines(line, width) for line in lines])


def _opposites(layer: MatrixRecord) -> list[str]:
    """The entries of the matrices that the program subtracts: their labels have the opposite number and gradient."""
    weights = [
        (entry, minus)
        for row, signs in zip(layer.W, layer.minus, strict=True)
        for entry, minus in zip(row, signs, strict=True)
    ]
    found = [
        f"−{name_text(entry.name)}"
        for entry, minus in [*weights, *zip(layer.b, layer.minus_b, strict=True)]
        if entry and minus and entry.has_gradient
    ]
    return found if len(found) <= _MOST else [*found[:_MOST], "…"]


def matrix_latex(layer: MatrixRecord) -> str:
    """The same as an align environment, for a document that uses amsmath."""
    sym = {key: vector_latex(name) for key, name in layer.symbols.items()}
    columns = layer.shape[1]
    z = [[entry.value] for entry in layer.z]
    weights = [[entry.value for entry in row] for row in layer.W]
    right = rf"{_matrix(weights)} {_matrix([[entry.value] for entry in layer.x])}"
    equation = f"{sym['z']} = {sym['W']} {sym['x']}"
    if layer.has_bias:
        equation += f" + {sym['b']}"
        right += f" + {_matrix([[entry.value if entry else 0.0] for entry in layer.b])}"
    lines = [f"{equation}: \\quad {_matrix(z)} &= {right}"]
    if layer.changed:
        lines.append(rf"& \text{{{escape_latex(changes_sentence(layer.changed))}}}")
    if not layer.problem:
        delta = _matrix(_column(layer.delta))

        def d(of: str) -> str:
            return rf"\frac{{\mathrm{{d}} {name_latex(layer.output)}}}{{\mathrm{{d}} {sym[of]}}}"

        lines.append(rf"\delta = {d('z')} &= {delta}")
        if any(entry.has_gradient for row in layer.W for entry in row):
            share = _matrix([[entry.share for entry in row] for row in layer.W])
            lines.append(
                rf"\delta {sym['x']}^\top &= {delta} {_matrix([[entry.value for entry in layer.x]])} = {share}"
            )
        if layer.reaches_inputs:
            transposed = _matrix([[row[j].value for row in layer.W] for j in range(columns)])
            share = _matrix([[entry.share] for entry in layer.x])
            lines.append(rf"{sym['W']}^\top \delta &= {transposed} {delta} = {share}")
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}\n"


def derivative(layer: MatrixRecord, of: str) -> str:
    """ds/dW: the gradient of the output with respect to W, x, b or z."""
    return f"d{name_text(layer.output)}/d{vector_text(layer.symbols[of])}"


_d = derivative


def _heading(layer: MatrixRecord, of: str, formula: str, shared: bool) -> str:
    if not shared:
        return f"{_d(layer, of)} = {formula}"
    if of == "x":
        return f"{_d(layer, of)} = {formula} + the rest from elsewhere"
    return f"{formula}, the share of {_d(layer, of)} from this layer: the rest comes from elsewhere"


def _column(numbers: Sequence[float | None]) -> list[list[float | None]]:
    return [[number] for number in numbers]


def _beside(parts: Sequence[_Piece], width: int | None) -> list[str]:
    """Matrices side by side; in a narrow terminal with fewer entries, and what follows the equals sign below it."""
    at = parts.index("=") if "=" in parts else len(parts)
    broken = [piece for piece in (parts[:at], parts[at:]) if piece]
    attempts = [([parts], most) for most in range(_MOST, _FEW - 1, -1)]
    attempts += [(broken, most) for most in range(_MOST, 1, -1)]
    lines: list[str] = []
    for pieces, most in attempts:
        lines = [line for piece in pieces for line in _row(piece, most)]
        if width is None or max(map(display_width, lines)) <= width:
            break
    return lines


def _row(parts: Sequence[_Piece], most: int) -> list[str]:
    """Matrices below their names, with signs between them at half their height."""
    blocks = [[part] if isinstance(part, str) else _block(*part, most) for part in parts]
    height = max(len(block) for block in blocks)
    filled = []
    for block in blocks:
        width = max(map(display_width, block))
        if len(block) == 1:
            above = 1 + (height - 2) // 2
            lines = ["" if row != above else block[0] for row in range(height)]
        else:
            name, *rows = block
            above = (height - 1 - len(rows)) // 2
            lines = [""] * above + [" " * ((width - display_width(name)) // 2) + name, *rows]
            lines += [""] * (height - len(lines))
        filled.append([line + " " * (width - display_width(line)) for line in lines])
    return ["  " + "  ".join(line).rstrip() for line in zip(*filled, strict=True)]


def _block(name: str, rows: NumberRows, most: int) -> list[str]:
    texts = cells(rows, number_text, "…", most)
    lines = AlignedTable(texts, right=range(len(texts[0]))).lines()
    return [name, *(f"[ {line} ]" for line in lines)]


def _matrix(rows: NumberRows) -> str:
    body = r" \\ ".join(" & ".join(row) for row in cells(rows, number_latex, r"\cdots"))
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def cells(rows: NumberRows, write: Callable[[float | None], str], dots: str, most: int = _MOST) -> list[list[str]]:
    """The numbers as text; of a matrix of more than `most` rows or columns the first ones, dots, and the last one."""
    wide = len(rows[0]) > most
    rows_shown = [*rows[: most - 1], rows[-1]] if len(rows) > most else rows
    texts = []
    for row in rows_shown:
        shown_row = [write(number) for number in ([*row[: most - 1], row[-1]] if wide else row)]
        texts.append([*shown_row[:-1], dots, shown_row[-1]] if wide else shown_row)
    if len(rows) > most:
        texts.insert(most - 1, [dots] * len(texts[0]))
    return texts
