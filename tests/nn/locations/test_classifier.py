"""The location classifier: what it sees of a sentence, that it is the lecture's formula, and that it learns.

How well it does when it learns from everything stands in the benchmark: `python -m tests.benchmarks.locations`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from autograd_core import sigmoid
from nn import load, save
from nn.corpus import Sentence, load_corpus, parse, tokenize
from nn.locations.classifier import LocationClassifier, Vocabulary, learn
from nn.locations.scores import (
    Scores,
    ambiguous_words,
    hard_words,
    majority,
    scores_of,
    unseen_words,
    word_list,
    word_list_and_capitals,
)
from nn.losses import binary_cross_entropy_with_logits
from nn.optim import Adam
from nn.training.fit import fit
from tests.support.backends import INSTALLED

TRAIN, TEST = load_corpus("train"), load_corpus("test")
FEW = [
    parse("Ann lives in [Lima] now."),
    parse("Paris lives in [Lima]."),
    parse("Ann flew to [Paris] and to [Paris] again."),
]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return Vocabulary(TRAIN)


# --------------------------------------------------------------------------------------------------- what is seen


def test_frequent_words_have_a_vector_of_their_own_and_others_share_one() -> None:
    vocabulary = Vocabulary(FEW, at_least=2)
    assert vocabulary.tokens[6:] == [".", "Ann", "Lima", "Paris", "in", "lives", "to"]
    assert vocabulary.known_as(tokenize("Ann met 3 men in Rome!")) == [
        *("Ann", "<lower>", "<number>", "<lower>", "in", "<Capitalised>", "<mark>")
    ]


def test_only_the_first_word_of_a_sentence_is_looked_up_in_lower_case() -> None:
    vocabulary = Vocabulary(FEW, at_least=2)
    assert vocabulary.known_as(tokenize('"In To In')) == ["<mark>", "in", "<Capitalised>", "<Capitalised>"]
    assert vocabulary.known_as(["Rome", "in"]) == ["<Capitalised>", "in"]


def test_a_window_has_its_word_in_the_middle_and_is_padded_at_the_edges() -> None:
    vocabulary = Vocabulary(FEW, at_least=2)
    windows = vocabulary.windows(["Ann", "lives", "in", "Lima"])
    named = [[vocabulary.tokens[number] for number in window] for window in windows]
    assert named[0] == ["<start>", "<start>", "Ann", "lives", "in"]
    assert named[3] == ["lives", "in", "Lima", "<end>", "<end>"]
    assert [window[2] for window in named] == ["Ann", "lives", "in", "Lima"]
    assert vocabulary.windows([]) == []


def test_a_word_of_the_test_part_alone_has_no_vector(vocabulary: Vocabulary) -> None:
    for sentence, unseen in zip(TEST, unseen_words(TEST, TRAIN), strict=True):
        for word, is_unseen, token in zip(sentence.words, unseen, vocabulary.known_as(sentence.words), strict=True):
            assert token == word.lower() or token.startswith("<") or not is_unseen, word


# ----------------------------------------------------------------------------------------------------- the formula


def test_score_and_gradients_are_the_lecture_s(vocabulary: Vocabulary) -> None:
    """s = u . h, h = tanh(z), z = W x + b; delta = u * (1 - h^2), ds/dW = delta x^T, ds/db = delta, ds/dx = W^T delta.

    Source: Stanford CS224N, lecture notes 3, window classification.
    """
    model = LocationClassifier(vocabulary, width=3, hidden=4, rng=0)
    window = vocabulary.windows(tokenize("We met in Paris."))[3]
    s = model(window)
    s.backward()

    state = {name: np.array(numbers) for name, numbers in model.state_dict().items()}
    x = state["embedding.weight"][window].ravel()
    h = np.tanh(state["hidden.weight"] @ x + state["hidden.bias"])
    delta = state["u"] * (1.0 - h**2)
    assert s.data == pytest.approx(state["u"] @ h, rel=1e-13)
    assert [p.grad for p in model.u] == pytest.approx(h, rel=1e-13)
    assert [p.grad for p in model.hidden.bias or []] == pytest.approx(delta, rel=1e-12)
    assert np.array([[p.grad for p in row] for row in model.hidden.weight]) == pytest.approx(np.outer(delta, x))
    vectors = [[p.grad for p in model.embedding.weight[token]] for token in window]
    assert np.ravel(vectors) == pytest.approx(state["hidden.weight"].T @ delta)


def test_probability_is_the_sigmoid_of_the_score(vocabulary: Vocabulary) -> None:
    model = LocationClassifier(vocabulary, rng=0)
    tags = model.tags("We met in Paris.")
    assert [word for word, _ in tags] == ["We", "met", "in", "Paris", "."]
    expected = [sigmoid(model(window)).data for window in vocabulary.windows([word for word, _ in tags])]
    assert [probability for _, probability in tags] == expected
    assert model.says_place(["in", "Paris"]) == [
        probability > 0.5 for probability in model.probabilities(["in", "Paris"])
    ]


def test_its_graph_for_one_window_is_drawn_with_its_parts_folded(vocabulary: Vocabulary) -> None:
    model = LocationClassifier(vocabulary, rng=0)
    picture = model.draw("We met in Paris.", "Paris")
    boxes = [line.split()[0] for line in str(picture).splitlines()[1:]]
    assert boxes.count("neuron") == 8
    assert {"<lower>", "in", "Paris", ".", "<end>", "h", "score"} <= set(boxes)
    assert len(boxes) < 20, "so many fit on a sheet"
    for text in ("u · tanh(W x + b)", "u · h", "probability of Paris"):
        assert text in picture.svg
    with pytest.raises(ValueError, match=r"no word 'Rome'.*We, met, in, Paris"):
        model.draw("We met in Paris.", "Rome")


def test_it_is_saved_and_loaded(vocabulary: Vocabulary, tmp_path: Path) -> None:
    path = tmp_path / "locations.safetensors"
    model, other = (LocationClassifier(vocabulary, rng=seed) for seed in (0, 1))
    words = ["in", "Paris"]
    assert model.probabilities(words) != other.probabilities(words)
    save(model, path)
    load(path, other)
    assert model.probabilities(words) == other.probabilities(words)


def test_a_file_is_not_loaded_for_other_words(tmp_path: Path) -> None:
    path = tmp_path / "locations.safetensors"
    vocabulary, other = (Vocabulary([parse(text)], at_least=1) for text in ("a b", "a c"))
    assert len(vocabulary) == len(other)
    save(LocationClassifier(vocabulary, rng=0), path)
    with pytest.raises(ValueError, match="vocabulary"):
        load(path, LocationClassifier(other, rng=0))


# -------------------------------------------------------------------------------------------------------- learning


def test_it_learns_more_than_a_list_from_a_quarter_of_the_sentences(vocabulary: Vocabulary) -> None:
    quarter = TRAIN[::4]
    model = LocationClassifier(vocabulary, hidden=6, rng=0)
    history = learn(model, quarter)
    hard = hard_words(TEST, quarter)
    assert scores_of(model.says_place, TEST, hard).f1 > scores_of(word_list(quarter), TEST, hard).f1 + 0.1
    assert history.losses[-1] < 0.5 * history.losses[0]
    # Of two unknown names, the words around them decide which one is a place.
    place = dict(model.tags("We spent a week in Xanthippia."))["Xanthippia"]
    person = dict(model.tags("Mr Xanthippia and his wife smiled."))["Xanthippia"]
    assert place > 0.5
    assert person < place - 0.2


@pytest.mark.parametrize("backend", INSTALLED)
def test_compiled_training_has_the_losses_of_eager_mode(vocabulary: Vocabulary, backend: str) -> None:
    """Also of words that a minibatch does not have: Adam moves all rows of the table."""
    windows = [window for sentence in TRAIN[:20] for window in vocabulary.windows(sentence.words)][:60]
    targets = [float(is_place) for sentence in TRAIN[:20] for is_place in sentence.is_place][:60]
    losses, weights = [], []
    for execution in ("eager", backend):
        model = LocationClassifier(vocabulary, width=2, hidden=3, rng=0)
        optimiser = Adam(model.parameters(), learning_rate=0.02)
        history = fit(
            model,
            windows,
            targets,
            loss=binary_cross_entropy_with_logits,
            optimiser=optimiser,
            epochs=20,
            batch_size=12,
            backend=execution,
            progress=False,
        )
        losses.append(history.losses)
        weights.append([parameter.data for parameter in model.parameters()])
    assert losses[1] == pytest.approx(losses[0], rel=1e-9)
    assert weights[1] == pytest.approx(weights[0], rel=1e-7, abs=1e-9)


def test_the_same_seed_learns_the_same_bits(vocabulary: Vocabulary) -> None:
    def learnt(seed: int) -> list[float]:
        model = LocationClassifier(vocabulary, width=2, hidden=2, rng=0)
        learn(model, TRAIN[:5], epochs=1, seed=seed)
        return [parameter.data for parameter in model.parameters()]

    assert learnt(1) == learnt(1) != learnt(2)


# --------------------------------------------------------------------------------------------- scores and baselines


def test_scores_by_hand() -> None:
    def rule(words: Sequence[str]) -> list[bool]:
        return [True, True, True, False]

    sentences = [Sentence(("a", "b", "c", "d"), (True, False, False, True))]
    assert scores_of(rule, sentences) == pytest.approx((1 / 3, 1 / 2, 2 / 5))
    assert scores_of(rule, sentences, [[False, True, True, False]]) == Scores(0.0, 0.0, 0.0)
    with pytest.raises(ValueError, match="empty"):
        scores_of(rule, sentences, [[False] * 4])


def test_the_rules_follow_their_definitions() -> None:
    words = ["Paris", "Lima", "Ann", "Rome", "sea"]
    assert majority(FEW)(words) == [False] * 5
    assert word_list(FEW)(words) == [True, True, False, False, False]
    assert word_list_and_capitals(FEW)(words) == [True, True, False, True, False]
    split = [Sentence(("Nice", "Nice"), (True, False))]
    assert word_list(split)(["Nice"]) == [False], "as often as not is not more often than not"


def test_hard_words_are_the_unseen_and_the_ambiguous() -> None:
    test = [parse("Paris and Ann left [Rome].")]
    assert unseen_words(test, FEW) == [[False, False, False, True, True, False]]
    assert ambiguous_words(test, FEW) == [[True, False, False, False, False, False]]
    assert hard_words(test, FEW) == [[True, False, False, True, True, False]]
    assert scores_of(word_list(FEW), test, hard_words(test, FEW)) == Scores(0.0, 0.0, 0.0)
    # Ambiguous in the two parts together is enough, in either alone is not needed.
    assert hard_words([parse("[Ann] is a lake.")], FEW)[0][0]
