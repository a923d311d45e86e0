"""The wrong rules in the tables: each can be computed where the operation is defined, and is wrong somewhere."""

import math
from random import Random
from typing import Any

import pytest

import nn.losses
from autograd_core.engine.primitive import PRIMITIVES, split_rules
from autograd_core.engine.scope import COMPOSITIONS, Composition
from autograd_core.formulas.expression import Expression
from nn.modules.softmax import share

OF_NN = [
    entry for entry in vars(nn.losses).values() if isinstance(entry, Composition) and entry.name not in COMPOSITIONS
]
ENTRIES = [*PRIMITIVES.values(), *COMPOSITIONS.values(), *OF_NN, share]
LISTED = 3


def count_of(entry: Any) -> int:
    return LISTED * len(entry.arguments) if getattr(entry, "takes_lists", False) else len(entry.arguments)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_each_wrong_rule_is_a_formula_that_differs_from_the_right_one(entry: Any) -> None:
    count = count_of(entry)
    names = entry.input_names(count) if isinstance(entry, Composition) else entry.arguments
    right = entry.derivatives(count) if isinstance(entry, Composition) else entry.derivatives
    dice = Random(entry.name)
    points = []
    for _ in range(20):
        domain = list(entry.domain) * count if len(entry.domain) < count else entry.domain
        inputs = [dice.uniform(*domain[index]) for index in range(count)]
        output = entry.of_flat(inputs) if isinstance(entry, Composition) else entry(*inputs)
        points.append(dict(zip(("y", *names), (output, *inputs), strict=True)))
    for rule in entry.wrong_derivatives(count):
        assert len(rule) == count
        written = [(wrong, formula) for wrong, formula in zip(rule, right, strict=True) if wrong]
        assert written
        differences = [
            abs(float(Expression(wrong)(point)) - float(Expression(formula)(point)))
            for wrong, formula in written
            for point in points
        ]
        finite = [difference for difference in differences if math.isfinite(difference)]
        assert finite
        assert max(finite) > 1e-3, rule


def test_every_operation_with_a_derivative_of_its_own_has_wrong_rules() -> None:
    without = {entry.name for entry in ENTRIES if not entry.wrong_derivatives(count_of(entry))}
    flat = {"less", "less_equal", "greater", "greater_equal", "equal", "floor"}
    assert without == flat | {"negative", "dot"}  # for these, what every operation has is enough


def test_rules_are_read_one_for_each_input() -> None:
    assert split_rules("") == ()
    assert split_rules("1 - y; y") == (("1 - y",), ("y",))
    assert split_rules("1 | ; | a / b") == (("1", ""), ("", "a / b"))
