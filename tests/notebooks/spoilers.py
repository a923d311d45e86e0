"""The search for spoilers: places in a notebook that give away the answer of one of its exercises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograd_core import Quiz
from autograd_core.formulas.symbols import name_text
from autograd_core.mistakes.answers import agrees

_NUMBER = re.compile(r"(?<![\w.\]])[-−]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w\]])")
_CERTAIN = 5  # digits of a number that no other quantity has by chance


@dataclass(frozen=True)
class Rung:
    """An exercise of the ladder: its heading, and its cells."""

    heading: str
    cells: tuple[Any, ...]

    @property
    def code(self) -> list[Any]:
        """The cells of code."""
        return [cell for cell in self.cells if cell.cell_type == "code"]


def ladder(notebook: Any) -> list[Rung]:
    """The exercises in *Your turn*, in order."""
    rungs: list[tuple[str, list[Any]]] = []
    inside = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if inside and re.match(r"^## ", cell.source):
                break
            inside = inside or re.search(r"^## (?:\d\. )?Your turn", cell.source, re.MULTILINE) is not None
            if inside and (heading := re.search(r"^### (.*)", cell.source, re.MULTILINE)):
                rungs.append((heading[1], []))
        if rungs:
            rungs[-1][1].append(cell)
    return [Rung(heading, tuple(cells)) for heading, cells in rungs]


def exercises(rung: Rung) -> list[Quiz]:
    """The exercises that the first cell of code makes; it runs alone."""
    names: dict[str, Any] = {}
    if "quiz" in rung.code[0].source:
        exec(rung.code[0].source, names)
    return [item for item in names.values() if isinstance(item, Quiz)]


def spoilers(notebook: Any) -> Iterator[str]:
    """Each line of the notebook that gives an answer away, with the blank."""
    for rung in ladder(notebook):
        texts = [line for cell in notebook.cells for line in _lines(cell, cell is not rung.code[0])]
        for exercise in exercises(rung):
            for blank, number in exercise.key().items():
                yield from (f"{blank} = {number:g}: {line}" for line in texts if _betrays(line, blank, number))
        yield from _later_uses(rung)


def _lines(cell: Any, with_outputs: bool) -> list[str]:
    """The lines of a cell; an exercise itself prints what is given."""
    texts = [cell.source]
    for output in cell.get("outputs", ()) if with_outputs else ():
        texts.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return [line for text in texts for line in "".join(text).splitlines()]


def _betrays(line: str, blank: str, number: float) -> bool:
    """Whether the number stands behind the name of the blank, or with so many digits that it can be no other."""
    found = [match for match in _NUMBER.finditer(line) if agrees(_read(match[0]), number)]
    if number and any(len(re.sub(r"e.*|\D", "", match[0]).strip("0")) >= _CERTAIN for match in found):
        return True
    name = "|".join(re.escape(name) for name in (blank, name_text(blank)))
    named = rf"d\w+/d(?:{name})(?![\w₀-₉(])|(?<![\w₀-₉.∂])(?:{name})[\"']?\s*[=:](?!=)|^\s*(?:{name})\s{{2,}}"
    first = re.search(named, line)
    return first is not None and any(match.start() >= first.end() - 1 for match in found)


def _read(text: str) -> float:
    return float(text.replace("−", "-"))


def _later_uses(rung: Rung) -> Iterator[str]:
    """Cells below an exercise that compute with its numbers."""
    first, *later = rung.code
    made = {node.id for node in ast.walk(ast.parse(first.source)) if isinstance(node, ast.Name) and _is_set(node)}
    for cell in later:
        used = {node.id for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)}
        if made & used:
            yield f"{rung.heading}: a cell below computes with {', '.join(sorted(made & used))}"


def _is_set(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)
