"""The Python side of the page: explanations of an expression, and cells of a notebook with their outputs."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import traceback
from typing import Any

from autograd_core import AutogradError, Explanation, Picture, draw, explain
from autograd_core.formulas.assignments import evaluate

_names: dict[str, Any] = {"__name__": "__main__"}


def explained(expression: str, numbers: str, opened: bool) -> dict[str, str]:
    """The step-through, the picture, the text and the LaTeX of an expression; or the "problem" with it."""
    inside = "all" if opened else ()
    try:
        output = evaluate(expression, re.sub(r"\s*=\s*", "=", numbers.replace(",", " ")).split())
        explanation = explain(output, open=inside)
        output.backward()
        return {
            "page": explanation.to_html(),
            "picture": draw(output, open=inside).svg,
            "text": explanation.to_text(),
            "latex": explanation.to_latex(),
        }
    except (AutogradError, ValueError) as problem:
        return {"problem": str(problem)}


def run(source: str) -> list[list[str]]:
    """Run a cell; returns its printed text and the output of its last expression, as [kind, content]."""
    printed = io.StringIO()
    outputs: list[list[str]] = []
    try:
        tree = ast.parse(source, "cell")
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(compile(tree, "cell", "exec"), _names)
            if last is not None:
                result = eval(compile(ast.Expression(last.value), "cell", "eval"), _names)
                if result is not None:
                    outputs.append(_render(result))
    except BaseException as problem:  # exit(), too: a cell cannot end the page
        lines = traceback.format_exception(problem)
        start = next((i for i, line in enumerate(lines) if 'File "cell"' in line), len(lines) - 1)
        outputs.append(["problem", "".join(lines[start:])])
    return [["text", printed.getvalue()], *outputs] if printed.getvalue() else outputs


def _render(result: Any) -> list[str]:
    if isinstance(result, Explanation):
        return ["page", result.to_html()]
    if isinstance(result, Picture):
        return ["picture", result.svg]
    return ["text", repr(result)]
