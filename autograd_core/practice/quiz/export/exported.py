"""An exercise as plain data for other systems: its task, the values, the picture, and how each blank is marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from autograd_core.formulas.labels import visible_sentence
from autograd_core.formulas.symbols import name_text
from autograd_core.graph.boxes import View
from autograd_core.mistakes.answers import precision
from autograd_core.practice.quiz.answer_hashes import written_value
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.practice.quiz.exercise_text import blank_in_words, exercise_title
from autograd_core.practice.quiz.export.marking import AnswerRange
from autograd_core.practice.quiz.picture import exercise_picture, mark
from autograd_core.practice.quiz.verdict import general_hint
from autograd_core.show.drawing.raster import render_png
from autograd_core.show.drawing.scene import Scene
from autograd_core.show.record.chain_rule import operation_text
from autograd_core.show.record.record import Record

_DPI = 144.0  # two pixels of the file for each of the page


@dataclass(frozen=True, slots=True)
class ExportedQuestion:
    """One blank. mark: its mark in the picture. prompt: its formula. words: the same in words. ranges: how answers are
    marked. hint: for a number that no mistake gives."""

    mark: str
    prompt: str
    words: str
    ranges: tuple[AnswerRange, ...]
    hint: str


@dataclass(frozen=True)
class ExportedExercise:
    """An exercise. values: of each node its name, how it is computed, its number. formulas: what functions stand for.
    Every text is visible and on one line; letters written from right to left reorder nothing else."""

    title: str
    task: str
    values: tuple[tuple[str, str, str], ...]
    formulas: tuple[str, ...]
    questions: tuple[ExportedQuestion, ...]
    scene: Scene

    @cached_property
    def picture(self) -> bytes:
        """The graph with its blanks, as PNG."""
        return render_png(self.scene, "light", _DPI)

    @property
    def width(self) -> int:
        """The pixels of a page that the picture is wide."""
        return round(self.scene.width)

    @property
    def description(self) -> str:
        """The picture in words, for those who do not see it: the table has all its numbers."""
        return visible_sentence(f"{self.scene.title}; the values are in the table")


def export_exercise(
    record: Record,
    view: View,
    blanks: Sequence[Blank],
    ranges: Sequence[tuple[AnswerRange, ...]],
    variant: str,
    tolerance: float | None,
) -> ExportedExercise:
    """The exercise with these blanks. ranges: how each of them is marked."""
    formulas = {node.expression.text: node.textbook.text for node in record.nodes if node.textbook}
    values = [
        (name_text(node.name), operation_text(node), written_value(node.value, not node.operation))
        for node in record.nodes
    ]
    return ExportedExercise(
        exercise_title(record, blanks, variant),
        f"The values are given. Fill in the blanks ({precision(tolerance)}): numbers such as 12.3 or -0.123.",
        tuple((visible_sentence(name), visible_sentence(computed), number) for name, computed, number in values),
        tuple(visible_sentence(f"{expression} stands for {formula}") for expression, formula in formulas.items()),
        tuple(
            ExportedQuestion(
                mark(number),
                visible_sentence(blank.prompt),
                blank_in_words(blank, record),
                how,
                visible_sentence(general_hint(blank)),
            )
            for number, (blank, how) in enumerate(zip(blanks, ranges, strict=True))
        ),
        exercise_picture(view, blanks),
    )
