"""What each register of a tape is computed from, and in which phase of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograd_core.compiler.frontend.instructions import OPAQUE, OVER_ROWS
from autograd_core.compiler.frontend.phases import AFTER, catch_up
from autograd_core.engine.value import CUT
from autograd_core.graph.tape import Tape

_MARKS = (CUT, OPAQUE)


@dataclass(slots=True)
class Uses:
    """For each register of a tape: how often the needed registers use it (`count`), and which of them is the last."""

    count: list[int]
    last: list[int]


class Dependence:
    """The registers of a tape as they are computed for some `results`.

    when: see `gradient.times`. inputs: the registers that each register is computed from. It changes as matrices are
    found: see `rewire` and `replace`. Registers that only mark another (CUT, OPAQUE) are looked through.
    """

    def __init__(self, tape: Tape, columns: Iterable[int], results: Sequence[int]) -> None:
        self.tape = tape
        self.when: list[int] = []
        self.inputs: list[Sequence[int]] = []
        self._columns = frozenset(columns)
        self._results = results
        self._replacements: dict[int, int] = {}
        self._needed: tuple[list[int], Uses] | None = None
        self.catch_up()

    def resolve(self, index: int) -> int:
        """The register that is computed instead of `index`: the one that a mark stands for, or a split sum."""
        while index in self._replacements:
            index = self._replacements[index]
        return index

    def results(self) -> list[int]:
        """The registers of the results."""
        return list(map(self.resolve, self._results))

    def catch_up(self) -> None:
        """Take in the instructions appended to the tape since the last call."""
        known = len(self.when)
        catch_up(self.tape, self.when, self._columns)
        new = self.tape.instructions[known:]
        marks = {index: inputs[0] for index, (primitive, inputs, _, _) in enumerate(new, known) if primitive in _MARKS}
        self._replacements.update(marks)
        if self._replacements:
            are_current, resolve = self._replacements.keys().isdisjoint, self.resolve
            self.inputs += [
                inputs if are_current(inputs) else [resolve(source) for source in inputs] for _, inputs, _, _ in new
            ]
        else:
            self.inputs += [inputs for _, inputs, _, _ in new]

    def rewire(self, index: int, inputs: Sequence[int]) -> None:
        """Let a register be computed from other inputs."""
        self.inputs[index] = inputs
        self._needed = None

    def replace(self, replaced: Mapping[int, int]) -> None:
        """Replace registers that are known after the rows by others."""
        for index in self.members(AFTER):
            inputs = self.inputs[index]
            if not replaced.keys().isdisjoint(inputs):
                self.inputs[index] = [replaced.get(source, source) for source in inputs]
        self._replacements.update(replaced)
        self._needed = None
        self.catch_up()

    def needed(self) -> tuple[list[int], Uses]:
        """The computed registers that the results depend on, each after its inputs, and how all registers are used."""
        if self._needed is None:
            self._needed = self._find_needed()
        return self._needed

    def _find_needed(self) -> tuple[list[int], Uses]:
        inputs = self.inputs
        uses = Uses([0] * len(inputs), [-1] * len(inputs))
        count, last = uses.count, uses.last
        visited = bytearray(len(inputs))
        order: list[int] = []
        enter = order.append
        for result in self.results():
            count[result] += 1
            waiting = [result]
            take, put = waiting.pop, waiting.append
            while waiting:
                index = take()
                if index < 0:
                    enter(~index)
                elif not visited[index]:
                    visited[index] = 1
                    if sources := inputs[index]:
                        put(~index)
                        for source in sources:
                            count[source] += 1
                            last[source] = index
                            if not visited[source]:
                                put(source)
        return order, uses

    def members(self, phase: int) -> list[int]:
        """The needed registers that are computed in `phase`, without sums over the rows; each after its inputs."""
        instructions, when = self.tape.instructions, self.when
        return [index for index in self.needed()[0] if when[index] == phase and instructions[index][0] not in OVER_ROWS]

    def sums(self) -> list[int]:
        """The sums over the rows among the needed registers."""
        instructions = self.tape.instructions
        return [index for index in self.needed()[0] if instructions[index][0] in OVER_ROWS]
