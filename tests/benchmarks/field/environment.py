"""An environment with all contenders, in the user's cache; this file needs the standard library alone."""

from __future__ import annotations

import subprocess
import sys
import time
import venv
from pathlib import Path

from autograd_core.compiler.backends.llvm import object_cache as cache

ROOT = Path(__file__).parents[3]
PEERS = ("numpy==2.4.6", "llvmlite==0.50.0", "micrograd==0.1.0", "casadi==3.8.2", "jax[cpu]==0.10.2", "torch==2.13.0")


def folder() -> Path:
    """Where the environment stands: beside the folder of machine code, one for each version of Python."""
    return cache.folder().with_name(f"autograd_core_field_{sys.version_info[0]}.{sys.version_info[1]}")


def prepare(index: str | None) -> Path:
    """The Python of the environment, which is created if it is missing, with the contenders that are missing installed.

    index: the address of a further package index, such as the one with CPU builds of PyTorch.
    """
    home = folder()
    python = home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        print(f"making an environment in {home}", flush=True)
        venv.create(home, with_pip=True)
    extra = ["--extra-index-url", index] if index else []
    packages = (*PEERS, "this package")
    for number, peer in enumerate(packages, 1):
        about = peer if peer in PEERS else f"{ROOT} {(ROOT / 'pyproject.toml').read_text()}"
        mark = home / f"installed-{cache.key(about)[:16]}"
        if mark.exists():
            continue
        print(f"[{number}/{len(packages)}] installing {peer} ...", end=" ", flush=True)
        start = time.perf_counter()
        source = [peer] if peer in PEERS else ["-e", f"{ROOT}[plot]"]
        install = subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *extra, *source],
            capture_output=True,
            text=True,
        )
        if install.returncode:
            print("failed, so its rows will be missing:\n  " + install.stderr.strip()[-500:])
            continue
        mark.touch()
        print(f"{time.perf_counter() - start:.0f} s", flush=True)
    return python
