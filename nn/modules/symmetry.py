"""First weights and gradients from which nothing can be learnt: equal units, weights that are all 0, no gradient."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any

from nn.modules.unreachable import NothingLearntWarning

_REMEDY = "Draw the first weights at random, as Linear and MLP do with rng= and without initialise=zeros."


def warn_of_symmetry(gradients: Mapping[Any, float], loss: float = 0.0) -> None:
    """Warn where these first gradients of parameters teach nothing. loss: their loss, where it is known.

    Units are found by labels such as W1[2][0], the weight from input 0 to unit 2 of W1.
    """
    own = {parameter: number for parameter, number in gradients.items() if parameter.role == "parameter"}
    message = _without_gradient(own, loss) or _of_equal_units(own)
    if message:
        warnings.warn(message, NothingLearntWarning, stacklevel=3)


def _without_gradient(gradients: Mapping[Any, float], loss: float) -> str:
    weights = [parameter for parameter in gradients if re.search(r"\[\d+\]\[\d+\]$", parameter.label)]
    if loss and gradients and not any(gradients.values()):
        return (
            f"the first gradients of all {len(gradients)} parameters are 0 and the loss is {loss:.4g}: it is flat "
            "here, so that nothing is learnt from these rows. Look for units that are off or saturated on every row "
            "(nn.gradient_health shows them), and for weights that are all 0."
        )
    if weights and not any(parameter.data or gradients[parameter] for parameter in weights):
        return f"all {len(weights)} weights are 0 and so are their gradients: only biases can learn. {_REMEDY}"
    return ""


def _of_equal_units(gradients: Mapping[Any, float]) -> str:
    units: dict[str, dict[str, list[tuple[str, float, float]]]] = {}
    for parameter, gradient in gradients.items():
        label = re.fullmatch(r"(.*?)\[(\d+)\](.*)", parameter.label)
        if label is not None:
            layer = re.sub(r"b(\d*)$", r"W\1", label[1]).replace("bias", "weight")
            units.setdefault(layer, {}).setdefault(label[2], []).append((label[3], parameter.data, gradient))
    equal = [layer for layer, by_unit in units.items() if len(by_unit) > 1 and _are_equal(list(by_unit.values()))]
    if not equal:
        return ""
    return (
        f"the units of {', '.join(equal)} have equal weights and get equal gradients: they stay equal, and each layer "
        f"learns no more than one unit could. {_REMEDY}"
    )


def _are_equal(units: list[list[tuple[str, float, float]]]) -> bool:
    has_weights = any(place for place, _, _ in units[0])
    return has_weights and all(sorted(unit) == sorted(units[0]) for unit in units)
