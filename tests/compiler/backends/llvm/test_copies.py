"""Copies that are not made: what read them reads the numbers themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from autograd_core import Value, compile, exp, tanh  # noqa: A004
from autograd_core.compiler.backends.llvm.copies import RowPlaces, without_copies
from autograd_core.compiler.vectorise.vector_program import Affine, Elementwise, File, Gather
from tests.benchmarks.field.program_peers import compiled
from tests.benchmarks.field.programs import PROGRAMS


def row_copies(steps: list[Any]) -> int:
    return sum(step.out.size for step in steps if isinstance(step, Gather) and step.out.file is File.ROWS)


@pytest.mark.parametrize("name", ["burgers", "hmm", "conv1d", "attention"])
def test_most_programs_copy_nothing(name: str) -> None:
    program = compiled(PROGRAMS[name]())[0].vectorised()
    short = without_copies(program)
    assert row_copies(program.body) > 100
    assert row_copies(short.body) < row_copies(program.body) // 2
    assert any(
        isinstance(each, RowPlaces) for step in short.body if isinstance(step, Elementwise) for each in step.operands
    )


def test_a_copy_that_a_product_reads_is_made() -> None:
    program = compiled(PROGRAMS["conv2d"]())[0].vectorised()
    short = without_copies(program)
    read = {
        place
        for step in short.body
        if isinstance(step, Affine)
        for _, span in step.terms
        for place in range(span.start, span.stop)
    }
    made = {place for step in short.body if isinstance(step, Gather) for place in range(step.out.start, step.out.stop)}
    assert made & read


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_scattered_numbers_are_read_where_they_are(dtype: str) -> None:
    """In passes of their own, after products, and in turns."""
    w = [Value(0.1 * i - 0.4) for i in range(12)]

    def loss(x: Any) -> Any:
        h = [tanh(sum(w[(i + 3 * j) % 12] * x[j] for j in range(8))) for i in range(9)]
        scattered = [h[(5 * i) % 9] * h[(7 * i + 2) % 9] for i in range(9)]
        again = [exp(-a * h[(4 * i) % 9]) for i, a in enumerate(scattered)]
        return sum(again) + sum(a * b for a, b in zip(again, h[::-1], strict=True))

    native, numpy = (compile(loss, example=([0.0] * 8,), backend=name, dtype=dtype) for name in ("native", "numpy"))
    exact = 1e-12 if dtype == "float64" else 1e-4
    for rows in (1, 5, 100, 500):
        data = np.random.default_rng(rows).normal(size=(rows, 8))
        np.testing.assert_allclose(native(data), numpy(data), rtol=exact)
        np.testing.assert_allclose(
            native.value_and_grad(data)[1], numpy.value_and_grad(data)[1], rtol=exact, atol=exact
        )
