"""Ctrl-C at every moment of the campaign `interrupts`, a hundredth of it, and blocks that are entered."""

from __future__ import annotations

import pytest

from autograd_core import NumberError, Value, interrupts, no_grad
from autograd_core.engine.context import current_scope
from tests.campaigns import interrupts as campaign


@pytest.mark.parametrize("name", campaign.SCENARIOS)
def test_ctrl_c_leaves_nothing_switched_on_and_nothing_half_done(name: str) -> None:
    _, share = campaign.SCENARIOS[name]
    wrong, _ = campaign.faults(name, round(campaign.INTERRUPTS * share / 100 / 100), seed=13)
    assert not wrong


def test_a_block_is_entered_once_and_a_decorated_function_often() -> None:
    block = no_grad()
    with block:
        pass
    with pytest.raises(RuntimeError, match="entered already"), block:
        pass

    @no_grad()
    def factorial(n: int) -> Value:
        assert not current_scope().mode.recording
        return n * factorial(n - 1) if n else Value(1.0)

    assert [factorial(n).data for n in (3, 3)] == [6.0, 6.0]
    assert current_scope().mode.recording


def test_an_error_passes_through_a_block() -> None:
    with pytest.raises(KeyError), no_grad(), interrupts.SetInside([], "training", False):
        raise KeyError


def test_numbers_are_assigned_together_or_not_at_all() -> None:
    x, y = Value(1.0), Value(2.0, label="y")
    with pytest.raises(NumberError, match="the data of 'y'"):
        interrupts.commit(interrupts.assign([x, y], [3.0, "four"]))
    assert (x.data, y.data) == (1.0, 2.0)
