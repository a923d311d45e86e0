"""Schedules of the learning rate: against PyTorch's, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import NumberError, Value
from nn import SGD, Schedule, cosine_decay, exponential_decay, linear_decay, step_decay, warm_up


def test_linear_decay_is_that_of_pytorch() -> None:
    torch = pytest.importorskip("torch", reason="compares with PyTorch: pip install -e '.[torch]'")
    theirs = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.3)
    schedule = torch.optim.lr_scheduler.LinearLR(theirs, 1.0, 0.1, total_iters=7)
    optimiser = SGD([Value(0.0)], learning_rate=0.3)
    ours = Schedule(optimiser, linear_decay(7, 0.1))
    for _ in range(10):
        assert optimiser.learning_rate == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-12)
        theirs.step()
        schedule.step()
        ours.step()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: cosine_decay("a", 1), ValueError, "steps is a whole number, at least 1, got 'a'"),
        (lambda: cosine_decay(9, "a"), NumberError, "smallest: .*got the text 'a'"),
        (lambda: linear_decay(0), ValueError, "steps is a whole number, at least 1, got 0"),
        (lambda: linear_decay(2.5), ValueError, r"steps is a whole number, at least 1, got 2\.5"),
        (lambda: step_decay(None), ValueError, "every is a whole number, at least 1, got None"),
        (lambda: exponential_decay([0.5]), NumberError, "factor: "),
        (lambda: warm_up(3, then=0.5), TypeError, r"then is a factor such as cosine_decay\(90\), got 0\.5"),
        (lambda: Schedule(0.1, linear_decay(3)), TypeError, "sets the rate of an optimiser"),
        (lambda: Schedule(SGD([Value(0.0)], 0.1), 0.5), TypeError, "factor is a function of the step"),
    ],
)
def test_what_is_no_schedule_is_refused(make: Callable[[], Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()
