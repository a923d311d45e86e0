"""Sixty more answer sheets, ten for each level of `quiz.generate`, each with one mistake, computed by hand.

They are of other kinds than those of `wrong_sheets`: the sign of a target, a value before the activation function, a
cross-entropy for a squared error, a neighbour's weight, rounding on the way, softmax element by element, and so on.
"""

import math

from autograd_core import Value
from autograd_core.mistakes.mistakes import (
    ADDED,
    ADDED_PARTIALS,
    BEFORE_FUNCTION,
    CLOSED_GATE,
    EXCHANGED,
    FORGOT_PARTIAL,
    FORGOT_UPSTREAM,
    LEFT_OUT,
    MISSED_PATH,
    MIXED_UP,
    MULTIPLIED_PATHS,
    NEIGHBOUR,
    OTHER_LOSS,
    PRODUCT_RULE,
    RATE,
    ROUNDED,
    SIGN,
    STEP,
    SWAPPED,
    TRANSPOSED,
    TWICE,
    UPDATED,
    WRONG_DERIVATIVE,
    WRONG_POINT,
)
from autograd_core.practice.quiz.generate import QUIZ_LEVELS, build_graph
from tests.practice.quiz.wrong_sheets import Sheet


def sigma(z: float) -> float:
    return 1 / (1 + math.exp(-z))


def tanh_slope(z: float) -> float:
    return 1 - math.tanh(z) ** 2


POLYNOMIAL = {"a": 2.5, "b": -1.5, "c": 4.0, "d": 3.0}
UNIT = {"w1": 0.8, "x1": 1.3, "w2": -0.4, "x2": 0.9, "b": 0.3, "t": 0.6}
GATES = {"u1": 1.4, "u2": -0.8, "x": 1.1, "b1": 0.3, "b2": 0.2, "c1": 0.9, "c2": 1.7, "t": 0.5}
SHARED = {"w": 0.8, "x1": 0.5, "b": -0.2, "x2": 0.9, "u": 1.3, "c": 1.6}
SCORES = {"w1": 0.9, "w2": -0.5, "w3": 1.4, "x": 0.8}
LAYER = {
    "w11": 0.6,
    "w12": -0.9,
    "w21": 1.1,
    "w22": 0.4,
    "x1": 0.7,
    "x2": 1.45,
    "c1": 1.2,
    "c2": -0.8,
    "t": 1.5,
}
NUMBERS = {1: POLYNOMIAL, 2: UNIT, 3: GATES, 4: SHARED, 5: SCORES, 6: LAYER}
RATE_OF_STEP = QUIZ_LEVELS[6].rate


def level_graph(level: int) -> Value:
    """The first graph of a level with the numbers above; of level 5 the one whose class is the second."""
    form = QUIZ_LEVELS[level].forms[1 if level == 5 else 0]
    return build_graph(form, dict(NUMBERS[level]))[form[-1].partition(" = ")[0]]


# ---------------------------------------------------------------------------------- level 1: y = (a b + c) a - d
A, B, C = POLYNOMIAL["a"], POLYNOMIAL["b"], POLYNOMIAL["c"]
RIGHT_1 = {"a": 2 * A * B + C, "b": A * A, "c": A, "d": -1.0}
SHEETS_1 = [
    Sheet("1", RIGHT_1 | {"a": A * B + C}, MISSED_PATH),
    Sheet("1", RIGHT_1 | {"a": A * B}, MISSED_PATH),
    Sheet("1", RIGHT_1 | {"a": B}, PRODUCT_RULE),  # b times 1
    Sheet("1", RIGHT_1 | {"d": 1.0}, SIGN),
    Sheet("1", RIGHT_1 | {"b": A, "c": 1.0}, FORGOT_UPSTREAM),  # stopped one step early
    Sheet("1", RIGHT_1 | {"c": 0.0}, MISSED_PATH),  # "c is a constant"
    Sheet("1", RIGHT_1 | {"b": A + A}, ADDED_PARTIALS),  # a + a for a a
    Sheet("1", RIGHT_1 | {"a": (A * B + C) * A * B}, MULTIPLIED_PATHS),
    Sheet("1", {name: 0.1 * number for name, number in RIGHT_1.items()}, RATE),
    Sheet("1", RIGHT_1 | {"b": A, "c": A * A}, EXCHANGED),
]

# ------------------------------------------------------------------- level 2: L = (sigmoid(w1 x1 + w2 x2 + b) - t)^2
X1, X2, W1, W2, T = (UNIT[name] for name in ("x1", "x2", "w1", "w2", "t"))
Z = W1 * X1 + W2 * X2 + UNIT["b"]
P = sigma(Z)


def of_unit(delta: float) -> dict[str, float]:
    return {"w1": delta * X1, "w2": delta * X2, "b": delta, "x1": delta * W1}


RIGHT_2 = of_unit(2 * (P - T) * P * (1 - P))
P2 = round(P, 2)
SHEETS_2 = [
    Sheet("2", of_unit(2 * (P + T) * P * (1 - P)), ADDED),
    Sheet("2", of_unit(P - T), OTHER_LOSS),  # the gradient of the cross-entropy
    Sheet("2", of_unit(2 * (Z - T) * P * (1 - P)), BEFORE_FUNCTION),  # the error taken before the sigmoid
    Sheet("2", of_unit(2 * (P - T) * sigma(P) * (1 - sigma(P))), WRONG_POINT),  # the slope taken at p
    Sheet("2", of_unit(2 * (P - T) * P * (1 + P)), WRONG_DERIVATIVE, "sigmoid"),
    Sheet("2", of_unit(2 * (P - T) ** 2 * P * (1 - P)), WRONG_DERIVATIVE, "power"),
    Sheet("2", RIGHT_2 | {"b": RIGHT_2["b"] * UNIT["b"]}, WRONG_DERIVATIVE, "b itself"),  # as if b had a factor b
    Sheet("2", RIGHT_2 | {"w1": RIGHT_2["b"] * X2, "w2": RIGHT_2["b"] * X1}, EXCHANGED),
    Sheet("2", RIGHT_2 | {"x1": RIGHT_2["b"] * W2}, MIXED_UP),  # of x2, which is not asked for
    Sheet("2", of_unit(2 * (round(P, 1) - T) * round(P, 1) * (1 - round(P, 1))), ROUNDED),
]

# ------------------------------------ level 3: L = (c1 relu(u1 x + b1) + c2 relu(u2 x + b2) - t)^2, the second closed
G = GATES
H1, PRE2 = G["u1"] * G["x"] + G["b1"], G["u2"] * G["x"] + G["b2"]
ERROR = G["c1"] * H1 - G["t"]


def of_gates(outer: float, slope1: float, slope2: float) -> dict[str, float]:
    d1, d2 = outer * G["c1"] * slope1, outer * G["c2"] * slope2
    return {
        "u1": d1 * G["x"],
        "u2": d2 * G["x"],
        "c1": outer * H1,
        "c2": 0.0,
        "x": d1 * G["u1"] + d2 * G["u2"],
    }


RIGHT_3 = of_gates(2 * ERROR, 1, 0)
SHEETS_3 = [
    Sheet("3", of_gates(2 * (ERROR + 2 * G["t"]), 1, 0), ADDED),
    Sheet("3", of_gates(2 * ERROR, 1, 0.01), WRONG_DERIVATIVE, "relu"),  # a leaky slope
    Sheet("3", of_gates(2 * ERROR, 0, 1), WRONG_DERIVATIVE, "relu"),  # the gates the wrong way round
    Sheet("3", of_gates(2 * ERROR, H1, 0), WRONG_DERIVATIVE, "relu"),  # its value for its slope
    Sheet("3", of_gates(2 * ERROR, 1, 1), CLOSED_GATE),
    Sheet("3", of_gates(2 * ERROR, 0, 0), WRONG_DERIVATIVE, "relu"),  # both gates closed
    Sheet("3", RIGHT_3 | {"c2": 2 * ERROR * PRE2}, BEFORE_FUNCTION),  # the number before the relu
    Sheet("3", RIGHT_3 | {"x": 2 * ERROR * G["c1"]}, FORGOT_PARTIAL),  # u1 forgotten
    Sheet("3", RIGHT_3 | {"c1": 2 * ERROR * (G["c1"] * H1)}, WRONG_DERIVATIVE, "the value of"),  # the whole product
    Sheet("3", of_gates(ERROR, 1, 0), WRONG_DERIVATIVE, "power"),
]

# ------------------------------------------------- level 4: h1 = tanh(w x1 + b), h2 = tanh(w x2 + u h1), y = c h2
S = SHARED
Z1 = S["w"] * S["x1"] + S["b"]
TH1 = math.tanh(Z1)
Z2 = S["w"] * S["x2"] + S["u"] * TH1
TH2 = math.tanh(Z2)


def of_shared(s1: float, s2: float) -> dict[str, float]:
    back = S["c"] * s2
    return {
        "w": back * (S["x2"] + S["u"] * s1 * S["x1"]),
        "u": back * TH1,
        "b": back * S["u"] * s1,
        "x1": back * S["u"] * s1 * S["w"],
    }


T1, T2 = tanh_slope(Z1), tanh_slope(Z2)
RIGHT_4 = of_shared(T1, T2)
SHEETS_4 = [
    Sheet("4", RIGHT_4 | {"w": S["c"] * T2 * S["x2"]}, MISSED_PATH),  # the last step alone
    Sheet("4", RIGHT_4 | {"w": S["c"] * T2 * S["u"] * T1 * S["x1"]}, MISSED_PATH),  # the first alone
    Sheet("4", RIGHT_4 | {"b": S["c"] * T2 * (1 + S["u"] * T1)}, ""),  # b in both steps
    Sheet("4", of_shared(1, T2), FORGOT_PARTIAL, "tanh"),
    Sheet("4", of_shared(1 - Z1**2, 1 - Z2**2), WRONG_DERIVATIVE, "tanh"),
    Sheet("4", of_shared(tanh_slope(TH1), tanh_slope(TH2)), WRONG_POINT),  # tanh' at the output
    Sheet("4", RIGHT_4 | {"u": S["c"] * T2 * Z1}, BEFORE_FUNCTION),  # the number before the tanh
    Sheet("4", of_shared(T2, T2), NEIGHBOUR),  # the slope of the second step for the first
    Sheet("4", of_shared(T1 * T1, T2), TWICE),  # the slope of the first step twice
    Sheet("4", RIGHT_4 | {"x1": S["c"] * T2 * S["u"] * T1 * S["x1"]}, SWAPPED),
]

# ------------------------------------------------------------- level 5: L = log(sum of exp(w_i x)) - w_2 x
W, X = [SCORES[f"w{i}"] for i in (1, 2, 3)], SCORES["x"]
EXP = [math.exp(w * X) for w in W]
SOFT = [e / sum(EXP) for e in EXP]


def of_scores(d1: float, d2: float, d3: float) -> dict[str, float]:
    return {"w1": d1 * X, "w2": d2 * X, "w3": d3 * X, "x": d1 * W[0] + d2 * W[1] + d3 * W[2]}


RIGHT_5 = of_scores(SOFT[0], SOFT[1] - 1, SOFT[2])
LINEAR = [w * X / sum(v * X for v in W) for w in W]
SHEETS_5 = [
    Sheet("5", of_scores(*SOFT), LEFT_OUT),  # without the score of the class
    Sheet("5", of_scores(SOFT[0], SOFT[1] + 1, SOFT[2]), SIGN),
    Sheet("5", of_scores(*(p * (1 - p) - (i == 1) for i, p in enumerate(SOFT))), WRONG_DERIVATIVE, "logsumexp"),
    Sheet("5", of_scores(EXP[0], EXP[1] - 1, EXP[2]), WRONG_DERIVATIVE, "logsumexp"),
    Sheet("5", of_scores(LINEAR[0], LINEAR[1] - 1, LINEAR[2]), WRONG_DERIVATIVE, "logsumexp"),
    Sheet("5", of_scores(*((p / math.log(10)) - (i == 1) for i, p in enumerate(SOFT))), WRONG_DERIVATIVE, "logsumexp"),
    Sheet("5", of_scores(0, -1, 1), WRONG_DERIVATIVE, "logsumexp"),  # as if it were the maximum
    Sheet("5", of_scores(1 / 3, 1 / 3 - 1, 1 / 3), WRONG_DERIVATIVE, "logsumexp"),  # equal shares
    Sheet("5", {"w1": SOFT[0] * W[0], "w2": (SOFT[1] - 1) * W[1], "w3": SOFT[2] * W[2], "x": RIGHT_5["x"]}, SWAPPED),
    Sheet("5", of_scores(0, SOFT[1] - 1, 0), WRONG_DERIVATIVE, "logsumexp"),  # only the class has a gradient
]

# ------------------------------- level 6: z = W x, h = tanh(z), y = c1 h1 + c2 h2, L = (y - t)^2, and a step of w11
N = LAYER
ZA, ZB = N["w11"] * N["x1"] + N["w12"] * N["x2"], N["w21"] * N["x1"] + N["w22"] * N["x2"]
HA, HB = math.tanh(ZA), math.tanh(ZB)
SA, SB = tanh_slope(ZA), tanh_slope(ZB)
OUTER = 2 * (N["c1"] * HA + N["c2"] * HB - N["t"])


def of_layer(outer: float, sa: float, sb: float) -> dict[str, float]:
    da, db = outer * N["c1"] * sa, outer * N["c2"] * sb
    return {
        "c1": outer * HA,
        "w11": da * N["x1"],
        "w21": db * N["x1"],
        "x1": da * N["w11"] + db * N["w21"],
        "w11_new": N["w11"] - 0.1 * da * N["x1"],
    }


RIGHT_6 = of_layer(OUTER, SA, SB)
DA, DB = OUTER * N["c1"] * SA, OUTER * N["c2"] * SB
D1 = OUTER * N["c1"] * SB  # c1 for c2
SHEETS_6 = [
    Sheet("6", of_layer(OUTER + 4 * N["t"], SA, SB), ADDED),
    Sheet("6", RIGHT_6 | {"w11_new": N["w11"] + 0.1 * DA * N["x1"]}, STEP),
    Sheet("6", RIGHT_6 | {"w11_new": -0.1 * DA * N["x1"]}, STEP),
    Sheet("6", RIGHT_6 | {"x1": DA * N["w11"] + DB * N["w12"]}, TRANSPOSED),
    Sheet("6", RIGHT_6 | {"w11": DA * N["x2"], "w11_new": N["w11"] - 0.1 * DA * N["x2"]}, MIXED_UP),  # of w12
    Sheet("6", RIGHT_6 | {"c1": OUTER * ZA}, BEFORE_FUNCTION),
    Sheet("6", RIGHT_6 | {"w21": D1 * N["x1"], "x1": DA * N["w11"] + D1 * N["w21"]}, NEIGHBOUR),
    Sheet("6", of_layer(OUTER, 1, 1), FORGOT_PARTIAL, "tanh"),
    Sheet("6", RIGHT_6 | {"x1": DA * N["w11"]}, MISSED_PATH),  # through one unit alone
    Sheet("6", {**RIGHT_6, "w11": N["w11"] - 0.1 * DA * N["x1"]}, UPDATED),
]

MORE_SHEETS = [*SHEETS_1, *SHEETS_2, *SHEETS_3, *SHEETS_4, *SHEETS_5, *SHEETS_6]
