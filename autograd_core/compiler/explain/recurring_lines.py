"""The lines of a loop, written once: for t = 2..20, h(t) = tanh(z(t))."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograd_core.compiler.explain.written_lines import WrittenLine, WrittenLines

Line = tuple[str, str, str]  # a formula, its size, its registers


class TurnNumbers:
    """Numbers the turns of loops. numbering: {the number of the first line of a loop: its first turn, and the step to
    the next turn}."""

    def __init__(self) -> None:
        self.numbering: dict[int, tuple[int, int]] = {}
        self._of_lines: dict[int, int] = {}

    def of(self, line: WrittenLine, written: WrittenLines) -> tuple[object, int] | None:
        """(a key for the names of a line in all turns of its loop, the number of its turn); None outside of loops.

        The turns are numbered as those of the loop whose results they read, so that the way back goes from the last to
        the first; else from 1, or from 2 where the loop goes on from a line before it.
        """
        if line.turn is None:
            return None
        loop, turn, place = line.turn
        key = written.lines[loop.start].number
        if key not in self.numbering:
            two_turns = zip(written.turn(loop, 0), written.turn(loop, 1), strict=True)
            read = [pair for one, two in two_turns for pair in zip(one.sources, two.sources, strict=True)]
            numbers = [(self._of_lines.get(a, 0), self._of_lines.get(b, 0)) for a, b in read]
            follows = [(a, b - a) for a, b in numbers if a and b and abs(b - a) == 1]
            self.numbering[key] = follows[0] if follows else (1 + (turn < 0), 1)
        first, direction = self.numbering[key]
        number = self._of_lines[line.number] = first + direction * turn
        return (key, place), number


_INDEX = re.compile(r"(?<=[\w)])[(\[][\d:, ]+[)\]]")  # the numbers that may change from turn to turn: h(2)[0:3]
_DIGITS = re.compile(r"\d+")


def in_turn_t(first_turn: Sequence[Line], second_turn: Sequence[Line], first: int, direction: int) -> list[Line]:
    """The lines of any turn, from those of the first two. first: the number of the first turn. direction: 1 where the
    numbers of the turns grow, -1 where they fall."""
    found = []
    for (text, size, source), (following, *_) in zip(first_turn, second_turn, strict=True):
        between, old = _split(text)
        others, new = _split(following)
        if between == others:
            shown = [_in_turn(a, (b - a) * direction, first) for a, b in zip(old, new, strict=True)]
            text = "".join([part for pair in zip(between, [*shown, ""], strict=True) for part in pair])
        found.append((text, size, source))
    return found


def in_any_turn(texts: Sequence[str]) -> tuple[str, int, int] | None:
    """(the text of any turn, the first and the last t), from the texts of all turns; None where they do not follow from
    one another. t is the first number that grows or falls by 1."""
    betweens, numbers = zip(*map(_split, texts), strict=True)
    if any(between != betweens[0] for between in betweens):
        return None
    steps = [b - a for a, b in zip(numbers[0], numbers[1], strict=True)]
    expected = [[a + step * turn for a, step in zip(numbers[0], steps, strict=True)] for turn in range(len(texts))]
    counted = next((at for at, step in enumerate(steps) if abs(step) == 1), None)
    if list(numbers) != expected or counted is None:
        return None
    first, direction = numbers[0][counted], steps[counted]
    ((text, *_),) = in_turn_t([(texts[0], "", "")], [(texts[1], "", "")], first, direction)
    return text, first, numbers[-1][counted]


def _split(text: str) -> tuple[list[str], list[int]]:
    """(the text between its indices, the numbers of these)."""
    between, numbers, at = [], [], 0
    for index in _INDEX.finditer(text):
        for digits in _DIGITS.finditer(text, *index.span()):
            between.append(text[at : digits.start()])
            numbers.append(int(digits[0]))
            at = digits.end()
    return [*between, text[at:]], numbers


def _in_turn(number: int, step: int, first: int) -> str:
    """A number that is `number` in turn `first` and grows by `step` for each greater t, as a formula of t."""
    if step == 0:
        return str(number)
    rest = number - step * first
    times = {1: "t", -1: "-t"}.get(step, f"{step}t")
    return times if rest == 0 else f"{times}{rest:+d}"
