"""Lessons: functions that train a model or measure it, and return the numbers with a picture of them.

    lesson = vanishing_gradients()
    print(lesson)                      # the numbers
    lesson.figure().savefig("a.png")   # the picture (extra `plot`)

The docstrings state what is expected; the numbers show what happens.
"""

from nn.lessons.approximation import universal_approximation
from nn.lessons.collapse import linear_collapse
from nn.lessons.drift import activation_drift
from nn.lessons.dying import dying_relu
from nn.lessons.features import features_by_hand
from nn.lessons.generalisation import accuracy_on_new_rows
from nn.lessons.hierarchy import learnt_hierarchy
from nn.lessons.landscape import landscape
from nn.lessons.linear_networks import linear_learning
from nn.lessons.race import cost_of, fastest_activation
from nn.lessons.rates import gradient_descent_and_sgd, learning_rates
from nn.lessons.saturation import saturation, zero_centred
from nn.lessons.tanh_and_sigmoid import tanh_and_sigmoid
from nn.lessons.vanishing import vanishing_gradients

__all__ = [
    "accuracy_on_new_rows",
    "activation_drift",
    "cost_of",
    "dying_relu",
    "fastest_activation",
    "features_by_hand",
    "gradient_descent_and_sgd",
    "landscape",
    "learning_rates",
    "learnt_hierarchy",
    "linear_collapse",
    "linear_learning",
    "saturation",
    "tanh_and_sigmoid",
    "universal_approximation",
    "vanishing_gradients",
    "zero_centred",
]
