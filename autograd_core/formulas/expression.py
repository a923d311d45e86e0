"""Read a typed expression such as "ln(x1) + x1*x2 - sin(x2)" and compute it: an allow list over Python's grammar.

The same reader serves the command line and the textbook formulas of the tables. Nothing is ever evaluated as code.
"""

from __future__ import annotations

import ast
import difflib
import keyword
import math
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from autograd_core.engine import functions, primitives
from autograd_core.engine.choose import CHOOSE
from autograd_core.engine.primitive import PRIMITIVES, Primitive
from autograd_core.engine.scope import COMPOSITIONS, Composition
from autograd_core.errors import ExpressionError

LONGEST = 2000
DEEPEST = 64

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: primitives.add,
    ast.Sub: primitives.subtract,
    ast.Mult: primitives.multiply,
    ast.Div: primitives.divide,
    ast.Pow: primitives.power,
    ast.USub: primitives.negative,
    ast.Lt: primitives.less,
    ast.LtE: primitives.less_equal,
    ast.Gt: primitives.greater,
    ast.GtE: primitives.greater_equal,
    ast.Eq: primitives.equal,
}
# What may be called: every primitive without an operator, and every composition of numbers or of one list.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: entry for name, entry in PRIMITIVES.items() if entry not in _OPERATORS.values()},
    **{name: entry for name, entry in COMPOSITIONS.items() if not entry.takes_lists or len(entry.arguments) == 1},
    "choose": CHOOSE,
    "equal": primitives.equal,
    "ln": primitives.log,
    "silu": functions.silu,
}
CONSTANTS = {"nan": math.nan, "pi": math.pi}


class Expression:
    """A typed expression, read and checked: `names` are its variables in order of appearance, calling it computes.

    At most 2,000 characters and 64 levels of brackets, signs and powers. Raises `ExpressionError`, whose message is
    one line that points at the place.

    >>> Expression("ln(x1) + x1*x2")({"x1": 1.0, "x2": 5.0})
    5.0
    """

    def __init__(self, text: str) -> None:
        self.text = text
        _check_characters(text)
        _check_levels(text)
        self._tree = _parse(text)
        self._order = self._check_order()
        variables = [node.id for node in self._order if isinstance(node, ast.Name)]
        self.names = tuple(dict.fromkeys(name for name in variables if name not in CONSTANTS))

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """The value: a number for numbers, a recorded graph where `values` holds Values."""
        return self.fold(CONSTANTS | dict(values), float, _call)

    def fold(
        self,
        names: Mapping[str, Any],
        number: Callable[[float], Any],
        apply: Callable[[Callable[..., Any], list[Any]], Any],
    ) -> Any:
        """The expression folded, operands first: `names` and `number` give its leaves, `apply` combines."""
        done: dict[ast.AST, Any] = {}
        for node in self._order:
            if isinstance(node, ast.Constant):
                done[node] = number(float(cast("float", node.value)))
            elif isinstance(node, ast.Name):
                if node.id not in names:
                    raise self._refusal(f"{node.id!r} has no value, write {node.id}=NUMBER", node)
                done[node] = names[node.id]
            else:
                function, operands = _function_and_operands(node)
                read = [done[operand] for operand in operands]
                done[node] = apply(function, read) if function is not None else read[0]
        return done[self._tree]

    def place_of(self, name: str) -> int:
        """The position at which a variable first appears, counted from 0."""
        return min(self._place(node) for node in self._order if isinstance(node, ast.Name) and node.id == name)

    def _check_order(self) -> list[ast.expr]:
        """Every part of the expression, operands first, each on the allow list. No recursion."""
        order: list[ast.expr] = []
        waiting = [self._tree]
        while waiting:
            node = waiting.pop()
            self._check(node)
            order.append(node)
            if not isinstance(node, (ast.Constant, ast.Name)):
                waiting.extend(_function_and_operands(node)[1])
        return order[::-1]

    def _check(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            self._check_number(node)
        elif isinstance(node, ast.Call):
            self._check_call(node)
        elif isinstance(node, ast.Compare):
            if len(node.ops) != 1 or type(node.ops[0]) not in _OPERATORS:
                raise self._refusal("only one comparison at a time, with < <= > >= ==", node)
        elif isinstance(node, (ast.BinOp, ast.UnaryOp)):
            if not isinstance(node.op, ast.UAdd) and type(node.op) not in _OPERATORS:
                raise self._refusal("only the operators + - * / ** are known", node)
        elif not isinstance(node, ast.Name):
            raise self._refusal("only numbers, names, + - * / ** and function calls are known", node)

    def _check_number(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool) or not isinstance(node.value, (int, float)):
            raise self._refusal("only finite real numbers are known", node)
        try:
            finite = math.isfinite(float(node.value))
        except OverflowError:
            finite = False
        if not finite:
            raise self._refusal("this number does not fit float64 (about 1.8e308 at most)", node)

    def _check_call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            if isinstance(node.func, ast.Attribute) and node.func.attr in FUNCTIONS:
                raise self._refusal(f"functions are called by their own names: write {node.func.attr}(...)", node)
            if not name:
                raise self._refusal("only a function's name can be called (for a product write *)", node)
            near = difflib.get_close_matches(name, FUNCTIONS, 3, 0.5) or [near for near in FUNCTIONS if name in near]
            advice = f"did you mean {' or '.join(near)}?" if near else f"known are {', '.join(sorted(FUNCTIONS))}"
            raise self._refusal(f"there is no function {name!r}, {advice}", node)
        if node.keywords or any(isinstance(argument, ast.Starred) for argument in node.args):
            raise self._refusal(f"{name} takes its inputs by position, as {name}(a, b)", node)
        fewest, most = _input_counts(FUNCTIONS[name])
        if not fewest <= len(node.args) <= most:
            wanted = f"at least {fewest}" if most == math.inf else f"{fewest} to {most}" if most > fewest else str(most)
            raise self._refusal(f"{name} takes {wanted} input(s), not {len(node.args)}", node)

    def _refusal(self, what: str, node: ast.expr) -> ExpressionError:
        return _error(what, self.text, self._place(node))

    def _place(self, node: ast.expr) -> int:
        return node.col_offset + len(self.text) - len(self.text.lstrip())


def write_code(primitive: Primitive, operands: Sequence[str]) -> str:
    """A primitive applied to operands as program text, without brackets around them.

    >>> write_code(PRIMITIVES["multiply"], ["a1", "b1"]), write_code(PRIMITIVES["exp"], ["x"])
    ('a1 * b1', 'exp(x)')
    """
    called = primitive.name in FUNCTIONS
    template = f"{primitive.name}({', '.join(primitive.arguments)})" if called else primitive.formula
    names = dict(zip(primitive.arguments, operands, strict=True))
    return re.sub(r"[a-z]\w*", lambda word: names.get(word[0], word[0]), template)


def _call(function: Callable[..., Any], operands: list[Any]) -> Any:
    return function.of_flat(operands) if isinstance(function, Composition) else function(*operands)


def _input_counts(function: Any) -> tuple[int, float]:
    if isinstance(function, Composition):
        most = math.inf if function.takes_lists else len(function.arguments)
        return len(function.arguments) - len(function.defaults), most
    if function.family is not None:
        return 2, math.inf
    return len(function.arguments), len(function.arguments)


def _function_and_operands(node: ast.expr) -> tuple[Callable[..., Any] | None, list[ast.expr]]:
    """The function a part of an expression applies (None for a plus sign), and its operands."""
    if isinstance(node, ast.BinOp):
        return _OPERATORS[type(node.op)], [node.left, node.right]
    if isinstance(node, ast.UnaryOp):
        return _OPERATORS.get(type(node.op)), [node.operand]
    if isinstance(node, ast.Compare):
        return _OPERATORS[type(node.ops[0])], [node.left, *node.comparators]
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    return FUNCTIONS[node.func.id], node.args


def _parse(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings(action="ignore"):  # those of Python about text that is refused below
            return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as problem:
        indent = len(text) - len(text.lstrip())
        position = indent + max((problem.offset or 1) - 1, 0)
        for word in re.finditer(r"[A-Za-z_]\w*", text):
            if keyword.iskeyword(word.group()):
                what = f"{word.group()!r} is a keyword of Python, choose another name"
                raise _error(what, text, word.start()) from None
        if re.match(r"\d\w*[A-Za-z_(]", text[position:]) or "decimal literal" in problem.msg:
            raise _error("a product needs its sign: write 2*x, not 2x", text, position) from None
        if apart := re.search(r"([A-Za-z_]\w*|[\d.]+)\s+([A-Za-z_]\w*|[\d.]+)", text):
            left, right = apart.groups()
            if left in FUNCTIONS:
                raise _error(f"a function takes brackets: write {left}({right})", text, apart.start()) from None
            raise _error(f"a product needs its sign: write {left}*{right}", text, apart.start()) from None
        if text.rstrip()[-1] in "+-*/(,<>=":
            raise _error("the expression is incomplete: something must follow", text, len(text)) from None
        raise _error("this cannot be read", text, position) from None
    except (RecursionError, MemoryError, ValueError):
        raise _error("the expression is nested too deeply", text, 0) from None


def _check_characters(text: str) -> None:
    if not text.strip():
        raise _error("the expression is empty", text, 0)
    if len(text) > LONGEST:
        raise _error(f"the expression has {len(text):,} characters; at most {LONGEST:,} are read", text, LONGEST)
    for position, character in enumerate(text):
        if character == "^":
            raise _error("for a power write **, not ^", text, position)
        if text.startswith("!=", position):
            raise _error("for a != b write (a == b) == 0", text, position)
        if not re.fullmatch(r"[A-Za-z0-9_ .+\-*/(),<>=]", character):
            raise _error(f"the character {character!r} is not part of any expression", text, position)


def _check_levels(text: str) -> None:
    """Refuse deep nesting before the parser sees it: brackets still open, signs and powers waiting for an operand."""
    brackets = pending = 0
    before = "("
    for match in re.finditer(r"\*\*|[-+*/(),]|[^-+*/(), ]+", text):
        token = match.group()
        if token == "(":
            brackets += 1
        elif token == ")":
            brackets -= 1
        elif token == "**" or (token in "+-" and before in ("(", ",", "+", "-", "*", "/", "**")):
            pending += 1
        elif token in "+-*/,":
            pending = 0
        if brackets + pending > DEEPEST:
            raise _error(f"more than {DEEPEST} levels of brackets, signs and powers", text, match.start())
        before = token


def _error(what: str, text: str, position: int) -> ExpressionError:
    rest = text[position : position + 20]
    place = (
        f"at character {position + 1} ({rest + ('...' if len(text) > position + 20 else '')!r})"
        if rest
        else "at the end"
    )
    return ExpressionError(f"{what}: {place}", text, position)
