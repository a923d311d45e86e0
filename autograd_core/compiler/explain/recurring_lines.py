"""Lines of a description that recur, as a loop: for t = 2..20, h(t) = tanh(W x(t) + U h(t-1))."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Line = tuple[str, str, str]  # a formula, its size, its registers

FEWEST = 3  # turns of a loop
_LONGEST = 40  # lines in one turn
# A number in a formula that may change from turn to turn: not a decimal, an exponent or the name of a matrix.
_NUMBER = re.compile(r"(?<![\w.*]|[Wb])(?<=[(\[:v])\d+(?![\w.])|(?<=\bv)\d+(?![\w.])")
_VECTOR = re.compile(r"\bv(-?\d*t(?:[+-]\d+)?)")  # a numbered vector of a turn


def fold_loops(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """The lines, each with its depth, 1 in a loop and else 0: those that recur at least three times are written once.
    The numbers of a turn are all the same in the others, or grow by the same step from turn to turn."""
    texts = [_NUMBER.split(line[0]) for line in lines]
    templates = ["\0".join(parts) + "\1" + line[1] for parts, line in zip(texts, lines, strict=True)]
    numbers = [list(map(int, _NUMBER.findall(line[0]))) for line in lines]
    at = 0
    while at < len(lines):
        period, turns = _longest_loop(templates, numbers, at)
        if turns < FEWEST:
            yield 0, lines[at]
            at += 1
            continue
        first = _first_turn(numbers[at : at + period], numbers[at + period : at + 2 * period])
        yield 0, (f"for t = {first}..{first + turns - 1}", "", "")
        for line in range(at, at + period):
            steps = [b - a for a, b in zip(numbers[line], numbers[line + period], strict=True)]
            shown = [_in_turn(a, step, first) for a, step in zip(numbers[line], steps, strict=True)]
            text = "".join([part for pair in zip(texts[line], [*shown, ""], strict=True) for part in pair])
            text = _VECTOR.sub(r"v(\1)", text)
            yield 1, (text, lines[line][1], lines[line][2])
        at += period * turns


def _longest_loop(templates: Sequence[str], numbers: Sequence[Sequence[int]], at: int) -> tuple[int, int]:
    """(the lines of a turn, the number of turns) of the loop that begins at a line and takes in most lines."""
    best = 0, 0
    for period in range(1, min(_LONGEST, (len(templates) - at) // FEWEST) + 1):
        if templates[at] != templates[at + period]:
            continue
        turns, steps = 1, None
        while at + (turns + 1) * period <= len(templates):
            old, new = at + (turns - 1) * period, at + turns * period
            if templates[old : old + period] != templates[new : new + period]:
                break
            grown = [[b - a for a, b in zip(numbers[old + i], numbers[new + i], strict=True)] for i in range(period)]
            if steps is not None and grown != steps:
                break
            turns, steps = turns + 1, grown
        if turns >= FEWEST and turns * period > best[0] * best[1]:
            best = period, turns
    return best


def _first_turn(numbers: Sequence[Sequence[int]], following: Sequence[Sequence[int]]) -> int:
    """The number of the first turn: that of the first name that grows by 1, so that it reads h(t); else 1."""
    for line, after in zip(numbers, following, strict=True):
        for a, b in zip(line, after, strict=True):
            if b - a == 1:
                return a
    return 1


def _in_turn(number: int, step: int, first: int) -> str:
    """A number that is `number` in turn `first` and grows by `step`, as a formula of t."""
    if step == 0:
        return str(number)
    rest = number - step * first
    times = {1: "t", -1: "-t"}.get(step, f"{step}t")
    return times if rest == 0 else f"{times}{rest:+d}"
