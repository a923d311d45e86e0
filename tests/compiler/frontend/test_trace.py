"""What a trace would freeze is refused, with the line and what to write instead."""

from __future__ import annotations

import builtins
import copy
import math
import pickle
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    CompileError,
    Value,
    compile,  # noqa: A004
    custom_primitive,
    grad,
    no_grad,
    where,
)

Function = Callable[..., Any]


def test_a_gradient_taken_without_recording_would_be_frozen() -> None:
    def fn(x: Any) -> Any:
        with no_grad():
            return x * grad(lambda t: t * t)(x)

    with pytest.raises(CompileError, match="calls grad"):
        compile(fn, example=1.0)


def branch(h: Any) -> Any:
    if h > 0:
        return h
    return -h


def test_a_branch_names_its_line_and_the_where_to_use() -> None:
    with pytest.raises(CompileError) as caught:
        compile(branch, example=1.0)
    line = branch.__code__.co_firstlineno + 1
    assert str(caught.value) == (
        "this function branches on a number that changes with the data or the parameters.\n"
        f"  line {line} of test_trace.py:  if h > 0:\n"
        "  the branch would be frozen to what the first row did. Use where(h > 0, a, b)."
    )


def test_in_a_notebook_the_line_is_one_of_the_cell() -> None:
    names: dict[str, Any] = {}
    source = "def branch(h):\n    return h if h > 0 else -h\n"
    exec(builtins.compile(source, "ipykernel_7/1417813563.py", "exec"), names)
    with pytest.raises(CompileError, match="line 2 of the cell"):
        compile(names["branch"], example=1.0)


W = Value(1.0)
TABLE = [W, Value(2.0)]
GENERATOR = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("fn", "hint"),
    [
        (lambda h: max(h, 2 * h), r"maximum\(h, 2 \* h\)"),
        (lambda h: min(h, 2 * h), r"minimum\(h, 2 \* h\)"),
        (lambda h: sorted([h, -h])[0], "sorts by"),
        (lambda h: h * float(h), "calls float"),
        (lambda h: h * int(h), r"calls int.*\n.*\n.*floor\(h\).*choose\(h, table\)"),
        (lambda h: TABLE[int(h)] * h, r"choose\(h, table\).*choose\(h, column\)"),
        (lambda h: TABLE[h], r"chooses from a list or a dict.*\n.*\n.*write choose\(h, TABLE\)"),
        (lambda h: TABLE[h:][0], "chooses from a list or a dict"),
        (lambda h: np.array(TABLE)[h], "chooses from a list or a dict"),
        (
            lambda h: {0.0: W}[h],
            r"chooses from a list or a dict.*\n.*\{0.0: W\}\[h\].*\n.*choose\(h, column\) for column",
        ),
        (lambda h: [W] * h, "chooses from a list or a dict"),
        (lambda h: h * (h % 2), r"a - b \* floor\(a / b\) for a % b"),
        (lambda h: h * (2 // h), r"floor\(a / b\) for a // b"),
        (lambda h: h * divmod(h, 2)[0], "the whole quotient or the remainder"),
        (lambda h: h * round(h), r"calls round.*\n.*\n.*floor\(h \+ 0.5\)"),
        (lambda h: h * round(h, 2), "calls round"),
        (lambda h: h * math.trunc(h), r"calls math.trunc.*\n.*\n.*floor\(h\)"),
        (lambda h: h * math.ceil(h), r"-floor\(-h\)"),
        (lambda h: h * len(f"{h}"), r"writes as text.*\n.*\n.*numbers that the program gives"),
        (lambda h: h * len(f"{h:.3f}"), "writes as text"),
        (lambda h: h * len("{:g}".format(h)), "writes as text"),  # noqa: UP032  what people write
        (lambda h: h * len("%d" % h), "writes as text"),  # noqa: UP031
        (lambda h: np.zeros(2).__setitem__(0, h), "a number that changes with the data"),
        (lambda h: h * h.output_number, "recorded output or inputs"),
        (lambda h: h * (h * h).input_numbers[0], "recorded output or inputs"),
        (lambda h: h * copy.copy(W), r"copies or pickles.*\n  line \d+ of test_trace.py.*\n.*Value itself"),
        (lambda h: copy.deepcopy(h), "copies or pickles"),
        (lambda h: pickle.loads(pickle.dumps([h]))[0], "copies or pickles"),
        (lambda h: h * math.exp(h), r"Use autograd_core\.exp"),
        (lambda h: h * math.floor(h), "calls math.floor.*\n.*\n.*autograd_core.floor"),
        (lambda h: h * h.item(), "calls h.item"),
        (lambda h: h * h.data, "reads the .data"),
        (lambda h: h * (W.grad or 0.0), r"reads the \.grad of.*\n.*\n.*grad\(f\)\(x\)"),
        (lambda h: h * (h.grad is None), r"reads the \.grad of"),
        (lambda h: h if W > 0 else -h, r"where\(W > 0, a, b\)"),
        (lambda h: h and 2.0, "branches on"),
        (lambda h: 1.0 if h == 0 else math.pi / h, r"where\(h == 0, a, b\)"),
        (lambda h: h if h != W else -h, r"where\(h != W, a, b\)"),
        (lambda h: h if h in (0, 1) else -h, r"where\(h == 0, a, b\)"),
        (lambda h: h * [0.0, 1.0].index(h), r"calls \[0.0, 1.0\].index"),
        (lambda h: (h * h).backward() or h, r"calls \.backward"),
        (lambda h: h * random.random(), "random numbers of Python's or NumPy's common generator were drawn while"),
        (lambda h: h * np.random.random(), "random numbers of Python's or NumPy's common generator were drawn while"),
        (lambda h, generator=GENERATOR: h * generator.random(), "changing number"),
        (lambda h, calls=[]: [h, h * h, h, h * h][(calls.append(1), len(calls))[1] % 2], "second time"),
        (lambda h: [h, h], "a list of 2 numbers"),
        (lambda h: None, "NoneType"),
    ],
)
def test_what_would_be_frozen_is_refused(fn: Function, hint: str) -> None:
    with pytest.raises(CompileError, match=hint):
        compile(fn, example=1.0)


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_equality_is_a_comparison_that_where_reads(backend: str) -> None:
    w = Value(2.0)
    rows = [0.0, -0.0, 1.0, math.nan]
    for fn in (lambda h: where(h == 0, w, h * w), lambda h: where(h != 0, h * w, w)):
        found = compile(fn, example=1.0, backend=backend)(rows).tolist()
        assert found[:3] == [2.0, 2.0, 2.0]
        assert math.isnan(found[3])
    assert compile(lambda h: w * (h == w), example=1.0, backend=backend)([2.0, 1.0]).tolist() == [2.0, 0.0]
    slope = custom_primitive("slope", lambda a: a * a, [lambda y, a: where(a == 0, 5.0, 2 * a)])
    program = compile(lambda h: slope(h * w), example=1.0, backend=backend)
    assert program.value_and_grad([0.0, 3.0], inputs=True)[2].tolist() == [5.0, 12.0]


def test_a_traced_number_is_shown_without_its_number() -> None:
    """Printing helps to find a mistake, and cannot freeze a number."""
    shown: list[str] = []
    compile(lambda h: shown.append(f"{[h, W, Value(3.0)]}") or h, example=1.0)
    assert shown[0] == "[Value(traced, label='h'), Value(traced), Value(3.0)]"


def test_outside_of_a_trace_the_same_reads_the_number() -> None:
    x = Value(2.5)
    assert (round(x), round(x, 1), math.trunc(x), f"{x:.2f}", x.output_number) == (2, 2.5, 2, "2.50", 2.5)
    with pytest.raises(TypeError, match=r"choose\(x, numbers\), or int\(x\)"):
        TABLE[x]  # type: ignore[index]
    with pytest.raises(TypeError, match=r"a - b \* floor\(a / b\) for a % b"):
        x % 2


def test_what_does_not_depend_on_the_row_may_be_read() -> None:
    def fn(x: Any) -> Any:
        two = Value(1.0) + 1.0
        return x * float(two) if two > 1.0 else x

    assert compile(fn, example=1.0)([3.0]).tolist() == [6.0]


def test_a_value_computed_outside_is_refused_since_the_function_would_keep_its_number() -> None:
    w = Value(3.0, label="w")
    w2 = w * 2
    with pytest.raises(CompileError, match="the result of 'multiply', 6, was computed from w"):
        compile(lambda x: w2 * x, example=1.0)
    scale = w2.detach()
    program = compile(lambda x: scale * x, example=1.0)
    for number in (6.0, 10.0):
        scale.data = number
        assert program([2.0]).tolist() == [(scale * 2.0).data] == [2.0 * number]
