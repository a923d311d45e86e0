"""Plots, drawn by matplotlib (extra `plot`): each returns a figure, to be shown by a notebook or saved by `.savefig`.

theme: "light" or "dark". Colours are those of all this project's pictures; no plot depends on colour alone.
"""

from nn.plot.boundary import decision_boundary
from nn.plot.curves import loss_curves
from nn.plot.surface import loss_surface

__all__ = ["decision_boundary", "loss_curves", "loss_surface"]
