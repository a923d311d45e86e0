"""Several exercises in one file: a system draws one of them for each student."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from autograd_core.formulas.labels import plural, visible_text
from autograd_core.practice.quiz.export.exported import ExportedExercise
from autograd_core.practice.quiz.export.exports import Exports


class ExercisePool(Exports):
    """Exercises of equal difficulty, in order. name: of the pool in the question bank.

    Raises ValueError where there is none.
    """

    def __init__(self, exercises: Iterable[Exports], name: str) -> None:
        self.exercises = tuple(exercises)
        if not self.exercises:
            raise ValueError("a pool needs at least one exercise.")
        self._pool_name = visible_text(name) or "exercises"

    def _exported(self) -> list[ExportedExercise]:
        return [exercise for each in self.exercises for exercise in each._exported()]

    def __len__(self) -> int:
        return len(self.exercises)

    def __iter__(self) -> Iterator[Exports]:
        return iter(self.exercises)

    def __repr__(self) -> str:
        return f"{self._pool_name}: {plural(len(self), 'exercise')}"
