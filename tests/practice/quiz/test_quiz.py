"""The quiz: right answers are right, wrong ones name their mistake, and nothing reveals an answer."""

import hashlib
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import NumberError, Value, log, relu, sigmoid, sin
from autograd_core.graph.boxes import view
from autograd_core.mistakes.answers import agrees, read_answer, rounding, roundings
from autograd_core.mistakes.engine_mistakes import engine_mistakes
from autograd_core.mistakes.misconceptions import paper_mistakes
from autograd_core.mistakes.mistakes import (
    FORGOT_UPSTREAM,
    LEFT_OUT,
    MISSED_PATH,
    OVERWROTE,
    REVISITED,
    STALE,
    SWAPPED,
    TOO_EARLY,
)
from autograd_core.practice.quiz.quiz import quiz


def survey():
    x1, x2 = Value(2.0, "x1"), Value(5.0, "x2")
    return log(x1) + x1 * x2 - sin(x2)


def two_paths():
    a, b = Value(2.0, "a"), Value(3.0, "b")
    c, d = a + b, a * b
    e, f = c + d, c * d
    y = e + f
    for node, label in zip((c, d, e, f, y), "cdefy", strict=True):
        node.label = label
    return y


def shown_numbers(data):
    """Every number that can be read in plain data, hashes and salts aside."""
    if isinstance(data, dict):
        return [
            n for key, value in data.items() if key not in ("hash", "answers", "salt") for n in shown_numbers(value)
        ]
    if isinstance(data, list):
        return [number for value in data for number in shown_numbers(value)]
    if data is None or isinstance(data, (int, float)):
        return [] if data is None else [float(data)]
    return [float(text) for text in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?", data)]


# ------------------------------------------------------------------------------------------------ right and wrong


def test_right_answers_to_three_digits_or_within_a_tolerance():
    exercise = quiz(survey())
    assert exercise.check(x1=5.5, x2=1.7163378).passed
    assert exercise.check({"x1": "11/2"}, x2=1.72).passed
    assert not exercise.check(x1=5.5, x2=1.71).passed
    assert quiz(survey(), tolerance=0.01).check(x1=5.5, x2=1.71).passed
    assert not quiz(survey(), tolerance=0.0).check(x1=5.5, x2=1.72).passed


def test_a_blank_left_open_is_neither_right_nor_wrong():
    result = quiz(survey()).check(x1=5.5)
    assert not result.passed
    assert [verdict.right for verdict in result.verdicts] == [True, False]
    assert "dL/dx₂: not answered yet" in repr(result)
    assert repr(result).endswith("1 of 2 right.")


def test_each_mistake_on_the_two_paths_graph_is_named():
    exercise = quiz(two_paths())
    assert exercise.key() == {"a": 25.0, "b": 19.0}
    assert exercise.check(a=20, b=27).verdicts[0].kinds == (SWAPPED,)
    assert exercise.check(a=10).verdicts[0].kinds == (MISSED_PATH,)
    result = exercise.check(a=4, b=3)
    assert [verdict.kinds for verdict in result.verdicts] == [(FORGOT_UPSTREAM,)] * 2
    assert [len(cause.blanks) for cause in result.causes] == [2]


def test_what_only_a_program_does_wrong_is_not_offered_to_someone_on_paper():
    exercise = quiz(two_paths())
    for mistake in engine_mistakes(view(two_paths())):
        result = exercise.check(a=mistake.adjoints["a"], b=mistake.adjoints["b"])
        assert not {OVERWROTE, TOO_EARLY, REVISITED, STALE} & {kind for cause in result.causes for kind in cause.kinds}


def test_all_mistakes_that_give_the_number_are_named_and_several_answers_may_distinguish_them():
    exercise = quiz(two_paths())
    result = exercise.check(a=19, b=13)
    # For each input alone a path may be missing; both numbers come out of one term left out further up.
    assert [verdict.kinds for verdict in result.verdicts] == [(LEFT_OUT,)] * 2
    assert [cause.kinds for cause in result.causes] == [(LEFT_OUT,)]
    assert "One mistake explains dy/da and dy/db:\n  - left out a term" in repr(result)
    assert [cause.kinds for cause in exercise.check(a=19).causes] == [(SWAPPED, MISSED_PATH)]


def test_every_classic_mistake_is_found_again_from_its_own_numbers():
    output = two_paths()
    exercise = quiz(output)
    for mistake in paper_mistakes(view(output)):
        for name, right in exercise.key().items():
            number = mistake.adjoints.get(name, right)
            verdict = next(v for v in exercise.check({name: number}).verdicts if v.blank.key == name)
            assert verdict.right == (number == right)
            assert verdict.right or mistake.kind in verdict.kinds


def test_the_right_number_is_never_called_a_mistake():
    x = Value(2.0, "x")
    exercise = quiz(x + 3)  # forgetting the partial or the upstream gives 1 as well
    verdict = exercise.check(x=1).verdicts[0]
    assert verdict.right
    assert verdict.mistakes == ()


def test_a_slip_is_named_only_where_no_misconception_gives_the_number():
    exercise = quiz(two_paths())
    verdict = exercise.check(a=31).verdicts[0]  # from f to c twice
    assert verdict.kinds == ("counted a term twice",)
    assert verdict.mistakes[0].sentence == "the contribution from f back to c was counted twice"
    nothing = exercise.check(a=1234.5)
    assert nothing.verdicts[0].mistakes == ()
    assert "2 contributions arrive at a" in repr(nothing)


def test_the_hint_comes_before_the_answer():
    wrong = quiz(survey()).check(x1=5)
    assert "Hint: " in repr(wrong)
    assert not any(agrees(number, 5.5) for number in shown_numbers(repr(wrong)))
    feedback = repr(quiz(survey()).check(x1=5, answer=True))
    assert feedback.index("Hint: ") < feedback.index("The answer: dL/dx₁ = 5.5")


def test_partials_and_contributions_can_be_asked_for():
    exercise = quiz(two_paths(), ask=["f/c", "f->c", "c"])
    assert exercise.key() == {"∂f/∂c": 6.0, "f→c": 6.0, "c": 7.0}
    assert exercise.check({"f/c": 6, "f→c": 6, "c": 7}).passed
    assert exercise.check({"∂f/∂c": 5}).verdicts[0].kinds == (SWAPPED,)
    assert exercise.check({"f->c": 7}).verdicts[1].kinds == ("answered another question",)
    assert exercise.check(c=1).verdicts[2].kinds[0] == MISSED_PATH
    assert "that is the value of c, not its gradient" in repr(exercise.check(c=5))


def test_a_square_has_two_contributions_along_two_edges():
    x = Value(3.0, "x")
    exercise = quiz(x * x, ask="contributions")
    assert exercise.key() == {"out→x (input 1)": 3.0, "out→x (input 2)": 3.0}
    assert len(quiz(survey(), ask="partials").blanks) == 8
    assert [blank.key for blank in quiz(survey(), ask="gradients").blanks] == ["x1", "x2"]


def test_values_can_be_asked_for_and_unlabelled_inputs_have_names():
    x = Value(2.0)
    hidden = sigmoid(x)
    exercise = quiz(hidden * 3, ask=[hidden])
    assert list(exercise.key().values()) == [3.0]
    assert list(quiz(hidden * 3).key()) == ["v1"]
    with pytest.raises(ValueError, match="not a node of this exercise"):
        quiz(hidden, ask=Value(1.0))


def test_names_and_numbers_that_are_wrong_are_explained():
    exercise = quiz(survey())
    with pytest.raises(ValueError, match=r"no blank 'x3': did you mean 'x[12]'"):
        exercise.check(x3=1)
    for given_answer in ("abc", "", None, "5,5", 1j, math.nan, math.inf, [1.0], "1/0"):
        with pytest.raises(NumberError, match="x1"):
            exercise.check(x1=given_answer)
    with pytest.raises(ValueError, match="no number to ask for 'q'"):
        quiz(survey(), ask=["q"])
    with pytest.raises(TypeError, match="got float"):
        quiz(3.0)
    with pytest.raises(ValueError, match="share"):
        quiz(survey(), tolerance=2)
    with pytest.raises(ValueError, match="nothing to ask"):
        quiz(survey(), ask=[])
    x = Value(0.0, "x")
    with pytest.raises(ValueError, match="nobody can fill in"):
        quiz(log(x))
    for comma in ("2,58", " -,5", "\N{MINUS SIGN}3,5"):
        with pytest.raises(NumberError, match=r"decimal comma: write -?\d*\.\d+\.$"):
            exercise.check(x1=comma)


# ------------------------------------------------------------------------------------------------- nothing leaks


def test_the_exercise_prints_without_an_answer():
    text = repr(quiz(survey()))
    assert "dL/dx₁ = ____" in text
    for answer in (5.5, 1.7163378145367738):
        assert not any(agrees(number, answer) for number in shown_numbers(text))


def test_attempts_are_exported_without_answers():
    exercise = quiz(survey())
    exercise.check(x1=5)
    exercise.check(x1=5.5, x2=1.28)
    exported = json.loads(exercise.to_json())
    assert exported["blanks"] == ["x1", "x2"]
    first, second = exported["attempts"]
    assert first["right"] == 0
    assert first["verdicts"]["x2"] == {"verdict": "open"}
    assert first["verdicts"]["x1"] == {"verdict": "wrong", "given": 5.0, "mistakes": [MISSED_PATH]}
    assert second["verdicts"]["x1"] == {"verdict": "right"}
    assert not any(agrees(number, answer) for number in shown_numbers(exported) for answer in exercise.key().values())


def test_a_handout_holds_its_answers_only_as_hashes():
    exercise = quiz(survey(), ask=["x1", "x2", "v2->x1"])
    data = exercise.handout_data(rounds=10)
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert not any(agrees(number, answer) for number in shown_numbers(data) for answer in (5.5, 1.7163378145367738))
    blank = data["blanks"][0]

    def hash_of(number):
        salt = bytes.fromhex(blank["salt"])
        return hashlib.pbkdf2_hmac(
            "sha256", rounding(number).encode(), salt, data["method"]["rounds"], data["method"]["bytes"]
        ).hex()

    assert hash_of(5.5) in blank["answers"]
    assert hash_of(5.501) in blank["answers"]
    assert hash_of(5.0) not in blank["answers"]
    known = {
        entry["hash"]: {data["mistakes"][candidate]["kind"] for candidate in entry["candidates"]}
        for entry in blank["mistakes"]
    }
    assert known[hash_of(5.0)] == {MISSED_PATH}
    assert known.keys().isdisjoint(blank["answers"])
    assert len({blank["salt"] for blank in data["blanks"]}) == 3
    with pytest.raises(ValueError, match="cannot check a tolerance"):
        quiz(survey(), tolerance=0.001).handout_data()


def test_require_raises_with_the_diagnosis():
    quiz(survey()).require(x1=5.5, x2=1.72)
    with pytest.raises(AssertionError, match="swapped the factors"):
        quiz(two_paths()).require(a=20, b=19)
    with pytest.raises(AssertionError, match="not answered yet"):
        quiz(two_paths()).require(a=25)


# --------------------------------------------------------------------------------------------------- generated


def test_seeds_give_variants_and_levels_are_checked():
    texts = {repr(quiz.generate(seed=seed, level=level)) for seed in range(8) for level in (1, 2, 3)}
    assert len(texts) >= 18
    assert repr(quiz.generate(seed="Ada")) == repr(quiz.generate(seed="Ada")) != repr(quiz.generate(seed="Emmy"))
    with pytest.raises(ValueError, match="no level 7"):
        quiz.generate(seed=0, level=7)


def test_a_seed_gives_the_same_exercise_in_another_process():
    program = "from autograd_core import quiz; print([quiz.generate(s, l) for s in (0, 7) for l in (1, 2, 3)])"
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
        env={"PYTHONHASHSEED": "3", "PYTHONIOENCODING": "utf-8"},
        encoding="utf-8",
    )
    assert run.stdout.strip() == repr([quiz.generate(s, level) for s in (0, 7) for level in (1, 2, 3)])


# ---------------------------------------------------------------------------------------------------- answers


@settings(deadline=None)  # no test here is about time
@given(st.floats(min_value=1e-9, max_value=1e9), st.floats(min_value=-0.049, max_value=0.049))
def test_answers_that_agree_have_a_common_rounding(exact, share):
    unit = 10.0 ** (math.floor(math.log10(exact)) - 2)
    assert agrees(exact + share * unit, exact)
    assert not agrees(exact * 1.012, exact)
    assert agrees(float(rounding(exact)), exact)
    assert rounding(float(rounding(exact))) in roundings(exact)


@settings(deadline=None)  # no test here is about time
@given(st.floats(min_value=1e-9, max_value=1e9))
def test_an_answer_right_to_four_digits_agrees_on_whichever_side_of_a_tie(exact):
    unit = 10.0 ** (math.floor(math.log10(exact)) - 3)
    four = float(f"{exact:.3e}")
    assert agrees(four, exact) or abs(four - exact) > 0.499 * unit


def test_a_tie_is_rounded_away_from_zero():
    ties = {1.125: "1.13e0", 1.375: "1.38e0", 100.5: "1.01e2", 999.5: "1.00e3", -102.5: "-1.03e2"}
    assert {tie: rounding(tie) for tie in ties} == ties


@settings(deadline=None)  # no test here is about time
@given(
    st.floats(min_value=1e-9, max_value=1e9),
    st.floats(min_value=0.005, max_value=0.2),
    st.lists(st.floats(min_value=-1.3, max_value=1.3)),
)
def test_hashes_can_check_a_tolerance_of_half_a_percent_or_more(exact, tolerance, shares):
    forms = roundings(exact, tolerance)
    for share in (*shares, 1.0, -1.0):
        given_number = exact * (1 + share * tolerance)
        assert agrees(given_number, exact, tolerance) == (rounding(given_number) in forms)
    assert agrees(exact * (1 + 0.5 * max(tolerance - 0.005, 0.0)), exact, tolerance)
    assert not agrees(exact * (1 + 1.01 * (tolerance + 0.005)), exact, tolerance)


def test_zero_is_an_answer():
    assert agrees(0.0, 1e-17)
    assert not agrees(0.0, 1e-6)
    assert rounding(-1e-17) == "0"
    assert read_answer("-0.5", "x") == -0.5


def test_a_node_with_its_history_cut_may_stand_in_an_exercise() -> None:
    a = Value(2.0, label="a")
    exercise = quiz((a * 3.0).detach() * a)
    assert exercise.check(a=6).passed
    assert exercise.to_html().startswith("<!DOCTYPE html>")


def test_behind_a_closed_gate_the_hint_asks_for_the_gate() -> None:
    p = Value(-2.0, label="p")
    feedback = str(quiz(relu(p) * 3.0).check(p=3))
    assert "a closed gate passes nothing back" in feedback
    assert "one contribution arrives" not in feedback
