"""What a classifier hears beyond the phrases, and what no words can make it do."""

import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.adapters.matching import PhraseMatcher, teaching, windows
from coach.adapters.matching.meaning import MeaningClassifier
from coach.adapters.matching.teaching import judge_unseen, teach
from coach.domain.matching import Hit, How, Veto
from coach.domain.playbook import Sentences, WordRules
from coach.domain.words import NOTHING, normalise, normalise_text
from unit.matching.sample import PROSPECT, REP, moment, playbook
from unit.matching.taught import refund, school, teacher, trial

TALK = (
    "I want my money back and the fee for lesson that was cancelled please not no never trial "
    "a Monday, yes. good, teacher; we do not really on time 25% hmm um um, çela"
)
UNLISTED = "please refund the fee for the lesson that was cancelled"


@pytest.fixture(scope="module")
def matcher() -> PhraseMatcher:
    """Return a matcher that was taught."""
    return PhraseMatcher.build(school())


@pytest.fixture(scope="module")
def classifier() -> MeaningClassifier:
    """Return what it was taught."""
    found = teach(school(), PROSPECT)
    assert found is not None
    return found


def heard(matcher: PhraseMatcher, text: str, *, final: bool = True) -> list[Hit]:
    """Return what counts."""
    hits = matcher.begin(PROSPECT).find(text.split(), is_final=final)
    return [hit for hit in hits if hit.veto is None]


def test_a_moment_is_heard_in_words_that_were_never_listed(matcher: PhraseMatcher) -> None:
    (hit,) = heard(matcher, UNLISTED)

    assert (hit.moment, hit.how) == ("refund", How.MEANING)
    assert hit.rule.startswith("like its examples; ordinary talk is once in")


def test_the_right_one_of_two_moments_is_heard(matcher: PhraseMatcher) -> None:
    (hit,) = heard(matcher, "could we have a different teacher who is more patient")

    assert hit.moment == "teacher"


@pytest.mark.parametrize(
    "said",
    [
        "can you hear me now",
        "we moved the office to the second floor last winter",
        "let me share my screen",
        "the weather was terrible so half of us stayed home",
        "thank you, have a nice weekend",
    ],
)
def test_ordinary_talk_is_silent(matcher: PhraseMatcher, said: str) -> None:
    assert heard(matcher, said) == []


def test_a_moment_is_found_wherever_it_stands_in_a_long_segment(matcher: PhraseMatcher) -> None:
    before = "so we were at the lake on sunday and the children swam until it got dark " * 3
    after = " and then we drove home because my brother had to be at work at six"

    (hit,) = heard(matcher, before + UNLISTED + after)

    said = (before + UNLISTED + after).split()[hit.first : hit.last + 1]
    assert hit.moment == "refund"
    assert {"refund", "fee"} & set(said)


def test_another_sides_words_are_not_judged(matcher: PhraseMatcher) -> None:
    assert matcher.find(UNLISTED, REP) == []


def test_what_a_partial_shows_its_final_bears_out_in_any_chunking(matcher: PhraseMatcher) -> None:
    chance = random.Random(3)
    sentences = [*refund().bulk.examples, *teacher().bulk.examples, UNLISTED]
    for _ in range(40):
        words = " and ".join(chance.sample(sentences, 3)).split()
        final = {hit.moment for hit in heard(matcher, " ".join(words))}
        shown: set[str] = set()
        for count in range(1, len(words) + 1):
            partial = " ".join(words[:count])
            shown |= {hit.moment for hit in heard(matcher, partial, final=False) if not hit.is_held}

        assert shown <= final


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.lists(st.sampled_from(TALK.split()), max_size=30)),
        min_size=1,
        max_size=8,
    ),
    st.sampled_from(["", "do you want a trial lesson", "so that is how it works"]),
)
def test_a_segment_that_grew_means_what_it_means_when_it_comes_whole(
    steps: list[tuple[int, list[str]]], before: str
) -> None:
    """However the words came, and were recognised anew: the same to the last bit."""
    matcher = PhraseMatcher.build(playbook(refund(), trial()))
    classifier = matcher.classifier(PROSPECT)
    assert classifier is not None
    followed, scan = matcher.begin(PROSPECT, before), classifier.begin(normalise_text(before))
    words: list[str] = []
    for kept, more in steps:
        words = [*words[:kept], *more]
        text = normalise(words)
        if not text.tokens:
            continue
        scan.follow(text)

        whole = classifier.scan(text, normalise_text(before))

        assert np.array_equal(scan.reading().scores, whole.reading().scores)
        assert np.array_equal(scan.highest(0, 9), whole.highest(0, 9))
        for is_final in (False, True):
            again = matcher.begin(PROSPECT, before).find(words, is_final=is_final)
            assert followed.find(words, is_final=is_final) == again


def test_a_pause_that_is_heard_later_counts_from_where_it_stands() -> None:
    """A token after a pause has a feature more."""
    texts = [normalise_text("so we go now"), normalise_text("so we, go now")]

    assert windows._common(*texts) == 2
    assert windows._common(texts[0], normalise_text("so we go now, then")) == 4


def test_what_is_to_be_skipped_is_not_found(matcher: PhraseMatcher) -> None:
    for said in ("I want my money back", "I want my mony back", UNLISTED):
        segment, skip, found = matcher.begin(PROSPECT), set[str](), []
        for moment_id in ("teacher", "refund"):  # the same words again, and more to be skipped
            hits = segment.find(said.split(), is_final=True, skip=skip)
            found.append([hit.moment for hit in hits])
            skip.add(moment_id)
        found.append([h.moment for h in segment.find(said.split(), is_final=True, skip=skip)])

        assert found == [["refund"], ["refund"], []]


def test_a_final_of_the_same_words_is_not_what_their_partial_was(matcher: PhraseMatcher) -> None:
    """So few words are a thought only when they are all that was said."""
    segment, words = matcher.begin(PROSPECT), ["refund", "the", "fee", "please"]

    partial = segment.find(words, is_final=False)
    final = segment.find(words, is_final=True)

    assert (partial, [hit.moment for hit in final]) == ([], ["refund"])


def test_a_moment_is_shown_before_the_segment_ends(matcher: PhraseMatcher) -> None:
    assert heard(matcher, f"{UNLISTED} because I was", final=False)


def test_a_phrase_in_what_is_surely_ordinary_talk_is_a_near_miss() -> None:
    """A phrase that was chosen too broadly is held back where nothing else fits its moment."""
    broad = replace(refund(), words=WordRules(phrases=("my money back", "the other")))
    learned = PhraseMatcher.build(playbook(broad))
    said = "so they drove to the other house and put the van in the yard"

    (hit,) = learned.find(said, PROSPECT)

    assert hit.veto is Veto.NEAR_MISS
    assert heard(learned, "I want my money back")


def test_the_same_playbook_teaches_the_same_to_the_last_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = teach(school(), PROSPECT)
    teaching._TAUGHT.clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))  # nothing is kept there

    second = teach(school(), PROSPECT)

    assert first is not None
    assert second is not None
    assert first is not second
    assert np.array_equal(first.network.vectors, second.network.vectors)
    assert first.tail == second.tail


def test_a_playbook_that_is_loaded_twice_is_taught_once() -> None:
    assert teach(school(), PROSPECT) is teach(school(), PROSPECT)


def test_sentences_are_judged_by_a_model_that_did_not_see_them() -> None:
    judged = judge_unseen(school(), PROSPECT)

    examples = [each for each in judged if each.is_example]
    right = [each for each in examples if each.best.moment == each.moment]
    assert len(judged) == 24 + 5 + 24
    assert len(right) > 0.7 * len(examples)


def test_a_score_says_how_often_ordinary_talk_sounds_like_it(classifier: MeaningClassifier) -> None:
    best, *_ = classifier.scores(classifier.scan(normalise_text(UNLISTED)))
    usual, *_ = classifier.scores(classifier.scan(normalise_text("can you hear me now")))

    assert best.moment == "refund"
    assert best.false_alarms < 0.25 < usual.false_alarms


def test_what_weighed_most_is_named(classifier: MeaningClassifier) -> None:
    text = normalise_text(UNLISTED)
    best, *_ = classifier.scores(classifier.scan(text))

    weighed = classifier.weighed(text, NOTHING, best)

    assert "refund" in {each.feature for each in weighed}
    assert max(each.weight for each in weighed) > 0


@pytest.mark.parametrize("language", ["fr", "de-DE", "ja"])
def test_another_language_has_no_classifier_and_keeps_its_rules(language: str) -> None:
    subject = PhraseMatcher.build(school(language))

    assert teach(school(language), PROSPECT) is None
    assert heard(subject, "I want my money back")
    assert not heard(subject, UNLISTED)


def test_a_few_examples_teach_nothing() -> None:
    few = replace(moment("m", "some words"), bulk=Sentences(("a b c", "d e f")))

    assert teach(playbook(few), PROSPECT) is None


@pytest.mark.parametrize(
    "said",
    [
        "",
        "?! …",
        "um uh",
        "é" * 5_000,
        "値段が高すぎます もう少し安く なりませんか",
        "дорого очень дорого слишком",
        "\u202eevil \x00 \ud800",
        "no " * 2_000,
        "refund " * 3_000,
    ],
)
def test_strange_words_are_survived(matcher: PhraseMatcher, said: str) -> None:
    for is_final in (False, True):
        matcher.begin(PROSPECT).find(said.split(), is_final=is_final)


def test_one_moment_without_near_misses_can_be_taught() -> None:
    alone = replace(refund(), bulk=Sentences(refund().bulk.examples))

    (hit,) = heard(PhraseMatcher.build(playbook(alone)), UNLISTED)

    assert hit.moment == "refund"


def test_ten_thousand_phrases_are_built_and_found() -> None:
    phrases = tuple(f"number {n} of the long list" for n in range(10_000))
    large = PhraseMatcher.build(playbook(moment("m", *phrases), refund()))

    assert [hit.moment for hit in heard(large, "it is number 9999 of the long list")] == ["m"]


def test_an_answer_means_what_it_means_after_what_was_asked() -> None:
    matcher = PhraseMatcher.build(playbook(refund(), trial()))

    def means_it(before: str) -> bool:
        hits = matcher.begin(PROSPECT, before).find(["yes", "please"], is_final=True)
        return any(hit.moment == "trial" for hit in hits)

    assert means_it("shall I sign you up for a trial lesson on Monday")
    assert not means_it("did you find the room all right")


def test_what_an_answer_means_is_explained_by_what_was_asked() -> None:
    classifier = teach(playbook(refund(), trial()), PROSPECT)
    assert classifier is not None
    said, before = normalise_text("yes please"), normalise_text("do you want a trial lesson")
    best, *_ = classifier.scores(classifier.scan(said, before))

    weighed = classifier.weighed(said, before, best)

    assert best.moment == "trial"
    assert any(each.feature.startswith("after: ") and each.weight > 0 for each in weighed)
