"""The ledger: a record as text for a terminal, in aligned columns.

The partial on one edge is written with the round d, dL/da only for the full sum. Numbers are shown with four digits,
with "~" for "=" where the numbers shown do not give the result shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_core.errors import ExpressionError
from autograd_core.show.notation import evaluate_formula, number_text, written_number
from autograd_core.show.record import EdgeRecord, GradientRecord, NodeRecord, Record, SweepRecord

MOST_TERMS = 4  # of a sum are written out
Row = tuple[str, ...]


def ledger(record: Record, most_rows: int = 400) -> str:
    """The whole record as text; past `most_rows` rows a table is cut, and says so."""
    return "\n".join(line.rstrip() for line in _lines(record, most_rows))


def _lines(record: Record, most_rows: int) -> Iterator[str]:
    nodes = {node.name: node for node in record.nodes}
    yield "Forward trace: every node from its inputs"
    rows = [
        (node.name, node.expression.text or node.kind, node.numbers.text, number_text(node.value))
        for node in record.nodes
    ]
    yield from _table(("node", "operation", "with numbers", "value"), rows, most_rows)
    yield from _compositions(record)
    for sweep in record.sweeps:
        yield ""
        if record.mode == "reverse":
            yield f"Backward trace from d{sweep.seed}/d{sweep.seed} = 1: contribution = upstream x partial"
            headings: Row = ("node", "operation", "value", "partial", "upstream", "contribution", "adjoint so far")
        else:
            start = f"d{sweep.seed}/d{sweep.seed} = 1"
            yield f"Forward derivatives by {sweep.seed}, from {start}: contribution = tangent x partial"
            headings = ("node", "operation", "value", "partial", "tangent", "contribution", "sum so far")
        yield from _table(headings, _sweep_rows(record, sweep, nodes), most_rows)
    yield ""
    yield "Gradient: the chain rule, edge by edge"
    for one in record.gradient:
        yield "  " + _chain_rule(record, one)
    yield ""
    yield _cost(record)


def _compositions(record: Record) -> Iterator[str]:
    told: set[str] = set()
    for node in record.nodes:
        if node.why and node.operation not in told:
            told.add(node.operation)
            yield f"  {node.expression.text} stands for {node.textbook.text}; as computed, {node.why}."


def _sweep_rows(record: Record, sweep: SweepRecord, nodes: dict[str, NodeRecord]) -> list[Row]:
    rows: list[Row] = []
    for step in sweep.steps:
        node = nodes[step.node]
        start: Row = (node.name, node.expression.text or node.kind, number_text(node.value))
        for edge in step.edges:
            rows.append(
                (
                    *start,
                    partial_text(edge),
                    number_text(edge.carried),
                    contribution_text(edge),
                    _sum(record, sweep, edge),
                )
            )
            start = ("", "", "")
        if not step.edges:
            rows.append((*start, "", number_text(step.carried), "", "only constants below"))
    return rows


def partial_text(edge: EdgeRecord) -> str:
    """∂v1/∂x1 = 1 / x1 = 1 / 2 = 0.5."""
    start = f"∂{edge.node}/∂{edge.source}"
    shown = number_text(edge.partial or 0.0)
    pieces = [piece for piece in dict.fromkeys((edge.formula.text, edge.numbers.text)) if piece and piece != shown]
    relation = "=" if not edge.numbers or _gives(edge.numbers.text, shown) else "~"
    blocked = f", {edge.blocked}" if edge.partial is None else ""
    return " ".join((start, *(f"= {piece}" for piece in pieces), relation, shown)) + blocked


def contribution_text(edge: EdgeRecord) -> str:
    """1 x 0.5 = 0.5, or a dash where nothing flows."""
    if edge.contribution is None or edge.carried is None or edge.partial is None:
        return "–"
    carried, partial, shown = map(number_text, (edge.carried, edge.partial, edge.contribution))
    relation = "=" if number_text(float(carried) * float(partial)) == shown else "~"
    return f"{carried} x {_operand(edge.partial)} {relation} {shown}"


def sum_text(terms: Sequence[float], total: float | None, complete: bool) -> str:
    """0.5 + 5 = 5.5 when complete, 0.5 + ... before."""
    if not terms:
        return "0 (nothing arrived)" if complete else "..."
    pieces = [number_text(terms[0]), *map(_operand, terms[1:])]
    shown = number_text(total)
    if len(pieces) > MOST_TERMS:
        pieces = [f"({len(pieces) - 1} terms)", pieces[-1]]
        relation = "="
    else:
        relation = "=" if number_text(sum(float(number_text(term)) for term in terms)) == shown else "~"
    if not complete:
        return " + ".join([*pieces, "..."])
    return shown if len(terms) == 1 else f"{' + '.join(pieces)} {relation} {shown}"


def _sum(record: Record, sweep: SweepRecord, edge: EdgeRecord) -> str:
    of = f"d{record.output}/d{edge.source}" if record.mode == "reverse" else f"d{edge.node}/d{sweep.seed}"
    total = sum_text(edge.terms, edge.total, edge.complete)
    return f"{of} = {total}" if edge.complete else total


def _chain_rule(record: Record, one: GradientRecord) -> str:
    of = f"d{record.output}/d{one.name}"
    shown = number_text(one.value)
    edges = [edge for edge in one.edges if edge.contribution is not None]
    if not edges or len(edges) > MOST_TERMS:
        several = f" (the sum of {len(edges)} contributions)" if edges else ""
        return f"{of} = {shown}{several}"
    symbols = " + ".join(f"d{record.output}/d{edge.node}·∂{edge.node}/∂{edge.source}" for edge in edges)
    numbers = " + ".join(f"{_operand(edge.carried)}·{_operand(edge.partial)}" for edge in edges)
    products = sum(float(number_text(edge.carried)) * float(number_text(edge.partial)) for edge in edges)
    return f"{of} = {symbols} = {numbers} {'=' if number_text(products) == shown else '~'} {shown}"


def _cost(record: Record) -> str:
    sweeps = len(record.sweeps)
    multiplications = sum(sweep.multiplications for sweep in record.sweeps)
    additions = sum(sweep.additions for sweep in record.sweeps)
    what = (
        "one sweep back gives the derivative by every input"
        if record.mode == "reverse"
        else f"{_counted(sweeps, 'sweep')} forward, one for each input"
    )
    cost = f"{_counted(multiplications, 'multiplication')}, {_counted(additions, 'addition')}"
    return f"Cost in {record.mode} mode: {what}; {cost}."


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _operand(number: float | None) -> str:
    """A number inside a product or a sum: in brackets if negative."""
    if number is None:
        return "–"
    return f"({number_text(number)})" if written_number(number).binding < 20 else number_text(number)


def _gives(numbers: str, shown: str) -> bool:
    """Whether the arithmetic written in `numbers` comes out as `shown`."""
    try:
        return number_text(evaluate_formula(numbers, {})) == shown
    except ExpressionError:  # inf and nan are no numbers of the expression language
        return False


def _table(headings: Row, rows: Sequence[Row], most_rows: int) -> Iterator[str]:
    hidden = len(rows) - most_rows
    rows = rows[:most_rows]
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    numeric = {"value", "upstream", "tangent"}
    for row in (headings, tuple("─" * width for width in widths), *rows):
        cells = (
            cell.rjust(width) if heading in numeric else cell.ljust(width)
            for heading, cell, width in zip(headings, row, widths, strict=True)
        )
        yield "  " + "  ".join(cells)
    if hidden > 0:
        yield f"  ... {hidden:,} more rows; explain(value).record holds all of them."
