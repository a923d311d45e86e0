"""The programs of the benchmark, by name: loops over scalars, and the same losses in the other tools' own style."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.benchmarks.field.programs import attention, convolutions, densities, irregular, nets, sequences, surfaces
from tests.benchmarks.field.programs.program import FieldProgram

PROGRAMS: dict[str, Callable[[], FieldProgram]] = {
    "rnn": partial(sequences.rnn, 20),
    "lstm": sequences.lstm,
    "attention": attention.attention,
    "conv1d": convolutions.conv1d,
    "conv2d": convolutions.conv2d,
    "mixture": densities.mixture,
    "rk4": surfaces.runge_kutta,
    "hmm": densities.hidden_markov,
    "tanh": partial(nets.net, "tanh"),
    "gelu": partial(nets.net, "gelu"),
    "softplus": partial(nets.net, "softplus"),
    "burgers": surfaces.burgers,
    "logistic": nets.logistic,
    "blackscholes": surfaces.black_scholes,
    "arm": irregular.arm,
    "gauss": irregular.gauss,
    "graph": irregular.random_graph,
    "gpt7": partial(attention.gpt, 7),
    "gpt12": partial(attention.gpt, 12),
    "gpt16": partial(attention.gpt, 16),
    "rnn200": partial(sequences.rnn, 200),
}
