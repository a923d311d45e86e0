"""Made and real data sets, and their preparation for training."""

from __future__ import annotations

import importlib
import math
import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import mpmath
import numpy as np
import pytest

from nn.data.datasets import circles, digits, iris, sine, spirals, truth_table, two_moons, xor
from nn.data.preparation import Standardiser, minibatches, split

CLOUDS: list[Callable[..., Any]] = [two_moons, circles, spirals, xor]
GENERATED: list[Callable[..., Any]] = [*CLOUDS, sine]


def by_name(function: Any) -> str:
    return str(function.__name__)


@pytest.mark.parametrize("generate", GENERATED, ids=by_name)
def test_the_same_seed_gives_the_same_bits_and_another_seed_others(generate: Callable[..., Any]) -> None:
    X, y = generate(41, seed=3)
    X_again, y_again = generate(41, seed=3)
    assert X.tobytes() == X_again.tobytes()
    assert y.tobytes() == y_again.tobytes()
    assert X.tobytes() != generate(41, seed=4)[0].tobytes()


@pytest.mark.parametrize("generate", GENERATED, ids=by_name)
def test_generated_sets_reject_too_few_rows_and_bad_noise(generate: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="at least 2, got 1"):
        generate(1, seed=0)
    for noise in (-0.1, math.nan, math.inf):
        with pytest.raises(ValueError, match="noise is a standard deviation"):
            generate(10, noise, seed=0)


@pytest.mark.parametrize("generate", CLOUDS, ids=by_name)
def test_classes_are_halved_and_mixed(generate: Callable[..., Any]) -> None:
    X, y = generate(101, seed=0)
    assert X.shape == (101, 2)
    assert (int((y == 0).sum()), int((y == 1).sum())) == (51, 50)
    assert any(first != second for first, second in pairwise(y[:20]))


@pytest.mark.parametrize("generate", CLOUDS, ids=by_name)
def test_noise_has_the_standard_deviation_asked_for(generate: Callable[..., Any]) -> None:
    # The same seed draws the same noise in units of its size, so the difference of two sizes is that noise.
    small, _ = generate(4000, 1.0, seed=1)
    large, _ = generate(4000, 3.0, seed=1)
    assert np.std(large - small) == pytest.approx(2.0, rel=0.05)


def test_moons_are_interlocking_half_circles() -> None:
    X, y = two_moons(60, noise=0.0, seed=0)
    assert np.hypot(*X[y == 0].T) == pytest.approx(1.0)
    assert (X[y == 0][:, 1] >= 0).all()
    assert np.hypot(X[y == 1][:, 0] - 1.0, X[y == 1][:, 1] - 0.5) == pytest.approx(1.0)
    assert (X[y == 1][:, 1] <= 0.5).all()


def test_moons_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    X, y = two_moons(50, noise=0.0, seed=0)
    X_theirs, y_theirs = datasets.make_moons(50, shuffle=False, noise=None)
    for label in (0, 1):
        ours = sorted(map(tuple, X[y == label].round(12)))
        theirs = sorted(map(tuple, X_theirs[y_theirs == label].round(12)))
        assert np.allclose(ours, theirs, atol=1e-11)


def test_circles_have_their_radii() -> None:
    X, y = circles(60, noise=0.0, inner=0.3, seed=0)
    assert np.hypot(*X[y == 0].T) == pytest.approx(1.0)
    assert np.hypot(*X[y == 1].T) == pytest.approx(0.3)
    with pytest.raises(ValueError, match="between 0 and 1, got 1"):
        circles(10, inner=1.0, seed=0)


def test_each_arm_of_a_spiral_is_the_other_rotated_by_half_a_circle() -> None:
    X, y = spirals(60, noise=0.0, seed=0)
    assert np.allclose(sorted(map(tuple, X[y == 0].round(9))), sorted(map(tuple, (-X[y == 1]).round(9))), atol=1e-8)
    radii = np.sort(np.hypot(*X[y == 0].T))
    assert (radii[0], radii[-1]) == pytest.approx((0.1, 1.0))


def test_xor_is_one_where_the_signs_differ() -> None:
    X, y = xor(200, noise=0.0, seed=0)
    assert ((X[:, 0] * X[:, 1] < 0) == (y == 1)).all()
    assert {tuple(row) for row in X} == {(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)}


def test_truth_tables_are_those_of_python() -> None:
    operations = {"and": int.__and__, "or": int.__or__, "xor": int.__xor__}
    for name, operation in operations.items():
        X, y = truth_table(name)
        assert y.tolist() == [operation(int(a), int(b)) for a, b in X]
    with pytest.raises(ValueError, match="no table of 'nand'"):
        truth_table("nand")


def test_sine_is_a_sine() -> None:
    X, y = sine(30, noise=0.0, seed=0)
    assert X.shape == (30, 1)
    assert y == pytest.approx(np.sin(X[:, 0]))
    assert (np.diff(X[:, 0]) >= 0).all()


def test_iris_and_digits_are_the_well_known_tables() -> None:
    pytest.importorskip("sklearn.datasets")
    X, y = iris()
    assert (X.shape, np.bincount(y).tolist()) == ((150, 4), [50, 50, 50])
    assert X[0].tolist() == [5.1, 3.5, 1.4, 0.2]  # the first row of Fisher's table
    X, y = digits()
    assert (X.shape, X.min(), X.max(), len(np.unique(y))) == ((1797, 64), 0.0, 1.0, 10)


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(ImportError, match=r"pip install -e \"\.\[data\]\" in the clone"):
        iris()


# ------------------------------------------------------------------------------------------------------ preparation


def test_split_returns_every_row_once_with_its_target() -> None:
    X = [[float(number), 0.0] for number in range(40)]
    y = [number % 3 for number in range(40)]
    X_train, X_test, y_train, y_test = split(X, y, seed=5)
    assert (len(X_train), len(X_test)) == (30, 10)
    assert sorted([*X_train[:, 0], *X_test[:, 0]]) == list(range(40))
    for rows, targets in ((X_train, y_train), (X_test, y_test)):
        assert (rows[:, 0] % 3 == targets).all()


def test_split_is_the_same_for_the_same_seed_only() -> None:
    X, y = two_moons(60, seed=0)
    assert split(X, y, seed=1)[0].tobytes() == split(X, y, seed=1)[0].tobytes()
    assert split(X, y, seed=1)[0].tobytes() != split(X, y, seed=2)[0].tobytes()


@pytest.mark.parametrize("share", [0.1, 0.25, 1 / 3, 0.5, 0.9])
def test_a_stratified_split_keeps_the_share_of_each_class(share: float) -> None:
    y = np.array([0] * 53 + [1] * 24 + [2] * 11)
    *_, y_test = split(np.zeros((88, 1)), y, share, seed=0)
    assert len(y_test) == round(share * 88)
    for label, count in ((0, 53), (1, 24), (2, 11)):
        assert abs((y_test == label).sum() - share * count) < 1.0


def test_numbers_are_split_without_strata() -> None:
    X, y = sine(20, seed=0)
    with pytest.raises(ValueError, match="has one row only"):
        split(X, y, seed=0)
    assert len(split(X, y, seed=0, stratify=False)[1]) == 5


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 1.5, 0.01])
def test_split_refuses_an_empty_part(share: float) -> None:
    with pytest.raises(ValueError, match="leaves one part empty"):
        split([[1.0], [2.0], [3.0], [4.0]], [0, 0, 1, 1], share, seed=0)


def test_rows_and_targets_must_agree() -> None:
    with pytest.raises(ValueError, match=r"X has 2 rows, y has the shape \(3,\)"):
        split([[1.0], [2.0]], [0, 1, 1], seed=0)
    with pytest.raises(ValueError, match="X has 2 rows, y has 3"):
        next(minibatches([[1.0], [2.0]], [0, 1, 1], 2, rng=0))
    with pytest.raises(ValueError, match=r"X is a table.*\(3,\)"):
        Standardiser([1.0, 2.0, 3.0])


def test_standardised_columns_have_mean_0_and_deviation_1() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(50, 3)) * [1.0, 100.0, 1e-6] + [5.0, -3.0, 0.0]
    scaled = Standardiser(X)(X)
    assert scaled.mean(axis=0) == pytest.approx(0.0, abs=1e-12)
    assert scaled.std(axis=0) == pytest.approx(1.0)


def test_other_rows_are_scaled_by_the_first_rows() -> None:
    scaled = Standardiser([[0.0], [2.0]])
    assert scaled([[3.0]]).tolist() == [[2.0]]
    with pytest.raises(ValueError, match="rows of 1 numbers, got rows of 2"):
        scaled([[1.0, 2.0]])


def test_a_constant_column_becomes_0_though_its_mean_is_rounded() -> None:
    column = np.full((3, 1), 0.1)
    assert column.mean(axis=0) != 0.1, "this is the rounding that the test is about"
    assert (Standardiser(column)(column) == 0.0).all()


@pytest.mark.parametrize(
    "column",
    [
        [1e200, 3e200],
        [5e-324, 1e-323],
        [1e16, 1e16 + 2],
        [1.7e308, -1.7e308, 1.7e308],
        [1e-310, 2e-310, 5e-310],
        [1e308, 1e-308, -1e308],
        [1e8, 1e8 + 1, 1e8 + 2],
        [1e10, 1.0, 2.0, 3.0],
    ],
)
def test_columns_of_any_magnitude_are_standardised(column: list[float]) -> None:
    with mpmath.workdps(800):
        mean = mpmath.fsum(map(mpmath.mpf, column)) / len(column)
        deviation = mpmath.sqrt(mpmath.fsum((mpmath.mpf(x) - mean) ** 2 for x in column) / len(column))
        right = [float((mpmath.mpf(x) - mean) / deviation) for x in column]
    rows = [[x] for x in column]
    assert Standardiser(rows)(rows)[:, 0].tolist() == pytest.approx(right, abs=1e-15)


def test_minibatches_give_every_row_once_and_the_rest_last() -> None:
    X, y = list(range(10)), [-number for number in range(10)]
    batches = list(minibatches(X, y, 4, rng=0))
    assert [len(rows) for rows, _ in batches] == [4, 4, 2]
    assert sorted(row for rows, _ in batches for row in rows) == X
    assert all(target == -row for rows, targets in batches for row, target in zip(rows, targets, strict=True))
    with pytest.raises(ValueError, match="at least 1, got 0"):
        next(minibatches(X, y, 0, rng=0))


def test_a_seed_repeats_the_order_and_a_generator_continues() -> None:
    X = list(range(30))

    def order(rng: random.Random | int) -> list[int]:
        return [row for rows, _ in minibatches(X, X, 7, rng=rng) for row in rows]

    assert order(2) == order(2) != order(3)
    going_on = random.Random(2)
    assert order(going_on) == order(2)
    assert order(going_on) != order(2)


def test_masked_numbers_are_not_computed_with() -> None:
    X = np.ma.MaskedArray([[1.0, 2.0], [3.0, 1e20]], mask=[[False, False], [False, True]])
    with pytest.raises(ValueError, match=r"masked numbers.*X\.filled"):
        Standardiser(X)
    assert Standardiser(X[:1]).mean.tolist() == [1.0, 2.0]
