"""Exercises, and hand-derived gradients compared with the engine's."""
