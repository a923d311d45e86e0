"""The backend that runs programs under Node, by the script that pages use."""

from __future__ import annotations

import base64
import functools
import json
import shutil
import subprocess
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd_core.compiler.backends.javascript.program_data import program_data
from autograd_core.compiler.backends.runner import OptimiserStep, Results, Runner
from autograd_core.compiler.vectorise.vector_program import VectorProgram
from autograd_core.engine.interpreter.locks import make_lock

Array = npt.NDArray[Any]

_SCRIPT = Path(__file__).with_name("node_process.js")


def find_node() -> str:
    """The path of Node. Raises ImportError where it is not installed."""
    found = shutil.which("node")
    if found is None:
        raise ImportError(
            "backend='javascript' runs the script of the pages under Node.js, which was not found: install Node 20.10 "
            "or later. backend='numpy' needs nothing."
        )
    return found


class NodeProcess:
    """A process of Node that holds runners and answers questions, one at a time."""

    def __init__(self) -> None:
        self._lock = make_lock()
        self._process = subprocess.Popen(
            [find_node(), "--experimental-default-type=module", "--no-warnings", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        weakref.finalize(self, _end, self._process)

    def ask(self, question: str, **parts: Any) -> Any:
        """The answer. Raises RuntimeError for an error in the script."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps({"ask": question, **parts}) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"problem": "Node has ended; it needs version 20.10 or later."}
        if "problem" in answer:
            raise RuntimeError(f"the script under Node failed:\n{answer['problem']}")
        return answer["result"]


def _end(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.wait()


@functools.cache
def _process() -> NodeProcess:
    return NodeProcess()


class JavascriptRunner(Runner):
    """Runs one `VectorProgram` under Node, on one thread, in float64."""

    def __init__(self, program: VectorProgram) -> None:
        self.program = program
        self._number = self._load(program)
        self._updater: tuple[VectorProgram, int] | None = None

    @staticmethod
    def _load(program: VectorProgram) -> int:
        number: int = _process().ask("load", program=program_data(program))
        return number

    def run(self, given: Array, data: Sequence[Array], count: int) -> Results:
        """See `Runner`; whether the values are finite is not checked."""
        answer = _process().ask(
            "run", runner=self._number, given=_text(given), data=list(map(_text, data)), count=count
        )
        by_row = [_numbers(column) for column in answer["byRow"]]
        return Results(_numbers(answer["values"]), np.array(by_row).reshape(len(by_row), count), finite=False)

    def train_steps(
        self, given: Array, data: Sequence[Array], count: int, update: OptimiserStep, steps: int, batch: int, start: int
    ) -> tuple[Array, int, int]:
        """See `Runner`; the value before a step that failed is included."""
        if self._updater is None or self._updater[0] is not update.program:
            self._updater = update.program, self._load(update.program)
        answer = _process().ask(
            "train",
            runner=self._number,
            updater=self._updater[1],
            given=_text(given),
            data=list(map(_text, data)),
            count=count,
            shared=_text(update.given),
            columns=list(map(_text, update.columns)),
            steps=steps,
            batch=batch,
            start=start,
        )
        update.given[:] = _numbers(answer["shared"])
        for column, numbers in zip(update.columns, answer["columns"], strict=True):
            column[:] = _numbers(numbers)
        return _numbers(answer["losses"]), answer["done"], answer["start"]


def _text(numbers: Array) -> str:
    return base64.b64encode(np.ascontiguousarray(numbers, np.float64).tobytes()).decode()


def _numbers(text: str) -> Array:
    return np.frombuffer(base64.b64decode(text), np.float64).copy()
