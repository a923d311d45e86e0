"""Plain science: a curve fitted to published data by SciPy, with the exact derivatives of a compiled function.

The data, the starting points and the certified answers are those of Misra1a, one of the Statistical Reference Datasets
of the National Institute of Standards and Technology (dental research, monomolecular adsorption): 14 points, the model
y = b1 (1 - exp(-b2 x)).
"""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    Value,
    compile,  # noqa: A004
    expm1,
    jvp,
)

optimize = pytest.importorskip("scipy.optimize")

X = np.array([77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0])
Y = np.array([10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78])
STARTS = [(500.0, 1e-4), (250.0, 5e-4)]
CERTIFIED = [238.94212918, 5.5015643181e-4]
DEVIATIONS = [2.7070075241, 7.2668688436e-6]
RESIDUALS = 0.12455138894
UNITS = np.array([100.0, 1e-4])  # of the parameters, in which both are of the order of one
SAME = 1e-9  # the certified numbers have eleven digits

BACKENDS = [
    "numpy",
    pytest.param("native", marks=pytest.mark.skipif(not importlib.util.find_spec("llvmlite"), reason="needs llvmlite")),
]


def residual(b: Any, x: Any, y: Any) -> Any:
    return -b[0] * expm1(-b[1] * x) - y


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("start", STARTS)
def test_least_squares_with_an_exact_jacobian(backend: str, start: tuple[float, float]) -> None:
    program = compile(residual, example=([1.0, 1.0], 1.0, 1.0), reduce="sum", backend=backend)

    def rows(b: Any) -> tuple[Any, Any, Any]:
        return np.broadcast_to(b, (len(X), 2)), X, Y

    def jacobian(b: Any) -> Any:
        _, _, (by_parameters, _, _) = program.value_and_grad(*rows(b), inputs=True)
        return by_parameters

    found = optimize.least_squares(
        lambda b: program(*rows(b)), start, jacobian, method="lm", x_scale="jac", xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    np.testing.assert_allclose(found.x, CERTIFIED, rtol=SAME)
    np.testing.assert_allclose(2 * found.cost, RESIDUALS, rtol=SAME)
    by_parameters = jacobian(found.x)
    decay = np.exp(-found.x[1] * X)
    np.testing.assert_allclose(by_parameters, np.column_stack([1 - decay, found.x[0] * X * decay]), rtol=1e-13)
    spread = np.sqrt(2 * found.cost / (len(X) - 2) * np.diag(np.linalg.inv(by_parameters.T @ by_parameters)))
    np.testing.assert_allclose(spread, DEVIATIONS, rtol=1e-8)


def sum_of_squares(backend: str) -> tuple[Any, Any]:
    """(the sum of squares of the residuals with its gradient, its Hessian times a vector), as SciPy asks for them."""
    b, v = [Value(1.0), Value(1.0)], [Value(0.0), Value(0.0)]

    def squared(p: Any, x: Any, y: Any) -> Any:
        return residual([p[0] * UNITS[0], p[1] * UNITS[1]], x, y) ** 2

    def slope_along_v(x: Any, y: Any) -> Any:
        return jvp(lambda p: squared(p, x, y), b, v)[1]

    value = compile(lambda x, y: squared(b, x, y), example=(1.0, 1.0), parameters=b, reduce="sum", backend=backend)
    slope = compile(slope_along_v, example=(1.0, 1.0), parameters=[*b, *v], reduce="sum", backend=backend)

    def with_gradient(p: Any) -> Any:
        return value.value_and_grad(X, Y, parameters=p)

    def hessian_times(p: Any, vector: Any) -> Any:
        return slope.value_and_grad(X, Y, parameters=[*p, *vector])[1][:2]

    return with_gradient, hessian_times


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("method", "start"),  # a line search crawls along the narrow valley from the far start
    [("Newton-CG", STARTS[1]), *[(method, start) for method in ("trust-ncg", "trust-krylov") for start in STARTS]],
)
def test_newton_with_exact_hessian_products(backend: str, method: str, start: tuple[float, float]) -> None:
    with_gradient, hessian_times = sum_of_squares(backend)
    options = {"xtol": 1e-14} if method == "Newton-CG" else {"gtol": 1e-7}
    found = optimize.minimize(
        with_gradient, np.array(start) / UNITS, method=method, jac=True, hessp=hessian_times, options=options
    )
    np.testing.assert_allclose(found.x * UNITS, CERTIFIED, rtol=10 * SAME)
    np.testing.assert_allclose(found.fun, RESIDUALS, rtol=SAME)


@pytest.mark.parametrize("backend", BACKENDS)
def test_hessian_products_are_those_written_by_hand(backend: str) -> None:
    _, hessian_times = sum_of_squares(backend)
    p = np.array([2.5, 4.0])
    b1, b2 = p * UNITS
    decay = np.exp(-b2 * X)
    r, by_1, by_2 = b1 * (1 - decay) - Y, 1 - decay, b1 * X * decay
    first = np.array([[by_1 @ by_1, by_1 @ by_2], [by_1 @ by_2, by_2 @ by_2]])
    second = np.array([[0.0, r @ (X * decay)], [r @ (X * decay), -r @ (b1 * X**2 * decay)]])
    hessian = 2 * (first + second) * np.outer(UNITS, UNITS)
    for vector in np.array([[1.0, 0.0], [0.0, 1.0], [0.3, -2.0]]):
        np.testing.assert_allclose(hessian_times(p, vector), hessian @ vector, rtol=1e-11)
