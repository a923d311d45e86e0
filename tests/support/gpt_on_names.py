"""The training of `gpt_on_scalars` once more: `nn.GPT` compiled for names of all lengths, one name a step."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from autograd_core import compile_sequences, update_rules
from nn import GPT, cross_entropy
from nn.data import Alphabet
from tests.support.gpt_on_scalars import BLOCK


def compiled_losses(names: Sequence[str], steps: int, backend: str = "auto") -> list[float]:
    """The losses of the first steps of 1,000, as `gpt_on_scalars.losses` gives them for the same names."""
    rng = random.Random(42)
    documents = [name.strip() for name in names if name.strip()]
    rng.shuffle(documents)
    alphabet = Alphabet(documents)
    model = GPT(len(alphabet), BLOCK, rng=rng)
    tokens = [alphabet.encode(documents[step % len(documents)])[: BLOCK + 1] for step in range(steps)]
    longest = max(tokens, key=len)

    def losses(xs: Any, following: Any) -> list[Any]:
        return [cross_entropy([scores], [token]) for scores, token in zip(model(xs), following, strict=True)]

    def falling_adam(parameter: Any, gradient: Any, state: Any, learning_rate: Any) -> Any:
        rate = learning_rate * (1.0 - state["step"] / 1000.0)
        return update_rules.adam(parameter, gradient, state, rate, betas=(0.85, 0.99))

    program = compile_sequences(losses, example=(longest[:-1], longest[1:]), backend=backend)
    found: list[float] = program.train(
        [row[:-1] for row in tokens],
        [row[1:] for row in tokens],
        steps=steps,
        batch_size=1,
        learning_rate=0.01,
        rule=falling_adam,
    ).tolist()
    return found
