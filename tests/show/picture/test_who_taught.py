"""Who taught a weight: its contributions are the gradients of separate copies, and add up to its gradient exactly."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_core import Value, mean, relu, scope, tanh, who_taught
from nn.modules.module import Parameter
from nn.sequences.gpt import GPT

NUMBERS = st.floats(-2.0, 2.0).filter(lambda x: abs(x) > 1e-3)


def chain(weights: list[Value], inputs: list[float]) -> Value:
    """tanh(w x + w h) along a sequence, and the mean of the squared outputs: one weight for each use."""
    state, outputs = Value(0.5), []
    for step, x in enumerate(inputs):
        with scope(f"step {step + 1}"):
            state = tanh(weights[2 * step] * x + weights[2 * step + 1] * state)
            outputs.append(state * state)
    return mean(outputs)


@given(NUMBERS, st.lists(NUMBERS, min_size=1, max_size=5))
def test_each_contribution_is_the_gradient_of_a_copy_used_once(w: float, inputs: list[float]) -> None:
    weight, copies = Value(w, "w"), [Value(w) for _ in range(2 * len(inputs))]
    loss = chain([weight] * len(copies), inputs)
    loss.backward()
    chain(copies, inputs).backward()
    taught = who_taught(loss, weight)
    assert sorted(use.contribution for use in taught.uses) == sorted(copy.grad for copy in copies)
    total = 0.0
    for use in taught.uses:
        total += use.contribution
    assert total == weight.grad == taught.gradient
    sizes = [abs(use.contribution) for use in taught.largest_first()]
    assert sizes == sorted(sizes, reverse=True)
    assert {use.place for use in taught.uses} == {(f"step {step + 1}",) for step in range(len(inputs))}


@given(NUMBERS, st.lists(NUMBERS, min_size=2, max_size=5))
def test_what_each_term_of_the_loss_taught_is_its_own_gradient(w: float, inputs: list[float]) -> None:
    weight = Value(w, "w")
    outputs = [tanh(weight * x) * weight for x in inputs]
    taught = who_taught(mean(outputs), weight)
    assert taught.terms == tuple(f"loss {number}" for number in range(1, len(inputs) + 1))
    for number, output in enumerate(outputs, 1):
        weight.grad = None
        output.backward()
        assert taught.by_term()[f"loss {number}"] == pytest.approx(weight.grad / len(inputs), rel=1e-12, abs=1e-15)


def test_what_came_through_a_box_is_told_apart_from_what_went_past() -> None:
    x = Value(0.5, "x")
    with scope("head 1"):
        first = x * 3.0
    with scope("head 2"):
        second = tanh(x) * first.detach()
    taught = who_taught((first + second + x) * 2.0, x)
    assert taught.by_box() == pytest.approx({"head 1": 6.0, "head 2": 3.0 / math.cosh(0.5) ** 2, "": 2.0}, rel=1e-14)
    assert "past every head" in str(taught)
    assert set(who_taught(first + x, x, through="").by_box()) == {""}


def test_each_position_and_head_of_a_gpt_teaches_and_all_add_up() -> None:
    model = GPT(5, block_size=4, n_embd=4, n_head=2, rng=1)
    loss = model.loss([4, 0, 1, 0, 4])
    loss.backward()
    parameters = dict(model.named_parameters())
    for name in ("blocks.0.self_attn.in_proj_weight[4][1]", "blocks.0.linear1.weight[3][2]", "wte.weight[0][1]"):
        taught = who_taught(loss, parameters[name])
        total = 0.0
        for use in taught.uses:
            total += use.contribution
            assert math.fsum(use.origins.values()) == pytest.approx(use.contribution, rel=1e-12)
        assert total == parameters[name].grad
        assert math.fsum(taught.by_term().values()) == pytest.approx(total, rel=1e-12)
        assert math.fsum(taught.by_box().values()) == pytest.approx(total, rel=1e-12)
    key = who_taught(loss, parameters["blocks.0.self_attn.in_proj_weight[4][1]"])
    assert {use.place[-2:] for use in key.uses} == {("keys", f"position {t}") for t in range(1, 5)}
    assert list(key.by_box()) == ["head 1"]  # row 0 of the keys belongs to the first head
    for use in key.uses:  # a key is read by the positions from its own on, and each predicts for itself
        assert min(term for term, _ in use.origins) >= int(use.place[-1].split()[-1]) - 1
    embedding = who_taught(loss, parameters["wte.weight[0][1]"])
    assert len(embedding.uses) == 2  # the token 0 is read twice
    assert set(embedding.by_box()) == {"", "head 1", "head 2"}


def test_the_report_counts_uses_without_a_gradient_and_cuts_long_tables() -> None:
    w = Parameter(1.0, "w")
    text = str(who_taught(relu(w * -1.0) + w * 2.0, w))
    assert "is the sum of 1 contribution." in text
    assert "At 1 further use no gradient arrives." in text
    source = random.Random(0)
    many = str(who_taught(mean([w * source.random() for _ in range(30)]), w))
    assert "… 10 more, " in many
    assert "Nobody: no gradient arrives." in str(who_taught(relu(w * -1.0), w))


def test_what_cannot_be_asked_is_said() -> None:
    x = Value(1.0, "x")
    with pytest.raises(ValueError, match="does not depend on x"):
        who_taught(Value(2.0) * 3.0, x)
    with pytest.raises(TypeError, match="one of its weights is float"):
        who_taught(x * 2.0, 1.0)  # type: ignore[arg-type]
