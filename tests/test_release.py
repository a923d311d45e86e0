"""Ready to be published: one version everywhere, its notes, and what a wheel and an sdist have to contain."""

from __future__ import annotations

import re
from pathlib import Path

from notebooks.site import PARTS, course_page, start_page
from tests.support.distribution import package_files, problems, version
from tests.support.imports import ROOT

GITHUB = ROOT / ".github"


def test_the_version_is_the_same_everywhere() -> None:
    citation = (GITHUB / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (GITHUB / "CHANGELOG.md").read_text(encoding="utf-8")
    newest, date = re.findall(r"^## \[(\S+)\] - (\S+)$", changelog, re.MULTILINE)[0]
    assert newest == version()
    assert f"version: {version()}\ndate-released: {date}\n" in citation
    assert f"version = {{{version()}}}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_release_has_notes_whose_links_lead_somewhere() -> None:
    notes = GITHUB / "release_notes" / f"{version()}.md"
    text = notes.read_text(encoding="utf-8")
    assert text.startswith(f"# autograd_core {version()}\n")
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (notes.parent / link).exists(), link


def test_the_workflows_run_commands_that_exist() -> None:
    for name in ("publish.yml", "site.yml"):
        text = (GITHUB / "workflows" / name).read_text(encoding="utf-8")
        for module in re.findall(r"python -m ((?:tests|notebooks)\.[\w.]+)", text):
            assert (ROOT / (module.replace(".", "/") + ".py")).exists(), module


def test_what_is_missing_from_a_distribution_or_too_much_is_named() -> None:
    files = package_files()
    wheel = files | {"autograd_core-1.dist-info/licenses/LICENSE"}
    sdist = files | {
        "tests/test_release.py",
        "notebooks/site.py",
        "README.md",
        "LICENSE",
        "pyproject.toml",
        ".github/x",
    }
    assert problems(wheel, sdist) == []
    assert problems(wheel - {"nn/py.typed"} | {"tests/x.py"}, sdist - {"LICENSE"} | {"notebooks/built/a.html"}) == [
        "the wheel lacks nn/py.typed",
        "the wheel should not have tests/x.py",
        "the sdist lacks LICENSE",
        "the sdist should not have notebooks/built/a.html",
    ]


def test_the_start_page_leads_to_every_part_and_the_course_to_every_form(tmp_path: Path) -> None:
    assert all(f'<a href="{address}">{name}</a>' in start_page() for address, name, _ in PARTS)
    for folder, name in (("handouts", "1.html"), ("slides", "1.html"), ("students", "1.ipynb")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text("<title>1. Slopes &amp; more</title>", encoding="utf-8")
    page = course_page(tmp_path)
    assert "<dt>1. Slopes &amp; more</dt>" in page
    for address, text in (
        ("handouts/1.html", "to read"),
        ("slides/1.html", "slides"),
        ("students/1.ipynb", "notebook"),
    ):
        assert f'<a href="{address}">{text}</a>' in page
    assert "worksheet" not in page
