"""The numbers of an affine layer as vectors and matrices, forward and backward, all computed by the engine.

A gradient that this layer alone contributes to is the full sum. Where something else contributes too (an input of
several layers, a weight used for several rows), the record has the share of this layer and the rest from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

ScalarKey = tuple[str, int, int]  # a scalar of the layer: its kind, and its row and column


@dataclass(frozen=True, slots=True)
class MatrixEntry:
    """One scalar of the layer.

    name: its label, or its place (W[0][1]). role: input, parameter, constant, or operation if it was computed. share:
    the gradient from this layer, 0 where every gate on the way is closed, None for a plain number. grad: its whole
    gradient. elsewhere: the rest of it, from `others` further edges.
    """

    name: str
    role: str
    value: float
    share: float | None = None
    grad: float | None = None
    elsewhere: float | None = None
    others: int = 0

    @property
    def has_gradient(self) -> bool:
        """Whether it has a gradient: a plain number of the program has none."""
        return self.role != "constant"


@dataclass(frozen=True, slots=True)
class MatrixRecord:
    """One layer: z = W x + b and, with delta = dL/dz, the shares of dL/dW, dL/db and dL/dx.

    W[i][j] goes from input j to unit i, whose number is rows[i]; b[i] is None for a unit without a bias. product[i][j]
    is W[i][j] x[j], and contributions[i][j] its part of the gradient of x[j]. closed: whether a gate stops the whole
    gradient of a unit. minus: whether the program subtracts the term; the matrix then holds the opposite number.
    forward, backward: the scalars in the order of computation: ("product", i, j), ("z", i, 0); ("delta", i, 0),
    ("b", i, 0), ("x", i, j), ("W", i, j). changed: (name, number, note) of each scalar that has another number now.
    name, use: the layer, and which of its `uses` this is; the title has both. output: the output of the graph, as
    derivatives write it; output_name: its name.
    """

    title: str
    name: str
    use: int
    path: tuple[str, ...]
    output: str
    output_name: str
    symbols: dict[str, str]
    uses: int
    rows: list[int]
    z: list[MatrixEntry]
    x: list[MatrixEntry]
    b: list[MatrixEntry | None]
    W: list[list[MatrixEntry]]
    minus: list[list[bool]]
    minus_b: list[bool]
    delta: list[float | None]
    closed: list[bool]
    product: list[list[float]]
    contributions: list[list[float | None]]
    forward: list[ScalarKey]
    backward: list[ScalarKey]
    changed: list[tuple[str, float, str]]
    problem: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """(units, inputs)."""
        return len(self.z), len(self.x)

    @property
    def has_bias(self) -> bool:
        """Whether any unit has a bias."""
        return any(entry is not None for entry in self.b)

    @property
    def reaches_inputs(self) -> bool:
        """Whether any input has a gradient."""
        return any(entry.has_gradient for entry in self.x)

    @property
    def shared_inputs(self) -> bool:
        """Whether any input has a gradient from elsewhere too."""
        return any(entry.others for entry in self.x)

    @property
    def shared_weights(self) -> bool:
        """Whether any weight has a gradient from elsewhere too."""
        return any(entry.others for row in self.W for entry in row)

    @property
    def shared_biases(self) -> bool:
        """Whether any bias has a gradient from elsewhere too."""
        return any(entry.others for entry in self.b if entry is not None)
