"""What a kernel reads in ROWS is still there: checked kernel by kernel on the plans of several programs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

import autograd_core as ag
from autograd_core.compiler.backends.llvm.copies import RowPlaces, without_copies
from autograd_core.compiler.backends.llvm.early_sums import early_sums
from autograd_core.compiler.backends.llvm.fusion import Fusion, Pass
from autograd_core.compiler.backends.llvm.row_slots import RowSlots, row_slots
from autograd_core.compiler.vectorise.vector_program import File, Span, Step, VectorProgram, operands_of


def reads_and_writes(item: Pass | Step) -> tuple[list[int], list[int]]:
    """The places of ROWS that a kernel reads and writes."""
    if isinstance(item, Pass):
        operands = [operand for _, operand in item.inputs]
        outs = [Span(*output) for output in item.outputs]
        if item.product is not None:
            operands += operands_of(item.product)
            outs += [item.product.out] if len(item.product.terms) > 1 else []
    else:
        operands = list(operands_of(item))
        outs = [item.out] if hasattr(item, "out") else []
    return [*chain.from_iterable(map(places_of, operands))], [*chain.from_iterable(map(places_of, outs))]


def places_of(operand: Any) -> Sequence[int]:
    """The places of ROWS in an operand."""
    if isinstance(operand, RowPlaces):
        return operand.places
    is_in_rows = isinstance(operand, Span) and operand.file is File.ROWS
    return range(operand.start, operand.stop) if is_in_rows else ()


def check(program: VectorProgram, items: Sequence[Pass | Step], slots: RowSlots) -> int:
    """Raise AssertionError where a kernel reads a number that another has replaced; returns the number of reads."""
    held = dict.fromkeys(range(slots.size), -1)

    def write(places: Sequence[int]) -> None:
        for place in places:
            held[int(slots.of[place])] = place

    write([*chain.from_iterable(range(span.start, span.stop) for span in program.columns), *program.ones])
    count = 0
    for item in items:
        read, written = reads_and_writes(item)
        for place in read:
            assert held[int(slots.of[place])] == place, f"{item} reads place {place}, which is gone"
        overwritten = {int(slots.of[place]) for place in written}.intersection(int(slots.of[place]) for place in read)
        assert overwritten <= {int(slots.of[place]) for place in written if place in read}
        write(written)
        count += len(read)
    for place in (*program.ones, *program.by_row):
        assert held[int(slots.of[place])] == place, "a result, or a number that is always there, is gone"
    return count


def net(parameters: list[Any], x: Any) -> Any:
    h = [ag.tanh(sum((w * a for w, a in zip(parameters[4 * i :], x, strict=False)), parameters[i])) for i in range(6)]
    return ag.logsumexp(h) - h[0] * x[1]


def recurrence(parameters: list[Any], x: Any) -> Any:
    h = c = [x[0], x[1], x[2]]
    for step in range(5):
        z = [sum(parameters[3 * i + j] * h[j] for j in range(3)) + parameters[9 + i] * x[step % 4] for i in range(3)]
        c = [ag.sigmoid(a) * b + ag.tanh(a) for a, b in zip(z, c, strict=True)]
        h = [ag.sigmoid(a) * ag.tanh(b) for a, b in zip(z, c, strict=True)]
    return sum(a * a for a in h)


def attention(parameters: list[Any], x: Any) -> Any:
    tokens = [[parameters[i] * x[j] + parameters[i + 4] for i in range(4)] for j in range(4)]
    read = []
    for query in tokens:
        scores = [sum(a * b for a, b in zip(query, key, strict=True)) for key in tokens]
        total = ag.logsumexp(scores)
        read.append(sum(ag.exp(s - total) * key[0] for s, key in zip(scores, tokens, strict=True)))
    return sum(r * r for r in read)


def irregular(parameters: list[Any], x: Any) -> Any:
    generator, numbers = random.Random(1), [*parameters, *x]
    for _ in range(150):
        a, b = generator.choices(numbers[-25:], k=2)
        numbers.append(generator.choice([a + b, a * b, ag.sin(a), ag.where(a < b, a, ag.tanh(b))]))
    return numbers[-1] + numbers[-2]


@pytest.mark.parametrize("loss", [net, recurrence, attention, irregular])
def test_nothing_is_replaced_before_it_is_read(loss: Callable[..., Any]) -> None:
    generator = random.Random(2)
    parameters = [ag.Value(generator.uniform(-1, 1)) for _ in range(30)]
    compiled = ag.compile(lambda x: loss(parameters, x), example=([0.1] * 4,), parameters=parameters)
    program = without_copies(compiled.vectorised())
    fusion = Fusion(program)
    before, body, after = (fusion.place(part) for part in (program.before, program.body, program.after))
    early = early_sums(program, body)
    assert sorted(map(id, early)) == sorted(map(id, body))
    assert len(early) == len(body)
    items = [*before, *early, *after]
    slots = row_slots(program, items)
    assert check(program, items, slots) > 10
    assert slots.size < program.rows, "most places are not needed at once"
    with pytest.raises(AssertionError):  # it finds one room for two numbers
        check(program, items, RowSlots(slots.of // 2, slots.size))

    data = np.random.default_rng(3).uniform(-1, 1, (150, 4))
    value, gradient = compiled.value_and_grad(data)
    other = ag.compile(lambda x: loss(parameters, x), example=([0.1] * 4,), parameters=parameters, backend="numpy")
    expected, expected_gradient = other.value_and_grad(data)
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-11, atol=1e-13)
