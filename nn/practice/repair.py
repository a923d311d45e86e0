"""Repair this network: training functions that go wrong, and a check that measures a repaired one.

    sick = patient(3)
    sick                       # what is wrong to be seen, measured, and the training to be repaired
    sick.check(train)          # measures your training function on rows that it has not seen

`gradient_health`, `why_gradient` and `record` help to find the fault. Any change that makes the training work is right.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd_core.formulas.text_report import MarkedLine, Part, Report
from nn.modules.whole_numbers import whole_number
from nn.practice.patients import TRAININGS
from nn.practice.tasks import (
    NEW_ROWS,
    NEW_SEED,
    SEED,
    RepairTask,
    X_y,
    accuracy,
    blurred_moons,
    clouds,
    corners,
    exaggeration,
    far_moons,
    line,
    mean_square,
    moons,
    surprise,
    waves,
)

_LONGEST_IMPORT = 72  # as source; four columns more as printed
Train = Callable[[Any, Any], Any]

_LINE = RepairTask(line, 20, mean_square, "mean squared error", 0.05)
_MOONS = RepairTask(moons, 60, accuracy, "accuracy", 0.85, larger_is_better=True)
_FAR = RepairTask(far_moons, 60, accuracy, "accuracy", 0.85, larger_is_better=True)
_CORNERS = RepairTask(corners, 24, accuracy, "accuracy", 0.85, larger_is_better=True)
_WAVES = RepairTask(waves, 60, mean_square, "mean squared error", 0.04)
_CLOUDS = RepairTask(
    clouds,
    30,
    surprise,
    "mean of -ln(probability of the right class)",
    0.4,
    returns="a function from a row to the probabilities of the three classes",
)
_BLURRED = RepairTask(
    blurred_moons,
    120,
    exaggeration,
    "difference between reported and true accuracy",
    0.1,
    returns="the model and the accuracy that it reports",
)
_FILE = sys.modules[TRAININGS[0].__module__]
_PUBLIC = ("autograd_core", "nn.metrics", "nn.data")  # where students import from, besides nn


@dataclass(frozen=True, repr=False)
class Checkup(Report):
    """What was measured of a training function. repaired: whether that reaches the goal."""

    patient: int
    words: str
    measured: float
    sick: float
    goal: str
    repaired: bool

    def parts(self) -> Iterator[Part]:
        """The verdict and the numbers behind it."""
        verdict = "repaired" if self.repaired else "not repaired yet"
        yield MarkedLine(f"Patient {self.patient}: {verdict}", "positive" if self.repaired else "negative")
        yield f"  {self.words} on {NEW_ROWS} new rows: {self.measured:.3g}"
        yield f"  as it came: {self.sick:.3g}; healthy: {self.goal}"


class Patient(Report):
    """A training function that goes wrong. It prints as what is to be seen, what was measured, and its source.

    number: from 1 to 12. train(X, y): as it came. X, y: the rows it trains on, as lists.
    """

    __slots__ = ("__dict__",)

    def __init__(self, number: int, complaint: str, task: RepairTask) -> None:
        self.number = number
        self.complaint = complaint
        self.train: Train = TRAININGS[number - 1]
        self._task = task

    @property
    def X(self) -> list[list[float]]:
        """The rows to train on."""
        return self._rows(self._task.rows, SEED)[0]

    @property
    def y(self) -> list[Any]:
        """The targets of the rows."""
        return self._rows(self._task.rows, SEED)[1]

    @cached_property
    def measured(self) -> float:
        """The measure of the training as it came, on new rows."""
        return self._measure(self.train)

    @property
    def source(self) -> str:
        """The training function as text, with the imports it needs: copy it into a cell, and repair it."""
        code = re.sub(
            r"^def \w+\(.*$", "def train(X, y):", inspect.getsource(self.train).rstrip(), flags=re.MULTILINE, count=1
        )
        return "\n".join([*_imports(set(re.findall(r"\w+", code))), "", "", code])

    def check(self, train: Train) -> Checkup:
        """Run a training function and measure it on rows that it has not seen.

        train(X, y): as the patient's own one. Raises what it raises, and TypeError where it returns something else.
        """
        measured = self._measure(train)
        reached = self._task.reaches(measured)
        return Checkup(self.number, self._task.words, measured, self.measured, self.goal, reached)

    def require(self, train: Train) -> None:
        """Raise AssertionError, with what was measured, unless the training is repaired; for autograders."""
        checkup = self.check(train)
        if not checkup.repaired:
            raise AssertionError(repr(checkup))

    @property
    def goal(self) -> str:
        """The number to reach, in words."""
        return f"{'at least' if self._task.larger_is_better else 'at most'} {self._task.goal:g}"

    def parts(self) -> Iterator[Part]:
        """The complaint, the numbers and the source."""
        yield MarkedLine(f"Patient {self.number}: {self.complaint}", "title")
        yield f"  {self._task.words} on {NEW_ROWS} new rows: {self.measured:.3g}; healthy: {self.goal}"
        yield ""
        yield from (f"    {text}".rstrip() for text in self.source.splitlines())
        yield ""
        yield f"Find the fault, and repair it in a copy. train(X, y) returns {self._task.returns}."
        yield f"patient({self.number}).check(train) measures your repair; any that works is right."

    def _rows(self, count: int, seed: int) -> X_y:
        return self._task.make(count, seed)

    def _measure(self, train: Train) -> float:
        found = train(self.X, self.y)
        try:
            return self._task.measure(found, self._rows(NEW_ROWS, NEW_SEED))
        except (TypeError, ValueError, IndexError) as problem:
            raise TypeError(
                f"what train(X, y) returned could not be measured: {problem}. Return {self._task.returns}."
            ) from problem


PATIENTS = tuple(
    Patient(number, complaint, task)
    for number, (complaint, task) in enumerate(
        (
            ("the loss grows at every step.", _LINE),
            ("the loss falls, rises, falls again, and never settles.", _LINE),
            ("every row gets the same answer.", _MOONS),
            ("after a few steps the loss has more digits than the screen is wide.", _LINE),
            ("it has four hidden units, and does no better than one.", _CORNERS),
            ("the curve that it fits has steps like a staircase.", _WAVES),
            ("its report is excellent, and its users are not content.", _BLURRED),
            ("it is never sure, not even of the clearest row.", _CLOUDS),
            ("the loss that it minimises is small, and its probabilities are useless.", _CLOUDS),
            ("its answers are as good as those of a coin.", _MOONS),
            ("the loss falls a little at first, then nothing more is learnt.", _FAR),
            ("some of its weights are at the end what they were at the start.", _CORNERS),
        ),
        start=1,
    )
)


def patient(number: int) -> Patient:
    """The patient of this number, from 1 to 12. Raises ValueError for another number.

    >>> patient(4).goal
    'at most 0.05'
    """
    if not 1 <= whole_number(number, "number") <= len(PATIENTS):
        raise ValueError(f"there is no patient {number!r}: choose from 1 to {len(PATIENTS)}.")
    return PATIENTS[number - 1]


def _imports(used: set[str]) -> list[str]:
    """The imports of the patients' file as a student writes them, without the names that are not used."""
    names: dict[str, list[str]] = {}
    plain = []
    for node in ast.parse(inspect.getsource(_FILE)).body:
        if isinstance(node, ast.Import):
            plain += [ast.unparse(node)] if node.names[0].name in used else []
        elif isinstance(node, ast.ImportFrom) and node.module not in ("__future__", "typing"):
            module = next((public for public in _PUBLIC if str(node.module).startswith(public)), "nn")
            names.setdefault(module, []).extend(alias.name for alias in node.names if alias.name in used)
    return plain + [_import(module, sorted(some)) for module, some in names.items() if some]


def _import(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    return line if len(line) <= _LONGEST_IMPORT else f"from {module} import (\n    {', '.join(names)}\n)"
