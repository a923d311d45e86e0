"""The window classifier on real English: is the word in the middle of a window the name of a place?

A window is five consecutive words. Each is looked up in a table of learnt vectors, and x is the five vectors in
sequence: h = tanh(W x + b), s = u . h, probability sigmoid(s).

Most places in new sentences do not occur in the training sentences. So rare words share a vector by their shape
(capitalised, lower case, number, mark), in training and afterwards. The network must then classify such a word by the
words around it, and it can do so for a name that is not in the training sentences.

    vocabulary = Vocabulary(load_corpus("train"))
    model = LocationClassifier(vocabulary, rng=0)
    learn(model, load_corpus("train"))
    model.tags("She lives in Lima.")  # [("She", 0.0...), ("lives", 0.0...), ("in", 0.0...), ("Lima", 0.9...), ...]
    model.draw("She lives in Lima.", "Lima").save("lima.svg")  # the graph of that window, folded

Training takes a few seconds. `python -m tests.benchmarks.locations` measures the scores.
"""

from __future__ import annotations

import random
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from autograd_core import Picture, dot, draw, no_grad, scope, sigmoid, tanh
from nn.corpus import Sentence, tokenize
from nn.losses import binary_cross_entropy_with_logits
from nn.modules.initialise import generator, uniform
from nn.modules.layers import Embedding, Linear
from nn.modules.module import Module, Parameter
from nn.optim import Adam
from nn.training.fit import fit
from nn.training.history import History

START, END = "<start>", "<end>"
CAPITALISED, LOWER, NUMBER, MARK = "<Capitalised>", "<lower>", "<number>", "<mark>"
REACH = 2  # words on either side of the middle one


class Vocabulary:
    """The words with a vector of their own: those that occur at least `at_least` times in the sentences, by case.

    tokens: the names of all vectors, first those for shapes and the edges of a sentence. index: the place of each.

    >>> words = ("Ann", "left", "Lima", "and", "left", "Rome")
    >>> vocabulary = Vocabulary([Sentence(words, (False,) * 6)], at_least=2)
    >>> vocabulary.known_as(words)
    ['<Capitalised>', 'left', '<Capitalised>', '<lower>', 'left', '<Capitalised>']
    """

    def __init__(self, sentences: Iterable[Sentence], at_least: int = 4) -> None:
        counts = Counter(word for sentence in sentences for word in sentence.words)
        frequent = sorted(word for word, count in counts.items() if count >= at_least)
        self.tokens = [START, END, CAPITALISED, LOWER, NUMBER, MARK, *frequent]
        self.index = {token: number for number, token in enumerate(self.tokens)}

    def known_as(self, words: Sequence[str]) -> list[str]:
        """The token of each word of a sentence. The first word is capitalised in any case, so that it is looked up in
        lower case too."""
        tokens = [word if word in self.index else shape_of(word) for word in words]
        first = next((place for place, word in enumerate(words) if word[0].isalnum()), None)
        if first is not None and words[first] not in self.index and words[first].lower() in self.index:
            tokens[first] = words[first].lower()
        return tokens

    def windows(self, words: Sequence[str]) -> list[list[int]]:
        """For each word the indices of five tokens: two before it, its own, two after it."""
        tokens = [START] * REACH + self.known_as(words) + [END] * REACH
        numbers = [self.index[token] for token in tokens]
        return [numbers[place : place + 2 * REACH + 1] for place in range(len(words))]

    def __len__(self) -> int:
        return len(self.tokens)


def shape_of(word: str) -> str:
    """The shared token of a word without a token of its own.

    >>> shape_of("Lima"), shape_of("1,100"), shape_of("unheard")
    ('<Capitalised>', '<number>', '<lower>')
    """
    if word[0].isdigit():
        return NUMBER
    if word[0].isupper():
        return CAPITALISED
    return LOWER if word[0].isalpha() else MARK


class LocationClassifier(Module):
    """From a window of five token indices to the score s: h = tanh(W x + b), s = u . h. Above 0 it is a place.

    x is the five vectors of `width` numbers in sequence; `hidden` is the length of h. rng: a seed or a random.Random.
    """

    formula = "u · tanh(W x + b)"

    def __init__(self, vocabulary: Vocabulary, width: int = 6, hidden: int = 8, *, rng: random.Random | int) -> None:
        source = generator(rng)
        self.vocabulary = vocabulary
        self.embedding = Embedding(len(vocabulary), width, rng=source)
        self.hidden = Linear((2 * REACH + 1) * width, hidden, rng=source)
        self.u = [Parameter(uniform(hidden, 1, source)) for _ in range(hidden)]
        for token, vector in zip(vocabulary.tokens, self.embedding.weight, strict=True):
            for place, parameter in enumerate(vector):
                parameter.label = f"{token}[{place}]"

    def forward(self, window: Sequence[int]) -> Any:
        x = [number for vector in self.embedding(window) for number in vector]
        hidden = self.hidden(x)
        with scope("h", "tanh(W x + b)"):
            h = [tanh(z) for z in hidden]
        with scope("score", "u · h"):
            return dot(self.u, h)

    def extra_repr(self) -> str:
        # A saved model fits only these words in this order; by the checksum, `load` rejects others.
        checksum = zlib.crc32("\n".join(self.vocabulary.tokens).encode())
        return f"vocabulary of {len(self.vocabulary)}, checksum {checksum:08x}"

    def probabilities(self, words: Sequence[str]) -> list[float]:
        """For each word of a sentence the probability that it is (part of) a place."""
        with no_grad():
            return [sigmoid(self(window)).data for window in self.vocabulary.windows(words)]

    def tags(self, text: str) -> list[tuple[str, float]]:
        """(word, probability that it is a place) for each word of a sentence."""
        words = tokenize(text)
        return list(zip(words, self.probabilities(words), strict=True))

    def says_place(self, words: Sequence[str]) -> list[bool]:
        """For each word of a sentence whether it is more likely a place than not."""
        return [probability > 0.5 for probability in self.probabilities(words)]

    def draw(self, text: str, word: str) -> Picture:
        """The graph of the probability that the first `word` in the sentence is a place.

        The vectors of the words, the neurons, h and the score are closed boxes, each with its formula, its numbers and
        their gradients. Raises ValueError where the sentence has no such word.
        """
        words = tokenize(text)
        if word not in words:
            raise ValueError(f"there is no word {word!r} in this sentence; its words are {', '.join(words)}.")
        probability = sigmoid(self(self.vocabulary.windows(words)[words.index(word)]))
        probability.label = f"probability of {word}"
        return draw(probability, depth=1, open=lambda box: box.kind == "repeat" and box.stem.startswith("neuron"))


def learn(
    model: LocationClassifier, sentences: Sequence[Sentence], *, epochs: int = 3, seed: int = 0, progress: bool = True
) -> History:
    """Train on every window of the sentences, 16 at a time: `fit` with Adam on the binary cross-entropy of s."""
    return fit(
        model,
        [window for sentence in sentences for window in model.vocabulary.windows(sentence.words)],
        [float(is_place) for sentence in sentences for is_place in sentence.is_place],
        loss=binary_cross_entropy_with_logits,
        optimiser=Adam(model.parameters(), learning_rate=0.02),
        epochs=epochs,
        batch_size=16,
        seed=seed,
        progress=progress,
    )
