"""The portrait of an activation: its graph, its curve, its slope, and the zones where it passes no gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_core import Composition, FlatZone, Picture, Value, draw
from autograd_core.formulas.text_report import Part
from nn.diagnosis.slopes import Curve, curve_and_slope, zones
from nn.modules.activation_notes import ACTIVATIONS, ActivationNote
from nn.modules.activations import MODULES, as_activation
from nn.plot.canvas import Pictured
from nn.plot.portraits import draw_gallery, draw_portrait

if TYPE_CHECKING:
    from matplotlib.figure import Figure

REACH = 6.0


@dataclass(frozen=True, eq=False, repr=False)
class Portrait(Pictured):
    """One activation: its curve (x, y), its slope there, its zones and its teaching notes.

    function: of one number. note: None for a function that is not one of nn's.
    """

    name: str
    formula: str
    function: Callable[[Any], Any]
    note: ActivationNote | None
    x: Curve
    y: Curve
    slope: Curve
    zones: tuple[FlatZone, ...]

    def graph(self, theme: str = "light", at: float = 1.0) -> Picture:
        """Its graph of primitives at one x, with the gradient dy/dx, as `autograd_core.draw` makes it.

        A composition has the graph of its textbook formula; the engine computes some in a form that cannot overflow.
        """
        x = Value(at, label="x")
        y = self.function(x)
        y.label = "y"
        y.backward()
        inner = y.scope.definition if y.scope else None
        opened = [inner.name] if isinstance(inner, Composition) else []
        # From left to right, the edge into a single operation would cross the text above it.
        single = opened and all(isinstance(source, float) or source.primitive is None for source in y.inputs)
        form: Any = {"form": "textbook"} if opened else {}
        return draw(y, direction="TB" if single else "LR", theme="dark" if theme == "dark" else "auto", **form)

    def figure(self, theme: str = "light") -> Figure:
        """The graph, the curve and the slope, with the zones marked."""
        return draw_portrait(self, theme)

    def parts(self) -> list[Part]:
        """The numbers as text."""
        return [f"{self.name}: {self.formula}", *map(str, self.zones), *([str(self.note)] if self.note else [])]


@dataclass(frozen=True, eq=False, repr=False)
class Portraits(Pictured):
    """The portraits of all activations, and a table of their notes (with softmax, which has no curve)."""

    portraits: tuple[Portrait, ...]
    notes: tuple[ActivationNote, ...]

    def table(self) -> list[dict[str, str]]:
        """A row for each activation: name, formula, range, kink, reason, weakness, zones, source."""
        zones = {portrait.name: "; ".join(map(str, portrait.zones)) or "none" for portrait in self.portraits}
        rows = []
        for note in self.notes:
            entries = note.entries()
            source = entries.pop("source")
            rows.append({"name": note.name, **entries, "zones": zones.get(note.name, "-"), "source": source})
        return rows

    def figure(self, theme: str = "light") -> Figure:
        """All curves and slopes side by side, on the same scale."""
        return draw_gallery(self.portraits, theme)

    def parts(self) -> list[Part]:
        """The numbers as text."""
        lines: list[Part] = []
        for row in self.table():
            lines += ["", row["name"]]
            lines += [f"  {key + ':':<10}{text}" for key, text in row.items() if key != "name"]
        return lines[1:]


def portrait(activation: str | Callable[[Any], Any], reach: float = REACH) -> Portrait:
    """The portrait of an activation: a name ("gelu"), a function or module of nn, or any function of one number.

    reach: the curve is computed from -reach to reach. Raises ValueError for an unknown name, and for softmax, which is
    a function of a list.

    >>> print(*portrait("tanh").zones, sep="; ")
    saturated for x ≤ -2.18; saturated for x ≥ 2.18
    """
    if not reach > 0.0:
        raise ValueError(f"reach is the largest x of the curve, above 0, got {reach}.")
    try:
        module = as_activation(activation)
    except ValueError:
        if (
            isinstance(activation, str)
            or getattr(activation, "takes_lists", False)
            or not _takes_one_number(activation)
        ):
            raise
        function, note = activation, None
        name = formula = getattr(activation, "__name__", type(activation).__name__)
    else:
        function, note = module.of, module.note
        name, formula = note.name, note.formula
    # An odd number of points, so that 0, where kinks are, is one of them.
    x = np.linspace(-reach, reach, 1201)
    y, slope = curve_and_slope(function, x)
    return Portrait(name, formula, function, note, x, y, slope, zones(function))


def portraits(reach: float = REACH) -> Portraits:
    """The portraits of all activations of nn.

    >>> len(portraits().portraits), portraits().table()[0]["zones"]
    (11, 'dead everywhere')
    """
    of_one_number = tuple(portrait(name, reach) for name in ACTIVATIONS if name in MODULES)
    return Portraits(of_one_number, tuple(ACTIVATIONS.values()))


def _takes_one_number(function: Any) -> bool:
    try:
        return isinstance(function(Value(0.5)), Value)
    except (TypeError, ValueError):
        return False
