"""The backends that can be tested here: machine code needs llvmlite, which is an extra."""

from importlib.util import find_spec

INSTALLED = ("numpy", *(["native"] if find_spec("llvmlite") else []))
FASTEST = INSTALLED[-1]
