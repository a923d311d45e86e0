"""Metrics of numbers against mpmath, over all magnitudes."""

from __future__ import annotations

import math
import random

import mpmath
import pytest

from nn import metrics


def test_metrics_of_numbers_are_right_over_all_magnitudes() -> None:
    rng = random.Random(0)
    for _ in range(300):
        base, spread = rng.choice([0, 1, -1]) * 10 ** rng.uniform(-300, 307), 10 ** rng.uniform(-320, 306)
        truths = [base + spread * rng.gauss(0, 1) for _ in range(rng.randint(2, 6))]
        guesses = [truth + spread * rng.gauss(0, 1) * 10 ** rng.uniform(-3, 1) for truth in truths]
        if len(set(truths)) == 1 or not all(map(math.isfinite, [*truths, *guesses])):
            continue
        with mpmath.workdps(1500):
            mean = mpmath.fsum(map(mpmath.mpf, truths)) / len(truths)
            errors = [mpmath.mpf(guess) - truth for guess, truth in zip(guesses, truths, strict=True)]
            ratio = mpmath.fsum(error**2 for error in errors) / mpmath.fsum((truth - mean) ** 2 for truth in truths)
            right, size = 1 - ratio, float(mpmath.fsum(map(abs, errors)) / len(errors))
        assert metrics.r2(guesses, truths) == pytest.approx(float(right), rel=1e-14, abs=1e-14 * max(1, float(ratio)))
        assert metrics.mean_absolute_error(guesses, truths) == pytest.approx(size, rel=1e-14, abs=5e-324)


@pytest.mark.parametrize("target", [0.1, 0.3, 1e300, 5e-324])
def test_r2_of_equal_targets_is_not_defined(target: float) -> None:
    with pytest.raises(ValueError, match="r2 divides by the variance of the targets, but all 3 are"):
        metrics.r2([0.2] * 3, [target] * 3)
