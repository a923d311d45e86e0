"""An exercise as text: the forward trace, the numbers to fill in, and how to answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import visible_sentence, visible_text
from autograd_core.formulas.symbols import name_text
from autograd_core.formulas.text_report import MarkedLine, Part
from autograd_core.mistakes.answers import precision
from autograd_core.practice.quiz.answer_hashes import written_value
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.show.record.chain_rule import operation_text
from autograd_core.show.record.record import NodeRecord, Record

_WORDS = {
    "gradient": "gradient of {output} with respect to {node}",
    "partial": "partial derivative of {node} with respect to {source}{nth}",
    "contribution": "contribution of {node} to the gradient of {source}{nth}",
    "update": "{node} after one step of gradient descent",
}


def exercise_parts(
    nodes: Sequence[NodeRecord], blanks: Sequence[Blank], variant: str, tolerance: float | None
) -> Iterator[Part]:
    """The parts of an exercise, without its answers."""
    if variant:
        yield MarkedLine(f"Exercise for {variant}", "title")
        yield ""
    yield MarkedLine("Forward trace", "title")
    rows = [
        (name_text(node.name), operation_text(node), written_value(node.value, not node.operation)) for node in nodes
    ]
    yield AlignedTable(rows, right=[2], indent="  ")
    formulas = {node.expression.text: node.textbook.text for node in nodes if node.textbook}
    for expression, formula in formulas.items():
        yield f"  {expression} stands for {formula}"
    yield ""
    yield MarkedLine(f"Fill in ({precision(tolerance)}):", "title")
    yield from (f"  {blank.prompt} = ____" for blank in blanks)
    yield ""
    yield f"Answer with quiz.check({example_arguments(blanks)})."


def example_arguments(blanks: Sequence[Blank]) -> str:
    """The arguments of `quiz.check`, with dots as the numbers."""
    if all(blank.key.isidentifier() for blank in blanks):
        return ", ".join(f"{blank.key}=..." for blank in blanks)
    return "{" + ", ".join(f"{blank.key!r}: ..." for blank in blanks) + "}"


def exercise_title(record: Record, blanks: Sequence[Blank], variant: str) -> str:
    """What the exercise asks for, of which output, and whose it is."""
    kinds = list(dict.fromkeys(f"{blank.kind}s" for blank in blanks))
    what = " and ".join(filter(None, (", ".join(kinds[:-1]), kinds[-1])))
    whose = f" · {visible_text(variant)}" if variant else ""
    return f"Exercise on {visible_sentence(name_text(record.output))}: {what}{whose}"


def blank_in_words(blank: Blank, record: Record) -> str:
    """What a blank asks for, without mathematical signs."""
    output, node, source = map(name_text, (record.output, blank.node, blank.source))
    return visible_sentence(_WORDS[blank.kind].format(output=output, node=node, source=source, nth=blank.nth))
