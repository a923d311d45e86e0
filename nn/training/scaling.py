"""Fold the scaling of columns and of a target into a network, which then takes and predicts numbers in their units."""

from __future__ import annotations

from nn.data.preparation import Standardiser
from nn.modules.mlp import MLP


def fold_into_first_layer(standardise: Standardiser, model: MLP) -> None:
    """Fold the scaling of the columns into the first layer, so that the model takes rows that are not scaled:
    W (x - mean) / deviation + b = (W / deviation) x + (b - (W / deviation) mean).

    Raises ValueError, before any weight is changed, for a column that varies too little to divide by.

    >>> model, standardise = MLP(1, 1, rng=0), Standardiser([[1.0], [5.0]])
    >>> model.load_state_dict({"layers.0.weight": [[4.0]], "layers.0.bias": [1.0]})
    >>> fold_into_first_layer(standardise, model); model.state_dict()
    {'layers.0.weight': [[2.0]], 'layers.0.bias': [-5.0]}
    """
    layer, deviations = model.layers[0], standardise.deviation.tolist()
    assert layer.bias is not None
    for number, (column, deviation) in enumerate(zip(zip(*layer.weight, strict=True), deviations, strict=True), 1):
        if not deviation * 2.0**1000 > max(abs(weight.data) for weight in column):
            raise ValueError(
                f"column {number} of the inputs varies by {deviation:g} only, and a weight divided by that is beyond "
                "the largest number, 1.8e308. Give this column in a smaller unit, so that its numbers are larger."
            )
    for weights, bias in zip(layer.weight, layer.bias, strict=True):
        for weight, mean, deviation in zip(weights, standardise.mean.tolist(), deviations, strict=True):
            weight.data /= deviation
            bias.data -= weight.data * mean


def fold_into_last_layer(standardise: Standardiser, model: MLP) -> None:
    """Fold the scaling of the target into the last layer, so that the model predicts in the units of the target:
    deviation (W h + b) + mean.

    >>> model, standardise = MLP(1, 1, rng=0), Standardiser([[1.0], [5.0]])
    >>> model.load_state_dict({"layers.0.weight": [[4.0]], "layers.0.bias": [1.0]})
    >>> fold_into_last_layer(standardise, model); model.state_dict()
    {'layers.0.weight': [[8.0]], 'layers.0.bias': [5.0]}
    """
    layer = model.layers[-1]
    assert layer.bias is not None
    mean, deviation = float(standardise.mean[0]), float(standardise.deviation[0])
    for parameter in (*layer.weight[0], layer.bias[0]):
        parameter.data *= deviation
    layer.bias[0].data += mean
