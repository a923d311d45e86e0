"""The step-through as a Jupyter widget: the page, and a number that stays equal in the page and in Python."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from autograd_core.errors import DrawingError
from autograd_core.show.record.steps import ExplainedStep
from autograd_core.show.stepper.page import body_script_style
from autograd_core.show.stepper.step_through import StepThrough


def widget(step_through: StepThrough, otherwise: Mapping[str, Any]) -> Any:
    """A widget whose `step` is the step its page shows; `otherwise` is shown to readers without a kernel.

    step: from 0 to `last`; setting it moves the page; stepping in the page sets it and calls its observers.
    steps: the steps, `steps[step]` the one shown. Raises `DrawingError` as `page` does and where anywidget is not
    installed, traitlets' TraitError for a step there is not.
    """
    widget_class = _widget_class()
    return widget_class(step_through.steps, *body_script_style(step_through), otherwise)


@cache
def _widget_class() -> Any:
    try:
        import anywidget  # an optional extra
        import traitlets
    except ImportError as reason:
        raise DrawingError(
            "a widget needs anywidget, which is not installed here: pip install -e '.[widget]' in the clone. "
            "explain(value) as the last line of a cell steps through the same page without it."
        ) from reason

    class StepWidget(anywidget.AnyWidget):
        """The step-through of one value; `step` is the step shown, `steps` are all of them."""

        step = traitlets.Int(0).tag(sync=True)
        last = traitlets.Int(read_only=True).tag(sync=True)
        _page = traitlets.Unicode(read_only=True).tag(sync=True)

        def __init__(
            self, steps: tuple[ExplainedStep, ...], body: str, script: str, style: str, otherwise: Mapping[str, Any]
        ) -> None:
            self.steps = steps
            self._body = body
            self._otherwise = otherwise
            self._css = style
            self._esm = script
            super().__init__()

        @traitlets.default("last")
        def _last_step(self) -> int:
            return len(self.steps) - 1

        @traitlets.default("_page")
        def _page_body(self) -> str:
            return self._body

        @traitlets.validate("step")
        def _check_step(self, proposal: Any) -> int:
            step: int = proposal.value
            if not 0 <= step <= self.last:
                raise traitlets.TraitError(
                    f"there is no step {step}: the steps of this widget go from 0 to {self.last} (its page counts "
                    f"them from 1). Set .step to one of these; .steps holds them."
                )
            return step

        def _repr_mimebundle_(self, **options: Any) -> Any:
            data, metadata = super()._repr_mimebundle_(**options)
            return {**data, **self._otherwise}, metadata

    return StepWidget
