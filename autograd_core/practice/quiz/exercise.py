"""An exercise on a graph. The classic mistakes are simulated to diagnose wrong answers."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from autograd_core.engine.backward import adjoints
from autograd_core.engine.value import Value
from autograd_core.errors import DrawingError
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.text_report import Part, report_text, terminal_width
from autograd_core.graph.boxes import view
from autograd_core.graph.closed_scopes import Open
from autograd_core.graph.kinks import SlopeRange, ViewKinks
from autograd_core.mistakes.answers import read_answer, unknown_name
from autograd_core.mistakes.misconceptions import paper_mistakes
from autograd_core.mistakes.mistakes import Mistake
from autograd_core.mistakes.other_numbers import scaled_gradients, wrong_steps
from autograd_core.mistakes.single_edge_mistakes import single_edge_mistakes
from autograd_core.mistakes.student_sweeps import EdgeKey
from autograd_core.practice.quiz.allowed_answers import AllowedAnswers, allow_gradient, find_undefined
from autograd_core.practice.quiz.answer_hashes import exercise_data
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.practice.quiz.diagnosis import (
    Answer,
    Cause,
    cut_off,
    exchanged_answers,
    find_causes,
    parting_question,
    rounded_answer,
)
from autograd_core.practice.quiz.exercise_text import example_arguments, exercise_parts
from autograd_core.practice.quiz.export.exported import ExportedExercise, export_exercise
from autograd_core.practice.quiz.export.exports import Exports
from autograd_core.practice.quiz.export.marking import answer_ranges
from autograd_core.practice.quiz.follow_up import Drill, drills, is_finite
from autograd_core.practice.quiz.page import notebook_output, quiz_page, unmarked_exercise
from autograd_core.practice.quiz.questions import Ask, blanks_by_name, select_blanks
from autograd_core.practice.quiz.verdict import Result, Verdict
from autograd_core.show.page.framed_output import FramedOutput
from autograd_core.show.page.saved_files import save_page
from autograd_core.show.record.record import EdgeRecord, record

_ASKED_FIRST = ("partial", "gradient", "contribution", "update")  # to part mistakes: what is easiest to tell


class Quiz(Exports, FramedOutput):
    """An exercise. It prints without its answers, and a notebook shows it as a page to fill in.

    blanks: the numbers to fill in. variant: whose exercise this is, "" for everyone's.
    """

    def __init__(
        self,
        value: Value,
        ask: Ask = None,
        tolerance: float | None = None,
        open: Open = (),  # noqa: A002
        variant: str = "",
        rate: float | None = None,
    ) -> None:
        if tolerance is not None and not 0 <= tolerance < 1:
            raise ValueError(f"tolerance must be a share of the answer, such as 0.01, got {tolerance!r}.")
        self._view = view(value, open)
        self._record = record(self._view)
        self._edges: dict[EdgeKey, EdgeRecord] = {
            (edge.node, edge.operand): edge for step in self._record.sweeps[0].steps for edge in step.edges
        }
        reached = adjoints(value)
        self._adjoints = {box.name: reached[box.node] or 0.0 for box in self._view.boxes if box.kind != "constant"}
        self._tolerance = tolerance
        self._attempts: list[Result] = []
        self.variant = visible_text(variant)
        self._rate = rate
        self._by_name = blanks_by_name(self._record, self._edges.values(), self._adjoints, rate)
        self.blanks = select_blanks(ask, self._view, self._by_name)
        boxes = {box.name: box for box in self._view.boxes}
        if problem := find_undefined(self._view, reached, [boxes[blank.source or blank.node] for blank in self.blanks]):
            raise ValueError(f"{problem}, which nobody can fill in. Choose inputs for which all numbers are finite.")
        self._boxes = boxes
        self._kinks = ViewKinks(self._view)
        self._allowed = {blank: self._allow(blank) for blank in self.blanks}

    # ------------------------------------------------------------------------------------------ for the student

    def check(self, answers: Mapping[str, Any] | None = None, /, *, answer: bool = False, **named: Any) -> Result:
        """The verdicts on `answers` (by the keys of the blanks, or as x1=5.5), with a diagnosis of each wrong one.

        A number is right to three significant digits, or within the tolerance of the quiz; at a kink, every number from
        the slope of one side to that of the other is right. The mistake that explains most of the answers comes first;
        where several do, the result asks for one more number of the graph, which may be given in `answers`, too.
        answer: whether to show the right numbers. Raises ValueError for an unknown name, `NumberError` for an answer
        that is not a number.

        >>> x = Value(3.0, label="x")
        >>> Quiz(x * x).check(x=6).passed
        True
        """
        given = [
            Answer(blank, number, self._allow(blank), self._tolerance)
            for blank, number in self._read({**(answers or {}), **named}).items()
        ]
        causes = self._find_causes(given)
        by_blank = {answer.blank: answer for answer in given}
        verdicts = tuple(_verdict(blank, by_blank.get(blank), causes) for blank in self.blanks)
        result = Result(verdicts, causes, tuple(self.key().values()) if answer else None)
        self._attempts.append(result)
        return result

    def require(self, answers: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        """Raise AssertionError, with the diagnosis, unless every answer is right; for autograders."""
        result = self.check(answers, **named)
        if not result.passed:
            raise AssertionError(f"not all answers are right.\n{result!r}")

    def parts(self) -> Iterator[Part]:
        """The exercise as lines and a table."""
        return exercise_parts(self._record.nodes, self.blanks, self.variant, self._tolerance)

    def follow_up(self) -> Quiz | None:
        """The next exercise: one on which the mistake that explains most of the last attempt gives numbers that no
        other gives. None where no mistake is suspected, or no small exercise isolates it.

        >>> x = Value(1.3, label="x")
        >>> exercise = Quiz(x**3); _ = exercise.check(x=1.69)
        >>> exercise.follow_up().variant
        'one mistake: wrong derivative of a function'
        """
        drill = self.next_drill()
        if drill is None:
            return None
        return Quiz(drill.build(), variant=f"one mistake: {self._attempts[-1].causes[0].kinds[0]}")

    def next_drill(self, suspected: Mistake | None = None) -> Drill | None:
        """The expression and the numbers of `follow_up`; of `suspected`, a mistake on this graph, if one is given."""
        causes = self._attempts[-1].causes if self._attempts else ()
        if suspected is None and not causes:
            return None
        suspected = suspected or causes[0].mistakes[0]
        seed = f"{self.variant} {len(self._attempts)}"
        return next((drill for drill in drills(suspected, self._view, seed) if _isolates(drill, suspected)), None)

    def to_text(self, width: int | None = None) -> str:
        """The exercise: the forward trace, and the numbers to fill in. width: of the terminal, if it has to fit one."""
        return report_text(self.parts(), width)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The exercise as one HTML document that needs no network; written to `path` if one is given.

        It checks answers and names classic mistakes from salted hashes. The file is complete or not written at all.
        Raises `DrawingError` for more boxes than a page can show, ValueError as `handout_data` does, OSError where the
        file cannot be written.
        """
        return save_page(quiz_page(self._record, self._view, self.blanks, self._handout, self.variant), path)

    def __repr__(self) -> str:
        return self.to_text(terminal_width())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """The exercise for a notebook. No error here may break the notebook, so a part that fails is left out."""
        bundle: dict[str, Any] = {"text/plain": self.to_text()}
        try:
            bundle["text/html"] = notebook_output(
                self._record, self._view, self.blanks, self._handout, self.variant, example_arguments(self.blanks)
            )
        except (DrawingError, ValueError) as reason:
            bundle["text/plain"] += f"\nNo page: {reason}"
        except Exception as problem:
            bundle["text/plain"] += f"\nNo page, by a fault of ours: {problem!r}"
        return bundle

    # ------------------------------------------------------------------------------------------ for the teacher

    def unmarked(self) -> tuple[str, list[dict[str, str]]]:
        """The exercise as HTML, and its blanks, for a page that is marked later: as `unmarked_exercise` has them."""
        return unmarked_exercise(self._record, self._view, self.blanks)

    @property
    def value(self) -> Value:
        """The output of the graph."""
        return self._view.boxes[-1].node

    def known_mistakes(self) -> list[Mistake]:
        """The mistakes that are tried on this graph, the likely ones first."""
        return [mistake for several in self._mistakes for mistake in several]

    def mistakes_of_answers(self) -> list[Mistake]:
        """The mistakes in writing down the right answers: exchanged, or rounded too coarsely."""
        right = [Answer(blank, allowed.exact, allowed) for blank, allowed in self._allowed.items()]
        rounded = [rounded_answer(answer.blank, number) for answer in right for number in cut_off(answer.number)]
        return [*exchanged_answers(right), *rounded]

    def key(self) -> dict[str, float]:
        """The answers of the engine, in full precision."""
        return {blank.key: allowed.exact for blank, allowed in self._allowed.items()}

    def to_json(self) -> str:
        """All attempts as JSON: verdicts, kinds of mistake and wrong numbers, without any right answer."""
        attempts = [
            {
                "right": sum(verdict.right for verdict in result.verdicts),
                "verdicts": {verdict.blank.key: _plain(verdict) for verdict in result.verdicts},
            }
            for result in self._attempts
        ]
        keys = [blank.key for blank in self.blanks]
        results = {"variant": self.variant, "output": self._record.output, "blanks": keys, "attempts": attempts}
        return json.dumps(results, ensure_ascii=False)

    def handout_data(self, rounds: int | None = None) -> dict[str, Any]:
        """The exercise as data for a page to hand out: answers and known mistakes only as salted hashes.

        rounds: of each hash (PBKDF2); without it as many as time allows, at most 20,000. Raises ValueError for a
        tolerance below half a percent: rounded numbers cannot check it.
        """
        allowed = list(self._allowed.values())
        told_apart = self._told_apart
        return exercise_data(
            self._record, self.blanks, allowed, told_apart, rounds, self._tolerance, self._parting_question
        )

    # ------------------------------------------------------------------------------------------------- internals

    @cached_property
    def _handout(self) -> dict[str, Any]:
        return self.handout_data()

    @cached_property
    def _mistakes(self) -> list[list[Mistake]]:
        """What may be wrong on paper, the likely things first; mistakes in one place come last, since there are so many
        of them that some explain any number."""
        steps = wrong_steps(self._view, self._rate) if self._rate is not None else ()
        return [[*paper_mistakes(self._view), *steps], scaled_gradients(self._view), single_edge_mistakes(self._view)]

    @property
    def _told_apart(self) -> list[list[Mistake]]:
        """The mistakes that one number alone is enough to name."""
        rounded = [
            rounded_answer(blank, number) for blank in self.blanks for number in cut_off(self._allowed[blank].exact)
        ]
        return [rounded, *self._mistakes[:2]]

    def _exported(self) -> tuple[ExportedExercise]:
        ranges = [
            answer_ranges(blank, allowed, self._told_apart, self._tolerance) for blank, allowed in self._allowed.items()
        ]
        return (export_exercise(self._record, self._view, self.blanks, ranges, self.variant, self._tolerance),)

    def _find_causes(self, answers: list[Answer]) -> tuple[Cause, ...]:
        if all(answer.right for answer in answers):
            return ()
        misconceptions, others, slips = self._mistakes
        stages = [misconceptions, [*exchanged_answers(answers), *others], slips]
        return find_causes(answers, stages, self._other_blanks, lambda blank: self._allow(blank).exact)

    @cached_property
    def _other_blanks(self) -> list[Blank]:
        """All numbers of the graph that may be asked for, those asked for first that are easiest to answer."""
        return sorted(dict.fromkeys(self._by_name.values()), key=lambda blank: _ASKED_FIRST.index(blank.kind))

    @cached_property
    def _unasked(self) -> list[Blank]:
        asked = set(self.blanks)
        return [blank for blank in self._other_blanks if blank not in asked]

    def _parting_question(self, mistakes: Sequence[Mistake]) -> tuple[Blank, float] | None:
        """The number outside the exercise that parts these mistakes, and the right one; None where none does."""
        question = parting_question(mistakes, self._unasked, lambda blank: self._allow(blank).exact)
        return None if question is None else (question, self._allow(question).exact)

    def _read(self, answers: Mapping[str, Any]) -> dict[Blank, float]:
        numbers: dict[Blank, float] = {}
        for name, answer in ((visible_text(str(name)), answer) for name, answer in answers.items()):
            if name not in self._by_name:
                raise unknown_name(name, [blank.key for blank in self.blanks], "blank")
            numbers[self._by_name[name]] = read_answer(answer, name)
        return numbers

    def _allow(self, blank: Blank) -> AllowedAnswers:
        box, kinks = self._boxes[blank.node], self._kinks
        if blank.kind == "gradient":
            return allow_gradient(kinks, box, self._adjoints[box.name])
        if blank.kind == "update":
            updated = blank.start - blank.rate * self._adjoints[box.name]
            return AllowedAnswers(updated, SlopeRange(updated, updated))
        edge = self._edges[blank.node, blank.operand]
        exact, decisive = edge.partial or 0.0, kinks.within(box)
        if blank.kind == "contribution":
            exact, decisive = edge.contribution or 0.0, list(dict.fromkeys([*kinks.above(box), *decisive]))
        if not decisive:
            return AllowedAnswers(exact, SlopeRange(exact, exact))
        slopes = (kinks.partial if blank.kind == "partial" else kinks.contribution)(box, blank.operand)
        return AllowedAnswers(exact, slopes, tuple(decisive))


def _isolates(drill: Drill, suspected: Mistake) -> bool:
    """Whether the mistake, made in one place of the drill, is named alone; a mistake in writing down the answers, in
    whichever it is made."""
    output = drill.build()
    if not is_finite(view(output)):
        return False
    exercise = Quiz(output)
    of_kind = (suspected.kind, suspected.rule)
    if any(_is_named_alone(exercise, item) for item in exercise.known_mistakes() if (item.kind, item.rule) == of_kind):
        return True
    written = [item for item in exercise.mistakes_of_answers() if (item.kind, item.rule) == of_kind]
    return bool(written) and all(_is_named_alone(exercise, item) for item in written)


def _is_named_alone(exercise: Quiz, mistake: Mistake) -> bool:
    wrong = {blank.key: blank.under(mistake) for blank in exercise.blanks}
    given = exercise.key() | {name: number for name, number in wrong.items() if number is not None}
    if not all(map(math.isfinite, given.values())):
        return False
    causes = exercise.check(given).causes
    found = {(item.kind, item.rule or mistake.rule) for cause in causes for item in cause.mistakes}
    return len(causes) == 1 and found == {(mistake.kind, mistake.rule)}


def _verdict(blank: Blank, answer: Answer | None, causes: Sequence[Cause]) -> Verdict:
    if answer is None:
        return Verdict(blank, None, False)
    if answer.right:
        return Verdict(blank, answer.number, True, note=answer.allowed.note)
    mistakes = next((cause.mistakes for cause in causes if blank in cause.blanks), ())
    return Verdict(blank, answer.number, False, mistakes)


def _plain(verdict: Verdict) -> dict[str, Any]:
    if verdict.given is None:
        return {"verdict": "open"}
    if verdict.right:
        return {"verdict": "right"}
    return {"verdict": "wrong", "given": verdict.given, "mistakes": list(verdict.kinds)}
