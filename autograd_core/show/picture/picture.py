"""`draw`: the picture of a graph, shown in a notebook and saved to a file."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from autograd_core.atomic_write import write_whole
from autograd_core.engine.value import Value
from autograd_core.errors import DrawingError
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import Part, report_text, terminal_width
from autograd_core.graph.boxes import View, view
from autograd_core.graph.folding.cut import Choice, Cut, choose_open, cut
from autograd_core.graph.folding.fold import fold as fold_graph
from autograd_core.show.drawing.compose import compose
from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.dot import dot_source
from autograd_core.show.drawing.folded_diagram import folded_diagram, folded_parts
from autograd_core.show.drawing.graphviz import ENGINES, lay_out, program
from autograd_core.show.drawing.layout.places import Direction
from autograd_core.show.drawing.pdf import pdf
from autograd_core.show.drawing.raster import render_png
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.drawing.svg import svg
from autograd_core.show.drawing.view_diagram import title, view_diagram
from autograd_core.show.page.document import image, picture_output
from autograd_core.show.page.framed_output import FramedOutput
from autograd_core.show.page.saved_files import save_page
from autograd_core.show.picture.page import fold_output, fold_page
from autograd_core.show.record.textbook_graph import textbook_graph
from autograd_core.show.theme import Theme

if TYPE_CHECKING:
    import graphviz

Form = Literal["computed", "textbook"]
Engine = Literal["graphviz-pure", "dot", "own"]
_SUFFIXES = (".svg", ".png", ".pdf", ".dot", ".gv")
_MOST_SHOWN = 5000  # boxes; a notebook with a larger picture cannot be opened
_MOST_LINES = 60


def draw(
    value: Value,
    open: Choice = (),  # noqa: A002  the word the reader of a picture uses
    form: Form = "computed",
    direction: Direction = "LR",
    engine: Engine | None = None,
    theme: Literal["auto"] | Theme = "auto",
    depth: int | None = None,
    fold: Choice = (),
) -> Picture:
    """The picture of the graph below `value`, with the values it was computed with and the gradients it has now.

    open: "all", or the names of the compositions to show as their primitives. form: "textbook" draws the graph of the
    textbook formulas instead. direction: "LR" from left to right, "TB" from the top down. engine: the layout program
    to try first; one that is not installed is skipped. theme: "auto" follows the reader's page.
    depth, fold: draw scopes as closed boxes: those `depth` deep (1 is the outermost), those named in `fold`; `open`
    then names boxes that stay open. Both `open` and `fold` may be functions of a `Group`. A folded picture shows
    d(value)/d(box) from a sweep of its own; `.grad` is not read.
    Raises TypeError where `value` is not a Value, ValueError for an unknown option or name.

    >>> from autograd_core.show.picture.picture import draw
    >>> print(draw(Value(3.0, label="x") * 2.0))
    computation graph of out = 6, 2 boxes
    x    input  value 3  grad –
    out  x · 2  value 6  grad –
    """
    if not isinstance(value, Value):
        raise TypeError(
            f"draw shows the graph below one Value, got {type(value).__name__}. Give it the root, such as a loss."
        )
    _check("form", form, ("computed", "textbook"))
    _check("direction", direction, ("LR", "TB"))
    _check("engine", engine, (None, *ENGINES, "own"))
    _check("theme", theme, ("auto", "light", "dark"))
    if depth is not None or fold != () or callable(open):
        folding = fold_graph(textbook_graph(value) if form == "textbook" else value)
        return FoldedPicture(cut(folding, choose_open(folding, depth, open, fold)), direction, engine, theme)
    boxes = view(textbook_graph(value)) if form == "textbook" else view(value, open)
    return Picture(view_diagram(boxes), len(boxes.boxes), _parts(boxes), direction, engine, theme)


def _check(option: str, value: object, known: tuple[object, ...]) -> None:
    if value not in known:
        raise ValueError(f"{option}={value!r} is not known; choose one of {', '.join(map(repr, known))}.")


class Picture(FramedOutput):
    """The picture of a graph: a notebook shows it; it has `.svg`, `.dot` and `.png`, and `.save(path)` writes it.

    Its gradients are those at the time of the call of `draw`. `str()` gives the boxes as text.
    """

    def __init__(
        self, diagram: Diagram, boxes: int, parts: list[Part], direction: Direction, engine: Engine | None, theme: str
    ) -> None:
        self._diagram = diagram
        self._boxes = boxes
        self._parts = parts
        self._direction: Direction = direction
        self._engine = engine
        self._theme = theme
        self._paper: Theme = "dark" if theme == "dark" else "light"  # for formats that cannot follow the reader

    @cached_property
    def svg(self) -> str:
        """The picture as SVG."""
        return svg(self._scene, self._theme)

    @cached_property
    def dot(self) -> str:
        """The graph as DOT source, for any Graphviz."""
        return dot_source(self._diagram, self._direction, self._paper)

    def to_graphviz(self) -> graphviz.Source:
        """The graph as a `graphviz.Source` of the package `graphviz`: to restyle it, or to render it elsewhere.

        Where no Graphviz is installed, that package uses the one that came with ours.
        """
        import graphviz

        if (path := program("dot") or program("graphviz-pure")) is not None:
            graphviz.backend.dot_command.DOT_BINARY = Path(path)  # the package would look into the current folder too
        return graphviz.Source(self.dot)

    @cached_property
    def png(self) -> bytes:
        """The picture as PNG. Raises `DrawingError` where no program that can paint is installed."""
        return render_png(self._scene, self._paper)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture in the format its suffix names (.svg .png .pdf .dot .gv), and return the path.

        The file appears whole or not at all. Raises `DrawingError` for another suffix and where the format cannot be
        made here, OSError where the file cannot be written.
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in _SUFFIXES:
            raise DrawingError(
                f"cannot tell from {target.name!r} what to write: its suffix must be one of {' '.join(_SUFFIXES)}."
                + (" A page to step through is written by explain(value).to_html(path)." if suffix == ".html" else "")
            )
        if suffix == ".png":
            content = self.png
        elif suffix == ".pdf":
            content = pdf([self._scene], self._paper)
        else:
            content = (self.svg if suffix == ".svg" else self.dot).encode()
        write_whole(target, content)
        return target

    @cached_property
    def _scene(self) -> Scene:
        return compose(self._diagram, lay_out(self._diagram, self._direction, self._engine))

    def __str__(self) -> str:
        return report_text(self._parts, terminal_width())

    def __repr__(self) -> str:
        return f"<Picture: {self._diagram.title}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows. Nothing raised here may break it, so what fails is left out.

        An untrusted notebook shows no SVG, but it shows HTML with a picture in it.
        """
        bundle: dict[str, Any] = {"text/plain": report_text(self._parts)}
        if self._boxes > _MOST_SHOWN:
            many = f"{self._boxes:,} boxes are too many to show here: .save('graph.svg') writes them."
            bundle["text/plain"] += f"\n{many}"
            return bundle
        with suppress(Exception):
            bundle["image/svg+xml"] = self.svg
            bundle["text/html"] = self._html()
        return bundle

    def _html(self) -> str:
        return picture_output(self._diagram.title, self.svg)


class FoldedPicture(Picture):
    """The picture of a folded graph. cut: which boxes are on the sheet, and what crosses their borders."""

    def __init__(self, cut: Cut, direction: Direction, engine: Engine | None, theme: str) -> None:
        self.cut = cut
        super().__init__(folded_diagram(cut), len(cut.items), folded_parts(cut), direction, engine, theme)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """One HTML document that needs no network, where boxes open and close; written to `path` if one is given.

        The file appears whole or not at all. Raises `DrawingError` for a graph too large for a page, OSError where the
        file cannot be written.
        """
        return save_page(fold_page(self.cut, image(self._scene, self.svg), report_text(self._parts)), path)

    def _html(self) -> str:
        return fold_output(self.cut, image(self._scene, self.svg), report_text(self._parts))


def _parts(view: View) -> list[Part]:
    """The title and a table, one row a box."""
    boxes = view.boxes if len(view.boxes) <= _MOST_LINES else view.boxes[: _MOST_LINES - 1] + view.boxes[-1:]
    rows = [
        (
            name_text(box.name),
            box.written() or box.kind,
            f"value {number_text(box.number)}" + f" ({box.changed})" * bool(box.changed),
            f"grad {number_text(None if box.node.grad is None else float(box.node.grad))}",
        )
        for box in boxes
    ]
    more = len(view.boxes) - len(boxes)
    return [title(view), AlignedTable(rows), *([f"... {more:,} more, before the last"] if more else [])]
