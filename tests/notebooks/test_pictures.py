"""The README's pictures: one command makes them, and they are as small as agreed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from notebooks import pictures

README = (pictures.FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
MADE_ELSEWHERE = {"growth.png", "architecture.svg", "playground.png"}  # by commands of their own


def test_every_picture_of_the_readme_is_made_by_the_command() -> None:
    shown = set(re.findall(r"\.github/pictures/([\w.]+)", README))
    assert shown - MADE_ELSEWHERE <= {*pictures.FILMS, *pictures.PAGES}


def test_the_film_is_small(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    pictures.main(["step_through.gif", "--to", str(tmp_path)])
    film = tmp_path / "step_through.gif"
    assert film.stat().st_size < 1_500_000
    with image.open(film) as opened:
        assert opened.width <= 1200


def test_a_page_is_photographed(tmp_path: Path) -> None:
    pytest.importorskip("playwright.sync_api", reason="drives a browser: pip install -e '.[browser]'")
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    if shutil.which("chromium") is None:
        pytest.skip("needs chromium: apt-get install chromium")
    pictures.main(["exercise.png", "--to", str(tmp_path)])
    with image.open(tmp_path / "exercise.png") as picture:
        assert picture.width > 1300
        assert len(picture.getcolors()) > 20


def test_a_picture_that_is_not_known_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        pictures.main(["nothing.png"])
    assert "there is no picture 'nothing.png'; choose from" in capsys.readouterr().err
