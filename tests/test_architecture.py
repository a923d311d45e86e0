"""The shape of the project itself: which way imports point, what the engine needs, what lies at the top."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import autograd_core

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "autograd_core"

# Each module may import those on lines above its own.
LAYERS = """
errors ieee whole_file
number nested
context
primitive
custom_primitive primitives tracing
flow
backward scope
forward functions copying
value
expression derivatives differences compiler.instructions compiler.tape compiler.rows
compiler.lowering compiler.collection
compiler.trace compiler.gradient compiler.vector
compiler.dependence compiler.readings
compiler.telling compiler.affine compiler.allocation compiler.numpy_forms compiler.numpy_views compiler.saving
compiler.program compiler.describe
compiler.numpy_backend compiler.placement
compiler.vectorise
compiler.descent compiler.native.__init__ compiler.native.code compiler.native.cache compiler.native.objects
compiler.native.machine compiler.native.matrices compiler.native.approximations compiler.native.floats
compiler.native.exponential compiler.native.trigonometric
compiler.native.error_function compiler.native.power
compiler.native.elementary
compiler.native.forms compiler.native.guarded
compiler.native.moves compiler.native.elementwise compiler.native.training compiler.native.entry_code
compiler.native.products
compiler.native.calls
compiler.native.alone
compiler.native.fusion
compiler.native.plan compiler.native.entry
compiler.native.backend
compiler.running
compiler.streaming
gradcheck
show.look show.naming show.notation show.files show.flows show.fold_parts practice.answers
show.view show.fold_tree show.health show.matrix_units show.layout_order
show.descent show.fold_cut show.fold_leaves show.fold_loops show.matrix_layers
show.fold_gather
show.folding show.record show.textbook show.diagram show.matrix_record practice.gates
show.layout show.mathml show.chain_rule practice.sweeps
show.plates practice.mistakes
practice.transposed practice.slips
practice.misconceptions
show.scene show.dot show.ledger show.latex show.paths show.order show.story practice.verdict practice.exercise
show.timeline_axes show.svg show.engine show.pdf show.fold_strips practice.handout practice.asking
show.timeline_frames show.web_page show.tables show.finished show.fold_picture practice.compare
show.timeline_map show.timeline_curve show.timeline_bars show.what_if
show.panels show.matrix_picture show.matrix_text
show.matrix_page
show.html show.film practice.quiz_picture
show.timeline_sheet show.widget show.fold_page
show.timeline_page
show.timeline_film
show.explain show.picture show.summary show.matrix_view show.timeline practice.quiz_page
practice.quiz
__init__
assignments
practice.command
__main__
"""
RANKS = {name: rank for rank, line in enumerate(LAYERS.split("\n")) for name in line.split()}

KEPT_OUT_OF_ALL = {"abs", "compile"}  # public too


def imported_modules(path: Path) -> list[tuple[str, bool]]:
    """(module, whether the import stands at the top of the file) for every import of this project in a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found: list[tuple[str, bool]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
            if (PACKAGE.parent / Path(*node.module.split("."))).is_dir():
                modules = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        else:
            continue
        found += [(module, node in tree.body) for module in modules]
    return [(module, top) for module, top in found if module.split(".")[0] in ("autograd_core", "nn")]


def test_imports_point_one_way() -> None:
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if name in ("show.__init__", "practice.__init__", "compiler.__init__"):
            continue
        assert name in RANKS, f"{name} has no place in LAYERS: give it one"
        for module, at_the_top in imported_modules(path):
            assert module.startswith("autograd_core"), f"{name} imports {module}: nn is above the engine"
            assert at_the_top, f"{name} imports {module} inside a function"
            below = module.removeprefix("autograd_core.")
            assert RANKS[below] < RANKS[name], f"{name} imports {below}, which is not below it"


def test_nn_uses_public_names_only() -> None:
    for path in (ROOT / "nn").rglob("*.py"):
        for module, _ in imported_modules(path):
            if module.startswith("autograd_core"):
                name = module.removeprefix("autograd_core.")
                public = name in autograd_core.__all__ or name in KEPT_OUT_OF_ALL
                assert public, f"{path.name} imports {module}, which is not public"


def test_the_engine_imports_with_the_standard_library_alone() -> None:
    program = (
        "import sys\n"
        f"sys.path[:] = [{str(ROOT)!r}] + [p for p in sys.path if 'site-packages' not in p and p]\n"
        "import autograd_core\n"
        "from autograd_core import Value, sigmoid, grad, gradcheck, explain, draw\n"
        "x = Value(2.0, label='x')\n"
        "y = sigmoid(x) * x\n"
        "y.backward()\n"
        "assert 'dout/dx' in str(explain(y))\n"
        "assert '<svg' in draw(y).svg\n"
        "assert not {'numpy', 'graphviz', 'fpdf'} & set(sys.modules), sorted(sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_every_public_name_exists_and_is_documented() -> None:
    for name in autograd_core.__all__:
        assert getattr(autograd_core, name).__doc__, name
    assert KEPT_OUT_OF_ALL.isdisjoint(autograd_core.__all__), "a star import would shadow Python's own"


def test_nothing_else_lies_at_the_top() -> None:
    wanted = {"pyproject.toml", "README.md", "autograd_core", "nn", "tests", "notebooks", "LICENSE"}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= wanted
