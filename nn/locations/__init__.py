"""Is the word in the middle of a window a location? A window classifier, and its scores."""

from nn.locations.classifier import LocationClassifier, Vocabulary, learn
from nn.locations.scores import hard_words, majority, scores_of, unseen_words, word_list, word_list_and_capitals

__all__ = [
    "LocationClassifier",
    "Vocabulary",
    "hard_words",
    "learn",
    "majority",
    "scores_of",
    "unseen_words",
    "word_list",
    "word_list_and_capitals",
]
