"""Forged files with the right checksum: what loads also runs, the same everywhere, and all else is a ValueError."""

from __future__ import annotations

import copy
import hashlib
import json
import math
import random
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograd_core import Value, choose, dot, logsumexp, maximum, relu, sigmoid, where
from autograd_core import compile as compile_function
from autograd_core.compiler.program import Program
from nn import MLP, Embedding, Linear, Module, PReLU, Sequential, load, save
from tests.support.backends import INSTALLED

FILES = 100_000
NATIVE = 25  # of the forged programs that load, one in so many runs in machine code too
ROWS = 3
SCRAPS: list[Any] = [
    0,
    1,
    2,
    7,
    -1,
    3.0,
    0.0,
    1e308,
    10**30,
    True,
    None,
    "",
    "x",
    "0x1.8000000000000p+0",
    "-0x1.8000000000000p+0",
    "nan",
    "inf",
    "0x1p99999",
    "add",
    "where",
    "sum_over_rows",
    "logsumexp of a list",
    "\x1b[31m\u202e\ud800",
    [],
    [[]],
    {},
    ["x"],
    ["equal", 0, 1],
    ["logsumexp of a list", 0, 0, 1, 1],
    ["divide", 1, 0],
    ["detach", 0],
]


OPERATIONS = ("choose", "add", "multiply", "subtract", "divide", "power", "exp", "log", "maximum", "equal")


def traced_programs() -> list[Program]:
    w, v = Value(0.7, label="w"), Value(-1.3, label="v")
    three = [Value(number, label=f"u{index}") for index, number in enumerate((0.2, -0.4, 1.1))]
    functions: list[tuple[Callable[..., Any], Any]] = [
        (lambda x, y: (w * x - y) ** 2, (1.0, 2.0)),
        (lambda x: logsumexp([w * x[0], v * x[1], x[2], x[0] * x[1], 0.5]), [1.0, 2.0, 3.0]),
        (lambda x, y: sigmoid(dot(three, x)) * relu(w - y) + v.detach() / y, ([1.0, 2.0, 3.0], 2.0)),
        (lambda x: where(x[0] > x[1][0], maximum(w, x[0]), x[1][1] / v), [1.0, [2.0, 3.0]]),
        (lambda x: choose(x > 0.0, [w, v * w]) * x + choose(2.0 * (x > 1.0), [x, w, *three]), 1.0),
        (lambda: w * v, ()),
    ]
    programs = [compile_function(function, example=example, backend="numpy") for function, example in functions]
    once = compile_function(lambda x: w * x, example=1.0, once=lambda: 0.1 * w * w + v, reduce="sum", backend="numpy")
    return [*programs, once]


def forge(content: Any, rng: random.Random) -> Any:
    """A copy with a few parts taken out, doubled, exchanged or replaced."""
    forged = copy.deepcopy(content)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        place = forged
        while True:
            key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
            if not isinstance(place[key], (dict, list)) or not place[key] or rng.random() < 0.15:
                break
            place = place[key]
        kind = rng.random()
        if kind < 0.1:
            del place[key]
        elif kind < 0.2 and isinstance(place, list):
            place.insert(rng.randrange(len(place) + 1), copy.deepcopy(place[key]))
        elif kind < 0.3 and isinstance(place, list):
            other = rng.randrange(len(place))
            place[key], place[other] = place[other], place[key]
        elif kind < 0.6 and type(place[key]) is int:
            place[key] += rng.choice((-2, -1, 1, 2))
        elif kind < 0.8 and type(place[key]) is str and place[key][:1] not in "0-n":
            place[key] = rng.choice(OPERATIONS)
        else:
            place[key] = copy.deepcopy(rng.choice(SCRAPS))
        if not forged:
            break
    return forged


def with_checksum(content: Any) -> bytes:
    """The text of a program file; the checksum by the rule of the format."""
    text = json.dumps(content, separators=(",", ":"))
    if isinstance(content, dict):
        content = {"checksum": hashlib.sha256(text.encode()).hexdigest(), **content}
    return json.dumps(content).encode()


def same(first: Any, second: Any) -> bool:
    return bool(np.allclose(first, second, rtol=1e-7, atol=1e-9, equal_nan=True))


def numbers_by_row(program: Program, data: list[list[float]]) -> list[float]:
    """The value of each row, computed step by step by the rules of the table."""
    trace = program.trace
    results = []
    for row in data:
        given = dict(zip(trace.columns, row, strict=True))
        given.update((register, value.data) for register, value in zip(trace.registers, trace.values, strict=True))
        results.append(trace.tape.run([given[leaf] for leaf in trace.tape.leaves])[trace.root])
    return results


def nested_rows(example: Any, flat: Iterator[float]) -> Any:
    return [nested_rows(part, flat) for part in example] if isinstance(example, list) else next(flat)


def check_program(path: Path, rng: random.Random, native: bool) -> str:
    """ "" for a program that runs, the same everywhere, else what is wrong. Raises ValueError if it is refused."""
    program = Program.load(path, backend="numpy")
    columns = len(program.trace.columns)
    data = [[rng.uniform(-2.0, 2.0) for _ in range(columns)] for _ in range(ROWS)]
    rows = [nested_rows(program._about["example"], iter(row)) for row in data]
    arguments = [[row[index] for row in rows] for index in range(len(program._about["names"]))]
    try:
        values = program(*arguments) if arguments else program()
        reduced, gradients = program.value_and_grad(*arguments)
        wanted = numbers_by_row(program, data)
        if not same(values, wanted[: len(values)]):
            return f"{values} instead of {wanted}"
        if native:
            twin = Program.load(path, backend="native")
            twins = twin(*arguments), *twin.value_and_grad(*arguments)
            if not all(map(same, (values, reduced, gradients), twins)):
                return f"{(values, reduced, gradients)} by NumPy, {twins} in machine code"
    except Exception as problem:  # what loads must run, but for an index that is no place
        if isinstance(problem, ValueError) and str(problem).startswith("choose among"):
            return ""
        return f"{type(problem).__name__}: {problem}"
    return ""


def forged_programs(count: int, rng: random.Random, folder: Path) -> Iterator[tuple[str, str]]:
    """(an outcome, what is wrong) for each."""
    contents = []
    for index, program in enumerate(traced_programs()):
        program.save(folder / f"{index}.json")
        contents.append(json.loads((folder / f"{index}.json").read_text()))
        del contents[-1]["checksum"]
    path, runs, loaded = folder / "forged.json", set(), 0
    for _ in range(count):
        content = forge(rng.choice(contents), rng)
        path.write_bytes(with_checksum(content))
        try:
            Program.load(path, backend="numpy")
            key = json.dumps([content[part] for part in ("tape", "read", "example", "root", "once", "registers")])
            if key in runs:
                yield "programs ran", ""
                continue
            runs.add(key)
            loaded += 1
            wrong = check_program(path, rng, "native" in INSTALLED and loaded % NATIVE == 0)
        except ValueError as problem:
            is_clean = all(character.isprintable() for character in str(problem))
            yield "programs refused", "" if is_clean else f"unclean: {problem!r}"
        except Exception as problem:  # the promise is broken
            yield "programs", f"{type(problem).__name__}: {problem}"
        else:
            yield "programs ran", wrong and f"{wrong}: {path.read_text()}"


def forged_models(count: int, rng: random.Random, folder: Path) -> Iterator[tuple[str, str]]:
    """(an outcome, what is wrong) for each."""
    makers: list[tuple[Callable[[int], Module], Any]] = [
        (lambda seed: MLP(2, 2, 1, rng=seed), [0.5, -1.0]),
        (lambda seed: Sequential(Linear(2, 1, rng=seed), PReLU()), [0.5, -1.0]),
        (lambda seed: Embedding(3, 2, rng=seed), 1),
    ]
    path, originals = folder / "forged.safetensors", []
    for make, example in makers:
        save(make(0), path)
        originals.append((make, example, path.read_bytes()))
    for _ in range(count):
        make, example, original = rng.choice(originals)
        path.write_bytes(forge_model(original, rng))
        model = make(1)
        before = repr(model.state_dict())
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                load(path, into=model)
        except ValueError as problem:
            is_clean = all(character.isprintable() or character == "\n" for character in str(problem))
            changed = repr(model.state_dict()) != before
            yield "models refused", f"changed: {problem}" if changed else "" if is_clean else f"unclean: {problem!r}"
        except Exception as problem:  # the promise is broken
            yield "models", f"{type(problem).__name__}: {problem}"
        else:
            has_nan = any(math.isnan(parameter.data) for parameter in model.parameters())
            named = any("weights that are nan" in str(warning.message) for warning in caught)
            model(example)
            yield "models ran", "" if named == has_nan else "nan weights are not named"


def forge_model(content: bytes, rng: random.Random) -> bytes:
    """A safetensors file with parts of its header or of its numbers replaced, and the checksum of its numbers."""
    size = int.from_bytes(content[:8], "little")
    header, body = json.loads(content[8 : 8 + size]), bytearray(content[8 + size :])
    if rng.random() < 0.4:
        special = (math.nan, math.inf, 0.0, 5e-324, rng.gauss(0, 1))
        for _ in range(rng.randrange(1, 4)):
            start = 8 * rng.randrange(len(body) // 8)
            body[start : start + 8] = np.float64(rng.choice(special)).tobytes()
    elif rng.random() < 0.5:
        header = forge(header, rng)
    else:
        architecture = json.loads(header["__metadata__"]["architecture"])
        header["__metadata__"]["architecture"] = json.dumps(forge(architecture, rng))
    try:
        checksum = hashlib.sha256()
        for name in sorted(set(header) - {"__metadata__"}):
            start, end = header[name]["data_offsets"]
            checksum.update(name.encode() + body[start:end])
        header["__metadata__"]["checksum"] = checksum.hexdigest()
    except (TypeError, KeyError, ValueError, IndexError, AttributeError):
        pass  # it is no header of safetensors any more
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(body)


def count_outcomes(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """(how often each outcome was met, all that was wrong) for so many forged files."""
    rng = random.Random(seed)
    outcomes, wrong = Counter[str](), []
    with tempfile.TemporaryDirectory() as folder, np.errstate(all="ignore"):
        for forged in (forged_programs, forged_models):
            for outcome, problem in forged(count // 2, rng, Path(folder)):
                outcomes[outcome] += 1
                if problem:
                    wrong.append(problem)
    return outcomes, wrong


def run(part: float) -> str:
    outcomes, wrong = count_outcomes(round(FILES * part), seed=2026)
    print(*wrong[:50], sep="\n")
    return ", ".join(f"{number:,} {outcome}" for outcome, number in outcomes.items()) + f"; {len(wrong)} wrong"
