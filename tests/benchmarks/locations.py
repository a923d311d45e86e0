"""How well the location classifier does on new sentences, compared with simple rules.

`python -m tests.benchmarks.locations` trains it from five seeds and prints precision, recall and
F1 on the test part of the corpus: on all words, on the hard ones (unseen or ambiguous), and on each of these kinds.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from nn.corpus import load_corpus
from nn.locations.classifier import LocationClassifier, Vocabulary, learn
from nn.locations.scores import (
    Rule,
    Scores,
    ambiguous_words,
    hard_words,
    majority,
    scores_of,
    unseen_words,
    word_list,
    word_list_and_capitals,
)

SEEDS = (0, 1, 2, 3, 4)
COLUMNS = ("all words", "unseen or ambiguous", "unseen", "ambiguous")


def line(name: str, columns: Sequence[Scores]) -> str:
    return f"{name:<24}" + "   ".join(" ".join(f"{number:5.3f}" for number in column) for column in columns)


def main() -> None:
    train, test = load_corpus("train"), load_corpus("test")
    chosen = (
        None,
        hard_words(test, train),
        unseen_words(test, train),
        ambiguous_words(test, [*train, *test]),
    )

    def measure(rule: Rule) -> list[Scores]:
        return [scores_of(rule, test, marks) for marks in chosen]

    print(f"{'':<24}" + "   ".join(f"{column:<17}" for column in COLUMNS))
    print(f"{'':<24}" + "   ".join(["prec. rec.  F1   "] * len(COLUMNS)))
    listed = measure(word_list(train))
    print(line("majority", measure(majority(train))))
    print(line("word list", listed))
    print(line("word list and capitals", measure(word_list_and_capitals(train))))

    runs = []
    for seed in SEEDS:
        model = LocationClassifier(Vocabulary(train), rng=seed)
        learn(model, train, seed=seed)
        runs.append(measure(model.says_place))
        print(line(f"net, seed {seed}", runs[-1]), flush=True)
    medians = [
        Scores(*(statistics.median(run[column][which] for run in runs) for which in range(3)))
        for column in range(len(COLUMNS))
    ]
    print(line("net, medians", medians))
    print(f"F1 on unseen or ambiguous words: {medians[1].f1 - listed[1].f1:+.3f} compared with the word list")


if __name__ == "__main__":
    main()
