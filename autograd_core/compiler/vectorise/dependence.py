"""What each register of a tape is computed from, and when: as recorded, and as matrices are found in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograd_core.compiler.frontend.gradient import AFTER, catch_up
from autograd_core.compiler.frontend.instructions import SUM_OVER_ROWS, WHOLE
from autograd_core.engine.value import CUT
from autograd_core.graph.tape import Tape


@dataclass(slots=True)
class Uses:
    """For each register of a tape: how often the needed ones use it (`count`), and which one last."""

    count: list[int]
    last: list[int]


class Dependence:
    """The registers of a tape as they are to be computed for the sake of some `results`.

    when: see `gradient.times`. inputs: of each register, those it is computed from, none of them a mark.
    """

    def __init__(self, tape: Tape, columns: Iterable[int], results: Sequence[int]) -> None:
        self.tape = tape
        self.when: list[int] = []
        self.inputs: list[Sequence[int]] = []
        self._columns = frozenset(columns)
        self._results = results
        self._instead: dict[int, int] = {}
        self._needed: tuple[list[int], Uses] | None = None
        self.catch_up()

    def at(self, index: int) -> int:
        """The register that stands for `index`: marks (CUT, WHOLE) and sums taken apart are looked through."""
        while index in self._instead:
            index = self._instead[index]
        return index

    def results(self) -> list[int]:
        """The registers that stand for the results."""
        return list(map(self.at, self._results))

    def catch_up(self) -> None:
        """Take in what was appended to the tape since."""
        known = len(self.when)
        catch_up(self.tape, self.when, self._columns)
        added = self.tape.instructions[known:]
        self._instead.update((index, one[1][0]) for index, one in enumerate(added, known) if one[0] in (CUT, WHOLE))
        if self._instead:
            apart, at = self._instead.keys().isdisjoint, self.at
            self.inputs += [one[1] if apart(one[1]) else [at(source) for source in one[1]] for one in added]
        else:
            self.inputs += [one[1] for one in added]

    def rewire(self, index: int, inputs: Sequence[int]) -> None:
        """Let a register be computed from others."""
        self.inputs[index] = inputs
        self._needed = None

    def replace(self, replaced: Mapping[int, int]) -> None:
        """Let other registers stand for some that are known after the rows."""
        for index in self.members(AFTER):
            inputs = self.inputs[index]
            if not replaced.keys().isdisjoint(inputs):
                self.inputs[index] = [replaced.get(one, one) for one in inputs]
        self._instead.update(replaced)
        self._needed = None
        self.catch_up()

    def needed(self) -> tuple[list[int], Uses]:
        """The computed registers that the results depend on, each after its inputs, and how all registers are used."""
        if self._needed is None:
            self._needed = self._searched()
        return self._needed

    def _searched(self) -> tuple[list[int], Uses]:
        inputs = self.inputs
        uses = Uses([0] * len(inputs), [-1] * len(inputs))
        count, last = uses.count, uses.last
        seen = bytearray(len(inputs))
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
                elif not seen[index]:
                    seen[index] = 1
                    if sources := inputs[index]:
                        put(~index)
                        for source in sources:
                            count[source] += 1
                            last[source] = index
                            if not seen[source]:
                                put(source)
        return order, uses

    def members(self, phase: int) -> list[int]:
        """The needed registers that are computed in `phase`, sums over rows left out; each after its inputs."""
        instructions, when = self.tape.instructions, self.when
        return [one for one in self.needed()[0] if when[one] == phase and instructions[one][0] is not SUM_OVER_ROWS]

    def sums(self) -> list[int]:
        """The sums over rows among the needed registers."""
        instructions = self.tape.instructions
        return [one for one in self.needed()[0] if instructions[one][0] is SUM_OVER_ROWS]
