"""Sixty answer sheets over ten graphs, each with one mistake that people make on paper, computed by hand.

A sheet is (graph, answers, what was done): the kind of mistake, and for a wrong rule words that its name contains.
No number here comes from the simulation of mistakes: each is written as the calculation on the sheet.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from autograd_core import Value, cos, dot, exp, log, maximum, mean, relu, sigmoid, sin, sqrt, tanh
from autograd_core.mistakes.mistakes import (
    AVERAGED,
    CLOSED_GATE,
    DEGREES,
    DIFFERENCE,
    EXCHANGED,
    FACTOR,
    FORGOT_INNER,
    FORGOT_MEAN,
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    MISSED_PATH,
    MIXED_UP,
    PRODUCT_RULE,
    RATE,
    ROUNDED,
    SIGN,
    SWAPPED,
    TRANSPOSED,
    UPDATED,
    WRONG_DERIVATIVE,
    WRONG_POINT,
)


@dataclass(frozen=True)
class Sheet:
    """Wrong answers to the exercise on a graph. words: what the sentence about the mistake has to contain."""

    graph: str
    answers: dict[str, float]
    kind: str
    words: str = ""


def inputs(**numbers: float) -> list[Value]:
    return [Value(number, name) for name, number in numbers.items()]


def survey() -> Value:
    """log(x1) + x1*x2 - sin(x2), the example of a survey: 5.5 and 1.716."""
    x1, x2 = inputs(x1=2.0, x2=5.0)
    return log(x1) + x1 * x2 - sin(x2)


def unit() -> Value:
    """A logistic unit under a squared error: p = sigmoid(w x + b), L = (p - t)**2."""
    w, x, b, t = inputs(w=0.8, x=1.5, b=-0.4, t=0.3)
    z = w * x + b
    z.label = "z"
    p = sigmoid(z)
    p.label = "p"
    return (p - t) ** 2


def quotient() -> Value:
    """u / v with u = a*a, v = a + b."""
    a, b = inputs(a=3.0, b=4.5)
    return (a * a) / (a + b)


def chain() -> Value:
    """sin(x**2) * w."""
    x, w = inputs(x=1.3, w=2.5)
    return sin(x * x) * w


def powers() -> Value:
    """2 x**3 + sqrt(y)."""
    x, y = inputs(x=1.7, y=6.5)
    return 2 * x**3 + sqrt(y)


def hidden() -> Value:
    """Two tanh units and a linear one."""
    x, w1, w2, v1, v2 = inputs(x=0.7, w1=1.2, w2=-0.9, v1=0.6, v2=1.4)
    h1, h2 = tanh(w1 * x), tanh(w2 * x)
    h1.label, h2.label = "h1", "h2"
    return v1 * h1 + v2 * h2


def gates() -> Value:
    """relu below 0 and a maximum."""
    p, q, r = inputs(p=-2.0, q=3.5, r=1.5)
    return relu(p * r) + maximum(q, r) * r + 0.3 * p


def line() -> Value:
    """The mean squared error of w x + b on three rows."""
    w, b = inputs(w=0.9, b=0.2)
    rows = [(1.0, 2.0), (2.0, 1.5), (3.0, 4.0)]
    return mean([(w * x + b - t) ** 2 for x, t in rows])


def layer() -> Value:
    """A square layer: dot((10, 1.5), W a)."""
    a = [Value(2.0, "a0"), Value(-1.0, "a1")]
    weights = [[Value(n, f"W[{i}][{j}]") for j, n in enumerate(row)] for i, row in enumerate([[1, 2.5], [3, -1.2]])]
    return dot([10.0, 1.5], [dot(row, a) for row in weights])


def growth() -> Value:
    """exp(k t) - k cos(t)."""
    k, t = inputs(k=0.6, t=1.9)
    return exp(k * t) - k * cos(t)


GRAPHS: dict[str, Callable[[], Value]] = {
    graph.__name__: graph for graph in (survey, unit, quotient, chain, powers, hidden, gates, line, layer, growth)
}

SIN5, COS5 = math.sin(5), math.cos(5)
Z = 0.8 * 1.5 - 0.4
P = 1 / (1 + math.exp(-Z))
ERROR = P - 0.3
SLOPE = P * (1 - P)
H1, H2 = math.tanh(1.2 * 0.7), math.tanh(-0.9 * 0.7)
S1, S2 = 1 - H1**2, 1 - H2**2
RESIDUALS = [0.9 * x + 0.2 - t for x, t in ((1.0, 2.0), (2.0, 1.5), (3.0, 4.0))]
DW = 2 / 3 * sum(r * x for r, x in zip(RESIDUALS, (1.0, 2.0, 3.0), strict=True))
DB = 2 / 3 * sum(RESIDUALS)
GROWN, SIN_T, COS_T = math.exp(0.6 * 1.9), math.sin(1.9), math.cos(1.9)
LOWERED = 1.14 * math.exp(0.14)  # the rule of powers for exp(k t)
DK, DT = 1.9 * GROWN - COS_T, 0.6 * GROWN + 0.6 * SIN_T


def of_unit(outer: float, slope: float) -> dict[str, float]:
    """The gradients of the unit from the derivative of its error and the slope of its sigmoid."""
    return {"w": outer * slope * 1.5, "x": outer * slope * 0.8, "b": outer * slope}


def of_hidden(s1: float, s2: float) -> dict[str, float]:
    return {
        "x": 0.6 * s1 * 1.2 + 1.4 * s2 * -0.9,
        "w1": 0.6 * s1 * 0.7,
        "w2": 1.4 * s2 * 0.7,
        "v1": H1,
        "v2": H2,
    }


SHEETS = [
    Sheet("survey", {"x1": 2 + 5, "x2": 2 - COS5}, WRONG_DERIVATIVE, "log"),  # (log x)' = x
    Sheet("survey", {"x1": math.log(2) + 5, "x2": 2 - COS5}, WRONG_DERIVATIVE, "log"),
    Sheet("survey", {"x1": 1 + 5, "x2": 2 - COS5}, FORGOT_PARTIAL, "log"),
    Sheet("survey", {"x1": 5.5, "x2": 2 + COS5}, SIGN),
    Sheet("survey", {"x1": 5.5, "x2": 2 - math.cos(math.radians(5))}, DEGREES),
    Sheet("survey", {"x1": 5.5, "x2": 2 - SIN5}, WRONG_DERIVATIVE, "sin"),
    Sheet("survey", {"x1": 2 - COS5, "x2": 5.5}, EXCHANGED),
    Sheet("survey", {"x1": 5.5, "x2": 1.7}, ROUNDED),
    Sheet("survey", {"x1": 0.55, "x2": 0.1 * (2 - COS5)}, RATE),
    Sheet("survey", {"x1": 2 - 0.1 * 5.5, "x2": 5 - 0.1 * (2 - COS5)}, UPDATED),
    Sheet("survey", {"x1": 2, "x2": 5}, MIXED_UP),
    Sheet("survey", {"x1": 0.5 + 2, "x2": 5 - COS5}, SWAPPED),
    Sheet("unit", of_unit(2 * ERROR, P), WRONG_DERIVATIVE, "sigmoid"),
    Sheet("unit", of_unit(2 * ERROR, 1 - P), WRONG_DERIVATIVE, "sigmoid"),
    Sheet("unit", of_unit(2 * ERROR, Z * (1 - Z)), WRONG_DERIVATIVE, "sigmoid"),
    Sheet("unit", of_unit(2 * ERROR, 1 - P**2), WRONG_DERIVATIVE, "sigmoid"),
    Sheet("unit", of_unit(2 * ERROR, 1), FORGOT_PARTIAL, "sigmoid"),
    Sheet("unit", of_unit(ERROR, SLOPE), WRONG_DERIVATIVE, "power"),
    Sheet("unit", of_unit(-2 * ERROR, SLOPE), DIFFERENCE),
    Sheet("unit", of_unit(1, SLOPE), FORGOT_PARTIAL),
    Sheet("quotient", {"a": 2 * 3 - 9 / 7.5, "b": -9 / 7.5}, WRONG_DERIVATIVE, "divide"),  # without the square
    Sheet("quotient", {"a": 6 / 7.5 + 9 / 7.5**2, "b": 9 / 7.5**2}, WRONG_DERIVATIVE, "divide"),  # without the minus
    Sheet("quotient", {"a": 6.0, "b": -9 / 7.5**2}, PRODUCT_RULE),  # u' / v'
    Sheet("quotient", {"a": 6 / 7.5, "b": -9 / 7.5**2}, MISSED_PATH),
    Sheet("quotient", {"a": 3 / 7.5 - 9 / 7.5**2, "b": -9 / 7.5**2}, MISSED_PATH),
    Sheet("quotient", {"a": 6 / 7.5 - 9 / 7.5**2, "b": -1 / 7.5**2}, WRONG_DERIVATIVE, "divide"),
    Sheet("chain", {"x": 2.5 * math.cos(1.69), "w": math.sin(1.69)}, FORGOT_INNER),
    Sheet("chain", {"x": 2.5 * math.cos(1.3) * 2.6, "w": math.sin(1.69)}, WRONG_POINT),
    Sheet("chain", {"x": 2.5 * math.cos(2.6), "w": math.sin(1.69)}, WRONG_POINT),
    Sheet("chain", {"x": math.cos(1.69) * 2.6, "w": math.sin(1.69)}, FORGOT_UPSTREAM),
    Sheet("chain", {"x": -2.5 * math.cos(1.69) * 2.6, "w": math.sin(1.69)}, WRONG_DERIVATIVE, "sin"),
    Sheet("chain", {"x": 2.5 * math.cos(math.radians(1.69)) * 2.6, "w": math.sin(1.69)}, DEGREES),
    Sheet("powers", {"x": 2 * 1.7**2, "y": 0.5 / math.sqrt(6.5)}, WRONG_DERIVATIVE, "power"),
    Sheet("powers", {"x": 2 * 3 * 1.7**3, "y": 0.5 / math.sqrt(6.5)}, WRONG_DERIVATIVE, "power"),
    Sheet("powers", {"x": 3 * 1.7**2, "y": 0.5 / math.sqrt(6.5)}, FORGOT_PARTIAL),
    Sheet("powers", {"x": 6 * 1.7**2, "y": 1 / math.sqrt(6.5)}, WRONG_DERIVATIVE, "sqrt"),
    Sheet("powers", {"x": 6 * 1.7**2, "y": 0.5 * math.sqrt(6.5)}, WRONG_DERIVATIVE, "sqrt"),
    Sheet("powers", {"x": 1 / (6 * 1.7**2), "y": 2 * math.sqrt(6.5)}, FACTOR),
    Sheet("hidden", of_hidden(1 - H1, 1 - H2), WRONG_DERIVATIVE, "tanh"),
    Sheet("hidden", of_hidden(H1, H2), WRONG_DERIVATIVE, "tanh"),
    Sheet("hidden", of_hidden(1 + H1**2, 1 + H2**2), WRONG_DERIVATIVE, "tanh"),
    Sheet("hidden", of_hidden(S1, S2) | {"x": 0.6 * S1 * 1.2}, MISSED_PATH),
    Sheet("hidden", of_hidden(S1, S2) | {"x": 0.5 * of_hidden(S1, S2)["x"]}, AVERAGED),
    Sheet("hidden", of_hidden(S1, S2) | {"w1": 1.4 * S2 * 0.7, "w2": 0.6 * S1 * 0.7}, EXCHANGED),
    Sheet("gates", {"p": 1.5 + 0.3, "q": 1.5, "r": 3.5 - 2}, CLOSED_GATE),
    Sheet("gates", {"p": 0.3, "q": 0.0, "r": 3.5 + 1.5}, WRONG_DERIVATIVE, "max"),
    Sheet("gates", {"p": 0.3, "q": 0.75, "r": 3.5 + 0.75}, WRONG_DERIVATIVE, "max"),
    Sheet("gates", {"p": 1, "q": 1.5, "r": 3.5}, FORGOT_PARTIAL),
    Sheet("line", {"w": 3 * DW, "b": 3 * DB}, FORGOT_MEAN),
    Sheet("line", {"w": DW / 2, "b": DB / 2}, WRONG_DERIVATIVE, "power"),
    Sheet("line", {"w": -DW, "b": -DB}, SIGN),
    Sheet("line", {"w": 0.9 - 0.05 * DW, "b": 0.2 - 0.05 * DB}, UPDATED),
    Sheet("line", {"w": 2 / 3 * sum(RESIDUALS), "b": DB}, FORGOT_PARTIAL, "multiply"),
    Sheet("layer", {"a0": 10 + 1.5 * 2.5, "a1": 10 * 3 + 1.5 * -1.2}, TRANSPOSED),
    Sheet("layer", {"W[0][1]": 3.0, "W[1][0]": -10.0}, TRANSPOSED),
    Sheet("layer", {"a0": 1 + 3, "a1": 2.5 - 1.2}, FORGOT_UPSTREAM),
    Sheet("growth", {"k": 1.9 * GROWN - COS_T, "t": 0.6 * GROWN - 0.6 * SIN_T}, WRONG_DERIVATIVE, "cos"),
    Sheet("growth", {"k": GROWN - COS_T, "t": GROWN + 0.6 * SIN_T}, FORGOT_INNER),
    Sheet("growth", {"k": DK, "t": 0.6 * GROWN + 0.6 * COS_T}, WRONG_DERIVATIVE, "cos"),
    Sheet(
        "growth",
        {"k": 1.9 * LOWERED - COS_T, "t": 0.6 * LOWERED + 0.6 * SIN_T},
        WRONG_DERIVATIVE,
        "exp",
    ),
]
