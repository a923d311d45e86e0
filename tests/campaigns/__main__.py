"""Run every campaign, or those named, in full: `python -m tests.campaigns [NAME ...] [--part 0.01]`."""

from __future__ import annotations

import argparse
import time

from tests.campaigns import anomalies, checker, files, interrupts, kills, kinks, one_time, reduced, tables

CAMPAIGNS = {
    "anomalies": anomalies.run,
    "checker": checker.run,
    "files": files.run,
    "interrupts": interrupts.run,
    "kills": kills.run,
    "kinks": kinks.run,
    "one_time": one_time.run,
    "reduced": reduced.run,
    "tables": tables.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(CAMPAIGNS)}; all if none is named")
    parser.add_argument("--part", type=float, default=1.0, help="the part of the full count to run")
    arguments = parser.parse_args()
    for name in arguments.names or CAMPAIGNS:
        start = time.monotonic()
        print(f"{name}: {CAMPAIGNS[name](arguments.part)}, {(time.monotonic() - start) / 60:.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
