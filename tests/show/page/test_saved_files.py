"""Pages and films that are written: what a prompt shows of them, and names that would mislead."""

import pytest

from autograd_core import DrawingError, Value, draw, explain, quiz
from autograd_core.show.page.saved_files import save_film


def graph():
    return Value(2.0, label="x") * Value(5.0, label="w")


@pytest.mark.parametrize("make", [explain, quiz, lambda value: draw(value, depth=1)])
def test_a_page_is_its_text_but_a_prompt_shows_only_its_size_and_path(make, tmp_path):
    target = tmp_path / "page.html"
    page = make(graph()).to_html(target)
    assert page.startswith("<!DOCTYPE html>")
    assert repr(page) == f"<a page of {len(page):,} characters, written to {target}>"
    assert "not written: give to_html a path" in repr(make(graph()).to_html())


def test_a_prompt_shows_only_the_size_and_path_of_a_film(tmp_path):
    target = tmp_path / "steps.gif"
    film = save_film(b"GIF89a", target, ".gif")
    assert target.read_bytes() == film == b"GIF89a"
    assert repr(film) == f"<a file of 6 bytes, written to {target}>"
    assert repr(save_film(b"GIF89a", None, ".gif")) == "<a file of 6 bytes, not written: give it a path>"


def test_a_wrong_suffix_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(DrawingError, match=r"'steps.txt' has the suffix of another format.*'steps.html'"):
        explain(graph()).to_html(tmp_path / "steps.txt")
    with pytest.raises(DrawingError, match=r"'steps' has .* suffix .gif, such as 'steps.gif'"):
        save_film(b"GIF89a", tmp_path / "steps", ".gif")
    with pytest.raises(DrawingError, match=r"one of .svg .* explain\(value\)\.to_html"):
        draw(graph()).save(tmp_path / "steps.html")
    assert not list(tmp_path.iterdir())
