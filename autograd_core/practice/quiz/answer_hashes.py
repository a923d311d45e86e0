"""The data of a page to hand out: answers and known mistakes only as salted hashes of rounded numbers.

The hashes hide the answers from a reader of the page, not from a search: there are few numbers of three digits.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Sequence
from typing import Any

from autograd_core.mistakes.answers import COARSE, DIGITS, rounding, roundings
from autograd_core.mistakes.mistakes import Mistake
from autograd_core.practice.quiz.verdict import Blank, general_hint
from autograd_core.show.record.record import Record

ROUNDS, FEWEST_ROUNDS = 20_000, 1000
MOST_ROUNDS = 3_000_000  # of a whole page, so that a large exercise takes seconds, too
NOTE = (
    "The answers in this page are salted hashes of rounded numbers. A reader cannot see them, but a program can try "
    "all numbers. The full diagnosis runs in Python."
)


def hash_number(number: str, salt: str, rounds: int = ROUNDS) -> str:
    """PBKDF2-HMAC-SHA256 of a rounded number, in hexadecimal."""
    return hashlib.pbkdf2_hmac("sha256", number.encode(), bytes.fromhex(salt), rounds).hex()


def exercise_data(
    record: Record,
    blanks: Sequence[Blank],
    exact: Sequence[float],
    mistakes: Sequence[Sequence[Mistake]],
    rounds: int | None = None,
    tolerance: float | None = None,
) -> dict[str, Any]:
    """The exercise as plain data for a page, without its answers.

    mistakes: lists of mistakes; where several lists explain a number, the first one counts. rounds: of each hash;
    without it as many as time allows.
    """
    if tolerance is not None and tolerance < COARSE:
        raise ValueError(
            f"a page compares numbers rounded to {DIGITS} digits, and so cannot check a tolerance of {tolerance:g}. "
            f"Use a tolerance of {COARSE} or more, or none."
        )
    right = [roundings(number, tolerance) for number in exact]
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
    known = [_known_mistakes(blank, forms, mistakes) for blank, forms in zip(blanks, right, strict=True)]
    if rounds is None:
        rounds = max(FEWEST_ROUNDS, min(ROUNDS, MOST_ROUNDS // sum(map(len, [*known, *right]))))
    blanks_data = [
        _blank(blank, forms, wrong, identity, rounds) for blank, forms, wrong in zip(blanks, right, known, strict=True)
    ]
    method = {
        "hash": "PBKDF2-HMAC-SHA256",
        "rounds": rounds,
        "rounding": "as toExponential(2) writes it, without the plus sign of the exponent; up to 1e-12 as 0",
    }
    return {
        "output": record.output,
        "nodes": nodes,
        "blanks": blanks_data,
        "method": method,
        "note": NOTE,
        "tolerance": tolerance,
    }


def written_value(number: float, is_leaf: bool) -> str:
    """A number in the exercise: an input in full, a computed one to six digits, enough to continue with."""
    return f"{number:.12g}" if is_leaf else f"{number:.6g}"


KnownMistakes = dict[str, dict[str, Mistake]]  # by rounded number, then by kind


def _known_mistakes(blank: Blank, right: Collection[str], mistakes: Sequence[Sequence[Mistake]]) -> KnownMistakes:
    """The mistakes behind each wrong number, as `Quiz.check` finds them."""
    known: KnownMistakes = {}
    for several in mistakes:
        found: KnownMistakes = {}
        for mistake in several:
            number = blank.under(mistake)
            if number is not None and math.isfinite(number) and rounding(number) not in right:
                for form in roundings(number):
                    if form not in right:
                        found.setdefault(form, {}).setdefault(mistake.kind, mistake)
        known = {**found, **known}
    return known


def _blank(blank: Blank, right: Collection[str], known: KnownMistakes, identity: str, rounds: int) -> dict[str, Any]:
    salt = hashlib.sha256(f"{identity}{blank.key}".encode()).hexdigest()[:32]
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
                    "candidates": [
                        {"kind": mistake.kind, "sentence": mistake.sentence, "hint": mistake.hint}
                        for mistake in kinds.values()
                    ],
                }
                for number, kinds in known.items()
            ),
            key=lambda entry: str(entry["hash"]),
        ),
    }
