"""The network of a page: the units of each layer, and which parameter each link between them is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd_core.engine.value import Value
from autograd_core.formulas.symbols import name_text

if TYPE_CHECKING:
    from autograd_core.compiler.program import Program


def network_data(
    layers: Sequence[Sequence[Sequence[Value]]], program: Program, inputs: Sequence[str]
) -> dict[str, Any]:
    """The names of the units, column by column, and the places of the weights.

    Raises ValueError where a layer does not fit the one before it, or a weight is no parameter of the program.
    """
    places = {id(parameter): place for place, parameter in enumerate(program.parameters)}
    names = [list(inputs)]
    for number, layer in enumerate(layers, start=1):
        if any(len(row) != len(names[-1]) for row in layer):
            raise ValueError(
                f"layer {number} of layers has {len(names[-1])} inputs, so each of its units has as many weights, got "
                f"{sorted({len(row) for row in layer})}. layers[0][i][j] is the weight from input j to unit i."
            )
        if any(id(weight) not in places for row in layer for weight in row):
            raise ValueError(
                f"a weight in layer {number} of layers is no parameter of the program. Give the parameters themselves, "
                "and compile with parameters=."
            )
        symbol = f"h{number}" if number < len(layers) else "o"
        names.append([name_text(f"{symbol}[{unit}]") for unit in range(len(layer))])
    weights = [[[places[id(weight)] for weight in row] for row in layer] for layer in layers]
    return {"units": names, "weights": weights}
