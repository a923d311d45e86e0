"""Errors for code that would freeze a number of the first row into a program: the line, and what to write instead."""

from __future__ import annotations

import ast
import linecache
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import PurePath
from types import FrameType
from typing import Any, NoReturn

from autograd_core.engine.context import Scope, current_scope
from autograd_core.engine.primitive import PRIMITIVES
from autograd_core.errors import CompileError

_FROZEN = "would be frozen to what the first row did."
_CHOOSE = (
    "To choose from a list of numbers, write {call}; from a table of rows, from each of its columns: "
    "[choose({index}, column) for column in zip(*{table})]."
)
_WHOLE = {"int": "floor(h)", "trunc": "floor(h)", "floor": "floor(h)", "ceil": "-floor(-h)", "round": "floor(h + 0.5)"}
_READINGS = {  # what is done to a number, and what to do instead
    "format": ("writes as text", f"the text {_FROZEN} Write the numbers that the program gives, outside."),
    "copy": ("copies or pickles", f"the copy {_FROZEN} Compute with the Value itself, or copy it outside."),
    "plain": ("makes a plain number of", f"it {_FROZEN} Compute with the Value itself, or where(h > 0, a, b)."),
    "grad": (
        "reads the .grad of",
        f"it {_FROZEN} Use grad(f)(x) inside, or give the number as a column of the data.",
    ),
    "number": ("reads the recorded output or inputs of", f"it {_FROZEN} Compute with the Value itself."),
    "remainder": (
        "takes the whole quotient or the remainder of",
        "no operation of a Value is //, % or divmod. Use floor(a / b) for a // b, and a - b * floor(a / b) for a % b.",
    ),
}
_INSIDE = ("autograd_core", "nn", "copy", "pickle")
_REFUSED_INDEX: ContextVar[CompileError | None] = ContextVar("refused_index", default=None)  # NumPy hides the error
_REPLACEMENTS = {"max": "maximum(a, b)", "min": "minimum(a, b)"}


def trace_scope() -> Scope | None:
    """The outermost scope of the current trace; None outside of one."""
    scope: Scope | None = current_scope()
    if scope is None or not scope.mode.tracing:
        return None
    while scope.parent is not None and scope.parent.mode.tracing:
        scope = scope.parent
    return scope


def is_constant_of(leaf: Any, trace: Scope) -> bool:
    """Whether the traced function created this leaf itself: a constant of the program."""
    return leaf.role == "input" and is_made_in(leaf, trace)


def is_made_in(node: Any, trace: Scope) -> bool:
    """Whether a node was made while the function was traced."""
    scope: Scope | None = node._scope
    while scope is not None and scope is not trace:
        scope = scope.parent
    return scope is trace


def refuse_reading(node: Any, reading: str = "") -> None:
    """Raise `CompileError` where `node` depends on an input or a parameter of the function being traced.

    reading: what is done to the number, one of `_READINGS`, or "float"; the error finds out more from the line.
    """
    if is_traced(node):
        _refuse(_place(user_frame()), reading)


def is_traced(node: Any) -> bool:
    """Whether `node` depends on an input or a parameter of the function being traced."""
    trace = trace_scope()
    if trace is None:
        return False
    waiting, entered = [node], {node}
    while waiting:
        node = waiting.pop()
        if node._primitive is None and not is_constant_of(node, trace):
            return True
        for source in node.inputs:
            if type(source) is not float and source not in entered:
                entered.add(source)
                waiting.append(source)
    return False


@contextmanager
def lookups_refused() -> Iterator[None]:
    """In this context a number that changes is refused as a key of a dict and as an index of an array."""
    token = _REFUSED_INDEX.set(None)
    try:
        yield
    except LookupError as missing:
        _refuse_lookup(missing)
        raise
    finally:
        _REFUSED_INDEX.reset(token)


def _refuse_lookup(missing: LookupError) -> None:
    """Raise `CompileError` where the function being traced looked up a number that changes in a dict or an array."""
    if isinstance(missing, IndexError) and (refusal := _REFUSED_INDEX.get()) is not None:
        raise refusal
    if not (missing.args and hasattr(missing.args[0], "_record") and is_traced(missing.args[0])):
        return
    traceback = missing.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    assert traceback is not None
    _refuse(_place(traceback.tb_frame, traceback.tb_lineno, traceback.tb_lasti), "index")


def refuse_sweeping() -> NoReturn:
    """Raise `CompileError` for `.backward()` inside a traced function."""
    raise CompileError(
        "this function calls .backward(), which leaves plain numbers in .grad.\n"
        f"{_place(user_frame())[0]}"
        "  they would be frozen to those of the first row. Use grad(f)(x) inside, or compile the loss alone and call "
        "value_and_grad on the program."
    )


def _refuse(place: tuple[str, str], reading: str) -> NoReturn:
    where, source = place
    what, advice = _READINGS.get(reading) or _diagnosis(source, reading)
    refusal = CompileError(
        f"this function {what} a number that changes with the data or the parameters.\n{where}  {advice}"
    )
    if reading == "index":
        _REFUSED_INDEX.set(refusal)
    raise refusal


def user_frame() -> FrameType:
    """The innermost frame of code outside these packages and what they are called by to copy."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] in _INSIDE:
        frame = frame.f_back
    return frame


def _place(frame: FrameType, number: int | None = None, instruction: int | None = None) -> tuple[str, str]:
    """The line as an error shows it, and the expression in it that was being evaluated ("" if unknown).

    number, instruction: of the line and of the instruction, where they are not those the frame is at."""
    number = frame.f_lineno if number is None else number
    instruction = frame.f_lasti if instruction is None else instruction
    name = frame.f_code.co_filename
    path = PurePath(name)
    where = "the cell" if path.parent.name.startswith("ipykernel_") else path.name  # a notebook's, named by a number
    line = linecache.getline(name, number, frame.f_globals)
    shown = f"  line {number} of {where}:  {line.strip()}\n"
    positions = list(frame.f_code.co_positions())[instruction // 2]
    first, last, start, end = positions
    if first is None or last is None or start is None or end is None:
        return shown, ""
    lines = [linecache.getline(name, number, frame.f_globals).encode() for number in range(first, last + 1)]
    lines[-1] = lines[-1][:end]
    return shown, b"".join([lines[0][start:], *lines[1:]]).decode(errors="replace")


def _choose_instead(expression: ast.expr | None) -> str:
    """What to write instead of choosing from a list by a Value, in the names of the line where it has them."""
    index, table = "i", "table"
    places = [expression.slice] if isinstance(expression, ast.Subscript) else getattr(expression, "args", [])
    if places and isinstance(places[0], (ast.Name, ast.Attribute)):
        index = ast.unparse(places[0])
    if isinstance(expression, ast.Subscript) and isinstance(expression.value, (ast.Name, ast.Attribute)):
        table = ast.unparse(expression.value)
    return _CHOOSE.format(call=f"choose({index}, {table})", index=index, table=table)


def _diagnosis(source: str, reading: str) -> tuple[str, str]:
    """What the function does, and what to do instead. It may have asked for the truth if the reading is not "float"."""
    frozen, branches = _FROZEN, reading != "float"
    try:
        expression = ast.parse(f"({source})", mode="eval").body if source else None
    except SyntaxError:  # part of a statement
        expression = None
    if reading == "index":
        return "chooses from a list or a dict by", f"the choice {frozen} {_choose_instead(expression)}"
    if isinstance(expression, ast.Attribute) and expression.attr == "data":
        return "reads the .data of", f"it {frozen} Compute with the Value itself."
    if isinstance(expression, ast.Call):
        name = ast.unparse(expression.func)
        short = name.rpartition(".")[2]
        if name in _REPLACEMENTS:
            wanted = _REPLACEMENTS[name].partition("(")[0]
            arguments = [ast.unparse(argument) for argument in expression.args]
            written = f"{wanted}({', '.join(arguments)})" if len(arguments) == 2 else _REPLACEMENTS[name]
            return f"calls {name} on", f"the choice {frozen} Use {written}, pair by pair."
        if name == "sorted" or short == "sort":
            return "sorts by", f"the order {frozen} Choose with where(a > b, a, b), or sort the data before."
        if short in PRIMITIVES and hasattr(math, short):
            return f"calls {name} on", f"the number {frozen} Use autograd_core.{short}, which takes Values."
        if short in ("int", "round", "floor", "ceil", "trunc"):
            whole = f"Use {_WHOLE[short]} for a whole number, which has derivative 0."
            return f"calls {name} on", f"the number {frozen} {whole} {_choose_instead(expression)}"
        if short in ("float", "item"):
            return f"calls {name} on", f"the number {frozen} Compute with the Value itself, or where(h > 0, a, b)."
        if name != "bool":
            return f"calls {name} on", f"the number {frozen} Use where(h > 0, a, b) and the functions of this package."
        source = ast.unparse(expression.args[0]) if expression.args else source
    if not branches:
        is_text = isinstance(expression, ast.BinOp) and isinstance(expression.op, ast.Mod)
        return _READINGS["format" if is_text else "plain"]
    condition = " ".join(source.split()) if isinstance(expression, (ast.Compare, ast.Name, ast.Call)) else "h > 0"
    if isinstance(expression, ast.Compare) and isinstance(expression.ops[0], (ast.In, ast.NotIn)):
        condition = "h == 0"  # for each of the numbers
    return "branches on", f"the branch {frozen} Use where({condition}, a, b)."
