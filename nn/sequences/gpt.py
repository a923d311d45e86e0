"""A GPT on scalars: a letter from the letters before it."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from autograd_core import no_grad, scope
from nn.losses import cross_entropy
from nn.modules.initialise import generator
from nn.modules.layers import Embedding, Linear
from nn.modules.module import Module
from nn.modules.normalisation import RMSNorm
from nn.modules.softmax import softmax
from nn.modules.whole_numbers import whole_number
from nn.sequences.attention import Rows, TransformerBlock, at_each_position


class GPT(Module):
    """Scores for the next token at every position: embeddings of token and place, blocks of causal attention, a head.

    vocab_size: the number of tokens. block_size: the most positions. n_embd: the numbers of a position, n_head of them
    heads, n_layer blocks. The parts are called wte, wpe, blocks and lm_head; norms are `RMSNorm` without weights, there
    are no biases, and weights are normal with standard deviation 0.08. Raises ValueError for an empty list of tokens,
    one that is too long, and a token that does not exist.
    Source: Radford et al., Improving Language Understanding by Generative Pre-Training (2018).

    >>> model = GPT(27, block_size=8, n_embd=8, n_head=2, rng=0)
    >>> len(model([26, 0, 1])), round(model.loss([26, 0, 1, 26]).data, 1)
    (3, 3.5)
    """

    formula = "scores of the next token"

    def __init__(
        self,
        vocab_size: int,
        block_size: int = 16,
        n_embd: int = 16,
        n_head: int = 4,
        n_layer: int = 1,
        *,
        activation: str | Callable[[Any], Any] = "relu",
        rng: random.Random | int,
    ) -> None:
        self.vocab_size = whole_number(vocab_size, "vocab_size")
        self.block_size = whole_number(block_size, "block_size")
        source = generator(rng)
        self.wte = Embedding(vocab_size, n_embd, rng=source, initialise=_small)
        self.wpe = Embedding(block_size, n_embd, rng=source, initialise=_small)
        self.lm_head = Linear(n_embd, vocab_size, bias=False, rng=source, initialise=_small)
        norm = partial(RMSNorm, elementwise_affine=False)
        self.norm = norm(n_embd)
        self.blocks = [
            TransformerBlock(
                n_embd, n_head, activation=activation, bias=False, norm=norm, rng=source, initialise=_small
            )
            for _ in range(whole_number(n_layer, "n_layer"))
        ]

    def forward(self, tokens: Sequence[int]) -> Rows:
        count = len(tokens)
        if not 1 <= count <= self.block_size:
            raise ValueError(f"this GPT takes 1 to {self.block_size} tokens, got {count}.")
        with scope("embedding", "token + place"):
            rows = at_each_position(enumerate(tokens), self._embedded)
        rows = [self.norm(row) for row in rows]
        for block in self.blocks:
            rows = block(rows, is_causal=True)
        return [self.lm_head(row) for row in rows]

    def _embedded(self, place_and_token: tuple[int, int]) -> list[Any]:
        place, token = place_and_token
        return [a + b for a, b in zip(self.wte(token), self.wpe(place), strict=True)]

    def loss(self, tokens: Sequence[int]) -> Any:
        """The mean over the positions of the cross-entropy of the next token.

        Raises ValueError for fewer than two tokens: the last one is predicted only.
        """
        if len(tokens) < 2:
            raise ValueError(f"a loss needs a token to predict and one before it, got {len(tokens)} token(s).")
        return cross_entropy(self(tokens[:-1]), list(tokens[1:]))

    def generate(
        self,
        tokens: Sequence[int],
        max_new_tokens: int,
        *,
        temperature: float = 1.0,
        stop: int | None = None,
        rng: random.Random | int,
    ) -> list[int]:
        """`tokens` continued: each new token is drawn from softmax(scores / temperature).

        It ends after max_new_tokens, or after the token `stop`. More than block_size tokens are read from the last ones
        only. temperature 0 takes the likeliest token. Raises ValueError for a negative temperature.
        """
        if not temperature >= 0.0:
            raise ValueError(f"temperature divides the scores, so it is 0 or more, got {temperature!r}.")
        source, text = generator(rng), [operator.index(token) for token in tokens]
        for _ in range(whole_number(max_new_tokens, "max_new_tokens", least=0)):
            with no_grad():
                scores = [float(score) for score in self(text[-self.block_size :])[-1]]
            if temperature == 0.0:
                text.append(scores.index(max(scores)))
            else:
                weights = softmax([score / temperature for score in scores])
                text.append(source.choices(range(self.vocab_size), weights)[0])
            if text[-1] == stop:
                break
        return text

    def extra_repr(self) -> str:
        return f"{self.vocab_size} tokens, {self.block_size} positions"


def _small(fan_in: int, fan_out: int, rng: random.Random) -> float:
    return rng.gauss(0.0, 0.08)
