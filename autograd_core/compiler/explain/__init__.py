"""A vector program, written as a textbook writes it."""
