"""`guess(question, answer)`: predict a number, a choice or a sketch; then see it beside the answer."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_core.engine.numbers.number import as_number
from autograd_core.engine.value import Value
from autograd_core.formulas.aligned_table import AlignedTable
from autograd_core.formulas.labels import visible_sentence, visible_text
from autograd_core.formulas.notation import number_text, shown_number
from autograd_core.formulas.text_report import Part, Report, report_text, terminal_width
from autograd_core.mistakes.answers import agrees, read_answer, unknown_name
from autograd_core.practice.guess.page import guess_page, notebook_output
from autograd_core.show.page.framed_output import FramedOutput
from autograd_core.show.page.saved_files import save_page

Answer = float | str | Mapping[str, float]


@dataclass(frozen=True, slots=True, repr=False)
class Outcome(Report):
    """A guess beside the answer: (label, guess, answer) of each number or text."""

    rows: tuple[tuple[str, float | str, float | str], ...]

    @property
    def is_right(self) -> bool:
        """Whether every number is right to three significant digits, and a choice is the answer."""
        return all(how_far(guess, answer) == "right" for _, guess, answer in self.rows)

    def parts(self) -> Iterator[Part]:
        """A sentence, or a table for several numbers."""
        if len(self.rows) == 1:
            _, guess, answer = self.rows[0]
            far = how_far(guess, answer)
            found = "Right" if far == "right" else f"The answer: {_written(answer)}{f', {far}' if far else ''}"
            yield f"Your guess: {_written(guess)}. {found}."
            return
        yield "Your guesses beside the answers"
        rows = [
            (label, _written(guess), _written(answer), how_far(guess, answer)) for label, guess, answer in self.rows
        ]
        yield AlignedTable(rows, ("", "guess", "answer", ""), right=[1, 2], indent="  ")


class Guess(FramedOutput):
    """A question with a slot for a guess. It prints without its answer; a notebook shows it with fields or sliders.

    guesses: the outcomes so far, the first one first.
    """

    def __init__(
        self,
        question: str,
        answer: Answer,
        choices: Sequence[str] = (),
        between: tuple[float, float] | None = None,
        log: bool = False,
    ) -> None:
        self.question = visible_sentence(question)
        self.choices = tuple(map(visible_text, choices))
        self.answers = _answers(answer, self.choices)
        self.between = _limits(between, log, [number for number in self.answers.values() if isinstance(number, float)])
        self.log = log
        self.guesses: list[Outcome] = []

    def compare(self, guess: Any) -> Outcome:
        """The guess beside the answer; it is kept in `guesses`.

        guess: a number or text such as "1/3"; one of the choices; for a sketch {label: number} or the numbers in their
        order. Raises `NumberError` and ValueError for anything else.

        >>> guess("How much is 2 + 3?", 5).compare(4)
        Your guess: 4. The answer: 5, off by 20%.
        """
        outcome = Outcome(tuple((label, number, self.answers[label]) for label, number in self._read(guess).items()))
        self.guesses.append(outcome)
        return outcome

    def ask(self) -> Outcome:
        """Ask for the guess at the prompt of a terminal, and compare it."""
        print(self.to_text(terminal_width()).rpartition("\n")[0])
        if self.is_sketch:
            return self.compare({label: input(f"  {label}: ") for label in self.answers})
        return self.compare(input("  Your guess: "))

    @property
    def is_sketch(self) -> bool:
        """Whether the answer is several numbers."""
        return list(self.answers) != [""]

    def parts(self) -> Iterator[Part]:
        """The question, what may be guessed, and how."""
        yield self.question
        if self.choices:
            yield from (f"  ( ) {choice}" for choice in self.choices)
        else:
            yield from (f"  {label + ': ' if label else ''}____" for label in self.answers)
        if self.between:
            low, high = self.between
            yield f"  (from {number_text(low)} to {number_text(high)})"
        example = "{...}" if self.is_sketch else repr(self.choices[0]) if self.choices else "..."
        yield f"Guess first; .compare({example}) shows the answer."

    def to_text(self, width: int | None = None) -> str:
        """The question without its answer. width: of the terminal, if it has to fit one."""
        return report_text(self.parts(), width)

    def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The slot as one HTML document that needs no network; written to `path` if one is given.

        Raises `DrawingError` for another suffix than .html, OSError where the file cannot be written.
        """
        return save_page(guess_page(self._data()), path)

    def __repr__(self) -> str:
        return self.to_text(terminal_width())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/plain": self.to_text(), "text/html": notebook_output(self._data())}

    def _data(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "labels": list(self.answers),
            "answers": list(self.answers.values()),
            "choices": list(self.choices),
            "between": self.between,
            "log": self.log,
        }

    def _read(self, guess: Any) -> dict[str, float | str]:
        if self.choices:
            if guess not in self.choices:
                raise unknown_name(visible_text(str(guess)), self.choices, "choice")
            return {"": guess}
        if not self.is_sketch:
            return {"": read_answer(guess, "the guess")}
        if not isinstance(guess, Mapping):
            if isinstance(guess, str) or len(guess) != len(self.answers):
                raise ValueError(f"the sketch has {len(self.answers)} numbers: {', '.join(self.answers)}. Give each.")
            guess = dict(zip(self.answers, guess, strict=True))
        for label in guess:
            if label not in self.answers:
                raise unknown_name(visible_text(str(label)), list(self.answers), "number")
        if missing := [label for label in self.answers if label not in guess]:
            raise ValueError(f"the guess for {', '.join(missing)} is missing. Give each number of the sketch.")
        return {label: read_answer(guess[label], label) for label in self.answers}


def guess(
    question: str,
    answer: Any,
    choices: Sequence[str] = (),
    between: tuple[float, float] | None = None,
    log: bool = False,
) -> Guess:
    """A slot for a prediction, as the last line of a cell, before the output that gives the answer.

    answer: a number, one of `choices`, or {label: number} for a sketch; write it as what computes it, so that the cell
    does not give it away. between: the ends of a slider. log: whether the slider counts powers of ten. The page keeps
    the guess in the reader's browser and needs no kernel. In a terminal `.ask()` asks at the prompt.
    Raises ValueError for a choice that is not offered and for ends that do not contain the answer.

    >>> guess("Does the loss fall or rise?", "it falls", choices=["it falls", "it rises"]).compare("it rises")
    Your guess: it rises. The answer: it falls.
    """
    return Guess(question, answer, choices, between, log)


def how_far(guess: float | str, answer: float | str) -> str:
    """How far a guess is from the answer, in words; "" for another choice.

    >>> how_far(5.5, 5.5), how_far(5.0, 5.5), how_far(55.0, 5.5), how_far(-1.0, 1.0)
    ('right', 'off by 9.1%', 'off by a factor of 10', 'with the other sign')
    """
    if isinstance(guess, str) or isinstance(answer, str):
        return "right" if guess == answer else ""
    if agrees(guess, answer):
        return "right"
    if guess == 0.0 or answer == 0.0:
        return f"off by {_rounded(abs(guess - answer))}"
    ratio = guess / answer
    if ratio < 0.0:
        return "with the other sign"
    factor = max(ratio, 1.0 / ratio)
    return f"off by a factor of {_rounded(factor)}" if factor >= 2 else f"off by {_rounded(100.0 * abs(ratio - 1.0))}%"


def _rounded(number: float) -> str:
    return number_text(shown_number(number, 2))


def _written(guess: float | str) -> str:
    return guess if isinstance(guess, str) else number_text(guess)


def _answers(answer: Any, choices: tuple[str, ...]) -> dict[str, float | str]:
    if choices:
        if not isinstance(answer, str) or visible_text(answer) not in choices:
            raise ValueError(f"the answer {answer!r} is none of the choices {', '.join(map(repr, choices))}. Add it.")
        return {"": visible_text(answer)}
    several = answer if isinstance(answer, Mapping) else {"": answer}
    if not several:
        raise ValueError("the sketch has no numbers. Give {label: number}.")
    numbers = {visible_text(str(label)): _number(number) for label, number in several.items()}
    if bad := [number for number in numbers.values() if not math.isfinite(number)]:
        raise ValueError(f"the answer is {bad[0]!r}, which nobody can guess. Offer choices instead.")
    return {**numbers}


def _number(answer: Any) -> float:
    return as_number(answer.data if isinstance(answer, Value) else answer, "the answer")


def _limits(between: tuple[float, float] | None, log: bool, answers: Sequence[float]) -> tuple[float, float] | None:
    if between is None:
        if len(answers) > 1 or log:
            raise ValueError("a sketch is made on sliders. Give their ends: between=(0, 1).")
        return None
    low, high = (as_number(end, "an end of between") for end in between)
    if not (math.isfinite(low) and math.isfinite(high) and low < high and (low > 0.0 or not log)):
        positive = ", both above 0 for log=True" if log else ""
        raise ValueError(f"between={between!r} are no ends of a slider. Give the lower one first{positive}.")
    if outside := [number for number in answers if not low <= number <= high]:
        raise ValueError(f"the answer {outside[0]:g} is not between {low:g} and {high:g}. Move the ends.")
    return low, high
