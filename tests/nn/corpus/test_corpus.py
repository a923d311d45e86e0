"""The corpus: its format, its variety, and that its test part tests what it should."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from importlib import resources

import pytest

from nn.corpus import Sentence, load_corpus, parse, parse_lines, tokenize

TRAIN, TEST = load_corpus("train"), load_corpus("test")
BOTH = [*TRAIN, *TEST]
FREQUENCY = Counter(word.lower() for sentence in BOTH for word in sentence.words)
FREQUENT = 8


def readings(sentences: list[Sentence]) -> dict[str, set[bool]]:
    found: dict[str, set[bool]] = defaultdict(set)
    for sentence in sentences:
        for word, is_place in zip(sentence.words, sentence.is_place, strict=True):
            found[word].add(is_place)
    return found


def skeleton(sentence: Sentence, content_words: bool = True) -> str:
    """The sentence with its places, names and numbers each put under one word, and so its rarer words if asked."""
    parts: list[str] = []
    for position, (word, is_place) in enumerate(zip(sentence.words, sentence.is_place, strict=True)):
        if is_place:
            part = "PLACE"
        elif word[0].isdigit():
            part = "NUMBER"
        elif position and word[0].isupper():
            part = "NAME"
        elif not content_words and FREQUENCY[word.lower()] < FREQUENT:
            part = "~"
        else:
            part = word.lower()
        if not (parts and part == parts[-1] and part in ("PLACE", "NAME", "~")):
            parts.append(part)
    return " ".join(parts)


def test_words_are_separated_as_a_reader_would() -> None:
    assert tokenize("It's Peru's well-known coast, 2,400 km long (Mrs O'Keeffe didn't go)!") == [
        *("It", "'s", "Peru", "'s", "well-known", "coast", ",", "2,400", "km", "long"),
        *("(", "Mrs", "O'Keeffe", "didn't", "go", ")", "!"),
    ]


def test_brackets_tag_every_word_of_a_place() -> None:
    sentence = parse("From [New York] to [Lima]'s port.")
    assert [word for word, is_place in zip(sentence.words, sentence.is_place, strict=True) if is_place] == [
        *("New", "York", "Lima")
    ]
    assert list(sentence.places()) == [("New", "York"), ("Lima",)]


@pytest.mark.parametrize("line", ["[Lima", "Lima]", "[New [York]]", "in [] there", "[]", "[Lima] []"])
def test_brackets_that_do_not_pair_up_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(line))):
        parse(line)


def test_kinds_and_comments() -> None:
    lines = ["# a comment", "## letters", "Dear [Lima],", "", "## news", "No news."]
    assert [(sentence.words[0], sentence.kind) for sentence in parse_lines(lines)] == [
        ("Dear", "letters"),
        ("No", "news"),
    ]
    with pytest.raises(ValueError, match="no part 'dev'"):
        load_corpus("dev")


def test_the_corpus_is_large_and_of_many_kinds() -> None:
    assert len(BOTH) >= 400
    assert len({sentence.words for sentence in BOTH}) == len(BOTH), "a sentence stands there twice"
    kinds = {sentence.kind for sentence in TRAIN}
    assert len(kinds) >= 20
    assert kinds == {sentence.kind for sentence in TEST}
    # Neither every sentence has a place, nor do those with one say so by being there.
    without = sum(not any(sentence.is_place) for sentence in BOTH) / len(BOTH)
    assert 0.3 < without < 0.7


def test_no_pattern_comes_more_than_three_times() -> None:
    for content_words in (True, False):
        most = Counter(skeleton(sentence, content_words) for sentence in BOTH).most_common(1)
        assert most[0][1] <= 3, most
    openings = Counter(" ".join(skeleton(sentence).split()[:3]) for sentence in BOTH).most_common(1)
    assert openings[0][1] <= 3, openings


def test_the_skeleton_distinguishes_patterns_and_would_catch_a_template() -> None:
    first, second = parse("She flew to [New York] on 3 May."), parse("She flew to [Lima] on 14 June.")
    assert skeleton(first) == skeleton(second) == "she flew to PLACE on NUMBER NAME ."
    assert skeleton(first) != skeleton(parse("She sailed to [Lima] on 14 June."))
    other = parse("She swam to [Lima] on 14 June.")
    assert skeleton(other, content_words=False) == skeleton(first, content_words=False)


def test_only_names_are_tagged() -> None:
    inner = {"and", "of", "the"}
    for sentence in BOTH:
        for place in sentence.places():
            assert all(word[0].isupper() or word in inner for word in place), place
            assert place[0] not in ("The", "the"), place


def test_the_text_is_clean() -> None:
    for part in ("train", "test"):
        text = resources.files("nn.corpus").joinpath(f"{part}.txt").read_text(encoding="utf-8")
        kind = ""
        for line in text.splitlines():
            assert line == line.strip()
            assert "  " not in line
            if line.startswith("##"):
                kind = line.removeprefix("## ")
            elif line and not line.startswith("#"):
                assert line[0].isupper() or line[0] in '["', line
                assert (line[-1] in '.?!"') != (kind == "headlines"), line
                assert line.count('"') % 2 == 0, line


def test_most_places_of_the_test_part_are_unseen() -> None:
    known = {place for sentence in TRAIN for place in sentence.places()}
    places = [place for sentence in TEST for place in sentence.places()]
    unseen = [place for place in places if place not in known]
    assert len(unseen) >= 80
    assert len(unseen) / len(places) > 0.6
    # Some are known, so that a list of known places is no straw man.
    assert len(places) - len(unseen) >= 30


def test_the_test_part_has_ambiguous_words_in_both_readings() -> None:
    both = {word for word, tags in readings(TEST).items() if len(tags) == 2}
    assert {"Paris", "Turkey", "Washington", "Jordan", "Georgia", "Florence", "Chad", "Reading", "Nice"} <= both
    assert len(both) >= 25


def test_training_misleads_on_some_words() -> None:
    """Words met in one reading only while training come in the other in the test part: looking them up must fail."""
    before, after = readings(TRAIN), readings(TEST)
    assert sum(before.get(word) == {True} and False in tags for word, tags in after.items()) >= 5
    assert sum(before.get(word) == {False} and True in tags and word[0].isupper() for word, tags in after.items()) >= 8
