"""Formulas as programs state them for a scope, typeset: h1 = tanh(W1 x + b1) is h⁽¹⁾ = tanh(W⁽¹⁾ x + b⁽¹⁾).

A formula in the expression language is written as all others are. Others, such as W x for a product of matrices, or one
with an ellipsis, are written word by word: only their names and signs change.
"""

from __future__ import annotations

import functools
import re

from autograd_core.errors import ExpressionError
from autograd_core.formulas.expression import FUNCTIONS, Expression
from autograd_core.formulas.labels import visible_text
from autograd_core.formulas.notation import write_formula, write_name
from autograd_core.formulas.symbols import name_text, superscript, vector_text

_NAME = re.compile(r"[^\W\d]\w*(?:\[\d+\])*(\(?)")  # and the bracket of a call
_BESIDE = re.compile(r"(?<![\w)\]])[^\W\d]\w* [^\W\d]\w*(?![\w(])")  # W x, a product without a sign
_SIGNS = (
    (re.compile(r"\*\*(\d+)"), lambda found: superscript(found[1])),
    (re.compile(r" ?\* ?"), lambda _: " · "),
    (re.compile(r"->"), lambda _: "→"),
    (re.compile(r"(?<!\w)-"), lambda _: "−"),
    (re.compile(r"\^T\b"), lambda _: "ᵀ"),
    (re.compile(r"\.\.\."), lambda _: "…"),
)


@functools.lru_cache(maxsize=10_000)
def formula_text(formula: str) -> str:
    """The formula of a scope or a layer, typeset.

    >>> formula_text("h1 = relu(W1 x + b1)"), formula_text("mean((p - t)**2)")
    ('h⁽¹⁾ = ReLU(W⁽¹⁾ x + b⁽¹⁾)', 'mean((p − t)²)')
    """
    formula = visible_text(formula)
    return " = ".join(_side(side, bool(_BESIDE.search(formula))) for side in formula.split(" = "))


def _side(side: str, has_matrices: bool) -> str:
    if not has_matrices:
        try:
            return write_formula(side, {name: write_name(name) for name in Expression(side).names}).text
        except ExpressionError:
            pass  # it is not in the expression language
    symbol = vector_text if has_matrices else name_text
    for pattern, sign in _SIGNS:
        side = pattern.sub(sign, side)
    return _NAME.sub(lambda found: _function(found[0]) if found[1] else symbol(found[0]), side)


def _function(call: str) -> str:
    """The start of a call, with the symbol of the function."""
    entry = FUNCTIONS.get(call[:-1])
    return f"{getattr(entry, 'symbol', call[:-1])}("
