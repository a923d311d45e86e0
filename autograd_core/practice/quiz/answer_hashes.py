"""The data of a page to hand out: answers and known mistakes only as salted hashes of rounded numbers.

The hashes hide the answers from a reader of the page, not from a search: there are few numbers of three digits.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from autograd_core.formulas.notation import number_text
from autograd_core.graph.kinks import kinks_in_words
from autograd_core.mistakes.answers import COARSE, DIGITS, covering_prefixes, prefixes, rounding, roundings
from autograd_core.mistakes.mistakes import Mistake
from autograd_core.practice.quiz.allowed_answers import AllowedAnswers
from autograd_core.practice.quiz.blanks import Blank
from autograd_core.practice.quiz.verdict import general_hint
from autograd_core.show.record.record import Record

ROUNDS, FEWEST_ROUNDS = 20_000, 1000
BYTES = 8  # of each hash: two of the few thousand numbers of three digits hardly ever share one
MOST_ROUNDS = 3_000_000  # of a whole page, so that a large exercise takes seconds, too
NOTE = (
    "For practice, not for marks: the answers in this page are salted hashes of rounded numbers. A reader cannot see "
    "them, but a program can try all numbers. The full diagnosis runs in Python."
)


def hash_number(number: str, salt: str, rounds: int = ROUNDS) -> str:
    """PBKDF2-HMAC-SHA256 of a rounded number: its first bytes, in hexadecimal."""
    return hashlib.pbkdf2_hmac("sha256", number.encode(), bytes.fromhex(salt), rounds, BYTES).hex()


def exercise_data(
    record: Record,
    blanks: Sequence[Blank],
    allowed: Sequence[AllowedAnswers],
    mistakes: Sequence[Sequence[Mistake]],
    rounds: int | None = None,
    tolerance: float | None = None,
    ask: Callable[[Sequence[Mistake]], tuple[Blank, float] | None] = lambda mistakes: None,
) -> dict[str, Any]:
    """The exercise as plain data for a page, without its answers.

    mistakes: lists of mistakes; where several lists explain a number, the first one counts. rounds: of each hash;
    without it as many as time allows. ask: the number that parts several mistakes, and the right one.
    """
    if tolerance is not None and tolerance < COARSE:
        raise ValueError(
            f"a page compares numbers rounded to {DIGITS} digits, and so cannot check a tolerance of {tolerance:g}. "
            f"Use a tolerance of {COARSE} or more, or none."
        )
    right = [roundings(answers.exact, tolerance) for answers in allowed]
    sides = [prefixes_of_sides(answers, tolerance) for answers in allowed]
    nodes = [
        {
            "name": node.name,
            "kind": node.kind,
            "operation": node.operation,
            "expression": node.expression.text,
            "latex": node.expression.latex,
            "textbook": node.textbook.text,
            "value": written_value(node.value, node.operation == ""),
        }
        for node in record.nodes
    ]
    identity = repr([nodes, [blank.key for blank in blanks]])
    known = [
        known_mistakes(blank, {*forms, *between}, mistakes)
        for blank, forms, between in zip(blanks, right, sides, strict=True)
    ]
    questions = _Questions(ask)
    parted = [{form: questions.about(several) for form, several in wrong.items()} for wrong in known]
    if rounds is None:
        count = sum(map(len, [*known, *right, *sides])) + questions.count
        rounds = max(FEWEST_ROUNDS, min(ROUNDS, MOST_ROUNDS // count))
    behind = dict.fromkeys(mistake for wrong in known for several in wrong.values() for mistake in several)
    numbers = {mistake: number for number, mistake in enumerate(behind)}
    blanks_data = [
        _blank(blank, forms, wrong, asked, numbers, identity, rounds) | _kink(blank, answers, between, identity, rounds)
        for blank, answers, forms, between, wrong, asked in zip(
            blanks, allowed, right, sides, known, parted, strict=True
        )
    ]
    method = {
        "hash": "PBKDF2-HMAC-SHA256",
        "bytes": BYTES,
        "rounds": rounds,
        "rounding": "as toExponential(2) writes it, without the plus sign of the exponent; up to 1e-12 as 0",
    }
    return {
        "output": record.output,
        "nodes": nodes,
        "blanks": blanks_data,
        "mistakes": [{"kind": mistake.kind, "sentence": mistake.sentence, "hint": mistake.hint} for mistake in numbers],
        "questions": questions.data(numbers, identity, rounds),
        "method": method,
        "note": NOTE,
        "tolerance": tolerance,
    }


def written_value(number: float, is_leaf: bool) -> str:
    """A number in the exercise: an input in full, a computed one to six digits, enough to continue with."""
    return number_text(number, 12 if is_leaf else 6)


KnownMistakes = dict[str, list[Mistake]]  # by rounded number


def prefixes_of_sides(answers: AllowedAnswers, tolerance: float | None) -> tuple[str, ...]:
    """The prefixes of all right answers at a kink; none elsewhere."""
    if not answers.is_choice:
        return ()
    ends = [form for end in (answers.low, answers.high) for form in roundings(end, tolerance)]
    return tuple(dict.fromkeys([*covering_prefixes(answers.low, answers.high), *ends]))


def known_mistakes(blank: Blank, right: set[str], mistakes: Sequence[Sequence[Mistake]]) -> KnownMistakes:
    """The mistakes behind each wrong number, as `Quiz.check` finds them; those of the first lists come first.

    right: the rounded forms of the right answers. mistakes: lists, of which the first that explains a number counts.
    """
    known: KnownMistakes = {}
    for several in mistakes:
        found: KnownMistakes = {}
        for mistake in several:
            number = blank.under(mistake)
            if number is not None and math.isfinite(number) and right.isdisjoint(prefixes(rounding(number))):
                for form in roundings(number):
                    if right.isdisjoint(prefixes(form)):
                        found.setdefault(form, []).append(mistake)
        known |= {form: behind for form, behind in found.items() if form not in known}
    return known


def _blank(
    blank: Blank,
    right: Collection[str],
    known: KnownMistakes,
    asked: Mapping[str, int | None],
    numbers: Mapping[Mistake, int],
    identity: str,
    rounds: int,
) -> dict[str, Any]:
    salt = _salt(blank, identity)
    return {
        "key": blank.key,
        "kind": blank.kind,
        "prompt": blank.prompt,
        "hint": general_hint(blank),
        "salt": salt,
        "answers": sorted(hash_number(number, salt, rounds) for number in right),
        "mistakes": sorted(
            (
                {
                    "hash": hash_number(number, salt, rounds),
                    "candidates": [numbers[mistake] for mistake in several],
                    "question": asked[number],
                }
                for number, several in known.items()
            ),
            key=lambda entry: str(entry["hash"]),
        ),
    }


class _Questions:
    """The numbers that part mistakes, each asked for once: for every mistake, what it gives there."""

    def __init__(self, ask: Callable[[Sequence[Mistake]], tuple[Blank, float] | None]) -> None:
        self._ask = ask
        self._numbers: dict[Blank, dict[str, dict[Mistake, None]]] = {}

    def about(self, mistakes: Sequence[Mistake]) -> int | None:
        """The place of the question that parts these mistakes; None where one kind is left, or no number parts them."""
        question = self._ask(mistakes)
        if question is None:
            return None
        blank, exact = question
        numbers = self._numbers.setdefault(blank, {})
        for mistake in mistakes:
            number = blank.under(mistake)
            for form in roundings(exact if number is None else number):
                numbers.setdefault(form, {})[mistake] = None
        return list(self._numbers).index(blank)

    @property
    def count(self) -> int:
        """How many hashes they take."""
        return sum(map(len, self._numbers.values()))

    def data(self, places: Mapping[Mistake, int], identity: str, rounds: int) -> list[dict[str, Any]]:
        """Each question with its salt, and by the hash of an answer the mistakes that give it."""
        return [
            {
                "key": blank.key,
                "prompt": blank.prompt,
                "salt": (salt := _salt(blank, identity)),
                "mistakes": dict(
                    sorted(
                        (hash_number(form, salt, rounds), [places[mistake] for mistake in several])
                        for form, several in numbers.items()
                    )
                ),
            }
            for blank, numbers in self._numbers.items()
        ]


def _kink(
    blank: Blank, answers: AllowedAnswers, sides: Collection[str], identity: str, rounds: int
) -> dict[str, dict[str, Any]]:
    """For a blank at a kink: where the kink is, and the hashes of the prefixes of all right answers."""
    if not sides:
        return {}
    salt = _salt(blank, identity)
    hashes = sorted(hash_number(form, salt, rounds) for form in sides)
    return {"kink": {"where": kinks_in_words(answers.kinks), "sides": hashes}}


def _salt(blank: Blank, identity: str) -> str:
    return hashlib.sha256(f"{identity}{blank.key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
