"""What a location classifier is measured by: precision, recall and F1, beside rules that learn nothing or little.

A rule is any function that says for each word of a sentence whether it is a place. `hard_words` picks out those on
which a list of known places is of no help: words never met in training, and words that may be a place or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from nn.corpus import Sentence
from nn.metrics import f1, precision, recall

Rule = Callable[[Sequence[str]], list[bool]]


class Scores(NamedTuple):
    """precision: the share of what was called a place that is one. recall: the share of the places that were found.
    f1: their harmonic mean. See `nn.metrics`."""

    precision: float
    recall: float
    f1: float


def scores_of(rule: Rule, sentences: Sequence[Sentence], chosen: Sequence[Sequence[bool]] | None = None) -> Scores:
    """The scores of a rule on all words of the sentences, or on those marked in `chosen`.

    Raises ValueError where there is no word to judge it by.
    """
    predicted: list[bool] = []
    actual: list[bool] = []
    marks = chosen or [[True] * len(sentence.words) for sentence in sentences]
    for sentence, marked in zip(sentences, marks, strict=True):
        for guess, truth, counts in zip(rule(sentence.words), sentence.is_place, marked, strict=True):
            if counts:
                predicted.append(guess)
                actual.append(truth)
    return Scores(*(metric(predicted, actual) for metric in (precision, recall, f1)))


# ------------------------------------------------------------------------------------------------------ which words


def unseen_words(sentences: Iterable[Sentence], train: Iterable[Sentence]) -> list[list[bool]]:
    """For each word of the sentences whether it never occurs in `train`."""
    seen = {word for sentence in train for word in sentence.words}
    return [[word not in seen for word in sentence.words] for sentence in sentences]


def ambiguous_words(sentences: Iterable[Sentence], corpus: Iterable[Sentence]) -> list[list[bool]]:
    """For each word of the sentences whether the corpus has it, capital and all, as a place and as something else."""
    readings: dict[str, set[bool]] = {}
    for sentence in corpus:
        for word, is_place in zip(sentence.words, sentence.is_place, strict=True):
            readings.setdefault(word, set()).add(is_place)
    both = {word for word, tags in readings.items() if len(tags) == 2 and word[0].isupper()}
    return [[word in both for word in sentence.words] for sentence in sentences]


def hard_words(test: Sequence[Sentence], train: Sequence[Sentence]) -> list[list[bool]]:
    """For each word of the test sentences whether it is unseen in `train` or ambiguous in the two parts together."""
    pairs = zip(unseen_words(test, train), ambiguous_words(test, [*train, *test]), strict=True)
    return [[one or other for one, other in zip(*pair, strict=True)] for pair in pairs]


# -------------------------------------------------------------------------------------------------------- the rules


def majority(train: Iterable[Sentence]) -> Rule:
    """The rule that says of every word what is true of most words in `train`."""
    tags = Counter(is_place for sentence in train for is_place in sentence.is_place)
    answer = tags[True] > tags[False]
    return lambda words: [answer] * len(words)


def word_list(train: Iterable[Sentence]) -> Rule:
    """The rule that says place of words which are places in `train` more often than not; never of an unseen word."""
    places = _mostly_places(train)
    return lambda words: [places.get(word, False) for word in words]


def word_list_and_capitals(train: Iterable[Sentence]) -> Rule:
    """The word list, which calls an unseen word a place if it begins with a capital."""
    places = _mostly_places(train)
    return lambda words: [places.get(word, word[0].isupper()) for word in words]


def _mostly_places(train: Iterable[Sentence]) -> dict[str, bool]:
    balance: Counter[str] = Counter()
    for sentence in train:
        for word, is_place in zip(sentence.words, sentence.is_place, strict=True):
            balance[word] += 1 if is_place else -1
    return {word: surplus > 0 for word, surplus in balance.items()}
