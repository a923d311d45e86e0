"""What each register of a tape is computed from, and when: as recorded, and as matrices are found in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograd_core.compiler.gradient import ROW, SUM_OVER_ROWS, catch_up
from autograd_core.compiler.tape import Tape
from autograd_core.value import CUT

_Inputs = Sequence[int]


@dataclass(slots=True)
class Uses:
    """For each register of a tape: how often the needed ones use it (`count`), and which one last."""

    count: list[int]
    last: list[int]


class Dependence:
    """The registers of a tape as they are to be computed. when: see `gradient.times`. inputs: of each register, those
    it is computed from, which change as sums become rows of matrices; none of them is a cut history."""

    def __init__(self, tape: Tape, columns: Iterable[int]) -> None:
        self.tape = tape
        self.when: list[int] = []
        self.inputs: list[_Inputs] = []
        self._columns = frozenset(columns)
        self._instead: dict[int, int] = {}
        self.catch_up()

    def at(self, index: int) -> int:
        """The register that stands for `index`: cut histories and sums taken apart are looked through."""
        while index in self._instead:
            index = self._instead[index]
        return index

    def catch_up(self) -> None:
        """Take in what was appended to the tape since."""
        known = len(self.when)
        catch_up(self.tape, self.when, self._columns)
        added = self.tape.instructions[known:]
        self._instead.update((index, one.inputs[0]) for index, one in enumerate(added, known) if one[0] is CUT)
        if self._instead:
            self.inputs += [[self.at(source) for source in one[1]] for one in added]
        else:
            self.inputs += [one[1] for one in added]

    def replace(self, replaced: Mapping[int, int]) -> None:
        """Let other registers stand for some."""
        self._instead.update(replaced)
        self.catch_up()
        self.inputs = [[self.at(one) for one in inputs] for inputs in self.inputs]

    def needed(self, results: Iterable[int]) -> tuple[list[int], Uses]:
        """The computed registers that `results` depend on, each after its inputs, and how all registers are used."""
        inputs = self.inputs
        uses = Uses([0] * len(inputs), [-1] * len(inputs))
        count, last = uses.count, uses.last
        seen = bytearray(len(inputs))
        order: list[int] = []
        enter = order.append
        for result in results:
            count[result] += 1
            waiting = [result]
            take, put = waiting.pop, waiting.append
            while waiting:
                index = take()
                if index < 0:
                    enter(~index)
                elif not seen[index] and (sources := inputs[index]):
                    seen[index] = 1
                    put(~index)
                    for source in sources:
                        count[source] += 1
                        last[source] = index
                        if not seen[source]:
                            put(source)
        return order, uses

    def members(self, needed: Iterable[int], phase: int) -> list[int]:
        """Those among the needed registers that are computed in `phase`, sums over rows left out."""
        instructions, when = self.tape.instructions, self.when
        return [one for one in needed if when[one] == phase and instructions[one][0] is not SUM_OVER_ROWS]

    def sums(self, needed: Iterable[int]) -> list[int]:
        """The sums over rows among the needed registers."""
        instructions = self.tape.instructions
        return [one for one in needed if instructions[one][0] is SUM_OVER_ROWS]

    def changes_with_the_row(self, index: int) -> bool:
        """Whether a register differs from row to row."""
        return self.when[index] == ROW
