"""The engine without installation: `python -m notebooks.playground` writes a page that runs Python in the browser.

Open `index.html` by a double click, or put the folder on a web server; the page uses no network. Python comes as
Pyodide, from npm, and is not part of the repository. A page from disk may load scripts but not data, so all data for
Pyodide is in a script, `files.js`.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path

from autograd_core import explain
from autograd_core.formulas.assignments import evaluate

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
NOTEBOOK = HERE.parent / "00_start.ipynb"
PYODIDE = "pyodide@0.28.3"  # its code is plain scripts, which a page from disk may load; later versions are modules
FIRST = ("ln(x1) + x1*x2 - sin(x2)", ("x1=2", "x2=5"))  # the expression in the form, shown while Python starts
_FETCHED = ("pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
_SCRIPTS = ("pyodide.js", "pyodide.asm.js")


def pack_engine() -> bytes:
    """The engine and latex2mathml, which typesets its formulas, as a ZIP archive."""
    files = {path.relative_to(ROOT): path for path in sorted((ROOT / "autograd_core").rglob("*"))}
    for file in metadata.files("latex2mathml") or ():
        files[Path(file)] = Path(file.locate())
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in files.items():
            if path.is_file() and "__pycache__" not in path.parts and ".." not in name.parts:
                # Without a date, so that the same sources give the same archive.
                archive.writestr(zipfile.ZipInfo(name.as_posix()), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def cells() -> list[list[str]]:
    """The kind and the source of each cell of the notebook that runs in the page."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [[cell["cell_type"], "".join(cell["source"])] for cell in notebook["cells"]]


def pyodide(folder: Path) -> Path:
    """The files of Pyodide, fetched by npm into `folder`."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm, which fetches Pyodide, was not found: install Node.js, then run this command again.")
    pack = subprocess.run([npm, "pack", "--silent", PYODIDE], cwd=folder, capture_output=True, text=True)
    if pack.returncode:
        sys.exit(f"npm could not fetch {PYODIDE}:\n{pack.stderr.strip()}")
    with tarfile.open(folder / pack.stdout.split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def write(to: Path, source: Path) -> None:
    """Write the page and its files to the folder `to`, with Pyodide from `source`."""
    to.mkdir(parents=True, exist_ok=True)
    for name in ("index.html", "page.css", "page.js"):
        shutil.copyfile(HERE / name, to / name)
    explain(evaluate(*FIRST)).to_html(to / "first.html")
    for name in _SCRIPTS:
        shutil.copyfile(source / name, to / name)
    files = {name: (source / name).read_bytes() for name in _FETCHED}
    files |= {"engine.zip": pack_engine(), "live.py": (HERE / "live.py").read_bytes()}
    files |= {"cells.json": json.dumps(cells()).encode()}
    (to / "files.js").write_text("".join(_entries(files)), encoding="ascii")


def _entries(files: dict[str, bytes]) -> Iterable[str]:
    yield "window.FILES = {\n"
    for name, content in files.items():
        yield f'"{name}": "{base64.b64encode(content).decode()}",\n'
    yield "};\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        prog="python -m notebooks.playground", description=(__doc__ or "").split("\n\n")[0]
    )
    parser.add_argument("--to", type=Path, default=HERE.parent / "built" / "playground", help="the folder to write")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        write(options.to, pyodide(Path(folder)))
    size = sum(path.stat().st_size for path in options.to.iterdir())
    print(f"open {options.to / 'index.html'} in a browser ({size / 1e6:.0f} MB in all)")


if __name__ == "__main__":
    main()
