"""The teaching notes of each activation: formula, range, kink, reason, weakness, source.

Formula and kink are read from the engine's table, so that they always agree with the computation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd_core import (
    elu,
    gelu,
    gelu_tanh,
    leaky_relu,
    prelu,
    relu,
    sigmoid,
    softplus,
    swish,
    tanh,
    threshold,
)
from nn.modules.softmax import softmax


@dataclass(frozen=True)
class ActivationNote:
    """The teaching notes of one activation; `str(note)` is the text in its docstring."""

    name: str
    function: Callable[..., Any]
    formula: str
    range: str
    kink: str
    reason: str
    weakness: str
    source: str

    def entries(self) -> dict[str, str]:
        """{heading: text}, in reading order."""
        return {key: getattr(self, key) for key in ("formula", "range", "kink", "reason", "weakness", "source")}

    def __str__(self) -> str:
        return "\n".join(f"{key.capitalize() + ':':<10}{text}" for key, text in self.entries().items())


def _note(function: Any, range: str, reason: str, weakness: str, source: str, formula: str = "") -> ActivationNote:  # noqa: A002  the mathematical word
    return ActivationNote(
        name=function.name if hasattr(function, "name") else function.__name__,
        function=function,
        formula=formula or function.formula(1),
        range=range,
        kink=getattr(function, "kink", "") or "none, it is smooth",
        reason=reason,
        weakness=weakness,
        source=source,
    )


ACTIVATIONS: dict[str, ActivationNote] = {
    note.name: note
    for note in (
        _note(
            threshold,
            range="{0, 1}",
            reason="the first model of a neuron: it fires or it does not",
            weakness="its derivative is 0 everywhere, so nothing below it can be learnt by gradient descent",
            source="McCulloch and Pitts, Bulletin of Mathematical Biophysics 5 (1943), p. 115",
        ),
        _note(
            sigmoid,
            range="(0, 1)",
            reason="a smooth threshold: it has a slope to learn from, and its output reads as a probability",
            weakness="saturates on both sides (slope at most 1/4), so gradients vanish with depth; never negative, so "
            "that the gradient changes all weights of a unit above in the same direction",
            source="Rumelhart, Hinton and Williams, Nature 323 (1986), p. 533",
        ),
        _note(
            tanh,
            formula="(exp(x) - exp(-x)) / (exp(x) + exp(-x)) = 2 * sigmoid(2 * x) - 1",
            range="(-1, 1)",
            reason="a sigmoid centred on 0, with slope 1 there: the next layer gets inputs of both signs",
            weakness="saturates on both sides, so gradients still vanish with depth",
            source="LeCun, Bottou, Orr and Müller, Efficient BackProp (1998), section 4.4",
        ),
        _note(
            relu,
            range="[0, inf)",
            reason="does not saturate where it is active (slope 1 at any depth), and costs one comparison",
            weakness="slope 0 below 0: a unit that is below 0 on every row is dead and stays dead; never negative",
            source="Nair and Hinton, ICML 2010, p. 807",
        ),
        _note(
            leaky_relu,
            range="(-inf, inf)",
            reason="relu with a small slope below 0, so that an inactive unit can still learn",
            weakness="the slope must be chosen by hand, and negative outputs are not bounded",
            source="Maas, Hannun and Ng, ICML workshop 2013, p. 2",
        ),
        _note(
            prelu,
            range="(-inf, inf)",
            reason="a leaky relu whose slope below 0 is learnt with the weights",
            weakness="one more parameter to overfit with; a slope learnt to be 1 makes the unit linear",
            source="He, Zhang, Ren and Sun, ICCV 2015, eq. 1",
        ),
        _note(
            elu,
            range="(-alpha, inf)",
            reason="approaches -alpha smoothly below 0, so that the mean output is nearer 0 and learning is faster",
            weakness="saturates below 0, and costs an exponential there",
            source="Clevert, Unterthiner and Hochreiter, ICLR 2016, eq. 15",
        ),
        _note(
            swish,
            range="[-0.2785, inf)",
            reason="a smooth relu, found by a search over formulas; a small slope remains below 0",
            weakness="costs an exponential, is not monotonic, saturates far below 0",
            source="Ramachandran, Zoph and Le, arXiv 1710.05941 (2017), p. 1; as SiLU in arXiv 1606.08415 (2016), p. 2",
        ),
        _note(
            gelu,
            range="[-0.17, inf)",
            reason="weights x by the probability that a standard normal number lies below it; usual in transformers",
            weakness="costs an error function, is not monotonic, saturates far below 0",
            source="Hendrycks and Gimpel, arXiv 1606.08415 (2016), p. 2",
        ),
        _note(
            gelu_tanh,
            range="[-0.17004, inf)",
            reason="gelu without the error function, off by at most 0.0005",
            weakness="as gelu; and models with the two different forms do not agree to the last digits",
            source="Hendrycks and Gimpel, arXiv 1606.08415 (2016), p. 2",
        ),
        _note(
            softplus,
            range="(0, inf)",
            reason="a smooth relu with the sigmoid as its slope; keeps an output positive, as a variance must be",
            weakness="costs an exponential and a logarithm, never quite 0, saturates far below 0",
            source="Dugas, Bengio, Bélisle, Nadeau and Garcia, NIPS 2000, p. 472",
        ),
        _note(
            softmax,
            formula="exp(v_i) / (exp(v_1) + exp(v_2) + ...)",
            range="(0, 1) each, with the sum 1",
            reason="turns scores into probabilities of classes; only the differences between scores matter",
            weakness="saturates where one score is far above the others: train with cross_entropy on the scores",
            source="Bridle, in Neurocomputing (NATO ASI F68, 1990), p. 227",
        ),
    )
}
