"""`quiz(value)`: an exercise on a graph. The classic mistakes are simulated to diagnose wrong answers."""

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
from autograd_core.practice.quiz.diagnosis import Answer, Cause, cut_off, exchanged_answers, find_causes, rounded_answer
from autograd_core.practice.quiz.exercise_text import example_arguments, exercise_parts
from autograd_core.practice.quiz.follow_up import Drill, drills, is_finite
from autograd_core.practice.quiz.generate import generate_exercise
from autograd_core.practice.quiz.page import notebook_output, quiz_page
from autograd_core.practice.quiz.questions import Ask, blanks_by_name, select_blanks
from autograd_core.practice.quiz.verdict import Result, Verdict
from autograd_core.show.page.saved_files import save_page
from autograd_core.show.record.record import EdgeRecord, record

_ASKED_FIRST = ("partial", "gradient", "contribution", "update")  # to part mistakes: what is easiest to tell


class Quiz:
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
        'to isolate: wrong derivative of a function'
        """
        drill = self.next_drill()
        if drill is None:
            return None
        return Quiz(drill.build(), variant=f"to isolate: {self._attempts[-1].causes[0].kinds[0]}")

    def next_drill(self) -> Drill | None:
        """The expression and the numbers of `follow_up`."""
        causes = self._attempts[-1].causes if self._attempts else ()
        if not causes:
            return None
        suspected = causes[0].mistakes[0]
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
        rounded = [
            rounded_answer(blank, number) for blank in self.blanks for number in cut_off(self._allowed[blank].exact)
        ]
        mistakes = [rounded, *self._mistakes[:2]]
        return exercise_data(self._record, self.blanks, allowed, mistakes, rounds, self._tolerance)

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

    def _find_causes(self, answers: list[Answer]) -> tuple[Cause, ...]:
        if all(answer.right for answer in answers):
            return ()
        misconceptions, others, slips = self._mistakes
        stages = [misconceptions, [*exchanged_answers(answers), *others], slips]
        blanks = sorted(dict.fromkeys(self._by_name.values()), key=lambda blank: _ASKED_FIRST.index(blank.kind))
        return find_causes(answers, stages, blanks, lambda blank: self._allow(blank).exact)

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
    output = drill.build()
    if not is_finite(view(output)):
        return False
    exercise = Quiz(output)
    for mistake in (mistake for several in exercise._mistakes for mistake in several):
        if (mistake.kind, mistake.rule) == (suspected.kind, suspected.rule):
            sheet = {blank.key: blank.under(mistake) for blank in exercise.blanks}
            given = exercise.key() | {name: number for name, number in sheet.items() if number is not None}
            if all(map(math.isfinite, given.values())):
                causes = exercise.check(given).causes
                found = [item for cause in causes for item in cause.mistakes]
                if len(causes) == 1 and {(item.kind, item.rule or suspected.rule) for item in found} == {
                    (suspected.kind, suspected.rule)
                }:
                    return True
    return False


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


class QuizMaker:
    """Exercises: `quiz(loss)` asks for the gradients of a graph, `quiz.generate(seed=7)` generates the graph, too.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> quiz(a * b).check(a=2).verdicts[0].kinds
    ('swapped the factors of a product', 'answered another question')
    """

    def __call__(
        self,
        value: Value,
        ask: Ask = None,
        tolerance: float | None = None,
        open: Open = (),  # noqa: A002
        rate: float | None = None,
    ) -> Quiz:
        """The exercise on the graph of `value`.

        ask: names of nodes (their gradients), "c/a" for a partial, "c->a" for a contribution, or one of "gradients",
        "partials", "contributions"; without it, the gradient of every labelled input. tolerance: relative, instead of
        three significant digits. open: compositions to show as primitives. rate: a learning rate, with which inputs
        after a step of gradient descent can be asked for, too, such as "w_new". Raises TypeError for anything but a
        Value, ValueError for an unknown name, and where a number on the way to those asked for is not finite.
        """
        if not isinstance(value, Value):
            raise TypeError(f"quiz needs a Value to ask about, got {type(value).__name__}. Build it from Values.")
        return Quiz(value, ask, tolerance, open, rate=rate)

    def generate(self, seed: int | str = 0, level: int = 1) -> Quiz:
        """A generated exercise, the same everywhere for the same seed (a number or a name) and level.

        Level 1 has sums and products, 2 a logistic unit, 3 two gates, 4 shared weights, 5 a softmax, 6 a layer of two
        and a step of gradient descent. All exercises of a level are equally difficult: they have the same operations
        and as many blanks, and differ in their wiring and numbers. Raises ValueError for any other level.

        >>> quiz.generate(seed=1, level=2).key() == quiz.generate(seed=1, level=2).key()
        True
        """
        output, ask, rate = generate_exercise(seed, level)
        return Quiz(output, ask, variant=f"{visible_text(str(seed))}, level {level}", rate=rate)


quiz = QuizMaker()
