"""`quiz(value)`: an exercise on a graph. Wrong answers are diagnosed by making the classic mistakes on purpose."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from autograd_core.engine.backward import adjoints
from autograd_core.engine.value import Value
from autograd_core.errors import DrawingError
from autograd_core.graph.boxes import view
from autograd_core.graph.closed_scopes import Open
from autograd_core.mistakes.answers import agrees, precision, read_answer, unknown_name
from autograd_core.mistakes.misconceptions import classic_mistakes
from autograd_core.mistakes.mistakes import Mistake
from autograd_core.mistakes.single_edge_mistakes import single_edge_mistakes
from autograd_core.mistakes.student_sweeps import EdgeKey
from autograd_core.practice.quiz.answer_hashes import handout, written_value
from autograd_core.practice.quiz.generate import generate_exercise
from autograd_core.practice.quiz.page import notebook_output, page
from autograd_core.practice.quiz.questions import Ask, asked, spellings
from autograd_core.practice.quiz.verdict import Blank, Result, Verdict, common_mistakes, diagnose, sort_by_agreement
from autograd_core.show.page.saved_files import save_page
from autograd_core.show.record.record import EdgeRecord, record

MIXED_UP = "answered another question"


class Quiz:
    """What `quiz` returns: it prints as the exercise, without any answer, and a notebook shows it as a page to fill in.

    blanks: what is asked for; variant: whose exercise this is, "" where it is everyone's.
    """

    def __init__(
        self,
        value: Value,
        ask: Ask = None,
        tolerance: float | None = None,
        open: Open = (),  # noqa: A002
        variant: str = "",
    ) -> None:
        if tolerance is not None and not 0 <= tolerance < 1:
            raise ValueError(f"tolerance is a share of the answer, such as 0.01 for one percent, got {tolerance!r}.")
        self._seen = view(value, open)
        self._record = record(self._seen)
        self._edges: dict[EdgeKey, EdgeRecord] = {
            (edge.node, edge.operand): edge for step in self._record.sweeps[0].steps for edge in step.edges
        }
        reached = adjoints(value)
        self._adjoints = {box.name: reached[box.node] or 0.0 for box in self._seen.boxes if box.kind != "constant"}
        self._tolerance = tolerance
        self._attempts: list[Result] = []
        self.variant = variant
        self._spelled = spellings(self._record, self._edges.values(), self._adjoints)
        self.blanks = asked(ask, self._seen, self._spelled)
        self._exact = tuple(map(self._answer, self.blanks))

    # ------------------------------------------------------------------------------------------ the student's side

    def check(self, answers: Mapping[str, Any] | None = None, /, *, answer: bool = False, **named: Any) -> Result:
        """The verdicts on `answers` (by the blanks' keys, or as x1=5.5), with a diagnosis where one is wrong.

        A number is right to three significant digits, or within the quiz's tolerance. With `answer`, the right numbers
        are shown too. Raises ValueError for a name that is not asked for, `NumberError` for what is no number.

        >>> x = Value(3.0, label="x")
        >>> Quiz(x * x).check(x=6).passed
        True
        """
        given = self._read({**(answers or {}), **named})
        verdicts = tuple(
            self._verdict(blank, given.get(blank.key), exact)
            for blank, exact in zip(self.blanks, self._exact, strict=True)
        )
        wrong = any(verdict.given is not None and not verdict.right for verdict in verdicts)
        together = common_mistakes(verdicts, self._classic, self._tolerance) if wrong else ()
        result = Result(sort_by_agreement(verdicts, self._tolerance), together, self._exact if answer else None)
        self._attempts.append(result)
        return result

    def require(self, answers: Mapping[str, Any] | None = None, /, **named: Any) -> None:
        """Raise AssertionError, with the diagnosis, unless every blank is answered rightly: for autograders."""
        result = self.check(answers, **named)
        if not result.passed:
            raise AssertionError(f"not all answers are right.\n{result!r}")

    def to_text(self) -> str:
        """The exercise: the forward trace, and what is to be filled in."""
        return "\n".join(self._lines())

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The exercise as one HTML document that needs no network; written to `path` if one is given.

        It checks answers and tells classic mistakes by itself, from salted hashes. The file appears whole or not at
        all. Raises `DrawingError` for more boxes than can be drawn on a page, ValueError as `handout_data` does,
        OSError where the file cannot be written.
        """
        return save_page(page(self._record, self._seen, self.blanks, self._handout, self.variant), path)

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What a notebook shows. Nothing raised here may break it, so what fails is left out."""
        bundle: dict[str, Any] = {"text/plain": self.to_text()}
        try:
            bundle["text/html"] = notebook_output(
                self._record, self._seen, self.blanks, self._handout, self.variant, self._example()
            )
        except (DrawingError, ValueError) as reason:
            bundle["text/plain"] += f"\nNo page: {reason}"
        except Exception as problem:
            bundle["text/plain"] += f"\nNo page, by a fault of ours: {problem!r}"
        return bundle

    # ------------------------------------------------------------------------------------------ the teacher's side

    def key(self) -> dict[str, float]:
        """The answers, in full precision."""
        return {blank.key: exact for blank, exact in zip(self.blanks, self._exact, strict=True)}

    def to_json(self) -> str:
        """All attempts as JSON: verdicts, kinds of mistake, wrong numbers; no answers, right ones included."""
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
        """The exercise for a page that is handed out: answers and known mistakes only as salted hashes.

        rounds: of each hash (PBKDF2); without it as many as time allows, at most 20,000. Raises ValueError where the
        quiz has a tolerance below half a percent: rounded numbers cannot tell it.
        """
        mistakes = [self._classic, self._mixed_up]
        return handout(self._record, self.blanks, self._exact, mistakes, rounds, self._tolerance)

    # ------------------------------------------------------------------------------------------------- inner matters

    @cached_property
    def _handout(self) -> dict[str, Any]:
        return self.handout_data()

    @cached_property
    def _classic(self) -> list[Mistake]:
        return classic_mistakes(self._seen)

    @cached_property
    def _mixed_up(self) -> list[Mistake]:
        return list(self._confusions())

    @cached_property
    def _slips(self) -> list[Mistake]:
        return [*self._mixed_up, *single_edge_mistakes(self._seen)]

    def _verdict(self, blank: Blank, given: float | None, exact: float) -> Verdict:
        if given is None or agrees(given, exact, self._tolerance):
            return Verdict(blank, given, given is not None)
        # A misconception made throughout comes before a slip in one place: with enough slips anything is explained.
        found = diagnose(blank, given, exact, self._classic, self._tolerance)
        found = found or diagnose(blank, given, exact, self._slips, self._tolerance)
        return Verdict(blank, given, False, found)

    def _read(self, answers: Mapping[str, Any]) -> dict[str, float]:
        spelled = {name: blank for name, blank in self._spelled.items() if blank in self.blanks}
        given: dict[str, float] = {}
        for name, answer in answers.items():
            if name not in spelled:
                raise unknown_name(name, [blank.key for blank in self.blanks], "blank")
            given[spelled[name].key] = read_answer(answer, name)
        return given

    def _answer(self, blank: Blank) -> float:
        if blank.kind == "gradient":
            exact = self._adjoints[blank.node]
        else:
            edge = self._edges[blank.node, blank.operand]
            exact = (edge.partial if blank.kind == "partial" else edge.contribution) or 0.0
        if not math.isfinite(exact):
            raise ValueError(f"{blank.prompt} is {exact!r} here, which nobody can fill in. Choose other inputs.")
        return exact

    def _confusions(self) -> Iterator[Mistake]:
        """Right numbers, but of something else."""
        for node in self._record.nodes:
            told = f"that is the value of {node.name}, not its gradient"
            hint = "the value was computed forward; the gradient comes back from the output."
            yield Mistake(MIXED_UP, told, hint, (node.name,), (), {node.name: node.value}, {}, {})
        for key, edge in self._edges.items():
            if edge.contribution is not None:
                told = f"that is the contribution of {edge.node} to {edge.source}, not the partial"
                hint = "the partial knows nothing of what comes after this operation."
                yield Mistake(MIXED_UP, told, hint, (), (key,), {}, {}, {key: edge.contribution})
                told = f"that is the whole gradient of {edge.source}, not what {edge.node} contributes to it"
                hint = "one contribution travels one edge; the sum of all is the gradient."
                if edge.source in self._adjoints:  # a constant has none
                    whole = {key: self._adjoints[edge.source]}
                    yield Mistake(MIXED_UP, told, hint, (edge.source,), (key,), {}, whole, {})

    def _lines(self) -> Iterator[str]:
        if self.variant:
            yield f"Exercise for {self.variant}"
            yield ""
        yield "Forward trace"
        rows = [
            (node.name, node.expression.text or node.kind, written_value(node.value, not node.operation))
            for node in self._record.nodes
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for name, operation, number in rows:
            yield f"  {name:<{widths[0]}}  {operation:<{widths[1]}}  {number:>{widths[2]}}"
        formulas = {node.expression.text: node.textbook.text for node in self._record.nodes if node.textbook}
        for expression, formula in formulas.items():
            yield f"  {expression} stands for {formula}"
        yield ""
        yield f"Fill in ({precision(self._tolerance)}):"
        yield from (f"  {blank.prompt} = ____" for blank in self.blanks)
        yield ""
        yield f"Answer with quiz.check({self._example()})."

    def _example(self) -> str:
        if all(blank.key.isidentifier() for blank in self.blanks):
            return ", ".join(f"{blank.key}=..." for blank in self.blanks)
        return "{" + ", ".join(f"{blank.key!r}: ..." for blank in self.blanks) + "}"


def _plain(verdict: Verdict) -> dict[str, Any]:
    if verdict.given is None:
        return {"verdict": "open"}
    if verdict.right:
        return {"verdict": "right"}
    return {"verdict": "wrong", "given": verdict.given, "mistakes": list(verdict.kinds)}


class QuizMaker:
    """Make an exercise of a graph: `quiz(loss)` asks for its gradients, `quiz.generate(seed=7)` makes up a graph too.

    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> quiz(a * b).check(a=2).verdicts[0].kinds
    ('swapped the factors of a product',)
    """

    def __call__(
        self,
        value: Value,
        ask: Ask = None,
        tolerance: float | None = None,
        open: Open = (),  # noqa: A002
    ) -> Quiz:
        """The exercise on the graph of `value`.

        ask: names of nodes (their gradients), "c/a" for a partial, "c->a" for a contribution, or one of "gradients",
        "partials", "contributions"; without it, the gradient of every labelled input. tolerance: relative, in the
        place of three significant digits. open: compositions to be shown as primitives. Raises TypeError for what is
        no Value, ValueError for a name that is not there.
        """
        if not isinstance(value, Value):
            raise TypeError(
                f"quiz needs the Value to be asked about, got {type(value).__name__}. Build it from Values."
            )
        return Quiz(value, ask, tolerance, open)

    def generate(self, seed: int | str = 0, level: int = 1) -> Quiz:
        """An exercise made up: the same for the same seed (a number or a name) and level everywhere.

        Level 1 has sums and products, level 2 shared nodes between, level 3 a function. No two kinds of mistake that
        can be made on it give the same number. Raises ValueError for another level.

        >>> quiz.generate(seed=1, level=2).key() == quiz.generate(seed=1, level=2).key()
        True
        """
        return Quiz(generate_exercise(seed, level), variant=f"{seed}, level {level}")


quiz = QuizMaker()
