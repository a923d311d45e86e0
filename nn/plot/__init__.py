"""Plots, drawn with matplotlib (extra `plot`): each returns a figure, which a notebook shows and `.savefig` saves;
`slider` shows one for each value of a number.

theme: "light" or "dark". The colours are those of all pictures of this project; no plot depends on colour alone.
"""

from nn.plot.boundary import decision_boundary
from nn.plot.curves import loss_curves
from nn.plot.slider import Slider, slider
from nn.plot.surface import loss_surface

__all__ = ["Slider", "decision_boundary", "loss_curves", "loss_surface", "slider"]
