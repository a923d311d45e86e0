"""Plans for one row on disk, beside their machine code: arranging the numbers of a large program takes a second.

A plan is stored under what it depends on: the name of the stored program, the shape of vectors, the processor, and the
source of these modules. See `object_cache` for what is trusted and how much is kept.
"""

from __future__ import annotations

import functools
import hashlib
import marshal
import sys
from pathlib import Path
from typing import NamedTuple

from autograd_core.compiler.backends.llvm import machine, object_cache
from autograd_core.compiler.backends.llvm.ir.code import VectorShape
from autograd_core.compiler.backends.llvm.one_row.flatten import flatten
from autograd_core.compiler.backends.llvm.one_row.one_row_plan import OneRow
from autograd_core.compiler.vectorise.vector_program import VectorProgram


class StoredPlan(NamedTuple):
    """size: the numbers it has besides ONCE and the results. columns, by_row: addresses, see `OneRow`. calls:
    the functions that are called, in order, and the addresses in the table of each. code: the name of the machine
    code."""

    size: int
    columns: list[int]
    by_row: list[int]
    calls: list[tuple[str, list[int]]]
    code: str


def plan_one_row(program: VectorProgram, once: int, shape: VectorShape) -> tuple[StoredPlan, machine.Loaded] | None:
    """The plan of a program with room for `once` numbers in ONCE, and its machine code; None where straight-line code
    would be too long."""
    key = ""
    if program.name:
        key = object_cache.key(program.name, str(once), repr(shape), repr(machine.processor()), _source(), sys.version)
        content = object_cache.read(key)
        if content is not None:
            found = marshal.loads(content)
            code = None if found is None else machine.stored(found[-1])
            if found is None or code is not None:
                return None if code is None else (StoredPlan(*found), code)
    made = _make(program, once, shape)
    if key:
        object_cache.write(key, marshal.dumps(None if made is None else tuple(made[0])))
    return made


def _make(program: VectorProgram, once: int, shape: VectorShape) -> tuple[StoredPlan, machine.Loaded] | None:
    flat = flatten(program, once)
    plan = None if flat is None else OneRow(flat, [span.size for span in program.columns], shape)
    if plan is None or not plan.is_short:
        return None
    declarations = {line for code in plan.codes for line in code.declared}
    code = machine.load([code.text() for code in plan.codes], declarations, machine.FAST_LEVEL)
    return StoredPlan(plan.size, plan.columns(), plan.by_row(), plan.calls, code.name), code


@functools.cache
def _source() -> str:
    """The SHA-256 of the modules that make a plan."""
    here = Path(__file__).parent
    paths = sorted([*here.parent.glob("*.py"), *here.parent.glob("*/*.py")])
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()
