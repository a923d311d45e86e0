"""Cloze fields as Moodle reads them, by docs.moodle.org "Embedded Answers (Cloze) question type" and its importer.

A field is {weight:NUMERICAL:alternatives}. Alternatives are parted by ~; each is = (right) or %n% (worth n percent), a
number, a colon and its tolerance, and after # the feedback, whose entities become letters before it is read as HTML. A
backslash before ~, # or } keeps the letter. The first alternative whose tolerance contains an answer counts.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

FIELD = re.compile(r"\{(\d*):(NUMERICAL|NM|MULTICHOICE|MC|SHORTANSWER|SA|MW)\w*:(.*?)(?<!\\)\}", re.DOTALL)
ALTERNATIVE = re.compile(r"(=|%(-?\d+)%)?([^~#}]+)(?:#((?:\\[~#}]|[^~}])*))?")
NUMBER = r"-?(?:\d+[.,]?\d*|[.,]\d+)(?:[eE][-+]?\d+)?"


@dataclass(frozen=True)
class Alternative:
    fraction: float
    number: float
    tolerance: float
    feedback: str  # as HTML

    def contains(self, answer: float) -> bool:
        """By question/type/numerical: the tolerance, and a little for rounding."""
        reach = self.tolerance + 1e-14 * max(1.0, abs(self.number))
        return self.number - reach <= answer <= self.number + reach


def read_fields(text: str) -> list[list[Alternative]]:
    """The fields of a question text; AssertionError where Moodle would report an error."""
    fields = []
    for weight, kind, alternatives in FIELD.findall(text):
        assert (weight, kind) == ("1", "NUMERICAL")
        fields.append([read_alternative(part) for part in re.split(r"(?<!\\)~", alternatives)])
        assert max(alternative.fraction for alternative in fields[-1]) == 1.0  # validate_question asks for one
    return fields


def read_alternative(text: str) -> Alternative:
    found = ALTERNATIVE.fullmatch(text)
    assert found, text
    numbers = re.fullmatch(f"({NUMBER})(?::({NUMBER}))?", found[3])
    assert numbers, found[3]
    fraction = 1.0 if found[1] == "=" else float(found[2] or 0) / 100
    return Alternative(fraction, float(numbers[1]), float(numbers[2] or 0), html.unescape(found[4] or ""))


def mark(alternatives: list[Alternative], answer: float) -> tuple[float, str]:
    """The marks of an answer, and what is said about it."""
    first = next((alternative for alternative in alternatives if alternative.contains(answer)), None)
    return (first.fraction, first.feedback) if first else (0.0, "")
