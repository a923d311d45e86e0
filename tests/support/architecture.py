"""The picture in `.github/ARCHITECTURE.md`: `python -m tests.support.architecture` draws it from the imports.

An arrow points from a folder to one that it imports. An arrow is left out where a longer way shows it already.
"""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
import textwrap
from html import escape

from autograd_core.show.drawing.graphviz import program
from tests.support.imports import MODULES, ROOT, imported_modules

PICTURE = ROOT / ".github" / "pictures" / "architecture.dot"
FILES = {"errors", "atomic_write"}  # modules that lie beside the folders, below all of them
ALONE = {"autograd_core.compiler.update_rules"}  # a file beside folders that import it
OUTSIDE = {"__init__", "__main__"}  # imported and run by users: above all folders


def folder_of(module: str) -> str:
    """The folder of a module: "engine", "show/page", "nn"."""
    package, *parts = module.split(".")
    if package == "nn":
        return "nn"
    if module in ALONE:
        return "/".join(parts)
    folders = MODULES[module].relative_to(ROOT / package).parts[:-1]
    name = "/".join(folders[:2]) if folders else (parts or ["__init__"])[0]
    return "errors" if name in FILES else "autograd_core" if name in OUTSIDE else name


def imported_folders() -> dict[str, set[str]]:
    """The folders that each folder imports."""
    folders: dict[str, set[str]] = {folder_of(module): set() for module in MODULES}
    for module, path in MODULES.items():
        below = imported_modules(path)
        if not module.startswith("nn"):
            below.discard("autograd_core")  # part of every dotted name
        folders[folder_of(module)] |= {folder_of(name) for name in below}
    return {folder: below - {folder} for folder, below in sorted(folders.items())}


def without_shortcuts(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """The same order with the fewest arrows. Raises graphlib.CycleError if folders import each other in a circle."""
    reachable: dict[str, set[str]] = {}
    for folder in graphlib.TopologicalSorter(imports).static_order():
        reachable[folder] = set().union(*(reachable[below] | {below} for below in imports[folder]))
    return {
        folder: {target for target in below if not any(target in reachable[other] for other in below)}
        for folder, below in imports.items()
    }


def picture() -> str:
    """The picture as DOT: a box for each folder with its docstring, and a frame around the folders of one stage."""
    imports = without_shortcuts(imported_folders())
    lines = [
        "digraph architecture {",
        '  graph [rankdir=TB, ranksep=0.45, nodesep=0.25, fontname="Helvetica", fontsize=13, bgcolor=white];',
        '  node [shape=box, style="rounded,filled", fillcolor=white, fontname="Helvetica", fontsize=11];',
        '  edge [arrowsize=0.6, color="#555555"];',
    ]
    stages = {name.split("/")[0] for name in imports if "/" in name}
    for stage in sorted(stages):
        lines.append(f'  subgraph "cluster_{stage}" {{ label="{stage}/"; style=rounded; bgcolor="#f2f2f2";')
        lines += [f"    {box(name)}" for name in imports if name.split("/")[0] == stage]
        lines.append("  }")
    lines += [f"  {box(name)}" for name in imports if name.split("/")[0] not in stages]
    lines += [f'  "{name}" -> "{below}";' for name in imports for below in sorted(imports[name])]
    return "\n".join([*lines, "}", ""])


def box(name: str) -> str:
    """One folder as a node of DOT."""
    package = ROOT / ("" if name in ("nn", "autograd_core") else "autograd_core")
    file = package / f"{name}.py"
    if not file.exists():
        file = package / name / "__init__.py"
    purpose = (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").splitlines()[0]
    lines = [f"<b>{name.split('/')[-1]}</b>", *map(escape, textwrap.wrap(purpose.replace("`", ""), 34))]
    return f'"{name}" [label=<{"<br/>".join(lines)}>];'


def main() -> None:
    """Write the picture, as DOT and as SVG."""
    PICTURE.write_text(picture(), encoding="utf-8")
    layout = program("graphviz-pure") or program("dot")
    if layout is None:
        sys.exit("no Graphviz was found: pip install graphviz-pure")
    svg = subprocess.run([layout, "-Tsvg"], input=picture(), capture_output=True, text=True, check=True).stdout
    PICTURE.with_suffix(".svg").write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
