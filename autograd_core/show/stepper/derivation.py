"""The derivation in LaTeX: an align environment with the forward trace, the backward trace and the gradient."""

from __future__ import annotations

from collections.abc import Iterator

from autograd_core.formulas.symbols import escape_latex, name_latex
from autograd_core.show.record import chain_rule
from autograd_core.show.record.record import EdgeRecord, Record


def derivation(record: Record) -> str:
    r"""`\begin{align*} ... \end{align*}` for a document that uses amsmath: every line one formula, aligned at its first
    equals sign. In forward mode the tangents replace the backward trace."""
    lines = [_align(latex) for latex in _formulas(record)]
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}\n"


def _formulas(record: Record) -> Iterator[str]:
    kinks = {node.name: node.kink for node in record.nodes}
    for node in record.nodes:
        yield chain_rule.computation(node).latex
    for sweep in record.sweeps:
        yield chain_rule.gradient_value(sweep.seed, sweep.seed, 1.0).latex
        for step in sweep.steps:
            for edge in step.edges:
                yield chain_rule.partial(edge).latex
                if edge.complete:
                    yield _total(record, sweep.seed, edge)
            if kinks[step.node]:
                yield rf"\text{{At }} {name_latex(step.node)}\text{{: {escape_latex(kinks[step.node])}}}"
    if record.mode == "reverse":
        for gradient in record.gradient:
            yield chain_rule.gradient(gradient, record.symbol).latex
    for update in record.updates:
        yield from (chain_rule.new_value(parameter).latex for parameter in update.parameters)
        change = update.output_after - update.output_before
        yield chain_rule.new_output(record.output, update.output_before, change, update.output_after).latex


def _total(record: Record, seed: str, edge: EdgeRecord) -> str:
    forward = record.mode == "forward"
    left = chain_rule.total_derivative(*((edge.of, seed) if forward else (record.symbol, edge.source)))
    return f"{left.latex} = {chain_rule.running_sum(edge.terms, edge.total, edge.complete).latex}"


def _align(latex: str) -> str:
    """`&` before the first equals sign outside all braces: a label may contain one too."""
    depth = 0
    for place, character in enumerate(latex):
        depth += (character == "{") - (character == "}")
        if depth == 0 and latex.startswith(" = ", place):
            return f"{latex[:place]} &{latex[place:]}"
    return f"& {latex}"
