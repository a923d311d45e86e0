"""`guess`: the slot keeps a guess, compares it, and does not show its answer before."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_core import NumberError, Value, guess
from autograd_core.practice.guess.guess import how_far

ANSWER = 7.31  # no part of any sentence


def sketch(**more: Any) -> Any:
    return guess("How large is each?", {"first": 0.001, "second": 0.5}, between=(1e-4, 1.0), **more)


@pytest.mark.parametrize(
    "slot",
    [guess("How much?", ANSWER), guess("How much?", ANSWER, between=(0, 10)), sketch(log=True)],
    ids=["number", "slider", "sketch"],
)
def test_it_prints_without_its_answer(slot: Any) -> None:
    text = slot.to_text()
    assert slot.question in text
    assert not any(str(answer) in text for answer in slot.answers.values())
    assert all(len(line) <= 60 for line in slot.to_text(60).splitlines())


def test_guesses_are_kept_in_order() -> None:
    slot = guess("How much?", 5.5)
    outcomes = [slot.compare(5), slot.compare("11/2")]
    assert slot.guesses == outcomes
    assert [outcome.is_right for outcome in outcomes] == [False, True]
    assert str(outcomes[1]) == "Your guess: 5.5. Right."


def test_a_sketch_is_compared_number_by_number() -> None:
    outcome = sketch().compare([0.01, 0.5])
    assert not outcome.is_right
    assert "off by a factor of 10" in str(outcome)
    assert sketch().compare({"second": 0.5, "first": 0.001}).is_right


def test_the_answer_may_be_a_recorded_number() -> None:
    assert guess("How much?", Value(2.0) * 3.0).compare(6).is_right


@given(
    number=st.floats(-1e6, 1e6).filter(lambda number: abs(number) > 1e-6),
    factor=st.floats(0.01, 100.0),
)
def test_the_distance_is_that_of_the_numbers(number: float, factor: float) -> None:
    words = how_far(number * factor, number)
    ratio = max(factor, 1 / factor)
    if abs(factor - 1) > 0.02:
        shown = float(words.rpartition(" ")[2].rstrip("%"))
        truth = ratio if "factor" in words else 100 * abs(factor - 1)
        assert ("factor" in words) == (ratio >= 2) or math.isclose(ratio, 2, rel_tol=1e-9)
        assert math.isclose(shown, truth, rel_tol=0.06)
    assert (how_far(100.0, 1.0), how_far(1.125, 1.0)) == ("off by a factor of 100", "off by 12%")
    assert how_far(-number, number) == "with the other sign"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: guess("?", "c", choices=["a", "b"]), "none of the choices"),
        (lambda: guess("?", math.inf), "nobody can guess"),
        (lambda: guess("?", {"a": 1.0, "b": 2.0}), "Give their ends"),
        (lambda: guess("?", 5, between=(0, 1)), "Move the ends"),
        (lambda: guess("?", 5, between=(9, 1)), "the lower one first"),
        (lambda: guess("?", 5, between=(0, 9), log=True), "both above 0"),
        (lambda: guess("?", {}), "no numbers"),
        (lambda: guess("?", "a", choices=["a", "b"]).compare("c"), "choose from 'a', 'b'"),
        (lambda: sketch().compare([1.0]), "the sketch has 2 numbers"),
        (lambda: sketch().compare({"first": 1.0}), "second is missing"),
        (lambda: sketch().compare({"third": 1.0}), "there is no number 'third'"),
    ],
)
def test_wrong_input_says_what_to_do(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_guess_that_is_no_number_is_refused() -> None:
    with pytest.raises(NumberError, match=r"write 2\.5"):
        guess("?", 1.0).compare("2,5")


def test_it_asks_in_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed = iter(["6", "0.001", "1/2"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    assert guess("How much?", 6.0).ask().is_right
    assert sketch().ask().is_right
    assert "How much?" in capsys.readouterr().out
