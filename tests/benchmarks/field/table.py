"""The workloads, their times, and these compared with the targets."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from autograd_core.compiler.backends.llvm import machine
from tests.benchmarks.compiled import Net
from tests.benchmarks.field import by_hand, with_casadi, with_jax, with_micrograd, with_ours, with_scalars, with_torch
from tests.benchmarks.field.contender import LOOP, Contender, Missing, Times, check, moons, timed
from tests.benchmarks.field.grid import in_units
from tests.benchmarks.field.programs import PROGRAMS

JAX = "JAX jit, fori_loop"
MAKERS: dict[str, Callable[[Net], Contender]] = {
    "ours, native": partial(with_ours.contender, backend="native"),
    "ours, numpy": partial(with_ours.contender, backend="numpy"),
    "ours, javascript": partial(with_ours.contender, backend="javascript"),
    "C by hand": by_hand.in_c,
    "NumPy by hand": by_hand.in_numpy,
    JAX: with_jax.contender,
    "torch eager": partial(with_torch.contender, compiled=False),
    "torch.compile": partial(with_torch.contender, compiled=True),
    "CasADi, its C": with_casadi.contender,
    "micrograd": with_micrograd.contender,
}
ONLY_W1 = {"ours, javascript": "a call sends its rows to Node", "micrograd": "it takes 13 ms a row"}
WORKLOADS: dict[str, tuple[str, Callable[[], Net]]] = {
    "w1": ("W1: a step of SGD, net 2-16-16-1, 100 rows", partial(moons, 100)),
    "w3row": ("W3: loss and gradient of that net, 1 row", partial(moons, 1)),
    "w3": ("W3: loss and gradient of that net, 1,000,000 rows", partial(moons, 1_000_000)),
    "digits": ("loss and gradient, net 64-32-10, 128 rows", lambda: Net("digits", (64, 32, 10), 128)),
    "wide": ("loss and gradient, net 64-256-256-10, 256 rows", lambda: Net("wide", (64, 256, 256, 10), 256)),
}
COLUMNS = {"w1": "W1 call", "loop": "W1 loop", "w3row": "W3 1 row", "w3": "W3 1M rows", "digits": "64-32-10"} | {
    "wide": "64-256-256-10"
}

# (column, rival, must: the least ratio of its time to ours, aim). Below 1 ours may be slower by the inverse.
TARGETS = [
    ("w1", JAX, 8.0, 12.0),
    ("w1", "torch.compile", 15.0, None),
    ("w1", "torch eager", 50.0, None),
    ("w1", "CasADi, its C", 6.0, None),
    ("w1", "micrograd", 1e5, None),
    ("loop", "C by hand", 1 / 1.8, 1 / 1.3),
    ("loop", JAX, 2.0, None),
    ("w3", "C by hand", 1 / 1.7, 1 / 1.3),
    ("w3row", "CasADi, its C", 1 / 3, 1 / 2),
    *((wide, "the best of JAX and PyTorch", 1 / 1.2, 1.0) for wide in ("digits", "wide")),
]
BEST_OF = (JAX, "torch eager", "torch.compile")

Found = dict[str, dict[str, Times]]  # by column, by contender


def measure(only: list[str], grid: Callable[[list[str]], None], rounds: int, seconds: float) -> None:
    """Run the workloads and programs named, or all, and print the tables; grid: measures programs."""
    if unknown := sorted({*only} - {*PROGRAMS, *WORKLOADS, "w2"}):
        sys.exit(f"{', '.join(unknown)} is not measured here: {' '.join([*WORKLOADS, 'w2', *PROGRAMS])}")
    print(_about())
    if programs := [name for name in only or PROGRAMS if name in PROGRAMS]:
        grid(programs)
    found: Found = {}
    for key in [name for name in only if name not in PROGRAMS] if only else [*WORKLOADS, "w2"]:
        if key == "w2":
            _measure_scalars(rounds, seconds)
            continue
        title, make = WORKLOADS[key]
        print(f"\n{title}", flush=True)
        contenders = _contenders(key, make())
        print(f"  all agree to {check(contenders):.0e}; timing", flush=True)
        calls = {
            contender.name: (contender.gradient if key != "w1" else contender.step, contender.slow)
            for contender in contenders
        }
        found[key] = timed({name: call for name, call in calls.items() if call[0]}, rounds, seconds)  # type: ignore[misc]
        if key == "w1":
            loops = {
                contender.name: (partial(contender.loop, LOOP), False) for contender in contenders if contender.loop
            }
            found["loop"] = {
                name: Times(call.median / LOOP, call.least / LOOP)
                for name, call in timed(loops, rounds, seconds).items()
            }
    if found:
        _print_times(found)
        _print_targets(found)


def _measure_scalars(rounds: int, seconds: float) -> None:
    print(f"\nW2: a random graph of {with_scalars.NODES} scalars, + x tanh, with no compiler", flush=True)
    worst, build, both = with_scalars.calls()
    print(f"  all agree to {worst:.0e}; timing", flush=True)
    print(f"\n{'median (least) of a node':32}{'built':>20}{'built and swept':>24}")
    columns = [timed({name: (call, False) for name, call in calls.items()}, rounds, seconds) for calls in (build, both)]
    for name in build:
        cells = [
            _cell(Times(column[name].median / with_scalars.NODES, column[name].least / with_scalars.NODES))
            for column in columns
        ]
        print(f"  {name:30}{cells[0]:>20}{cells[1]:>24}")


def _contenders(key: str, net: Net) -> list[Contender]:
    contenders = []
    for name, make in MAKERS.items():
        try:
            if name in ONLY_W1 and key != "w1":
                raise Missing(f"only W1, since {ONLY_W1[name]}")
            contenders.append(make(net))
        except Missing as reason:
            print(f"  {name} is left out: {reason}", flush=True)
    return contenders


def _about() -> str:
    processor = platform.processor() or platform.machine()
    if (cpuinfo := Path("/proc/cpuinfo")).exists():
        processor = next(
            (line.split(": ")[1] for line in cpuinfo.read_text().splitlines() if "model name" in line), "?"
        )
    versions = []
    for name in ("numpy", "llvmlite", "jax", "torch", "casadi", "micrograd"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            versions.append(f"{name} missing")
    return (
        f"Python {platform.python_version()}, {', '.join(versions)}\n{processor}, {date.today()}, one thread, float64, "
        f"vectors of {8 * machine.processor().lanes} bytes\n"
        f"C by hand: gcc {' '.join(by_hand.FLAGS)}; CasADi's C: gcc {' '.join(with_casadi.FLAGS)}"
    )


def _cell(times: Times) -> str:
    return f"{in_units(times.median)} ({in_units(times.least)})"


def _print_times(found: Found) -> None:
    columns = [column for column in COLUMNS if column in found]
    print("\nmedian (least) of a call; in the loop, of a step\n")
    print(f"{'':20}" + "".join(f"{COLUMNS[column]:>20}" for column in columns))
    for name in MAKERS:
        cells = []
        for column in columns:
            times = found[column].get(name)
            cells.append(_cell(times) if times else "-")
        print(f"{name:20}" + "".join(f"{cell:>20}" for cell in cells))


def _print_targets(found: Found) -> None:
    best = "ours, native" if any("ours, native" in times for times in found.values()) else "ours, numpy"
    print(f"\n{best}, against the targets: how many times as fast as each, by medians (by least times)\n")
    for column, rival, must, aim in TARGETS:
        times = found.get(column, {})
        rivals = [times[name] for name in (BEST_OF if "best" in rival else (rival,)) if name in times]
        if not rivals or best not in times:
            continue
        ratio = min(rival.median for rival in rivals) / times[best].median
        least = min(rival.least for rival in rivals) / times[best].least
        verdict = (
            "MISSED" if ratio < must else "met" if aim is None else "aim met" if ratio >= aim else "met, not the aim"
        )
        name = ("fori_loop" if column == "loop" else "jit").join(("JAX ", "")) if rival == JAX else rival
        goal = f"must {must:.3g}" + (f", aim {aim:.3g}" if aim else "")
        print(f"  {COLUMNS[column]:14}{name:28}{ratio:>10.3g} ({least:.3g}){'':4}{goal:24}{verdict}")
