"""Functions composed of primitives: every scalar activation, softplus, logsumexp, dot, mean.

Their gradients follow from the chain rule. A closed box shows the textbook derivative beside each, which tests compare
with the computed one. Smooth functions choose their branch once with `where` and keep the operand of the other branch
harmless; none is composed of abs, maximum or relu, whose kinks would falsify derivatives at 0. relu and its family are
one gate, closed where x <= 0, so that nan passes it. At +-inf the result is the IEEE result of the composition: swish
and gelu of -inf are nan, because -inf * 0 is.
"""

from __future__ import annotations

import math
from typing import Any

from autograd_core.engine import unexpanded
from autograd_core.engine.primitives import equal, erfc, exp, expm1, greater, less_equal, log1p, where
from autograd_core.engine.scope import composition

_LISTS = {list, tuple}
ROOT_HALF = math.sqrt(0.5)
ROOT_EIGHT_OVER_PI = math.sqrt(8.0 / math.pi)


@composition(
    formula="where(x > theta, 1, where(x <= theta, 0, nan))",
    derivatives=("0", "0"),
    why="comparisons, flat on both sides, so no gradient flows; both are false for nan alone",
    symbol="[x > θ]",
    text="[{0} > {1}]",
    latex=r"\left[{0} > {1}\right]",
    domain=((-5.0, 5.0), (-1.0, 1.0)),
    kink="derivative 0 everywhere, the step included",
    saturating=True,
    wrong_rules="1 | -1",
)
def threshold(x: Any, theta: Any = 0.0) -> Any:
    """1 where x > theta, else 0: the first artificial neuron's activation. Range {0, 1}, derivative 0 everywhere.

    Weakness: with no slope anywhere, nothing below it can be learnt by gradient descent.
    Source: McCulloch and Pitts, Bulletin of Mathematical Biophysics 5 (1943), p. 115.

    >>> threshold(0.5), threshold(0.0)
    (1.0, 0.0)
    """
    above = greater(x, theta)
    return where(equal(above, less_equal(x, theta)), math.nan, above)


@composition(
    formula="1 / (1 + exp(-x))",
    derivatives=("y * (1 - y)",),
    why="e = exp(−|x|) cannot overflow, and e / (1 + e) keeps every digit where 1 / (1 + exp(−x)) is close to 0",
    symbol="σ",
    latex=r"\sigma\left({0}\right)",
    saturating=True,
    wrong_rules="1 - y; x * (1 - x); y * (1 - x); y**2; 1 - y**2; y * (1 + y); -y * (1 - y); exp(-x); y - 1; 2 * y",
)
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x)): squashes any number into (0, 1), read as a probability. Derivative y(1 - y), at most 1/4.

    Smooth, no kink. Weakness: saturates on both sides, so gradients vanish with depth; its outputs are never negative.
    Source: Rumelhart, Hinton and Williams, Nature 323 (1986), p. 533.

    >>> sigmoid(1.0)
    0.7310585786300049
    """
    positive = x > 0.0
    e = exp(where(positive, -x, x))
    return where(positive, 1.0, e) / (1.0 + e)


def _relu_as_one_node(x: Any) -> Any:
    return x._record_as_one(unexpanded.record_relu, relu, x) if hasattr(x, "_record_as_one") else None


@composition(
    formula="where(x <= 0, 0, x)",
    derivatives=("where(x <= 0, 0, 1)",),
    why="a comparison and a choice: the gate is open or closed, and a closed gate passes nothing back",
    symbol="ReLU",
    kink="derivative 0 at 0",
    wrong_rules="where(x <= 0, 1, 0); 0; where(x <= 0, 0.01, 1)",
    one_node=_relu_as_one_node,
)
def relu(x: Any) -> Any:
    """x where x > 0, else 0: never saturates where it is active. Range [0, inf), derivative 1 or 0 (0 at 0).

    Weakness: a unit that is below 0 on every row gets no gradient and stays dead.
    Source: Nair and Hinton, ICML 2010, p. 807.

    >>> relu(2.0), relu(-2.0)
    (2.0, 0.0)
    """
    return where(x <= 0.0, 0.0, x)


@composition(
    formula="where(x <= 0, slope * x, x)",
    derivatives=("where(x <= 0, slope, 1)", "where(x <= 0, x, 0)"),
    why="the same gate as relu, with a small slope where it would be closed",
    symbol="LeakyReLU",
    domain=((-5.0, 5.0), (0.01, 0.5)),
    kink="derivative slope at 0",
    wrong_rules="where(x <= 0, 1, slope) | ; where(x <= 0, 0, 1) | ; slope | ; where(x <= 0, -slope, 1) | ",
)
def leaky_relu(x: Any, slope: Any = 0.01) -> Any:
    """x where x > 0, else slope * x: a unit that is switched off can still learn. Derivative slope at 0.

    Range (-inf, inf) for slope > 0. Weakness: the slope has to be chosen by hand.
    Source: Maas, Hannun and Ng, ICML workshop 2013, p. 2.

    >>> leaky_relu(-2.0, 0.25)
    -0.5
    """
    return where(x <= 0.0, slope * x, x)


@composition(
    formula="where(x <= 0, slope * x, x)",
    derivatives=("where(x <= 0, slope, 1)", "where(x <= 0, x, 0)"),
    why="leaky relu whose slope is a parameter: the gradient reaches the slope where x ≤ 0",
    symbol="PReLU",
    domain=((-5.0, 5.0), (0.01, 0.5)),
    kink="derivative slope at 0",
    wrong_rules="where(x <= 0, 1, slope) | ; where(x <= 0, 0, 1) | ; slope | ; where(x <= 0, -slope, 1) | ; | 1",
)
def prelu(x: Any, slope: Any) -> Any:
    """x where x > 0, else slope * x, with a slope to be learnt. Derivative slope at 0.

    Range (-inf, inf) for slope > 0. Weakness: one more parameter to overfit with.
    Source: He, Zhang, Ren and Sun, ICCV 2015, eq. 1.

    >>> prelu(-2.0, 0.25)
    -0.5
    """
    return where(x <= 0.0, slope * x, x)


@composition(
    formula="where(x <= 0, alpha * (exp(x) - 1), x)",
    derivatives=("where(x <= 0, y + alpha, 1)", "where(x <= 0, exp(x) - 1, 0)"),
    why="expm1 keeps the digits exp(x) − 1 loses near 0; where its branch is not taken, its input is 0",
    symbol="ELU",
    domain=((-5.0, 5.0), (0.5, 2.0)),
    kink="derivative alpha at 0",
    wrong_rules="where(x <= 0, y, 1) | ; where(x <= 0, exp(x), 1) | ; where(x <= 0, 0, 1) | ; "
    "where(x <= 0, alpha, 1) | ; y + alpha | ; | where(x <= 0, exp(x), 0)",
)
def elu(x: Any, alpha: Any = 1.0) -> Any:
    """x where x > 0, else alpha (exp(x) - 1): range (-alpha, inf), so that the mean output can be near 0.

    Derivative alpha at 0. Weakness: saturates below 0, and costs an exponential there.
    Source: Clevert, Unterthiner and Hochreiter, ICLR 2016, eq. 15.

    >>> elu(-1.0)
    -0.6321205588285577
    """
    closed = x <= 0.0
    return where(closed, alpha * expm1(where(closed, x, 0.0)), x)


@composition(
    formula="x * sigmoid(x)",
    derivatives=("sigmoid(x) + y * (1 - sigmoid(x))",),
    why="σ is itself computed in its stable form",
    wrong_rules="sigmoid(x); sigmoid(x) * (1 - sigmoid(x)); x * sigmoid(x) * (1 - sigmoid(x)); "
    "sigmoid(x) + sigmoid(x) * (1 - sigmoid(x)); y * (1 - y); sigmoid(x) + x * (1 - sigmoid(x)); "
    "sigmoid(x) - y * (1 - sigmoid(x))",
)
def swish(x: Any) -> Any:
    """x sigmoid(x), also called SiLU: a smooth relu, with a minimum of -0.2785 at -1.2785. Range [-0.2785, inf).

    Weakness: costs an exponential, and saturates far below 0. Found by a search over formulas.
    Source: Ramachandran, Zoph and Le, arXiv 1710.05941 (2017), p. 1.

    >>> swish(1.0)
    0.7310585786300049
    """
    return x * sigmoid(x)


silu = swish


@composition(
    formula="(1 + erf(x / sqrt(2))) / 2",
    derivatives=("exp(-x**2 / 2) / sqrt(2 * pi)",),
    why="erfc keeps every digit of the lower tail, where 1 + erf cancels",
    symbol="Φ",
    latex=r"\Phi\left({0}\right)",
    saturating=True,
    wrong_rules="exp(-x**2 / 2); exp(-x**2); y * (1 - y); -x * exp(-x**2 / 2) / sqrt(2 * pi); exp(-x**2) / sqrt(pi)",
)
def normal_cdf(x: Any) -> Any:
    """Phi(x), the probability that a standard normal number is below x.

    >>> normal_cdf(0.0)
    0.5
    """
    return 0.5 * erfc(-ROOT_HALF * x)


@composition(
    formula="x * normal_cdf(x)",
    derivatives=("normal_cdf(x) + x * exp(-x**2 / 2) / sqrt(2 * pi)",),
    why="Φ is computed by erfc, exact in the lower tail",
    symbol="GELU",
    wrong_rules="normal_cdf(x); exp(-x**2 / 2) / sqrt(2 * pi); x * exp(-x**2 / 2) / sqrt(2 * pi); "
    "normal_cdf(x) + exp(-x**2 / 2) / sqrt(2 * pi); normal_cdf(x) + x * exp(-x**2 / 2)",
)
def gelu(x: Any) -> Any:
    """x Phi(x), with Phi the distribution function of the standard normal: a smooth relu. Range [-0.17, inf).

    Its minimum is at -0.7518. Weakness: costs an error function, and saturates far below 0.
    Source: Hendrycks and Gimpel, arXiv 1606.08415 (2016), p. 2.

    >>> round(gelu(1.0), 12)
    0.841344746069
    """
    return x * normal_cdf(x)


@composition(
    formula="x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))",
    derivatives=(
        "sigmoid(sqrt(8 / pi) * (x + 0.044715 * x**3))"
        " + x * sqrt(8 / pi) * (1 + 0.134145 * x**2)"
        " * sigmoid(sqrt(8 / pi) * (x + 0.044715 * x**3)) * (1 - sigmoid(sqrt(8 / pi) * (x + 0.044715 * x**3)))",
    ),
    why="(1 + tanh(u)) / 2 is σ(2u), exact in the lower tail; beyond 40 it is 0 or 1, and the cube could overflow",
    symbol="GELU≈",
    latex=r"\operatorname{{GELU}}_{{\approx}}\left({0}\right)",
    wrong_rules="sigmoid(sqrt(8 / pi) * (x + 0.044715 * x**3))",
)
def gelu_tanh(x: Any) -> Any:
    """x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x**3))), the approximation of gelu; off by at most 0.0005.

    Range [-0.17004, inf), smooth. Weakness: as gelu; models that use different forms differ in their digits.
    PyTorch's gelu(x, approximate="tanh"). Source: Hendrycks and Gimpel, arXiv 1606.08415 (2016), p. 2.

    >>> round(gelu_tanh(1.0), 12)
    0.841191990608
    """
    near = where(x > 40.0, 40.0, where(x < -40.0, -40.0, x))
    return x * sigmoid(near * (ROOT_EIGHT_OVER_PI + 0.044715 * ROOT_EIGHT_OVER_PI * near * near))


@composition(
    formula="log(1 + exp(x))",
    derivatives=("sigmoid(x)",),
    why="x + ln(1 + exp(−x)) where x > 0: exp cannot overflow, and log1p keeps the digits of a small exp",
    wrong_rules="sigmoid(-x); exp(x); sigmoid(x) * (1 - sigmoid(x)); 1 / exp(y)",
)
def softplus(x: Any) -> Any:
    """log(1 + exp(x)), a smooth relu whose derivative is sigmoid(x). Range (0, inf): keeps a variance positive.

    Weakness: costs an exponential and a logarithm, and saturates far below 0.
    Source: Dugas, Bengio, Bélisle, Nadeau and Garcia, NIPS 2000, p. 472.

    >>> softplus(0.0)
    0.6931471805599453
    """
    positive = x > 0.0
    return where(positive, x, 0.0) + log1p(exp(where(positive, -x, x)))


def _wrong_rules_of_logsumexp(count: int) -> tuple[tuple[str, ...], ...]:
    inputs = [f"v{i + 1}" for i in range(count)]
    total, exponents = " + ".join(inputs), " + ".join(f"exp({v})" for v in inputs)
    share = "exp({v} - y)"
    wrong = [
        *("exp({v})", f"1 / ({exponents})", f"{{v}} / ({exponents})", f"{{v}} / ({total})", "{v} - y"),
        *(f"{share} * (1 - {share})", f"{share} / log(10)", f"1 - {share}"),
    ]
    if count > 1:
        wrong.append(f"1 / {count}")
    largest = [" * ".join(f"where({v} < {other}, 0, 1)" for other in inputs if other != v) or "1" for v in inputs]
    only = [tuple(share.format(v=v) if v == one else "0" for v in inputs) for one in inputs if count > 2]
    return (*(tuple(rule.format(v=v) for v in inputs) for rule in wrong), tuple(largest), *only)


@composition(
    formula=lambda count: f"log({' + '.join(f'exp(v{i + 1})' for i in range(count))})",
    derivatives=lambda count: tuple(f"exp(v{i + 1} - y)" for i in range(count)),
    why="the largest term is taken out, so that no exp overflows, and the others are added by log1p",
    commutative=True,
    wrong_rules=_wrong_rules_of_logsumexp,
)
def logsumexp(values: Any) -> Any:
    """log(exp(v1) + exp(v2) + ...) of a list: a smooth maximum, and the normaliser of softmax.

    A term of -inf (a masked one) contributes nothing; two of +inf give nan, as inf - inf does.
    Raises ValueError for an empty list.

    >>> logsumexp([0.0, 0.0])
    0.6931471805599453
    """
    largest, *rest = _not_empty(values, "logsumexp")
    others: Any = 0.0  # the sum of exp(v - largest) over the terms that are not the largest
    for v in rest:
        bigger = v > largest
        smaller = where(bigger, largest, v)
        largest = where(bigger, v, largest)
        e = exp(smaller - where(largest > -math.inf, largest, 0.0))  # -inf - -inf would be nan
        others = where(bigger, (others + 1.0) * e, others + e)
    return largest + log1p(others)


def _dot_as_one_node(a: Any, b: Any) -> Any:
    """The sum as one node of many inputs, where there is a Value and the lists are as they should be; or None."""
    if type(a) in _LISTS and type(b) in _LISTS and len(a) == len(b) > 0:
        for factor in (a[0], b[0]):
            if hasattr(factor, "_record_as_one"):
                return factor._record_as_one(unexpanded.record_sum, dot, a, b)
    return None


@composition(
    formula=lambda count: " + ".join(f"a{i + 1} * b{i + 1}" for i in range(count // 2)),
    derivatives=lambda count: tuple(f"{name}{i + 1}" for name in "ba" for i in range(count // 2)),
    why="added from left to right",
    symbol="·",
    text="{0} · {1}",
    latex=r"{0} \cdot {1}",
    commutative=True,
    one_node=_dot_as_one_node,
)
def dot(a: Any, b: Any) -> Any:
    """a1*b1 + a2*b2 + ... of two lists of the same length.

    Raises ValueError where the lengths differ (both are named) or the lists are empty.

    >>> dot([1.0, 2.0], [3.0, 4.0])
    11.0
    """
    if len(a) != len(b):
        raise ValueError(f"dot needs two lists of the same length, got {len(a)} and {len(b)} numbers.")
    total, *products = [left * right for left, right in zip(_not_empty(a, "dot"), b, strict=True)]
    for product in products:
        total = total + product
    return total


@composition(
    formula=lambda count: f"({' + '.join(f'v{i + 1}' for i in range(count))}) / {count}",
    derivatives=lambda count: (f"1 / {count}",) * count,
    why="added from left to right, divided once",
    commutative=True,
    wrong_rules=lambda count: (
        tuple(f"v{i + 1} / {count}" for i in range(count)),
        *((rule,) * count for rule in (f"{count}", f"1 / ({count} - 1)", f"1 / ({count} + 1)") if count > 2),
        *(tuple("1" if i == only else "0" for i in range(count)) for only in range(count)),
    ),
)
def mean(values: Any) -> Any:
    """(v1 + v2 + ...) / n of a list. Raises ValueError for an empty list.

    >>> mean([1.0, 2.0, 6.0])
    3.0
    """
    total, *rest = _not_empty(values, "mean")
    for v in rest:
        total = total + v
    return total / float(len(values))


def _not_empty(values: list[Any], name: str) -> list[Any]:
    if not values:
        raise ValueError(f"{name} of no numbers is not defined: the list is empty.")
    return values
