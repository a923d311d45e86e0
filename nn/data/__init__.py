"""Small data sets, generated or real, and their preparation: splitting, standardising, minibatches, CSV files."""

from nn.data.csv_table import read_table
from nn.data.datasets import circles, digits, iris, sine, spirals, truth_table, two_moons, xor
from nn.data.preparation import Standardiser, minibatches, split

__all__ = [
    "Standardiser",
    "circles",
    "digits",
    "iris",
    "minibatches",
    "read_table",
    "sine",
    "spirals",
    "split",
    "truth_table",
    "two_moons",
    "xor",
]
