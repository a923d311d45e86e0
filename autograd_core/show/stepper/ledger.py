"""The ledger: a record as text for a terminal, in aligned columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from autograd_core.formulas.aligned_table import text_table, wrap_lines
from autograd_core.formulas.labels import display_width, plural
from autograd_core.formulas.notation import number_text
from autograd_core.show.record import chain_rule
from autograd_core.show.record.gradient_descent import UpdateRecord
from autograd_core.show.record.record import EdgeRecord, NodeRecord, Record, SweepRecord

Row = tuple[str, ...]
_NUMERIC = ("value", "upstream", "tangent", "gradient")
_SHOWN_ELSEWHERE = (1, 2, 4)  # in a backward trace: operation and value in the forward trace, upstream in the product


def ledger(record: Record, most_rows: int = 400, width: int | None = None) -> str:
    """The whole record as text; past `most_rows` rows a table is cut, and says so.

    width: of the terminal, which lines fit into where words allow; a wide table leaves out what the others show.
    """
    text = "\n".join(line.rstrip() for line in _lines(record, most_rows, width))
    return text if width is None else wrap_lines(text, width)


def _lines(record: Record, most_rows: int, width: int | None) -> Iterator[str]:
    nodes = {node.name: node for node in record.nodes}
    yield "Forward trace: every node from its inputs"
    rows = [
        (node.name, chain_rule.operation_text(node), node.numbers.text, number_text(node.value))
        for node in record.nodes
    ]
    yield from _table(("node", "operation", "with numbers", "value"), rows, most_rows, width)
    yield from _compositions(record)
    for sweep in record.sweeps:
        yield ""
        if record.mode == "reverse":
            yield f"Backward trace from d{sweep.seed}/d{sweep.seed} = 1: contribution = upstream x partial"
            headings: Row = ("node", "operation", "value", "partial", "upstream", "contribution", "adjoint so far")
        else:
            start = f"d{sweep.seed}/d{sweep.seed} = 1"
            yield f"Forward derivatives with respect to {sweep.seed}, from {start}: contribution = tangent x partial"
            headings = ("node", "operation", "value", "partial", "tangent", "contribution", "sum so far")
        yield from _table(headings, _sweep_rows(record, sweep, nodes), most_rows, width, _SHOWN_ELSEWHERE)
        yield from (f"  At {step.node}: {kink}" for step in sweep.steps if (kink := nodes[step.node].kink))
    yield ""
    yield "Gradient: the chain rule, edge by edge"
    for gradient in record.gradient:
        yield "  " + chain_rule.gradient(gradient, record.output).text
    for update in record.updates:
        yield ""
        yield from _update(record, update, width)
    yield ""
    yield _cost(record)


def _compositions(record: Record) -> Iterator[str]:
    explained: set[str] = set()
    for node in record.nodes:
        if node.why and node.operation not in explained:
            explained.add(node.operation)
            yield f"  {node.expression.text} stands for {node.textbook.text}; as computed, {node.why}."
        if node.opening:
            yield f"  At {node.name}: {node.opening}"


def _sweep_rows(record: Record, sweep: SweepRecord, nodes: dict[str, NodeRecord]) -> list[Row]:
    rows: list[Row] = []
    for step in sweep.steps:
        node = nodes[step.node]
        start: Row = (node.name, chain_rule.operation_text(node), number_text(node.value))
        for edge in step.edges:
            written = (chain_rule.partial(edge).text, number_text(edge.carried), chain_rule.contribution(edge).text)
            rows.append((*start, *written, _sum(record, sweep, edge)))
            start = ("", "", "")
        if not step.edges:
            rows.append((*start, "", number_text(step.carried), "", "only constants below"))
    return rows


def _sum(record: Record, sweep: SweepRecord, edge: EdgeRecord) -> str:
    total = chain_rule.running_sum(edge.terms, edge.total, edge.complete).text
    if not edge.complete:
        return total
    by_input = record.mode == "forward"
    of = chain_rule.total_derivative(*((edge.node, sweep.seed) if by_input else (record.output, edge.source)))
    return f"{of.text} = {total}"


def _update(record: Record, update: UpdateRecord, width: int | None) -> Iterator[str]:
    inputs = (
        ""
        if any(node.kind == "parameter" for node in record.nodes)
        else " (no parameters here: every input is updated)"
    )
    yield f"Update {update.number} of {len(record.updates)}: new value = value - learning rate x gradient{inputs}"
    rows = [
        (
            parameter.name,
            number_text(parameter.before),
            number_text(parameter.gradient),
            chain_rule.rate_times_gradient(parameter, update.learning_rate).text,
            chain_rule.new_value(parameter).text,
        )
        for parameter in update.parameters
    ]
    yield from _table(("parameter", "value", "gradient", "rate x gradient", "new value"), rows, len(rows), width)
    predicted = chain_rule.new_output(
        record.output, update.output_before, update.predicted, update.output_before + update.predicted
    )
    actual = chain_rule.new_output(
        record.output, update.output_before, update.output_after - update.output_before, update.output_after
    )
    yield f"  predicted from the gradient: {predicted.text}"
    yield f"  actual:                      {actual.text}"


def _cost(record: Record) -> str:
    sweeps = len(record.sweeps)
    multiplications = sum(sweep.multiplications for sweep in record.sweeps)
    additions = sum(sweep.additions for sweep in record.sweeps)
    what = (
        "one sweep back gives the derivative with respect to every input"
        if record.mode == "reverse"
        else f"{plural(sweeps, 'sweep')} forward, one for each input"
    )
    cost = f"{plural(multiplications, 'multiplication')}, {plural(additions, 'addition')}"
    return f"Cost in {record.mode} mode: {what}; {cost}."


def _table(
    headings: Row, rows: Sequence[Row], most_rows: int, width: int | None, shown_elsewhere: Collection[int] = ()
) -> Iterator[str]:
    """A table. shown_elsewhere: the columns that are left out where it is wider than `width`."""
    shown = [headings, *rows[:most_rows]]
    lines = _aligned(shown, None)
    if width is not None and max(map(display_width, lines)) > width:
        shown = [tuple(cell for place, cell in enumerate(row) if place not in shown_elsewhere) for row in shown]
        lines = _aligned(shown, width)
    yield from lines
    if len(rows) > most_rows:
        yield f"  ... {len(rows) - most_rows:,} more rows; explain(value).record holds all of them."


def _aligned(rows: Sequence[Row], width: int | None) -> list[str]:
    headings, *others = rows
    numeric = [place for place, heading in enumerate(headings) if heading in _NUMERIC]
    return text_table(others, headings, numeric, indent="  ", width=width)
