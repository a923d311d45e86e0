"""The page of an exercise in a real browser: it says what Python says, about right answers and about each mistake."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_core import Value, dot, log, relu, sigmoid, sin
from autograd_core.mistakes.answers import agrees, read_answer, roundings
from autograd_core.mistakes.misconceptions import paper_mistakes
from autograd_core.mistakes.mistakes import ROUNDED
from autograd_core.practice.quiz.answer_hashes import hash_number
from autograd_core.practice.quiz.exercise import Quiz
from autograd_core.practice.quiz.quiz import quiz
from nn import MLP, mse_loss

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

Show = Callable[..., Any]
HOSTILE = "</script><img src=x onerror=\"document.title='caught'\">"


SHOWN = """(item) => [".hint", "details b"].map(
  (selector) => [...item.querySelectorAll(selector)].map((element) => element.textContent))"""


def attempt_count(page: Page) -> int:
    written = page.get_by_label("Your results as JSON").input_value()
    return len(json.loads(written)["attempts"]) if written else 0


def survey(ask: Any = None, label: str = "x1") -> Quiz:
    x1, x2 = Value(2.0, label), Value(5.0, "x2")
    return quiz(log(x1) + x1 * x2 - sin(x2), ask)


def quick(exercise: Quiz) -> str:
    """The page with hashes of a few rounds, which are checked at once."""
    exercise.__dict__["_handout"] = exercise.handout_data(rounds=5)
    return exercise.to_html()


def field(page: Page, number: int) -> Locator:
    return page.locator(f'li[data-blank="{number}"]')


def answer(page: Page, number: int, text: str) -> str:
    """What the page says to an answer, typed and checked with Enter."""
    place = field(page, number)
    place.locator("input").first.fill(text)
    place.locator("input").first.press("Enter")
    place.locator(".feedback > *").first.wait_for()
    return place.locator(".feedback").inner_text()


def test_a_right_answer_is_confirmed_in_words_and_drawn(show: Show) -> None:
    page = show(survey().to_html())
    assert page.locator('g.blank[data-blank="0"] text').text_content() == "?1"
    assert "✓ Right." in answer(page, 0, "5.5")
    assert page.locator('g.blank[data-blank="0"].right text').text_content() == "5.5"
    assert page.locator(".progress").text_content() == "1 of 2 right"
    assert page.locator("[role=status]").text_content() == "?1: ✓ Right. 1 of 2 right."
    assert "✓ Right." in answer(page, 1, "1.7163378145")
    assert page.locator('g.blank[data-blank="1"].right text').text_content() == "1.72"
    assert page.locator(".solved").count() == 1
    field(page, 0).locator("input").fill("5")
    assert page.locator('g.blank[data-blank="0"] text').text_content() == "?1"
    assert page.locator(".progress").text_content() == "1 of 2 right"


@pytest.mark.parametrize("kind", ["survey", "level 2", "level 3"])
def test_each_classic_mistake_gets_its_hint_first_and_its_diagnosis_on_asking(show: Show, kind: str) -> None:
    exercise = (
        survey(["x1", "x2", "v2/x1", "v2->x1"]) if kind == "survey" else quiz.generate(seed="Ada", level=int(kind[-1]))
    )
    page = show(quick(exercise))
    tried: set[tuple[int, str]] = set()
    for mistake in paper_mistakes(exercise._view):
        for number, blank in enumerate(exercise.blanks):
            wrong = blank.under(mistake)
            if wrong is None or (number, roundings(wrong)[0]) in tried or not math.isfinite(wrong):
                continue
            tried.add((number, roundings(wrong)[0]))
            verdict = next(item for item in exercise.check({blank.key: wrong}).verdicts if item.blank is blank)
            feedback = answer(page, number, repr(wrong))
            assert feedback.startswith("✓ Right." if verdict.right else "✗ Not right.")
            if not verdict.right:
                hints = {cause.kind: cause.hint for cause in reversed(verdict.mistakes)}.values()
                shown, kinds = field(page, number).evaluate(SHOWN)
                if not shown[0].startswith("Which one was it?"):
                    assert {f"Hint: {hint}" for hint in hints} <= set(shown)
                assert mistake.kind not in feedback
                assert set(verdict.kinds) <= set(kinds)
                assert mistake.kind in kinds or kinds == [ROUNDED]  # near the right number, nothing else is named
            field(page, number).locator("input").first.fill("")  # the page looks for what explains all answers on it
    assert len(tried) > 10


def test_where_two_mistakes_fit_the_question_parts_them(show: Show) -> None:
    exercise = quiz.generate(seed="Ada", level=3)
    page = show(quick(exercise))
    data = exercise.handout_data(rounds=5)
    places = [(mistake["kind"], mistake["sentence"]) for mistake in data["mistakes"]]
    parted = 0
    for mistake in paper_mistakes(exercise._view):
        for number, (blank, of_blank) in enumerate(zip(exercise.blanks, data["blanks"], strict=True)):
            wrong = blank.under(mistake)
            if wrong is None or (mistake.kind, mistake.sentence) not in places or parted > 3:
                continue
            digest = hash_number(roundings(wrong)[0], of_blank["salt"], 5)
            known = next((each for each in of_blank["mistakes"] if each["hash"] == digest), {"question": None})
            if known["question"] is None:
                continue
            question = data["questions"][known["question"]]
            asked = exercise._by_name[question["key"]]
            assert asked not in exercise.blanks
            there = asked.under(mistake)
            there = exercise._allow(asked).exact if there is None else there
            answer(page, number, repr(wrong))
            item = field(page, number)
            assert f"Which one was it? What do you have for {asked.prompt}?" in item.inner_text()
            item.locator(".question input").fill(repr(there))
            item.get_by_role("button", name="Answer").click()
            item.locator(".question").wait_for(state="detached")
            _, kinds = item.evaluate(SHOWN)
            of_answer = question["mistakes"][hash_number(roundings(there)[0], question["salt"], 5)]
            same = {places[place][0] for place in known["candidates"] if place in of_answer}
            assert set(kinds) == same
            assert mistake.kind in kinds
            parted += len({places[place][0] for place in known["candidates"]}) > len(same)
            item.locator("input").first.fill("")
    assert parted > 0


def test_at_a_kink_every_number_between_its_sides_is_right(show: Show) -> None:
    x = Value(0.0, "x")
    page = show(quick(quiz(relu(x) * 2 - 3 * x)))
    assert answer(page, 0, "-3").endswith("is right. The engine's convention is this number.")
    for between in ("-1", "-2.345", "-4/3"):
        shown = answer(page, 0, between)
        assert shown.startswith("✓ Right.")
        assert "At the kink of relu (v₁), any number between the slopes of the two sides is right." in shown
        assert shown.endswith("The engine's convention is another number.")
    for beyond in ("-3.01", "-0.99", "3", "0"):
        assert answer(page, 0, beyond).startswith("✗ Not right.")


def test_a_number_no_mistake_explains_gets_the_general_hint(show: Show) -> None:
    page = show(quick(survey()))
    feedback = answer(page, 0, "1234.5")
    assert "2 contributions arrive at x₁" in feedback
    field(page, 0).locator("summary").click()
    assert "None of the mistakes on this page" in field(page, 0).inner_text()


def test_an_answer_that_is_not_a_number_is_reported(show: Show) -> None:
    page = show(quick(survey()))
    for text in ("abc", "1/2/3", "5.5.5", "1/", "Infinity", "<b>5</b>", "x1", "5 5"):
        assert answer(page, 0, text) == "This is not a number. Write it as 12.3, -0.123, 1e-3 or 2/7."
    assert answer(page, 0, "1/0") == "This is not a finite number."
    assert answer(page, 0, "5,5") == "Write the decimal point as a point: 5.5."
    assert field(page, 0).locator("input").get_attribute("aria-invalid") == "true"
    assert page.locator(".progress").text_content() == "0 of 2 right"
    assert answer(page, 0, " 11/2 ") == "✓ Right."
    assert field(page, 0).locator("input").get_attribute("aria-invalid") is None


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080), (390, 844)])
def test_the_whole_picture_is_in_view_and_then_each_blank_with_its_card(show: Show, width: int, height: int) -> None:
    net = MLP(2, 2, 1, rng=0)
    page = show(quick(quiz(mse_loss(net([1.0, -0.5]), [1.0]))), viewport={"width": width, "height": height})
    inside = """(selector) => [...document.querySelectorAll(selector)].every((element) => {
      const [a, b] = [element, document.querySelector(".picture")].map((one) => one.getBoundingClientRect());
      return a.left > b.left - 1 && a.right < b.right + 1 && a.top > b.top - 1 && a.bottom < b.bottom + 1 && b.top >= 0;
    })"""
    assert page.evaluate(inside, ".picture svg:not(.minimap)")
    if width > 390:
        assert page.evaluate("document.documentElement.scrollHeight") <= height
    for item in page.locator("li[data-blank]").all():
        item.locator("input").focus()
        assert page.evaluate(inside, "g.blank.now")


def test_an_empty_exercise_is_not_an_attempt(show: Show) -> None:
    page = show(quick(survey()))
    page.get_by_role("button", name="Check all").click()
    assert page.get_by_role("status").text_content() == "Nothing is filled in yet."
    assert not page.get_by_text("Results to hand in").is_visible()


def test_results_are_what_python_exports(show: Show) -> None:
    exercise = quiz.generate(seed="Ada", level=1)
    page = show(quick(exercise))
    first, second, *_ = (blank.key for blank in exercise.blanks)
    right = exercise.key()
    attempts: list[dict[str, Any]] = [{first: 1}, {first: right[first]}, {first: right[first], second: 123.0}]
    for attempt in attempts:
        exercise.check(attempt)
        for number, blank in enumerate(exercise.blanks):
            field(page, number).locator("input").fill(str(attempt.get(blank.key, "")))
        page.get_by_role("button", name="Check all").click()
        while attempt_count(page) <= attempts.index(attempt):
            page.wait_for_timeout(20)
    page.get_by_text("Results to hand in").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download results").click()
    assert download.value.suggested_filename == "Ada-level-1-results.json"
    exported = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert exported == json.loads(exercise.to_json())
    assert exported == json.loads(page.get_by_label("Your results as JSON").input_value())


def test_the_keyboard_alone_is_enough(show: Show) -> None:
    page = show(quick(survey()))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "The graph"
    for _ in range(7):  # past the buttons of the picture
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
        "?1: gradient of out with respect to x₁"
    )
    page.keyboard.type("5.5")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    field(page, 0).get_by_text("✓ Right.").wait_for()
    described = field(page, 0).locator("input").get_attribute("aria-describedby")
    assert page.locator(f"#{described}").inner_text() == "✓ Right."


def test_without_javascript_it_is_an_exercise_on_paper(show: Show) -> None:
    page = show(quick(survey()), java_script_enabled=False)
    assert page.get_by_role("img").is_visible()
    assert page.locator("[data-line]:visible").count() == 2
    assert page.get_by_text("where JavaScript runs").is_visible()
    assert page.locator("math:visible").count() >= 2
    assert page.locator("input, button").count() == 0


def test_paper_has_lines_and_no_controls(show: Show) -> None:
    page = show(quick(survey()))
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.emulate_media(media="print")
    assert page.locator("button:visible").count() == 0
    assert page.locator("input:visible").count() == 2
    assert page.get_by_text("Name:").is_visible()


def test_paper_has_room_for_what_the_nodes_are_computed_as(show: Show) -> None:
    net = MLP(2, 2, 2, rng=0)
    page = show(quick(quiz(mse_loss(net([1.0, -0.5]), [1.0, 0.0]))), viewport={"width": 688, "height": 900})
    page.emulate_media(media="print")
    given, work = page.locator("[data-given]"), page.locator("[data-work]")
    assert given.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    assert work.evaluate("(element) => element.scrollWidth <= element.clientWidth")
    assert work.bounding_box()["width"] > 200


def test_a_hostile_label_and_name_are_only_text(show: Show) -> None:
    exercise = survey(label=HOSTILE)
    exercise.variant = HOSTILE
    page = show(quick(exercise))
    assert page.locator("img").count() == 0
    assert HOSTILE in (page.locator("h1").text_content() or "")
    assert "✗ Not right." in answer(page, 0, "5")
    assert page.title().startswith("Exercise on out")
    assert (
        field(page, 0).locator("input").get_attribute("aria-label") == f"?1: gradient of out with respect to {HOSTILE}"
    )


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("label", ["x1", "a label of many words, which a table or a fraction has no room for"])
def test_every_blank_can_be_filled_in_and_every_value_seen_however_wide_the_formulas_are(
    show: Show, label: str, width: int
) -> None:
    x = [Value(number, f"{label}[{index}]") for index, number in enumerate((2.0, 3.0, 0.5))]
    page = show(
        quick(quiz(mse_loss([dot(x, [1.0, 2.0, 3.0]), sigmoid(x[0])], [1.0, 0.0]))),
        viewport={"width": width, "height": 900},
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for number in range(3):
        field(page, number).locator("input").fill("1")
        field(page, number).get_by_role("button", name="Check").click(trial=True, timeout=5000)
    for value in page.locator("[data-given] tbody tr > :last-child").all():
        box = value.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_two_in_one_notebook_do_not_disturb_each_other(show: Show) -> None:
    outputs = [exercise._repr_mimebundle_()["text/html"] for exercise in (survey(), survey(), quiz.generate(seed=1))]
    page = show(f"<!DOCTYPE html><title>notebook</title>{''.join(outputs)}")
    roots = page.locator("[data-autograd-quiz].ready")
    assert roots.count() == 3
    roots.nth(1).locator("input").first.fill("5.5")
    roots.nth(1).get_by_role("button", name="Check all").click()
    roots.nth(1).locator(".verdict").wait_for()
    assert roots.locator(".progress").all_text_contents() == ["0 of 2 right", "1 of 2 right", "0 of 4 right"]
    assert page.locator("style[data-autograd-quiz-style]").count() == 1
    assert page.locator("[data-formula] math").count() == page.locator("[data-formula]").count() > 0
    identifiers = page.evaluate("[...document.querySelectorAll('[id]')].map((element) => element.id)")
    assert len(set(identifiers)) == len(identifiers)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1600])
def test_text_can_be_read(show: Show, contrast: Any, scheme: str, width: int) -> None:
    page = show(quick(survey()), color_scheme=scheme, viewport={"width": width, "height": 900})
    answer(page, 0, "5")
    answer(page, 1, "1.72")
    field(page, 0).locator("summary").click()
    found = contrast(page, "body")
    assert len(found) > 30
    assert [text for text in found if text["ratio"] < 4.5] == []
    assert min(text["size"] for text in found) >= 12
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    field(page, 0).locator("input").first.focus()
    assert page.evaluate("document.querySelector('[data-picture] svg').getScreenCTM().a") >= 0.749
    page.get_by_role("button", name="Projector").click()
    field(page, 1).locator("input").focus()
    assert page.evaluate("document.querySelector('[data-picture] svg').getScreenCTM().a") >= 0.749


# ------------------------------------------------------------------------------------- the page agrees with Python


@pytest.fixture(scope="module")
def judge(browser: Browser) -> Iterator[Callable[[list[str], list[str]], list[str]]]:
    """What a page makes of texts where the answers have these hashes: right, wrong or malformed."""
    page = browser.new_page()
    page.set_content(survey().to_html())

    def judge(texts: list[str], hashes: list[str]) -> list[str]:
        states: list[str] = page.evaluate(
            """([texts, hashes]) => {
              const exercise = document.querySelector("[data-autograd-quiz]").autogradView;
              const field = exercise.fields[0];
              exercise.data.rounds = 1;
              Object.assign(field.asked, { salt: "00ff", answers: hashes, mistakes: {} });
              return texts.map((text) => (exercise.judge(field, text), field.state));
            }""",
            [texts, hashes],
        )
        return states

    yield judge
    page.close()


def near_a_tie(digits: int, exponent: int, share: float) -> float:
    return (digits + share) * 10.0**exponent


NUMBERS = st.one_of(
    st.floats(-1e12, 1e12),
    st.floats(-1e-9, 1e-9),
    st.builds(near_a_tie, st.integers(-999, 999), st.integers(-9, 9), st.sampled_from([0.5, 0.45, 0.55, 0.05, 0.0])),
    st.builds(lambda digits, exponent: digits * 2.0**exponent, st.integers(-4000, 4000), st.integers(-12, 4)),
)


@settings(max_examples=60, deadline=None)
@given(
    exact=NUMBERS,
    tolerance=st.none() | st.floats(0.005, 0.2),
    others=st.lists(NUMBERS, max_size=6),
    shares=st.lists(st.floats(-2, 2), max_size=12),
)
def test_the_page_accepts_what_python_accepts(
    judge: Any, exact: float, tolerance: float | None, others: list[float], shares: list[float]
) -> None:
    unit = 10.0 ** (math.floor(math.log10(abs(exact))) - 2) if exact else 1e-3
    near = [exact + share * unit for share in (*shares, 0.5, -0.5, 0.0)]
    near += [exact * (1 + share * (tolerance or 0.01)) for share in (*shares, 1.0, -1.0)]
    texts = [repr(number) for number in (*near, *others)] + [f"{exact!r}/1", f"{exact:.3e}", f"{exact:.2e}"]
    texts += [text.replace("-", "\N{MINUS SIGN}") for text in texts[:3]]
    states = judge(texts, [hash_number(form, "00ff", 1) for form in roundings(exact, tolerance)])
    wanted = ["right" if agrees(read_answer(text, "x"), exact, tolerance) else "wrong" for text in texts]
    assert dict(zip(texts, states, strict=True)) == dict(zip(texts, wanted, strict=True))
