"""Every program with every number of rows: times, floor, compilation, and where this package is not first."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks.field import floor, program_peers
from tests.benchmarks.field.contender import Times, timed
from tests.benchmarks.field.program_peers import OURS, VARIANTS
from tests.benchmarks.field.programs import PROGRAMS

FIRST = 1.1  # within this ratio of the best counts as first
FAR = 3.0  # times the floor, from 100 rows on
CALL = 1.5e-6  # seconds of our time at one row that may be the call's, not the program's


_CALL = "a call"


@dataclass(frozen=True, slots=True)
class Cell:
    """One program with one number of rows. found: by contender; floor: in seconds; call: what a call of ours takes."""

    title: str
    rows: int
    found: dict[str, Times]
    floor: float
    call: float

    @property
    def ours(self) -> float:
        """Our time, at one row without the call."""
        return self.found[OURS].least - (min(CALL, self.call) if self.rows == 1 else 0.0)

    def best(self) -> tuple[str, float]:
        """The fastest of the others."""
        others = {name: times.least for name, times in self.found.items() if name not in VARIANTS}
        name = min(others, key=lambda each: others[each], default="")
        return name, others.get(name, float("nan"))


@dataclass(frozen=True, slots=True)
class Compilation:
    """Seconds to record a program, to its first value and gradient with an empty cache and with the code on disk;
    megabytes that this takes; instructions of the vectorised program."""

    title: str
    recorded: float
    cold: float
    warm: float
    megabytes: float
    instructions: int


def measure_grid(
    names: list[str],
    rows: list[int] | None,
    rounds: int,
    seconds: float,
    compiling: bool,
    variants: bool,
    skipped: list[str],
) -> None:
    """Print a line for each cell, then what was compiled, and the summary."""
    cells: list[Cell] = []
    compilations = []
    for name in names:
        if compiling:
            compilations.append(_compilation(name))
        cells += _in_new_process(measure_program, name, rows, rounds, seconds, variants, skipped)
    if compilations:
        _print_compilations(compilations)
    _print_summary(cells)


def _in_new_process(function: Callable[..., Any], *arguments: Any) -> Any:
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawned) as pool:
        return pool.submit(function, *arguments).result()


def _compilation(name: str) -> Compilation:
    kept = os.environ.get("AUTOGRAD_CORE_CACHE")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AUTOGRAD_CORE_CACHE"] = folder
        cold = _in_new_process(compile_program, name)
        warm = _in_new_process(compile_program, name)
    del os.environ["AUTOGRAD_CORE_CACHE"]
    if kept is not None:
        os.environ["AUTOGRAD_CORE_CACHE"] = kept
    title, recorded, total, megabytes, instructions = cold
    return Compilation(title, recorded, total, warm[2], megabytes, instructions)


def compile_program(name: str) -> tuple[str, float, float, float, int]:
    """Call it in a new process: title, seconds to record, and to the first value and gradient of 100 rows, megabytes,
    instructions."""
    import autograd_core  # noqa: F401  so that it is loaded before the clock starts

    program = PROGRAMS[name]()
    data, before, start = program.data(100), _megabytes(), time.perf_counter()
    made, recorded = program_peers.compiled(program)
    made.value_and_grad(*data)
    total = time.perf_counter() - start
    return program.title, recorded, total, _megabytes() - before, len(made.vectorised().steps())


def _megabytes() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def measure_program(
    name: str, rows: list[int] | None, rounds: int, seconds: float, variants: bool, skipped: list[str]
) -> list[Cell]:
    """The cells of one program; all contenders take turns."""
    program, speed, cells = PROGRAMS[name](), floor.measure_machine(), []
    print(f"\n{program.title}", flush=True)
    for count in rows or program.rows:
        calls = program_peers.calls(program, count, list(VARIANTS) if variants else [OURS], skipped)
        program_peers.check(calls, count)
        least = floor.seconds(program_peers.compiled(program)[0].vectorised(), count, speed)
        if count == 1:
            calls[_CALL] = program_peers.call_alone(len(program.data(1)))
        found = timed({peer: (call, False) for peer, call in calls.items()}, rounds, seconds)
        call = found.pop(_CALL, Times(0.0, 0.0)).least
        cell = Cell(program.title, count, found, least, call)
        cells.append(cell)
        listed = "  ".join(f"{peer} {in_units(times.least)}" for peer, times in found.items())
        _, best = cell.best()
        ratios = f"ours/best {cell.ours / best:.2f}, ours/floor {cell.ours / least:.1f}"
        print(f"  {count:6} rows: {listed}  floor {in_units(least)}: {ratios}", flush=True)
    return cells


def in_units(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3)):
        if seconds < 1000 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"


def _print_compilations(found: list[Compilation]) -> None:
    print(f"\n{'':42}{'recorded':>10}{'cold':>10}{'warm':>10}{'memory':>10}{'instructions':>14}")
    for each in found:
        times = "".join(f"{in_units(part):>10}" for part in (each.recorded, each.cold, each.warm))
        print(f"  {each.title:40}{times}{each.megabytes:7.0f} MB{each.instructions:14,}")


def _print_summary(cells: list[Cell]) -> None:
    behind = [cell for cell in cells if cell.ours > FIRST * cell.best()[1]]
    twice = sum(2 * cell.ours <= cell.best()[1] for cell in cells)
    far = [cell for cell in cells if cell.rows > 1 and cell.ours > FAR * cell.floor]
    print(f"\nfirst, or within {FIRST} of the best, in {len(cells) - len(behind)} of {len(cells)} cells; ", end="")
    print(f"at least twice as fast in {twice}. At one row the time of a call, up to {in_units(CALL)}, is left out.")
    for cell in behind:
        name, best = cell.best()
        print(f"  behind: {cell.title}, {cell.rows:,} rows: {cell.ours / best:.2f} times {name}")
    for cell in far:
        print(f"  far from the floor: {cell.title}, {cell.rows:,} rows: {cell.ours / cell.floor:.1f} times")
    if cells and np.isnan(cells[0].best()[1]):
        print("  no other tool is installed here, so nothing was compared")
