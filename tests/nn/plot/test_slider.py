"""Figures on a slider: every value has its own picture, names are checked, and paper shows the first one."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("matplotlib", reason="draws figures: pip install -e '.[plot]'")

from autograd_core.show.page.document import compact_picture
from nn.plot import slider
from nn.plot.canvas import sheet
from nn.plot.figure_svg import figures_svg


def line(slope: float) -> Any:
    with sheet("light", width=320, height=200) as page:
        page.axes[0].plot([0.0, 1.0], [0.0, slope], color=page.series(0))
        page.axes[0].set(ylim=(-2, 2), title=f"slope {slope:g}", xlabel="x")
    return page.figure


def data_of(html: str) -> Any:
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html, re.DOTALL)[1])  # type: ignore[index]


def test_every_value_has_its_own_picture_and_common_parts_are_stored_once() -> None:
    slopes = [-1.0, 0.5, 2.0]
    made = slider(line, slope=slopes, start=0.5)
    data = data_of(made.to_html())
    assert (data["name"], data["start"]) == ("slope", 1)
    assert data["captions"] == ["slope = -1", "slope = 0.5", "slope = 2"]
    pictures = [compact_picture(picture) for picture in figures_svg(made.figures, ["light"] * 3)]
    parts = re.findall("<[^<]*", pictures[1]) + data["parts"]
    assert ["".join(parts[number] for number in numbers) for numbers in data["pictures"]] == pictures
    assert len(data["parts"]) < 0.2 * len(parts)


def test_the_axes_of_all_figures_are_in_one_place() -> None:
    def wide(limit: float) -> Any:
        figure = line(1.0)
        figure.axes[0].set(ylim=(-limit, limit), ylabel="y")
        return figure

    figures = slider(wide, limit=[1.0, 1e6]).figures
    first, second = (figure.axes[0].get_position().bounds for figure in figures)
    assert first == second
    for figure in figures:
        figure.draw_without_rendering()
        assert figure.axes[0].get_tightbbox().x0 >= 0


def test_a_page_is_written_and_a_notebook_shows_the_same(tmp_path: Path) -> None:
    made = slider(line, slope=[1.0, 2.0])
    made.to_html(tmp_path / "slope.html")
    page = (tmp_path / "slope.html").read_text(encoding="utf-8")
    output = made._repr_mimebundle_()
    assert data_of(page) == data_of(output["text/html"])
    assert output["text/plain"] == repr(made) == "<Slider: slope = 1, 2; shown 1>"


def test_a_name_with_signs_of_markup_is_text() -> None:
    html = slider(line, **{"<b>&rate</b>": [1.0]}).to_html()
    assert "<b>" not in html
    assert data_of(html)["captions"] == ["<b>&rate</b> = 1"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "takes one name, got none"),
        ({"a": [1], "b": [2]}, "takes one name, got a, b"),
        ({"a": []}, "at least one value of a"),
        ({"a": [1, 2], "start": 3}, r"one of the values of a \(1, 2\), got 3"),
    ],
)
def test_other_arguments_are_refused(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        slider(line, **options)


def test_paper_shows_the_first_picture() -> None:
    nbformat = pytest.importorskip("nbformat", reason="builds the course: pip install -e '.[notebook]'")
    pytest.importorskip("nbconvert", reason="builds the course: pip install -e '.[notebook]'")
    from notebooks.handout import page

    output = nbformat.v4.new_output("display_data", slider(line, slope=[-1.0, 2.0], start=2.0)._repr_mimebundle_())
    paper = page(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])]), "one")
    assert "slope = 2" in paper
    assert paper.count("<img") == 1
    assert "<script" not in paper
