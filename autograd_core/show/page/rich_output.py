"""What a notebook shows of numbers and reports: tables and trees that fold, in the theme of the notebook.

The engine knows nothing of it: IPython asks for the HTML of a type that is registered with it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from html import escape

from autograd_core.engine.value import Value
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.text_report import MarkedLine, Part, Report
from autograd_core.graph.boxes import Box, view
from autograd_core.show.page.bundle import style_sheet

_MOST_NODES = 200  # of a number whose computation is shown


def register_rich_output() -> None:
    """Register with IPython, where it runs; it is not loaded here."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/html"]
        formatter.for_type(Report, report_output)
        formatter.for_type(Value, value_output)


def report_output(report: Report) -> str | None:
    """A report as HTML; None, which leaves the text, where it has no table."""
    parts = list(report.parts())
    return parts_output(parts) if any(isinstance(part, AlignedTable) for part in parts) else None


def value_output(value: Value) -> str | None:
    """The number and, folded, how it was computed; None, which leaves the text, for leaves and large graphs."""
    if not value.inputs or not _has_few_nodes(value):
        return None
    return parts_output([visible_text(repr(value)), _computation(value)], folded=True)


def _has_few_nodes(value: Value) -> bool:
    found = {value}
    waiting = [value]
    while waiting and len(found) <= _MOST_NODES:
        for source in waiting.pop().inputs:
            if isinstance(source, Value) and source not in found:
                found.add(source)
                waiting.append(source)
    return len(found) <= _MOST_NODES


def _computation(value: Value) -> AlignedTable:
    """The boxes below a number as a tree, each listed once, under the first box that uses it."""
    boxes = view(value)
    rows: list[tuple[str, ...]] = []
    levels: list[int] = []
    listed: set[Box] = set()
    waiting: list[tuple[Box, float | None, int]] = [(boxes.box_of[value], None, 0)]
    while waiting:
        box, partial, level = waiting.pop()
        again = box in listed
        listed.add(box)
        grad = None if box.node.grad is None else float(box.node.grad)
        computed = "see above" if again and box.operands else visible_text(box.written()) or box.kind
        numbers = number_text(box.number), number_text(partial) if level else "", number_text(grad)
        rows.append((visible_text(box.name), computed, *numbers))
        levels.append(level)
        if box.operands and not again:
            below = zip(box.operands, box.partials(), strict=True)
            waiting += [(operand.box, part, level + 1) for operand, part in below if operand.box is not None][::-1]
    return AlignedTable(rows, ("name", "computed as", "value", "partial", "gradient"), range(2, 5), levels=levels)


def parts_output(parts: Iterable[Part], folded: bool = False) -> str:
    """Lines and tables as HTML below the first line. folded: whether a click shows them."""
    first, *others = parts
    style = f"<style>{style_sheet('show/page/rich_output.css')}</style>"
    if isinstance(first, AlignedTable):
        return f"<div data-autograd-report>{style}{''.join(_html(part) for part in (first, *others))}</div>"
    closed = "" if folded else " open"
    return (
        f"<div data-autograd-report>{style}<details{closed}><summary>{escape(first)}</summary>"
        f"{''.join(map(_html, others))}</details></div>"
    )


def _html(part: Part) -> str:
    if isinstance(part, AlignedTable):
        return _tree(part) if part.levels else _table(part)
    role = f' class="{part.role}"' if isinstance(part, MarkedLine) else ""
    return f"<p{role}>{escape(part.strip())}</p>" if part else ""


def _table(table: AlignedTable) -> str:
    head = "".join(_cell(table, place, text, "th" if text else "td") for place, text in enumerate(table.headings))
    body = "".join(
        f"<tr>{''.join(_cell(table, place, text, 'td') for place, text in enumerate(row))}</tr>"
        for row in table.texts()
    )
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def _cell(table: AlignedTable, place: int, text: str, tag: str) -> str:
    right = ' class="right"' if table.is_right(place) else ""
    return f"<{tag}{right}>{escape(text)}</{tag}>"


def _tree(table: AlignedTable) -> str:
    """The rows as elements inside each other, which fold; a row is a line of a grid."""
    return f'<div class="tree">{"".join(_branches(table))}</div>'


def _branches(table: AlignedTable) -> Iterator[str]:
    texts = table.texts()
    widths = [max(map(len, column)) for column in zip(table.headings, *texts, strict=True)]
    columns = "minmax(12ch,1fr) " + " ".join(f"{width + 1}ch" for width in widths[1:])
    yield f'<div class="heading" style="grid-template-columns:{columns}">{_spans(table, list(table.headings))}</div>'
    for row, level, below in zip(texts, table.levels, [*table.levels[1:], table.levels[0]], strict=True):
        line = f' style="grid-template-columns:{columns}">{_spans(table, row)}</'
        yield f"<details open><summary{line}summary>" if below > level else f"<div{line}div>"
        yield "</details>" * (level - below)


def _spans(table: AlignedTable, texts: list[str]) -> str:
    return " ".join(_cell(table, place, text, "span") for place, text in enumerate(texts))
