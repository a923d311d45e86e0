"""The scores of a location classifier: precision, recall and F1, and simple rules to compare with.

A rule is a function from the words of a sentence to whether each is a place. `hard_words` selects the words for which
a list of known places does not help: words that do not occur in training, and words that are a place or not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from nn.corpus import Sentence
from nn.metrics import f1, precision, recall

Rule = Callable[[Sequence[str]], list[bool]]


class Scores(NamedTuple):
    """precision: the share of the predicted places that are places. recall: the share of the places that are predicted.
    f1: their harmonic mean. See `nn.metrics`."""

    precision: float
    recall: float
    f1: float


def scores_of(rule: Rule, sentences: Sequence[Sentence], selected: Sequence[Sequence[bool]] | None = None) -> Scores:
    """The scores of a rule on all words of the sentences, or on those marked in `selected`.

    Raises ValueError where no word is selected.
    """
    predicted: list[bool] = []
    actual: list[bool] = []
    marks = selected or [[True] * len(sentence.words) for sentence in sentences]
    for sentence, marked in zip(sentences, marks, strict=True):
        for guess, truth, counts in zip(rule(sentence.words), sentence.is_place, marked, strict=True):
            if counts:
                predicted.append(guess)
                actual.append(truth)
    return Scores(*(metric(predicted, actual) for metric in (precision, recall, f1)))


# ------------------------------------------------------------------------------------------------ selections of words


def unseen_words(sentences: Iterable[Sentence], train: Iterable[Sentence]) -> list[list[bool]]:
    """For each word of the sentences whether it never occurs in `train`."""
    known = {word for sentence in train for word in sentence.words}
    return [[word not in known for word in sentence.words] for sentence in sentences]


def ambiguous_words(sentences: Iterable[Sentence], corpus: Iterable[Sentence]) -> list[list[bool]]:
    """For each word of the sentences whether it is capitalised, and in the corpus both a place and not a place."""
    readings: dict[str, set[bool]] = {}
    for sentence in corpus:
        for word, is_place in zip(sentence.words, sentence.is_place, strict=True):
            readings.setdefault(word, set()).add(is_place)
    both = {word for word, tags in readings.items() if len(tags) == 2 and word[0].isupper()}
    return [[word in both for word in sentence.words] for sentence in sentences]


def hard_words(test: Sequence[Sentence], train: Sequence[Sentence]) -> list[list[bool]]:
    """For each word of the test sentences whether it is unseen in `train`, or ambiguous in the two parts together."""
    pairs = zip(unseen_words(test, train), ambiguous_words(test, [*train, *test]), strict=True)
    return [[unseen or ambiguous for unseen, ambiguous in zip(*pair, strict=True)] for pair in pairs]


# -------------------------------------------------------------------------------------------------------- the rules


def majority(train: Iterable[Sentence]) -> Rule:
    """The rule that gives every word the tag of most words in `train`."""
    tags = Counter(is_place for sentence in train for is_place in sentence.is_place)
    answer = tags[True] > tags[False]
    return lambda words: [answer] * len(words)


def word_list(train: Iterable[Sentence]) -> Rule:
    """The rule that a word is a place if it is one more often than not in `train`; an unseen word is not."""
    places = _mostly_places(train)
    return lambda words: [places.get(word, False) for word in words]


def word_list_and_capitals(train: Iterable[Sentence]) -> Rule:
    """The word list, but an unseen word is a place if it begins with a capital."""
    places = _mostly_places(train)
    return lambda words: [places.get(word, word[0].isupper()) for word in words]


def _mostly_places(train: Iterable[Sentence]) -> dict[str, bool]:
    balance: Counter[str] = Counter()
    for sentence in train:
        for word, is_place in zip(sentence.words, sentence.is_place, strict=True):
            balance[word] += 1 if is_place else -1
    return {word: surplus > 0 for word, surplus in balance.items()}
