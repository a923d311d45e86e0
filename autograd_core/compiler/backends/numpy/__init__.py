"""Each instruction of a vector program as one NumPy call."""
