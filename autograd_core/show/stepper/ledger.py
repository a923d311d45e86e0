"""The ledger: a record as lines and tables, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import plural
from autograd_core.formulas.notation import number_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import MarkedLine, Part
from autograd_core.show.record import chain_rule
from autograd_core.show.record.gradient_descent import UpdateRecord
from autograd_core.show.record.record import EdgeRecord, NodeRecord, Record, SweepRecord

Row = tuple[str, ...]
_NUMERIC = ("value", "upstream", "tangent", "gradient")
_SHOWN_ELSEWHERE = (1, 2, 4)  # in a backward trace: operation and value in the forward trace, upstream in the product


def ledger(record: Record, most_rows: int = 400) -> Iterator[Part]:
    """The whole record as lines and tables; past `most_rows` rows a table is cut, and says so.

    In a narrow terminal a wide table leaves out what the others show.
    """
    nodes = {node.name: node for node in record.nodes}
    yield from forward_trace(record, most_rows)
    for sweep in record.sweeps:
        yield ""
        start = chain_rule.gradient_value(sweep.seed, sweep.seed, 1.0).text
        if record.mode == "reverse":
            meaning = f" ({record.symbol} is {name_text(record.output)})" if record.meaning_of_symbol else ""
            title = f"Backward trace from {start}{meaning}: contribution = upstream · partial"
            headings: Row = ("node", "operation", "value", "partial", "upstream", "contribution", "adjoint so far")
        else:
            to = name_text(sweep.seed)
            title = f"Forward derivatives with respect to {to}, from {start}: contribution = tangent · partial"
            headings = ("node", "operation", "value", "partial", "tangent", "contribution", "sum so far")
        yield MarkedLine(title, "title")
        yield from _table(headings, _sweep_rows(record, sweep, nodes), most_rows, _SHOWN_ELSEWHERE)
        yield from (f"  At {name_text(step.node)}: {kink}" for step in sweep.steps if (kink := nodes[step.node].kink))
    yield ""
    yield MarkedLine("Gradient: the chain rule, edge by edge", "title")
    for gradient in record.gradient:
        text = "  " + chain_rule.gradient(gradient, record.symbol).text
        yield MarkedLine(text, "negative" if gradient.value < 0 else "positive") if gradient.value else text
    for update in record.updates:
        yield ""
        yield from _update(record, update)
    yield ""
    yield _cost(record)


def forward_trace(record: Record, most_rows: int = 400) -> Iterator[Part]:
    """The values of all nodes."""
    yield MarkedLine("Forward trace: every node from its inputs", "title")
    rows = [
        (name_text(node.name), chain_rule.operation_text(node), node.numbers.text, number_text(node.value))
        for node in record.nodes
    ]
    yield from _table(("node", "operation", "with numbers", "value"), rows, most_rows)
    yield from _compositions(record)


def _compositions(record: Record) -> Iterator[str]:
    explained: set[str] = set()
    for node in record.nodes:
        if node.why and node.operation not in explained:
            explained.add(node.operation)
            yield f"  {node.expression.text} stands for {node.textbook.text}; as computed, {node.why}."
        if node.opening:
            yield f"  At {name_text(node.name)}: {node.opening}"


def _sweep_rows(record: Record, sweep: SweepRecord, nodes: dict[str, NodeRecord]) -> list[Row]:
    rows: list[Row] = []
    for step in sweep.steps:
        node = nodes[step.node]
        start: Row = (name_text(node.name), chain_rule.operation_text(node), number_text(node.value))
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
    of = chain_rule.total_derivative(*((edge.of, sweep.seed) if by_input else (record.symbol, edge.source)))
    return f"{of.text} = {total}"


def _update(record: Record, update: UpdateRecord) -> Iterator[Part]:
    inputs = (
        ""
        if any(node.kind == "parameter" for node in record.nodes)
        else " (no parameters here: every input is updated)"
    )
    number = f"Update {update.number} of {len(record.updates)}"
    yield MarkedLine(f"{number}: new value = value − learning rate · gradient{inputs}", "title")
    rows = [
        (
            name_text(parameter.name),
            number_text(parameter.before),
            number_text(parameter.gradient),
            chain_rule.rate_times_gradient(parameter, update.learning_rate).text,
            chain_rule.new_value(parameter).text,
        )
        for parameter in update.parameters
    ]
    yield from _table(("parameter", "value", "gradient", "rate · gradient", "new value"), rows, len(rows))
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


def _table(headings: Row, rows: Sequence[Row], most_rows: int, spare: Sequence[int] = ()) -> Iterator[Part]:
    numeric = [place for place, heading in enumerate(headings) if heading in _NUMERIC]
    yield AlignedTable(rows[:most_rows], headings, numeric, spare, indent="  ")
    if len(rows) > most_rows:
        yield f"  ... {len(rows) - most_rows:,} more rows; explain(value).record holds all of them."
