"""What all languages of `Program.source` share: operations as text, brackets, comments in a column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, ClassVar

from autograd_core.compiler.explain.code_model import (
    CodeLines,
    Element,
    Elements,
    Helper,
)
from autograd_core.errors import CompileError

# {primitive: (precedence, text)}: a higher precedence binds more strongly, and inputs of a lower one get brackets.
Templates = dict[str, tuple[int, str]]
ATOM, POWER, SIGN, TIMES, PLUS, COMPARISON, CHOICE = 9, 8, 7, 6, 5, 4, 1
WIDEST = 44  # columns of code before a comment

OPERATORS: Templates = {
    "add": (PLUS, "{0} + {1}"),
    "subtract": (PLUS, "{0} - {1:tight}"),
    "multiply": (TIMES, "{0} * {1}"),
    "divide": (TIMES, "{0} / {1:tight}"),
    "negative": (SIGN, "-{0}"),
    "opaque": (ATOM, "{0}"),
    "detach": (ATOM, "{0}"),
    "less": (COMPARISON, "{0:tight} < {1:tight}"),
    "less_equal": (COMPARISON, "{0:tight} <= {1:tight}"),
    "greater": (COMPARISON, "{0:tight} > {1:tight}"),
    "greater_equal": (COMPARISON, "{0:tight} >= {1:tight}"),
    "equal": (COMPARISON, "{0:tight} == {1:tight}"),
}
FUNCTIONS = ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "tanh", "floor")


class Language:
    """What one language writes: its operations, and a whole program around the lines."""

    comment = "//"
    templates: ClassVar[Templates]
    missing: tuple[str, ...] = ()

    def number(self, number: float) -> str:
        return f"{number:.17g}" if number != float(f"{number:g}") else f"{number:g}"

    def expression(self, value: Any, element: Callable[[Elements], str]) -> tuple[str, int]:
        """The text of an expression, and how strongly it binds."""
        if isinstance(value, Elements):
            text = element(value)
            return text, SIGN if text.startswith("-") else ATOM
        if isinstance(value, float):
            return self.number(value), SIGN if value < 0 else ATOM
        parts = [self.expression(operand, element) for operand in value.operands]
        if value.name in self.missing:
            raise CompileError(f"{type(self).__name__} has no {value.name}, so this program is not written in it.")
        if value.name not in self.templates:
            return f"{value.name}({', '.join(text for text, _ in parts)})", ATOM
        return with_operands(self.templates[value.name], parts)

    def text(self, lines: CodeLines, name: str) -> str:
        raise NotImplementedError(f"{type(self).__name__} has no text.")

    def with_comments(self, lines: Sequence[tuple[str, str]]) -> Iterator[str]:
        """Lines with their comments in one column."""
        column = max((len(code) for code, comment in lines if comment and len(code) <= WIDEST), default=0)
        for code, comment in lines:
            if comment.replace(" ", "") in code.replace(" ", ""):  # the code says it already
                comment = ""
            yield f"{code:<{column}}  {self.comment} {comment}" if comment else code

    def helper_lines(self, helper: Helper) -> list[tuple[str, Any]]:
        return [*helper.lines, ("", helper.result)]


def with_operands(operation: tuple[int, str], operands: Sequence[tuple[str, int]]) -> tuple[str, int]:
    """The text of an operation from `Templates`, and how strongly it binds; operands are given in the same way."""
    binding, template = operation
    return template.format(*[_OperandText(text, strength, binding) for text, strength in operands]), binding


class _OperandText:
    """A part of an expression in a template: in brackets where it binds less strongly than what is around it."""

    def __init__(self, text: str, strength: int, around: int) -> None:
        self.text, self.strength, self.around = text, strength, around

    def __format__(self, specification: str) -> str:
        least = self.around + (specification == "tight")
        if specification == "free":
            return self.text
        return self.text if self.strength >= least else f"({self.text})"


def runs(items: Sequence[Element]) -> list[list[Element]]:
    """Elements in groups of neighbours in one variable; constants alone."""
    groups: list[list[Element]] = []
    for item in items:
        last = groups[-1][-1] if groups else None
        if isinstance(item, tuple) and isinstance(last, tuple) and item[0] is last[0] and item[1] == last[1] + 1:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups
