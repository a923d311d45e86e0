"""An explanation as steps on a picture, shared by page, film, slides and widget; each part is computed once."""

from __future__ import annotations

from functools import cached_property

from autograd_core.graph.boxes import View
from autograd_core.show.record.record import Record
from autograd_core.show.record.steps import ExplainedStep, explained_steps
from autograd_core.show.record.sweep_order import Order, order
from autograd_core.show.stepper.final_picture import FinalPicture, final_picture


class StepThrough:
    """The steps of `record`, which is the record of `view` in reverse mode, and the picture they end with."""

    def __init__(self, record: Record, view: View) -> None:
        self.record = record
        self.view = view

    @cached_property
    def steps(self) -> tuple[ExplainedStep, ...]:
        """The steps: every value, every edge of the sweep, every update."""
        return explained_steps(self.record)

    @cached_property
    def picture(self) -> FinalPicture:
        """The picture at the end of the sweep."""
        return final_picture(self.view, self.record, self.steps)

    @cached_property
    def order(self) -> Order:
        """The order of the sweep. Raises ValueError in forward mode."""
        return order(self.view, self.record)
