"""Instructions that move next to others of their size read nothing that is computed later."""

from __future__ import annotations

import pytest

pytest.importorskip("llvmlite")

import numpy as np

from autograd_core.compiler.backends.llvm.fusion import Fusion, Pass
from autograd_core.compiler.backends.llvm.side_by_side import side_by_side
from autograd_core.compiler.vectorise.vector_program import File, Gather, Span, VectorProgram, operands_of
from tests.benchmarks.field.program_peers import compiled
from tests.benchmarks.field.programs import PROGRAMS


def passes(program: VectorProgram) -> int:
    return sum(isinstance(item, Pass) for item in Fusion(program).place(program.body))


@pytest.mark.parametrize("name", ["attention", "lstm", "burgers", "hmm", "graph"])
def test_the_order_is_one_in_which_everything_is_computed_before_it_is_read(name: str) -> None:
    program = compiled(PROGRAMS[name]())[0].vectorised()
    moved = side_by_side(program)
    assert sorted(map(id, moved.body)) == sorted(map(id, program.body))
    assert passes(moved) <= passes(program)
    known = {
        file: np.zeros(size, bool) for file, size in ((File.ROWS, moved.rows), (File.CONDITIONS, moved.conditions))
    }
    for span in moved.columns:
        known[File.ROWS][span.start : span.stop] = True
    known[File.ROWS][moved.ones] = True
    for step in moved.body:
        for operand in operands_of(step):
            if isinstance(operand, Span) and operand.file in known:
                assert known[operand.file][operand.start : operand.stop].all(), step
        out = getattr(step, "out", None)
        if out is not None and out.file in known:
            known[out.file][out.start : out.stop] = True


def test_sizes_that_take_turns_become_one_pass_each() -> None:
    program = compiled(PROGRAMS["gpt7"]())[0].vectorised()
    program.body = [step for step in program.body if not isinstance(step, Gather)]
    assert passes(side_by_side(program)) < 0.9 * passes(program)
