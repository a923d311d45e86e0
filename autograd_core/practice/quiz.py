"""`quiz(value)`: an exercise on a graph. Wrong answers are diagnosed by making the classic mistakes on purpose."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from autograd_core.backward import adjoints
from autograd_core.practice.answers import DIGITS, agrees, read_answer, unknown_name
from autograd_core.practice.exercise import generated
from autograd_core.practice.handout import ROUNDS, given_number, handout
from autograd_core.practice.mistakes import Mistake, classic, slips
from autograd_core.practice.sweeps import Key
from autograd_core.practice.verdict import Blank, Result, Verdict, diagnosed, in_common
from autograd_core.show import chain_rule
from autograd_core.show.record import EdgeRecord, record
from autograd_core.show.view import Open, view
from autograd_core.value import Value

Ask = str | Sequence[str | Value] | None
GROUPS = {"gradients": "gradient", "partials": "partial", "contributions": "contribution"}
MIXED_UP = "answered another question"


class Quiz:
    """What `quiz` returns: it prints as the exercise, without any answer. blanks: what is asked for."""

    def __init__(self, value: Value, ask: Ask = None, tolerance: float | None = None, open: Open = ()) -> None:  # noqa: A002
        if tolerance is not None and not 0 <= tolerance < 1:
            raise ValueError(f"tolerance is a share of the answer, such as 0.01 for one percent, got {tolerance!r}.")
        self._seen = view(value, open)
        self._record = record(self._seen)
        self._edges: dict[Key, EdgeRecord] = {
            (edge.node, edge.operand): edge for step in self._record.sweeps[0].steps for edge in step.edges
        }
        reached = adjoints(value)
        self._adjoints = {box.name: reached[box.node] or 0.0 for box in self._seen.boxes if box.kind != "constant"}
        self._tolerance = tolerance
        self._attempts: list[Result] = []
        self.blanks = self._asked(ask)
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
        together = in_common(verdicts, self._classic, self._tolerance) if wrong else ()
        result = Result(verdicts, together, self._exact if answer else None)
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

    def __repr__(self) -> str:
        return self.to_text()

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
        asked = [blank.key for blank in self.blanks]
        return json.dumps({"output": self._record.output, "blanks": asked, "attempts": attempts}, ensure_ascii=False)

    def handout_data(self, rounds: int = ROUNDS) -> dict[str, Any]:
        """The exercise for a page that is handed out: answers and known mistakes only as salted hashes.

        Raises ValueError where the quiz has a tolerance of its own: rounded numbers can only be compared by digits.
        """
        if self._tolerance is not None:
            raise ValueError("a handed-out page compares three significant digits: make the quiz without tolerance=.")
        return handout(self._record, self.blanks, self._exact, [*self._classic, *self._mixed_up], rounds)

    # ------------------------------------------------------------------------------------------------- inner matters

    @cached_property
    def _classic(self) -> list[Mistake]:
        return classic(self._seen)

    @cached_property
    def _mixed_up(self) -> list[Mistake]:
        return list(self._confusions())

    @cached_property
    def _slips(self) -> list[Mistake]:
        return [*self._mixed_up, *slips(self._seen)]

    def _verdict(self, blank: Blank, given: float | None, exact: float) -> Verdict:
        if given is None or agrees(given, exact, self._tolerance):
            return Verdict(blank, given, given is not None)
        # A misconception made throughout comes before a slip in one place: with enough slips anything is explained.
        found = diagnosed(blank, given, exact, self._classic, self._tolerance)
        found = found or diagnosed(blank, given, exact, self._slips, self._tolerance)
        return Verdict(blank, given, False, found)

    def _read(self, answers: Mapping[str, Any]) -> dict[str, float]:
        spelled = {name: blank for name, blank in self._spellings().items() if blank in self.blanks}
        given: dict[str, float] = {}
        for name, answer in answers.items():
            if name not in spelled:
                raise unknown_name(name, [blank.key for blank in self.blanks], "blank")
            given[spelled[name].key] = read_answer(answer, name)
        return given

    def _asked(self, ask: Ask) -> tuple[Blank, ...]:
        spelled = self._spellings()
        if ask is None:
            labelled = [box for box in self._seen.leaves if box.node.label]
            ask = [box.name for box in labelled or self._seen.leaves]
        elif isinstance(ask, str) and ask in GROUPS and ask not in spelled:
            kind = GROUPS[ask]
            inputs = [box.name for box in self._seen.leaves]
            ask = [
                blank.key
                for blank in dict.fromkeys(spelled.values())
                if blank.kind == kind and (kind != "gradient" or blank.node in inputs)
            ]
        elif isinstance(ask, (str, Value)):
            ask = [ask]
        blanks = dict.fromkeys(self._blank(thing, spelled) for thing in ask)
        if not blanks:
            raise ValueError("there is nothing to ask for: no input of this value gets a gradient.")
        return tuple(blanks)

    def _blank(self, thing: str | Value, spelled: Mapping[str, Blank]) -> Blank:
        if isinstance(thing, Value):
            if thing not in self._seen.box_of or self._seen.box_of[thing].node is not thing:
                raise ValueError(
                    f"{thing!r} is no node of this exercise; ask for one that the value was computed from."
                )
            thing = self._seen.box_of[thing].name
        if thing not in spelled:
            raise unknown_name(thing, list(dict.fromkeys(blank.key for blank in spelled.values())), "number to ask for")
        return spelled[thing]

    def _spellings(self) -> dict[str, Blank]:
        """Every number that can be asked for, under all its names: x1; ∂c/∂a or c/a; c→a or c->a."""
        output = self._record.output
        pairs = [(edge.node, edge.source) for edge in self._edges.values()]
        spelled: dict[str, Blank] = {}
        for node in self._record.nodes:
            if node.name in self._adjoints:
                users = sum(source == node.name for _, source in pairs)
                prompt = chain_rule.total_derivative(output, node.name).text
                spelled[node.name] = Blank(node.name, "gradient", prompt, node.name, users=users)
        for edge in self._edges.values():
            nth = f" (input {edge.operand + 1})" if pairs.count((edge.node, edge.source)) > 1 else ""
            partial = chain_rule.partial_derivative(edge.node, edge.source).text + nth
            contribution = f"{edge.node}→{edge.source}{nth}"
            place = (edge.node, edge.operand)
            blank = Blank(partial, "partial", partial, *place)
            sent = Blank(contribution, "contribution", f"contribution {contribution}", *place)
            for name, one in (
                (partial, blank),
                (f"{edge.node}/{edge.source}{nth}", blank),
                (contribution, sent),
                (f"{edge.node}->{edge.source}{nth}", sent),
            ):
                spelled.setdefault(name, one)
        return spelled

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
                whole = {key: self._adjoints[edge.source]}
                yield Mistake(MIXED_UP, told, hint, (edge.source,), (key,), {}, whole, {})

    def _lines(self) -> Iterator[str]:
        yield "Forward trace"
        rows = [
            (node.name, node.expression.text or node.kind, given_number(node.value, not node.operation))
            for node in self._record.nodes
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for name, operation, number in rows:
            yield f"  {name:<{widths[0]}}  {operation:<{widths[1]}}  {number:>{widths[2]}}"
        formulas = {node.expression.text: node.textbook.text for node in self._record.nodes if node.textbook}
        for expression, formula in formulas.items():
            yield f"  {expression} stands for {formula}"
        yield ""
        precision = f"{DIGITS} significant digits" if self._tolerance is None else f"within {self._tolerance:.3g} of it"
        yield f"Fill in ({precision}):"
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
        return Quiz(generated(seed, level))


quiz = QuizMaker()
