"""An affine layer in matrix form as text for a terminal, and as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd_core.formulas.aligned_table import text_table
from autograd_core.formulas.notation import name_latex, number_latex, number_text
from autograd_core.show.matrix.record import MatrixRecord
from autograd_core.show.record.chain_rule import total_derivative

Rows = Sequence[Sequence[float | None]]
_MOST = 8  # rows and columns of a matrix that are written out


def matrix_text(made: MatrixRecord) -> str:
    """The layer with its numbers, a matrix beside the next as on paper."""
    sym = made.symbols
    rows, columns = made.shape
    shapes = [f"{sym['W']} {rows}x{columns}", f"{sym['x']} {columns}"]
    shapes += [f"{sym['b']} {rows}"] * made.has_bias
    equation = f"{sym['z']} = {sym['W']} {sym['x']}" + f" + {sym['b']}" * made.has_bias
    lines = [f"{made.title}: {equation}   ({', '.join(shapes)}, {sym['z']} {rows})", ""]
    forward: list[str | tuple[str, Rows]] = [
        (sym["z"], _column([one.value for one in made.z])),
        "=",
        (sym["W"], [[one.value for one in row] for row in made.W]),
        (sym["x"], _column([one.value for one in made.x])),
    ]
    if made.has_bias:
        forward += ["+", (sym["b"], _column([one.value if one else 0.0 for one in made.b]))]
    lines += _beside(forward)
    if made.problem:
        return "\n".join([*lines, "", f"no gradients: {made.problem}"])
    lines += ["", f"delta = d{made.output}/d{sym['z']}"]
    delta = _column(made.delta)
    x_row = [[one.value for one in made.x]]
    weights = [[one.share for one in row] for row in made.W]
    if any(one.wanted for row in made.W for one in row):
        lines += ["", _headed(made, "W", f"delta {sym['x']}^T", made.shared_weights)]
        lines += _beside(
            [
                ("share" if made.shared_weights else _d(made, "W"), weights),
                "=",
                ("delta", delta),
                (f"{sym['x']}^T", x_row),
            ]
        )
    if made.has_bias and any(one is not None and one.wanted for one in made.b):
        lines += ["", _headed(made, "b", "delta", made.shared_biases)]
        name = "share" if made.shared_biases else _d(made, "b")
        lines += _beside([(name, _column([one.share if one else None for one in made.b]))])
    if made.reaches_inputs:
        lines += ["", _headed(made, "x", f"{sym['W']}^T delta", made.shared_inputs)]
        transposed = [[row[j].value for row in made.W] for j in range(columns)]
        share = _column([one.share for one in made.x])
        parts: list[str | tuple[str, Rows]] = [(f"{sym['W']}^T", transposed), ("delta", delta)]
        if made.shared_inputs:
            elsewhere = _column([one.elsewhere for one in made.x])
            whole = _column([one.grad for one in made.x])
            parts = [(_d(made, "x"), whole), "=", *parts, "+", ("elsewhere", elsewhere)]
        else:
            parts = [(_d(made, "x"), share), "=", *parts]
        lines += _beside(parts)
    if opposite := _opposites(made):
        lines += ["", f"the program subtracts, so the matrices hold and differentiate by {', '.join(opposite)}"]
    return "\n".join(lines)


def _opposites(made: MatrixRecord) -> list[str]:
    """What the matrices hold of what the program subtracts, whose own gradient has the other sign."""
    weights = [
        (one, minus)
        for row, signs in zip(made.W, made.minus, strict=True)
        for one, minus in zip(row, signs, strict=True)
    ]
    found = [
        f"-{one.name}"
        for one, minus in [*weights, *zip(made.b, made.minus_b, strict=True)]
        if one and minus and one.wanted
    ]
    return found if len(found) <= _MOST else [*found[:_MOST], "…"]


def matrix_latex(made: MatrixRecord) -> str:
    """The same as an align environment, for a document that uses amsmath."""
    sym = {key: name_latex(name) for key, name in made.symbols.items()}
    columns = made.shape[1]
    z = [[one.value] for one in made.z]
    right = rf"{_matrix([[one.value for one in row] for row in made.W])} {_matrix([[one.value] for one in made.x])}"
    equation = f"{sym['z']} = {sym['W']} {sym['x']}"
    if made.has_bias:
        equation += f" + {sym['b']}"
        right += f" + {_matrix([[one.value if one else 0.0] for one in made.b])}"
    lines = [f"{equation}: \\quad {_matrix(z)} &= {right}"]
    if not made.problem:
        delta = _matrix(_column(made.delta))

        def d(of: str) -> str:
            return total_derivative(made.output, sym[of]).latex.replace(rf"\text{{{sym[of]}}}", sym[of])

        lines.append(rf"\delta = {d('z')} &= {delta}")
        if any(one.wanted for row in made.W for one in row):
            share = _matrix([[one.share for one in row] for row in made.W])
            lines.append(rf"\delta {sym['x']}^\top &= {delta} {_matrix([[one.value for one in made.x]])} = {share}")
        if made.reaches_inputs:
            transposed = _matrix([[row[j].value for row in made.W] for j in range(columns)])
            share = _matrix([[one.share] for one in made.x])
            lines.append(rf"{sym['W']}^\top \delta &= {transposed} {delta} = {share}")
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}\n"


def derivative(made: MatrixRecord, of: str) -> str:
    """ds/dW: the gradient of the output by all entries of one of W, x, b, z."""
    return f"d{made.output}/d{made.symbols[of]}"


_d = derivative


def _headed(made: MatrixRecord, of: str, formula: str, shared: bool) -> str:
    if not shared:
        return f"{_d(made, of)} = {formula}"
    if of == "x":
        return f"{_d(made, of)} = {formula} + what comes from elsewhere"
    return f"{formula}, the share of {_d(made, of)} that this layer carries: more comes from elsewhere"


def _column(numbers: Sequence[float | None]) -> list[list[float | None]]:
    return [[one] for one in numbers]


def _beside(parts: Sequence[str | tuple[str, Rows]]) -> list[str]:
    """Matrices under their names, and signs between them at half their height."""
    blocks = [[part] if isinstance(part, str) else _block(*part) for part in parts]
    height = max(len(block) for block in blocks)
    filled = []
    for block in blocks:
        width = max(map(len, block))
        if len(block) == 1:
            above = 1 + (height - 2) // 2
            lines = ["" if row != above else block[0] for row in range(height)]
        else:
            name, *rows = block
            above = (height - 1 - len(rows)) // 2
            lines = [""] * above + [name.center(width).rstrip(), *rows]
            lines += [""] * (height - len(lines))
        filled.append([line.ljust(width) for line in lines])
    return ["  " + "  ".join(line).rstrip() for line in zip(*filled, strict=True)]


def _block(name: str, rows: Rows) -> list[str]:
    texts = cells(rows, number_text, "…")
    lines = text_table(texts, right=range(len(texts[0])))
    return [name, *(f"[ {line} ]" for line in lines)]


def _matrix(rows: Rows) -> str:
    body = r" \\ ".join(" & ".join(row) for row in cells(rows, number_latex, r"\cdots"))
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def cells(rows: Rows, written: Callable[[float | None], str], dots: str) -> list[list[str]]:
    """The numbers as texts; of a large matrix the first and, beyond dots, the last of its rows and columns."""
    wide = len(rows[0]) > _MOST
    kept = [*rows[: _MOST - 1], rows[-1]] if len(rows) > _MOST else rows
    texts = []
    for row in kept:
        shown_row = [written(one) for one in ([*row[: _MOST - 1], row[-1]] if wide else row)]
        texts.append([*shown_row[:-1], dots, shown_row[-1]] if wide else shown_row)
    if len(rows) > _MOST:
        texts.insert(_MOST - 1, [dots] * len(texts[0]))
    return texts
