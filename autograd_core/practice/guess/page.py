"""A slot for a guess as HTML: a whole page, or the output of a notebook cell.

Where no script runs, the answer is folded behind the question. It is in the page, unlike the answers of exercises: a
guess is not marked.
"""

from __future__ import annotations

from html import escape
from typing import Any

from autograd_core.formulas.notation import number_text
from autograd_core.show.page.bundle import page_script, style_sheet
from autograd_core.show.page.document import document, embedded_json
from autograd_core.show.page.styles import styles

_ENTRY = "practice/guess/page.js"
_STYLE = "practice/guess/guess.css"


def guess_page(data: dict[str, Any]) -> str:
    """A complete HTML document that needs no network. data: a guess as plain data."""
    return document(
        "Guess first", _slot(data), styles("data-autograd-guess", _STYLE, with_pictures=False), page_script(_ENTRY)
    )


def notebook_output(data: dict[str, Any]) -> str:
    """The same as the output of a notebook cell, in the colours and letters of the notebook."""
    return f"<style>{style_sheet(_STYLE)}</style>{_slot(data)}<script>{page_script(_ENTRY)}</script>"


def _slot(data: dict[str, Any]) -> str:
    answers = "; ".join(
        f"{label + ': ' if label else ''}{number_text(answer) if isinstance(answer, float) else answer}"
        for label, answer in zip(data["labels"], data["answers"], strict=True)
    )
    return (
        f'<div data-autograd-guess=""><p data-question=""><b>Guess first.</b> {escape(data["question"])}</p>'
        f'<details data-fallback=""><summary>The answer</summary>{escape(answers)}</details>'
        f'<script type="application/json">{embedded_json(data)}</script></div>'
    )
