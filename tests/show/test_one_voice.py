"""Names, numbers and formulas in every medium: one table, and every operation of the tables."""

from __future__ import annotations

import html
import json
import re

import pytest

from autograd_core import COMPOSITIONS, PRIMITIVES, Composition, Primitive, Value, draw, explain, matrix_view
from autograd_core.formulas.notation import number_latex, number_text
from autograd_core.formulas.symbols import name_latex, name_text
from autograd_core.show.drawing.pdf import pdf
from autograd_core.show.drawing.scene import Lettering
from autograd_core.show.drawing.view_diagram import view_diagram
from autograd_core.show.page.mathml import Typesetter
from autograd_core.show.record.record import Formula
from autograd_core.show.record.steps import explained_steps

# A name in a program, as text, and in LaTeX.
NAMES = [
    ("x", "x", "x"),
    ("v12", "v₁₂", "v_{12}"),
    ("x_1", "x₁", "x_{1}"),
    ("z_o1", "zₒ₁", "z_{o1}"),
    ("w[0]", "w₀", "w_{0}"),
    ("W1[0][3]", "W⁽¹⁾₀₃", "W^{(1)}_{03}"),
    ("W2[10][3]", "W⁽²⁾₁₀,₃", "W^{(2)}_{10,3}"),
    ("b1[0]", "b⁽¹⁾₀", "b^{(1)}_{0}"),
    ("v12(3)", "v₁₂₍₃₎", "v_{12(3)}"),
    ("out(3)", "out₍₃₎", r"\text{out}_{(3)}"),
    ("target", "target", r"\text{target}"),
    ("x#2", "x#2", r"x\text{\#2}"),
    ("step 1", "step 1", r"\text{step 1}"),
]
NUMBERS = [
    (-0.5, "−0.5", "-0.5"),
    (3.875e-07, "3.875·10⁻⁷", r"3.875 \cdot 10^{-7}"),
    (-1e300, "−1·10³⁰⁰", r"-1 \cdot 10^{300}"),
    (float("-inf"), "−∞", r"-\infty"),
]
CODE = re.compile(
    r"\*\*|(?<=[\w)]) \* (?=[\w(])|where\(|\blog\(|\bsigmoid\(|\b[vxw]\d|\[\d+\]|(?<![\w.])-[\d(a-z]|[<>]=|\binf\b"
)


@pytest.mark.parametrize(("name", "text", "latex"), NAMES)
def test_a_name_in_every_medium(name: str, text: str, latex: str) -> None:
    assert (name_text(name), name_latex(name)) == (text, latex)
    x = Value(2.0, label=name)
    root = x * 3.0 - x
    root.label = "loss"
    explained = explain(root)
    cards = view_diagram(explained._step_through.view).cards
    card = next(card for card in cards if card.box is not None and card.box.name == name)
    assert text in [word.text for word in card.lines[0].left], "on its card"
    sentences = " ".join(step.words for step in explained_steps(explained.record))
    assert f"dL/d{text} = " in sentences
    assert f"dL/d{text} = " in str(explained), "in the terminal"
    assert rf"\frac{{\mathrm{{d}} L}}{{\mathrm{{d}} {latex}}}" in explained.to_latex()
    page = explained.to_html()
    data = json.loads(re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL)[0])
    assert text in data["cards"]
    static = html.unescape(page.partition("<script")[0])
    assert f"dL/d{text} = " in static, "in the table for readers without scripts"
    assert f"\n{text} " in str(draw(root)), "in the table of a picture"


@pytest.mark.parametrize(("name", "text", "latex"), NAMES)
def test_the_page_typesets_the_same_name(name: str, text: str, latex: str) -> None:
    typesetter = Typesetter()
    typesetter.typeset(Formula(text, latex))
    letters = re.sub(r"<[^>]*>", "", "".join(typesetter.pieces)).replace("\N{NO-BREAK SPACE}", " ")
    plain = {ord(low): letter for low, letter in zip("₀₁₂₃₄₅₆₇₈₉₍₎⁽⁾¹²ₒ", "0123456789()()12o", strict=True)}
    assert sorted(html.unescape(letters)) == sorted(text.translate(plain))


@pytest.mark.parametrize(("number", "text", "latex"), NUMBERS)
def test_a_number_in_every_medium(number: float, text: str, latex: str) -> None:
    assert (number_text(number), number_latex(number)) == (text, latex)
    product = Value(number, label="x") * 1.0
    assert text in str(explain(product))
    assert latex in explain(product).to_latex()
    assert text in draw(product).svg


@pytest.mark.parametrize("entry", [*PRIMITIVES.values(), *COMPOSITIONS.values()], ids=lambda entry: entry.name)
def test_no_operation_speaks_program_text(entry: Primitive | Composition) -> None:
    lists = isinstance(entry, Composition) and entry.takes_lists
    count = 2 * len(entry.arguments) if lists else len(entry.arguments)
    domain = entry.domain if len(entry.domain) == count else entry.domain[:1] * count
    numbers = [low + (high - low) * (0.37 + 0.1 * place) for place, (low, high) in enumerate(domain)]
    inputs = [Value(number, label=f"x{place}") for place, number in enumerate(numbers, 1)]
    loss = (entry.of_flat(inputs) if isinstance(entry, Composition) else entry(*inputs)) * -2.0
    loss.label = "loss"
    explained = explain(loss)
    texts = [step.words for step in explained_steps(explained.record)]
    parts = explained._step_through.picture.scene.parts
    texts += [mark.text for part in parts for mark in part.marks if isinstance(mark, Lettering)]
    texts += [*str(explained).splitlines(), *str(draw(loss)).splitlines()]
    assert [(found[0], text) for text in texts if (found := CODE.search(text))] == []
    assert "dL/dx₁ = " in str(explained)
    data = json.loads(re.findall(r'<script type="application/json">(.*?)</script>', explained.to_html(), re.DOTALL)[0])
    signs = re.findall(r'\["mo", (?:\{[^}]*\}, )?"(.*?)"', json.dumps(data["pieces"], ensure_ascii=False))
    assert signs
    assert not [sign for sign in signs if sign.isalpha()], "a name of a function has no room around it"


def test_right_to_left_names_are_isolated_in_every_page() -> None:
    x, w = Value(2.0, label="אב"), Value(3.0, label="גד")
    root = x * w + w
    assert "\u2068אב\u2069 · \u2068גד\u2069" in explain(root).to_html(), "in the order of the formula"
    root.label = "הו"
    for page in (explain(root).to_html(), draw(root, depth=1).to_html(), matrix_view(root).to_html()):
        texts = re.sub(r'data-name="[^"]*"|\["mi","[^"]*"\]', "", html.unescape(page))
        assert re.findall(r".{20}(?<![\u2068\u0590-\u05ff])[\u0590-\u05ff].{20}", texts) == []


def test_a_pdf_has_letters_or_names_those_it_lacks() -> None:
    pdfium = pytest.importorskip("pypdfium2")
    root = Value(2.0, label="ŷ1") * Value(3.0, label="אב") + Value(1.0, label="W1[0][3]")
    document = pdfium.PdfDocument(pdf([explain(root)._step_through.picture.scene], "light"))
    text = document[0].get_textpage().get_text_bounded()
    for letters in ("ŷ₁", "W⁽¹⁾₀₃", "אב"):
        assert letters in text
    assert "?" not in text
    other = explain(Value(2.0, label="误差") * Value(3.0, label="😀"))
    with pytest.warns(UserWarning, match="a PDF may show boxes for 差 误 😀"):
        pdf([other._step_through.picture.scene], "light")
    with pytest.warns(UserWarning, match="a PNG may show boxes for 差 误 😀"):
        other.to_png()
