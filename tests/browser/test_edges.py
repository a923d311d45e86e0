"""The edges of a step-through in a real browser: at every step its words lie on nothing, and lines end at the cards."""

from __future__ import annotations

from typing import Any

import pytest

from autograd_core import Value, explain, sigmoid
from tests.support.ten_graphs import explain_graph

# By step, the pairs of things on the picture that overlap: plates, notes, cards and arrow heads.
COLLISIONS = """() => {
    const root = document.querySelector('[data-autograd-stepper]');
    const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).display !== 'none';
    const box = (kind, group, element) => {
        const { x, y, width, height } = element.getBBox();
        const name = `${kind} ${group.dataset.link ?? group.dataset.index ?? ''}`;
        return { kind, name, left: x + 1, top: y + 1, right: x + width - 1, bottom: y + height - 1 };
    };
    const all = (selector) => [...root.querySelectorAll(selector)].filter(shown);
    const boxes = () => [
        ...all('g.carried').map((group) => box('plate', group, group.querySelector('path'))),
        ...all('g.carried').map((group) => box('words', group, group.querySelector('text'))),
        ...all('g.note').map((group) => box('note', group, group.querySelector('path'))),
        ...all('g.card').map((group) => box('card', group, group.querySelector('path:not(.ring)'))),
        ...all('g.link .back').map((back) => box('back', back.parentNode, back)),
    ];
    const overlap = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const belong = (a, b) => a.kind === 'plate' && b.kind === 'words' && a.name.slice(6) === b.name.slice(6)
        || a.kind === 'card' && b.kind === 'back'; // a slanted side
    const found = [];
    const range = root.querySelector('input[type=range]');
    for (let step = 0; step <= Number(range.max); step++) {
        range.value = String(step);
        range.dispatchEvent(new Event('input', { bubbles: true }));
        const drawn = boxes();
        drawn.forEach((a, index) => drawn.slice(index + 1).forEach((b) => {
            if (overlap(a, b) && !belong(a, b)) found.push(`step ${step}: ${a.name}, ${b.name}`);
        }));
    }
    return [found, Number(range.max)];
}"""
ENDS = """() => [...document.querySelectorAll('[data-autograd-stepper] g.link')].map((group) => {
    const numbers = (path) => path.getAttribute('d').match(/-?[\\d.]+/g).map(Number);
    return [...numbers(group.querySelector('.line')).slice(0, 2), ...numbers(group.querySelector('.head')).slice(2, 4)];
})"""


@pytest.mark.parametrize(
    "name",
    [
        "unit",
        "three products",
        "cube and exponential",
        "cross-entropy of three logits",
        "opened sigmoid",
        "loss of a small net",
    ],
)
def test_at_no_step_do_words_lie_on_anything(show: Any, name: str) -> None:
    page = show(explain_graph(name).to_html())
    found, last = page.evaluate(COLLISIONS)
    assert last > 5
    assert found == []


def test_the_page_draws_the_lines_of_the_scene(show: Any) -> None:
    explained = explain_graph("loss of a small net")
    page = show(explained.to_html())
    links = [part for part in explained._step_through.picture.scene.parts if part.kind == "link"]
    ends = [(*part.marks[0].points[0], *part.marks[1].points[1]) for part in links]  # type: ignore[union-attr]
    drawn = page.evaluate(ENDS)
    assert len(drawn) == len(ends)
    for place, expected in zip(drawn, ends, strict=True):
        assert place == pytest.approx(expected, abs=0.06)


def test_a_number_that_a_reader_causes_stays_on_its_card_beside_its_label(show: Any) -> None:
    w, x, b = Value(-2.0, "w"), Value(0.5, "x"), Value(0.25, "b")
    page = show(explain(sigmoid(w * x + b)).to_html())
    page.get_by_role("button", name="What if").click()
    page.get_by_label("w, a number").fill("-0.000123456")
    page.get_by_label("x, a number").fill("0.000987654")
    page.wait_for_function("() => document.querySelector('.picture svg').textContent.includes('10⁻⁷')")
    beyond = page.evaluate(
        """() => [...document.querySelectorAll('g.card')].flatMap((card) => {
        const sheet = [...card.querySelectorAll("path[class*='-fill']")].at(-1).getBBox();
        const texts = [...card.querySelectorAll('text')].map((text) => [text.textContent, text.getBBox()]);
        const apart = (a, b) => a.x + a.width <= b.x || a.y + a.height - 3 <= b.y + 3;
        const overlap = (a, b) => !apart(a, b) && !apart(b, a);
        return texts.filter(([, box]) => box.x < sheet.x || box.x + box.width > sheet.x + sheet.width
          || texts.some(([, other]) => other !== box && overlap(other, box))).map(([text]) => text);
    })"""
    )
    assert beyond == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_what_is_to_come_stays_visible_on_a_beamer(show: Any, colours: str) -> None:
    page = show(explain_graph("unit").to_html())
    page.emulate_media(color_scheme=colours)
    contrast = page.evaluate(
        """() => {
        const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255)
            .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
        const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
        const card = document.querySelector('g.card.to-come');
        const outline = getComputedStyle(card.querySelector('path:not(.ring)'));
        const words = getComputedStyle(card.querySelector('text'));
        const paper = getComputedStyle(document.body).backgroundColor;
        return [ratio(outline.stroke, paper), ratio(words.fill, outline.fill), getComputedStyle(card).opacity];
    }"""
    )
    assert contrast[0] >= 3.0
    assert contrast[1] >= 4.5
    assert contrast[2] == "1"
