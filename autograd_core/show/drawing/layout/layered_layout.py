"""Our own layout: the sheets of all frames, inner ones first, put into each other.

It is deterministic, without recursion over the graph, and about linear in its size. `along` is the direction of the
computation and `across` the other one; only the last step converts them to x and y.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.layout.measures import Measures, measures
from autograd_core.show.drawing.layout.placement import Placement
from autograd_core.show.drawing.layout.places import Direction, Layout
from autograd_core.show.drawing.layout.sheet import Sheet

Sheets = Sequence[Sheet | None]  # of the frames, None for one that is not drawn; and of the whole picture

_SCREEN = 1434.0, 874.0  # the largest picture whose numbers can be read on a screen of 1366 x 768
_COLUMNS = 2, 3
_MOST = 10_000  # cards of a picture that is laid out more than once: larger ones are not readable in any way
_GAIN = 0.9  # lines are broken and leaves hang where that makes the picture smaller by this factor at least


def own_layout(diagram: Diagram, direction: Direction = "LR") -> Layout:
    """Place a diagram in layers from left to right, or from the top down.

    A picture larger than a screen is made smaller: where it is too long, leaves hang and layers are broken into lines;
    where it is too broad, layers are spread over columns.
    """
    screen = _SCREEN if direction == "LR" else _SCREEN[::-1]
    plain = measures(diagram, direction == "LR")
    best = _sheets(plain)
    smallest = _GAIN * _size(best, screen)
    is_tried = smallest > _GAIN and len(diagram.cards) <= _MOST
    for sheets in _alternatives(plain, best, screen) if is_tried else ():
        size = _size(sheets, screen)
        if size < smallest:
            best, smallest = sheets, size
        if smallest <= 1.0:
            break
    return Placement(diagram, plain, best).layout()


def _sheets(measures: Measures, unbroken: Sheets | None = None) -> Sheets:
    """The sheets of a picture; those in which no frame changes its size are made from the `unbroken` ones."""
    tree = measures.tree
    sheets: list[Sheet | None] = [None] * (tree.whole + 1)
    for number in (*reversed(range(tree.whole)), tree.whole):
        frames = [unit - tree.cards for unit in tree.units[number] if tree.cards <= unit < tree.cards + tree.whole]
        if unbroken is not None and all(sheets[frame] is unbroken[frame] for frame in frames):
            sheet = unbroken[number]
            sheets[number] = sheet and sheet.in_lines(measures.longest)
        elif tree.units[number]:
            sheets[number] = Sheet(number, measures, sheets)
    return sheets


def _whole(sheets: Sheets) -> Sheet:
    whole = sheets[-1]
    assert whole is not None
    return whole


def _size(sheets: Sheets, screen: tuple[float, float]) -> float:
    """How often the picture is as long or as broad as the screen, whichever is more."""
    whole = _whole(sheets)
    return max(whole.length / screen[0], whole.breadth / screen[1])


def _alternatives(plain: Measures, unbroken: Sheets, screen: tuple[float, float]) -> Iterator[Sheets]:
    """Where a picture is too broad, the sheets with more columns; where it is too long, those with leaves that hang and
    with lines, few lines before many."""
    if _whole(unbroken).length / screen[0] < _whole(unbroken).breadth / screen[1]:
        if any(sheet is not None and sheet.has_many for sheet in unbroken):
            yield from (_sheets(replace(plain, columns=columns)) for columns in _COLUMNS)
        return
    hangs = replace(plain, hangs=True)
    hanging = _sheets(hangs)
    starts = [(plain, unbroken)]
    if any(sheet is not None and sheet.hanging for sheet in hanging):
        starts.append((hangs, hanging))
        yield hanging
    for start, sheets in starts:
        yield from (_sheets(broken, sheets) for broken in _broken(start, sheets, screen))


def _broken(start: Measures, unbroken: Sheets, screen: tuple[float, float]) -> Iterator[Measures]:
    """The measures with lines of several lengths, around that which gives the picture the shape of the screen: lines
    in frames only, then also in the whole picture."""
    whole = _whole(unbroken)
    lines = math.sqrt(whole.length / screen[0] / (whole.breadth / screen[1]))
    counts = range(max(2, math.floor(0.7 * lines)), math.ceil(lines) + 1)
    longest = [whole.length / count for count in counts]
    frames = [number for number, sheet in enumerate(unbroken[:-1]) if sheet is not None]
    if frames:
        yield from (replace(start, longest=(length, math.inf)) for length in longest)
    yield from (replace(start, longest=(length, length)) for length in longest)
