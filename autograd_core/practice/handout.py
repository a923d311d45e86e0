"""What a handed-out page may hold of an exercise: answers and known mistakes as salted hashes of rounded numbers.

This keeps answers from being read, not from being searched for: there are only so many numbers of three digits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from autograd_core.practice.answers import agrees, rounded, roundings
from autograd_core.practice.mistakes import Mistake
from autograd_core.practice.verdict import Blank, general_hint
from autograd_core.show.record import Record

ROUNDS = 20_000
NOTE = (
    "The answers in this page are salted hashes of rounded numbers. That hinders reading them, it does not hinder "
    "trying all numbers. The full diagnosis runs in Python."
)


def hashed(number: str, salt: str, rounds: int = ROUNDS) -> str:
    """PBKDF2-HMAC-SHA256 of a rounded number, in hexadecimal."""
    return hashlib.pbkdf2_hmac("sha256", number.encode(), bytes.fromhex(salt), rounds).hex()


def handout(
    record: Record, blanks: Sequence[Blank], exact: Sequence[float], mistakes: Sequence[Mistake], rounds: int
) -> dict[str, Any]:
    """The exercise as plain data for a page, without any of its answers."""
    nodes = [
        {
            "name": node.name,
            "kind": node.kind,
            "operation": node.operation,
            "expression": node.expression.text,
            "latex": node.expression.latex,
            "textbook": node.textbook.text,
            "value": given_number(node.value, node.operation == ""),
        }
        for node in record.nodes
    ]
    identity = repr([nodes, [blank.key for blank in blanks]])
    asked = [_blank(*pair, mistakes, identity, rounds) for pair in zip(blanks, exact, strict=True)]
    method = {
        "hash": "PBKDF2-HMAC-SHA256",
        "rounds": rounds,
        "rounding": "as toExponential(2) writes it, without the plus sign of the exponent; zero as 0",
    }
    return {"output": record.output, "nodes": nodes, "blanks": asked, "method": method, "note": NOTE}


def given_number(number: float, is_leaf: bool) -> str:
    """A number of the exercise: an input as it is, a computed one to six digits, to be gone on with."""
    return f"{number:.12g}" if is_leaf else f"{number:.6g}"


def _blank(blank: Blank, exact: float, mistakes: Sequence[Mistake], identity: str, rounds: int) -> dict[str, Any]:
    salt = hashlib.sha256(f"{identity}{blank.key}".encode()).hexdigest()[:32]
    known: dict[str, dict[str, Mistake]] = {}
    for mistake in mistakes:
        number = blank.under(mistake)
        if number is not None and abs(number) < float("inf") and not agrees(number, exact):
            known.setdefault(rounded(number), {}).setdefault(mistake.kind, mistake)
    right = roundings(exact)
    return {
        "key": blank.key,
        "kind": blank.kind,
        "prompt": blank.prompt,
        "hint": general_hint(blank),
        "salt": salt,
        "answers": [hashed(number, salt, rounds) for number in right],
        "mistakes": sorted(
            (
                {
                    "hash": hashed(number, salt, rounds),
                    "candidates": [
                        {"kind": one.kind, "sentence": one.sentence, "hint": one.hint} for one in kinds.values()
                    ],
                }
                for number, kinds in known.items()
                if number not in right
            ),
            key=lambda one: str(one["hash"]),
        ),
    }
