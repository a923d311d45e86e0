"""A program as code that a person reads: NumPy, C or JavaScript, each line with the formula it stands for."""

from __future__ import annotations

from autograd_core.compiler.explain.code_model import CodeLines
from autograd_core.compiler.explain.language import Language
from autograd_core.compiler.explain.loop_code import C, JavaScript
from autograd_core.compiler.explain.numpy_code import NumPy

LANGUAGES: dict[str, type[Language]] = {"numpy": NumPy, "c": C, "javascript": JavaScript}


def source(lines: CodeLines, language: str, name: str) -> str:
    """The text of a program in one of the languages. Raises ValueError for another one."""
    if language not in LANGUAGES:
        raise ValueError(f"source is written in {', '.join(map(repr, LANGUAGES))}, not in {language!r}.")
    return LANGUAGES[language]().text(lines, name)
