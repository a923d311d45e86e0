"""From a recorded graph to a program that runs it again: on other numbers, and for many rows at once."""
