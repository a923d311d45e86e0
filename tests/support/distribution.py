"""What a wheel and an sdist have to contain: `python -m tests.support.distribution dist` checks what was built."""

from __future__ import annotations

import argparse
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("autograd_core", "nn")
SOURCE_ONLY = ("tests", "notebooks", "README.md", "LICENSE", "pyproject.toml", ".github")


def version() -> str:
    """The version of the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def package_files() -> set[str]:
    """The files of both packages, as they lie in the repository."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in paths if "__pycache__" not in path.parts}


def problems(wheel: set[str], sdist: set[str]) -> list[str]:
    """What is missing from the names in a wheel and in an sdist, and what should not be there."""
    needed = package_files()
    found = [f"the wheel lacks {name}" for name in sorted(needed - wheel)]
    found += [f"the sdist lacks {name}" for name in sorted(needed - sdist)]
    extra = {name for name in wheel - needed if ".dist-info/" not in name}
    found += [f"the wheel should not have {name}" for name in sorted(extra)]
    if not any(name.endswith("LICENSE") for name in wheel):
        found.append("the wheel lacks its licence")
    found += [f"the sdist lacks {part}" for part in SOURCE_ONLY if not any(n.split("/")[0] == part for n in sdist)]
    built = ("__pycache__", ".venv", "node_modules", "/built/")
    found += [f"the sdist should not have {name}" for name in sorted(sdist) if any(part in name for part in built)]
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.distribution")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tag", help="the tag that is to be published, such as v0.2.0")
    options = parser.parse_args()
    if options.tag not in (None, f"v{version()}"):
        sys.exit(f"the tag {options.tag} is not that of version {version()}")
    with zipfile.ZipFile(next(options.folder.glob("*.whl"))) as archive:
        wheel = {name for name in archive.namelist() if not name.endswith("/")}
    with tarfile.open(next(options.folder.glob("*.tar.gz"))) as source:
        sdist = {member.name.partition("/")[2] for member in source.getmembers() if member.isfile()}
    found = problems(wheel, sdist)
    if found:
        sys.exit("\n".join(found))
    print(f"version {version()}: {len(wheel)} files in the wheel, {len(sdist)} in the sdist")


if __name__ == "__main__":
    main()
