"""Exercises, and gradients by hand compared with those of the engine."""
