"""The inner loops of products on other processors than this one: their assembly, compiled across."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

pytest.importorskip("llvmlite")

import llvmlite.binding as llvm

from autograd_core.compiler.backends.llvm.ir.code import Code, VectorShape
from autograd_core.compiler.backends.llvm.kernels import matrices, products


class Target(NamedTuple):
    """triple, cpu, features: as LLVM names them; fused: a multiply-add of whole vectors; spilled: a vector
    that goes to the stack or comes from it."""

    triple: str
    cpu: str
    features: str
    lanes: int
    registers: int
    fused: str
    spilled: str


_SPILLED = r"\(%rsp\b.*mm\d|mm\d.*\(%rsp\b"
TARGETS = {
    "neon": Target("aarch64-unknown-linux-gnu", "generic", "+neon", 2, 32, r"\bfmla\tv\d+\.2d", r"\b[qdv]\d+,.*\[sp\b"),
    "avx2": Target(
        "x86_64-unknown-linux-gnu", "haswell", "", 4, 16, r"\bvfmadd\w+pd\t.*%ymm", r"\(%rsp\b.*mm\d|mm\d.*\(%rsp\b"
    ),
    "avx512": Target(
        "x86_64-unknown-linux-gnu",
        "skylake-avx512",
        "",
        8,
        32,
        r"\bvfmadd\w+pd\t.*%zmm",
        r"\(%rsp\b.*mm\d|mm\d.*\(%rsp\b",
    ),
}
# Multiply-adds in a round of the largest inner loop: as many partial sums as registers hold beside what is read.
SUMS = {
    "affine": {"neon": 24, "avx2": 12, "avx512": 24},
    "affine_over_turns": {"neon": 24, "avx2": 12, "avx512": 24},
    "outer": {"neon": 24, "avx2": 8, "avx512": 24},
    "outer_and_total": {"neon": 16, "avx2": 4, "avx512": 16},
    "outer_over_turns": {"neon": 24, "avx2": 8, "avx512": 24},
}
WRITERS: dict[str, Callable[[str, VectorShape], Code]] = {
    name: getattr(products if name.startswith("affine") else matrices, name) for name in SUMS
}


@pytest.fixture(scope="module")
def initialised() -> None:
    try:
        llvm.initialize_all_targets()
        llvm.initialize_all_asmprinters()
    except RuntimeError as reason:
        pytest.skip(f"LLVM for this processor alone: {reason}")


def assembly(code: Code, target: Target) -> str:
    machine = llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu, features=target.features, opt=2, jit=True
    )
    lines = [f'target triple = "{target.triple}"', *sorted(code.declared), code.text()]
    text: Any = machine.emit_assembly(llvm.parse_assembly("\n".join(lines)))
    return str(text)


def inner_loops(text: str) -> list[str]:
    """The blocks that jump to their own beginning."""
    blocks = re.split(r"\n(?=[.\w]+:)", text)
    jump = r"\t(j\w+|b\.\w+|cb\w+)\t.*{}\b"
    return [block for block in blocks if re.search(jump.format(re.escape(block.split(":")[0])), block)]


@pytest.mark.usefixtures("initialised")
@pytest.mark.parametrize("processor", TARGETS)
@pytest.mark.parametrize("name", SUMS)
def test_the_inner_loop_of_a_product_stays_in_registers(name: str, processor: str) -> None:
    target = TARGETS[processor]
    shape = VectorShape("double", target.lanes, target.registers, 19 * target.lanes)
    loops = inner_loops(assembly(WRITERS[name](name, shape), target))
    fused = [len(re.findall(target.fused, loop)) for loop in loops]
    assert max(fused) == SUMS[name][processor]
    for loop, many in zip(loops, fused, strict=True):
        if many:
            assert not re.search(target.spilled, loop), f"a number leaves the registers:\n{loop}"
