"""Small data sets, generated or real, their preparation, tables in CSV files, and names letter by letter."""

from nn.data.csv_table import read_table
from nn.data.datasets import circles, digits, iris, sine, spirals, truth_table, two_moons, xor
from nn.data.preparation import Standardiser, minibatches, split
from nn.data.texts import Alphabet, first_names, read_lines

__all__ = [
    "Alphabet",
    "Standardiser",
    "circles",
    "digits",
    "first_names",
    "iris",
    "minibatches",
    "read_lines",
    "read_table",
    "sine",
    "spirals",
    "split",
    "truth_table",
    "two_moons",
    "xor",
]
