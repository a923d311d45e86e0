"""Random CSV files: every cell must be as the module `csv` reads it, and every number as it was written."""

from __future__ import annotations

import csv
import random
import tempfile
from pathlib import Path

from nn.data.csv_table import read_table

FILES = 10_000
CHARACTERS = "ab7.,;\t\"'\n\r \u2028\u2029\x85\x0b\x0c\x1c\x1e\ufeff\u202eäß中-"
SEPARATORS = ",;\t"


def random_text(rng: random.Random) -> str:
    inside = "".join(rng.choice(CHARACTERS) for _ in range(rng.randint(0, 8)))
    return f"q{inside}z"  # blanks around a cell are not part of it


def random_number(rng: random.Random) -> str:
    number = rng.gauss(0.0, 1.0) * 10.0 ** rng.randint(-12, 12)
    return rng.choice([repr(number), f"{number:.6e}", str(round(number)), f" {number!r} "])


def differences(count: int, seed: int) -> list[str]:
    """The files of which a cell, a number or a name of a column is read as another."""
    rng = random.Random(seed)
    found: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        for _ in range(count):
            columns = [f"{random_text(rng)}{place}" for place in range(rng.randint(1, 4))]
            numbers = [[random_number(rng) for _ in columns] for _ in range(rng.randint(3, 8))]
            kinds = [f"{random_text(rng)}{number % 2}" for number in range(len(numbers) - 1)]
            kinds.append(kinds[0])
            with path.open("w", encoding=rng.choice(["utf-8", "utf-8-sig"]), newline="") as file:
                writer = csv.writer(
                    file,
                    delimiter=rng.choice(SEPARATORS),
                    lineterminator=rng.choice(["\n", "\r\n"]),
                    quoting=rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
                )
                writer.writerow(["kind", *columns])
                writer.writerows([kind, *row] for kind, row in zip(kinds, numbers, strict=True))
            try:
                table = read_table(path, "kind", task="classes")
            except ValueError as problem:
                if "has a different text in every row" in str(problem) or "in every row, so that" in str(problem):
                    continue
                found.append(f"{path.read_text(encoding='utf-8')!r}: {problem}")
                continue
            names = [table.classes[int(label)] for label in table.y]
            if (table.columns, table.X, names) != (columns, [[*map(float, row)] for row in numbers], kinds):
                found.append(f"{path.read_text(encoding='utf-8')!r}: {table}")
    return found


def run(part: float) -> str:
    count = round(FILES * part)
    found = differences(count, seed=2026)
    print(*found[:20], sep="\n")
    return f"{count:,} files, {len(found)} read differently"
