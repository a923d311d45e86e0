"""`matrix_view`: the affine layers of a graph as matrices beside their scalars."""

from __future__ import annotations

import os
from typing import Any

from autograd_core.engine.value import Value
from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import terminal_width
from autograd_core.graph.affine.affine_layers import affine_layers
from autograd_core.graph.columns import columns
from autograd_core.graph.names import root_name, root_symbol
from autograd_core.show.matrix.layer_recorder import LayerRecorder
from autograd_core.show.matrix.page import matrix_output, matrix_page
from autograd_core.show.matrix.record import MatrixRecord
from autograd_core.show.matrix.text import matrix_latex, matrix_text
from autograd_core.show.page.framed_output import FramedOutput
from autograd_core.show.page.saved_files import save_page

_MOST_PRINTED = 12  # layers
_NONE = (
    "no affine layer was found: no sum below {name} consists of products of a weight (a leaf) and an input, each used "
    "once, and at most one bias. draw(value) and explain(value) show its scalars."
)


class MatrixView(FramedOutput):
    """The result of `matrix_view`: it prints as matrices, and a notebook shows it as a page.

    layers: the numbers of each layer, as plain data.
    """

    def __init__(self, output: str, value: float, layers: list[MatrixRecord]) -> None:
        self.layers = layers
        self._title = f"{name_text(output)} = {number_text(value)}: the matrices in its scalars"
        self._no_layer = _NONE.format(name=name_text(output))

    def to_text(self, width: int | None = None) -> str:
        """Each layer with its numbers, forward and backward; of many layers the first ones. width: of the terminal."""
        if not self.layers:
            return self._no_layer
        texts = [matrix_text(layer, width) for layer in self.layers[:_MOST_PRINTED]]
        if len(self.layers) > _MOST_PRINTED:
            names = ", ".join(repr(layer.title) for layer in self.layers[_MOST_PRINTED : 2 * _MOST_PRINTED])
            more = "" if len(self.layers) <= 2 * _MOST_PRINTED else ", …"
            texts.append(f"{len(self.layers) - _MOST_PRINTED:,} more layers (layer=...): {names}{more}")
        return "\n\n\n".join(texts)

    def to_latex(self) -> str:
        """Each layer as an align environment, for a document that uses amsmath."""
        return "\n".join(matrix_latex(layer) for layer in self.layers)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """One HTML document that needs no network; written to `path` if one is given.

        The file is complete or not written at all. Raises `DrawingError` where there is no affine layer, OSError where
        the file cannot be written.
        """
        if not self.layers:
            raise DrawingError(self._no_layer)
        return save_page(matrix_page(self._title, self.layers), path)

    def __str__(self) -> str:
        return self.to_text(terminal_width())

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The view for a notebook. No error here may break the notebook."""
        bundle: dict[str, Any] = {"text/plain": self.to_text()}
        if self.layers:
            try:
                bundle["text/html"] = matrix_output(self.layers)
            except Exception as problem:
                bundle["text/plain"] += f"\nNo page, by a fault of ours: {problem!r}"
        return bundle


def matrix_view(value: Value, layer: str | None = None) -> MatrixView:
    """The affine layers below `value` as matrices beside their scalars: z = W x + b, and backward δ = dL/dz,
    dL/dW = δ xᵀ, dL/db = δ, dL/dx = Wᵀ δ.

    Layers are found by their structure, in any loop or module; each row of a batch and each time step is a separate
    use of its layer. layer: the name of a single layer to show. No `.grad` is read or written. Raises TypeError for
    anything but a Value, ValueError for an unknown name.

    >>> w, x = Value(2.0, label="w"), Value(3.0, label="x")
    >>> print(matrix_view((w * x + Value(1.0, label="b")) ** 2).to_text().splitlines()[0])
    affine 1: z = W x + b   (W 1×1, x 1, b 1, z 1)
    """
    if not isinstance(value, Value):
        raise TypeError(
            f"matrix_view shows the layers below one Value, got {type(value).__name__}. Give it a root such as a loss."
        )
    graph = columns(value)
    found = affine_layers(graph)
    if layer is not None:
        chosen = [candidate for candidate in found if layer in (candidate.title, candidate.name)]
        if not chosen:
            names = ", ".join(repr(candidate.title) for candidate in found[:20]) + ", …" * (len(found) > 20)
            raise ValueError(f"there is no affine layer {layer!r}; those of this graph are: {names or 'none'}.")
        found = chosen
    output = root_name(graph.order)
    symbol = root_symbol(output, {visible_text(node.label) for node in graph.order})
    recorder = LayerRecorder(graph, symbol, output)
    return MatrixView(output, graph.values[-1], list(map(recorder.record, found)))
