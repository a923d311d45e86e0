"""The calls of NumPy for an instruction: masks set where a comparison holds, or where it does not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd_core
from autograd_core import Value, relu, where

NUMBERS = [2.0, -2.0, 0.0, -0.0, math.nan, math.inf, -math.inf]
PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "set where it holds": lambda x: where(x > 0.0, x, 0.0) + where(x < 1.0, x * x, 0.0),
    "set where it does not": lambda x: relu(x) + relu(x + 1.0),
    "more often where it does not": lambda x: relu(x) + relu(-x) + where(x >= 1.0, x, 0.0),
    "without a zero": lambda x: where(x > 0.0, x, 3.0) + where(x <= 0.0, x, -0.0),
    "between two numbers of a row": lambda x: (
        relu(x) + relu(2.0 * x) + where(x > 1.0, x, x * x) + where(x < 0.0, 2.0, x)
    ),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_where_chooses_the_same_numbers_whichever_way_masks_are_set(name: str) -> None:
    program = autograd_core.compile(PROGRAMS[name], example=(1.0,), backend="numpy")
    values = [PROGRAMS[name](Value(number)).data for number in NUMBERS]
    assert [repr(value) for value in program(NUMBERS).tolist()] == [repr(value) for value in values]
    for number in (2.0, -2.0, 0.5):
        x = Value(number)
        PROGRAMS[name](x).backward()
        assert program.value_and_grad(np.array([number]), inputs=True)[2].tolist() == [x.grad]
