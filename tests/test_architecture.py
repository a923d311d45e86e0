"""The shape of the project itself: which way imports point, what the engine needs, what lies at the top."""

from __future__ import annotations

import ast
import graphlib
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import autograd_core
from tests.support import architecture
from tests.support.imports import MODULES, ROOT, imported_modules

# A folder or file may import those on its own line and on the lines above it; nn may import what is public below it.
ORDER = """
errors atomic_write
engine
formulas derivatives
graph
mistakes compiler
show
practice
exchange
micrograd
__init__ __main__
nn.modules nn.corpus
nn.losses nn.optim nn.metrics nn.data
nn.schedules nn.batched nn.sequences
nn.plot
nn.training nn.diagnosis
nn.lessons nn.locations nn.practice
nn.exchange
nn.train_command
nn.__init__ nn.__main__
"""
RANKS = {part: rank for rank, line in enumerate(ORDER.splitlines()) for part in line.split()}

# Its names are those of another project.
MICROGRAD = ROOT / "autograd_core" / "micrograd"

# What nn shares with the engine below all public names: one writer of files and of tables, one progress bar, one way
# to clean texts of others, the polynomials of elementary functions, and what the models of other tools are read with.
FILES_SHARED_WITH_NN = {
    "autograd_core.exchange.arrays.array_layers",
    "autograd_core.exchange.arrays.array_operations",
    "autograd_core.exchange.arrays.other_functions",
    "autograd_core.exchange.arrays.torch_numbers",
}
SHARED_WITH_NN = {
    "autograd_core.atomic_write.read_whole",
    "autograd_core.atomic_write.write_whole",
    "autograd_core.compiler.backends.llvm.functions.coefficients.TERMS",
    "autograd_core.compiler.run.progress_bar.progress_bar",
    "autograd_core.exchange.library.library",
    "autograd_core.formulas.aligned_table.AlignedTable",
    "autograd_core.formulas.labels.plural",
    "autograd_core.formulas.labels.visible_lines",
    "autograd_core.formulas.labels.visible_text",
    "autograd_core.formulas.notation.number_text",
    "autograd_core.formulas.text_report.MarkedLine",
    "autograd_core.formulas.text_report.Part",
    "autograd_core.formulas.text_report.Report",
    "autograd_core.formulas.text_report.print_report",
    "autograd_core.formulas.text_report.report_text",
    "autograd_core.formulas.text_report.terminal_width",
    "autograd_core.show.drawing.svg.picture_style",
    "autograd_core.show.drawing.svg.roles_in",
    "autograd_core.show.page.document.picture_output",
    "autograd_core.show.page.framed_output.FramedOutput",
    "autograd_core.show.page.rich_output.parts_output",
    "autograd_core.show.slider.page.slider_output",
    "autograd_core.show.slider.page.slider_page",
}
KEPT_OUT_OF_ALL = {"abs", "compile"}  # public too
# Files of one job in folders of one kind; any other name stands for one file.
ROLES = {"__init__", "__main__", "backend", "operations", "page", "picture", "record"}
SOURCES = {".py", ".js", ".css"}


def rank(module: str) -> int:
    package, part, *_ = [*module.split("."), "__init__"]
    return RANKS[part if package == "autograd_core" else f"{package}.{part}"]


def test_imports_follow_the_order_of_the_folders() -> None:
    for module, path in MODULES.items():
        for below in imported_modules(path) - {"autograd_core"}:  # the package is named wherever one of its folders is
            assert rank(below) <= rank(module), f"{module} imports {below}, which is not below it"


def test_no_files_import_each_other_in_a_circle() -> None:
    packages = {module for module, path in MODULES.items() if path.name == "__init__.py"}
    imports = {module: imported_modules(path) - {module} for module, path in MODULES.items()}
    imports = {
        module: below - packages if module.startswith("autograd_core") else below for module, below in imports.items()
    }
    graphlib.TopologicalSorter(imports).prepare()  # raises CycleError, which names the circle


def test_nn_uses_public_names_only() -> None:
    public = {
        "autograd_core",
        *FILES_SHARED_WITH_NN,
        *SHARED_WITH_NN,
        *(f"autograd_core.{name}" for name in (*autograd_core.__all__, *KEPT_OUT_OF_ALL)),
    }
    for path in (ROOT / "nn").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "autograd_core":
                if node.module in FILES_SHARED_WITH_NN:
                    continue
                for alias in node.names:
                    assert f"{node.module}.{alias.name}" in public, f"{path}: {node.module}.{alias.name} is not public"
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    assert not alias.name.startswith("autograd_core.") or alias.name in public, f"{path}: {alias.name}"


def test_the_engine_imports_with_the_standard_library_alone() -> None:
    program = (
        "import sys\n"
        f"sys.path[:] = [{str(ROOT)!r}] + [p for p in sys.path if 'site-packages' not in p and p]\n"
        "import autograd_core\n"
        "from autograd_core import Value, sigmoid, grad, gradcheck, explain, draw\n"
        "x = Value(2.0, label='x')\n"
        "y = sigmoid(x) * x\n"
        "y.backward()\n"
        "assert 'dL/dx' in str(explain(y))\n"
        "assert '<svg' in draw(y).svg\n"
        "assert not {'numpy', 'graphviz', 'fpdf'} & set(sys.modules), sorted(sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_what_a_page_runs_needs_the_standard_library_alone() -> None:
    folders = ("graph", "compiler/frontend", "compiler/vectorise", "compiler/explain")
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for folder in folders
        for path in sorted((ROOT / "autograd_core" / folder).rglob("*.py"))
        if path.name != "__init__.py"
    ]
    program = (
        "import importlib, sys\n"
        f"sys.path[:] = [{str(ROOT)!r}] + [p for p in sys.path if 'site-packages' not in p and p]\n"
        "sys.modules.update(dict.fromkeys(('numpy', 'tqdm')))\n"  # None: importing them raises ImportError
        f"for name in {modules!r}:\n"
        "    importlib.import_module(name)\n"
        "from autograd_core import Value, tanh\n"
        "from autograd_core.compiler.explain.describe import describe\n"
        "from autograd_core.compiler.explain.recognise import Provenance\n"
        "from autograd_core.compiler.frontend.gradient import differentiate\n"
        "from autograd_core.compiler.frontend.trace import trace_function\n"
        "from autograd_core.compiler.vectorise.vectorise import vectorise\n"
        "w = [[Value(0.1 * i + j, f'w{i}{j}') for j in range(3)] for i in range(4)]\n"
        "units = lambda x: sum(tanh(sum(a * b for a, b in zip(row, x))) for row in w)\n"
        "trace = trace_function(units, ([1.0, 2.0, 3.0],), [])\n"
        "tape, wanted = trace.tape, trace.registers\n"
        "gradient = differentiate(tape, trace.root, None, trace.columns, wanted, 'mean')\n"
        "given = [*wanted, gradient.rows, gradient.scale]\n"
        "found = vectorise(tape, [trace.columns], given, [gradient.value, *gradient.shared])\n"
        "labels = [value.label for value in trace.values]\n"
        "text = describe(found, ['x'], labels, trace.columns, Provenance(tape, trace.calls, gradient.adjoints))\n"
        "assert 'z1 = W1 x' in text, text\n"
    )
    run = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_every_public_name_exists_and_is_documented() -> None:
    for name in autograd_core.__all__:
        assert getattr(autograd_core, name).__doc__, name
    assert KEPT_OUT_OF_ALL.isdisjoint(autograd_core.__all__), "a star import would shadow Python's own"


def test_the_lowest_versions_that_are_tested_are_those_allowed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed = re.search(r'-c \.ci/lowest\.txt "\.\[(.*)\]"', (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert installed is not None
    tested = installed[1].split(",")
    extras = [line for name in tested for line in project["optional-dependencies"][name] if "autograd-core" not in line]
    bounds = {line.split(";")[0].split(",")[0].replace(">=", "==") for line in (*project["dependencies"], *extras)}
    lines = (ROOT / ".ci" / "lowest.txt").read_text(encoding="utf-8").splitlines()
    assert {line for line in lines if not line.startswith("#")} == bounds


def test_nothing_advises_to_install_a_name_from_a_public_index_that_is_not_ours() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    for name in tracked.stdout.splitlines():
        if (ROOT / name).suffix in {".py", ".md", ".ipynb", ".js", ".toml"} and name != "pyproject.toml":
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r"pip install [^\n]{0,20}autograd[-_]core", text), name


def test_nothing_else_lies_at_the_top() -> None:
    wanted = {"pyproject.toml", "README.md", "autograd_core", "nn", "tests", "notebooks", "LICENSE"}
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    top = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    assert {name for name in top if not name.startswith(".")} <= wanted


def source_files() -> list[Path]:
    return sorted(
        path for package in ("autograd_core", "nn") for path in (ROOT / package).rglob("*.*") if path.suffix in SOURCES
    )


def test_a_file_name_stands_for_one_thing() -> None:
    names = Counter(path.name for path in source_files() if path.stem not in ROLES and path.parent != MICROGRAD)
    assert not [name for name, count in names.items() if count > 1]


def test_a_class_name_stands_for_one_thing() -> None:
    paths = (path for path in MODULES.values() if path.parent != MICROGRAD)
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    names = Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert not [name for name, count in names.items() if count > 1]


def test_the_picture_of_the_architecture_shows_the_present_imports() -> None:
    stored = architecture.PICTURE.read_text(encoding="utf-8")
    assert stored == architecture.picture(), "draw it again: python -m tests.support.architecture"


def test_the_size_of_each_folder_is_printed() -> None:
    """A figure to watch, not a bound: `pytest -s tests/test_architecture.py -k size` shows it."""
    sizes: Counter[str] = Counter()
    for path in source_files():
        package, part = path.relative_to(ROOT).parts[:2]
        folder = package if package == "nn" or "." in part else f"{package}/{part}"
        sizes[folder] += len(path.read_text(encoding="utf-8").splitlines())
    print("\nlines of code by folder")
    for folder, lines in sorted(sizes.items()):
        print(f"{lines:7,}  {folder}")
    print(f"{sizes.total():7,}  in all")
    assert sizes.total() > 0
