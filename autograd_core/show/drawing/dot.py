"""The DOT source of a diagram: any Graphviz draws it, with names, values and gradients on the boxes."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from autograd_core.show.drawing.cards import Card, Line, Word
from autograd_core.show.drawing.diagram import Diagram
from autograd_core.show.drawing.layout.places import Direction, layer_gap
from autograd_core.show.theme import (
    BORDER,
    COLOURS,
    EDGE,
    FONT_NAME,
    HEAVY_BORDER,
    ROW_GAP,
    SMALL,
    TEXT,
    TITLE,
    Theme,
)

_SHAPES = {
    "parallelogram": 'shape=polygon, sides=4, skew=0.1, style="filled"',
    "hexagon": 'shape=hexagon, style="filled"',
    "pill": 'shape=box, style="filled,rounded,dashed"',
    "card": 'shape=box, style="filled,rounded"',
    "stack": 'shape=box3d, style="filled"',
    "octagon": 'shape=doubleoctagon, style="filled"',
}
_STYLES = {"open": "solid", "closed": "dashed", "none": "dotted"}


def dot_source(diagram: Diagram, direction: Direction = "LR", theme: Theme = "light") -> str:
    """The diagram as DOT."""
    colours = COLOURS[theme]
    font = f"fontname={quote(FONT_NAME)}"
    lines = [
        "digraph computation {",
        f'  graph [rankdir={direction}, bgcolor="transparent", nodesep="{ROW_GAP / 72:.2f}", '
        f'ranksep="{layer_gap(diagram, direction) / 72:.2f}", {font}, fontsize={TITLE:g}, '
        f"tooltip={quote(diagram.title)}]",
        f'  node [{font}, fontsize={TEXT:g}, fontcolor="{colours["ink"]}", margin="0.12,0.06"]',
        f'  edge [{font}, fontsize={SMALL:g}, fontcolor="{colours["muted"]}", color="{colours["line"]}", '
        f"penwidth={EDGE:g}, arrowsize=0.8]",
    ]
    members: list[list[int]] = [[] for _ in diagram.frames]
    for index, card in enumerate(diagram.cards):
        lines.append(f"  n{index} [{_card(card, theme)}]")
        if card.frame is not None:
            members[card.frame].append(index)
    lines += _clusters(diagram, members, theme)
    for index, link in enumerate(diagram.links):
        note = f", headlabel={quote(link.note)}, labeldistance=1.8" if link.note else ""
        lines.append(f'  n{link.tail} -> n{link.head} [id="e{index}", style={_STYLES[link.flow]}{note}]')
    return "\n".join([*lines, "}", ""])


def quote(text: str) -> str:
    """`text` as a DOT string, without escape sequences or entities.

    >>> print(quote('say "a" & b'))
    "say \\"a\\" &amp; b"
    """
    plain = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'


def _card(card: Card, theme: Theme) -> str:
    colours = COLOURS[theme]
    colour = "output" if card.is_output and card.kind != "nonfinite" else card.kind
    width = HEAVY_BORDER if card.is_output or card.kind == "nonfinite" else BORDER
    rings = ", peripheries=2" if card.is_output and card.shape not in ("stack", "octagon") else ""
    rows = "".join(_row(line, theme) for line in card.lines)
    label = f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{rows}</TABLE>>'
    return (
        f"label={label}, fixedsize=true, width={card.width / 72:.3f}, height={card.height / 72:.3f}, "
        f"{_SHAPES[card.shape]}{rings}, penwidth={width:g}, "
        f'color="{colours[colour]}", fillcolor="{colours[f"{colour}-fill"]}", tooltip={quote(card.tooltip)}'
    )


def _row(line: Line, theme: Theme) -> str:
    left = " ".join(_word(word, theme) for word in line.left)
    if not line.right:
        return f'<TR><TD COLSPAN="2">{left}</TD></TR>'
    right = " ".join(_word(word, theme) for word in line.right)
    return f'<TR><TD ALIGN="LEFT">{left}&#160;&#160;</TD><TD ALIGN="RIGHT">{right}</TD></TR>'


def _word(word: Word, theme: Theme) -> str:
    # Graphviz reads \N as the node's name even here. An element that ends with the backslash keeps the two apart.
    pieces = [escape(piece) for piece in re.split(r"(?<=\\)", word.text) if piece]
    if word.bold:
        pieces = [f"<B>{piece}</B>" for piece in pieces]
    font = f'<FONT POINT-SIZE="{word.size:g}" COLOR="{COLOURS[theme][word.colour]}">'
    return "".join(f"{font}{piece}</FONT>" for piece in pieces)


def _clusters(diagram: Diagram, members: list[list[int]], theme: Theme) -> list[str]:
    """The frames as nested subgraphs."""
    children: list[list[int]] = [[] for _ in diagram.frames]
    waiting: list[int | None] = []
    for index, frame in enumerate(diagram.frames):
        (waiting if frame.parent is None else children[frame.parent]).append(index)
    waiting.reverse()
    lines: list[str] = []
    while waiting:
        number = waiting.pop()
        if number is None:
            lines.append("  }")
            continue
        frame = diagram.frames[number]
        title = _word(Word(frame.title, TITLE, bold=True), theme)
        why = "".join(f"<BR/>{_word(Word(line, SMALL, 'muted'), theme)}" for line in frame.why.splitlines())
        lines.append(f"  subgraph cluster_{number} {{")
        lines.append(f'    label=<{title}{why}>; style="rounded,dashed"; color="{COLOURS[theme]["frame"]}";')
        lines.append("    " + " ".join(f"n{index};" for index in members[number]))
        waiting += [None, *reversed(children[number])]
    return lines
