"""What counts as somebody having said a phrase, and what does not."""

import pytest

from coach.adapters.matching import PhraseMatcher
from coach.domain.matching import How, Veto
from coach.domain.playbook import Advice, Battlecard, Speaker, Stage, Topic
from unit.matching.sample import PROSPECT, REP, counts, find, moment, playbook

BUDGET = moment("price", "over our budget", near_misses=("over our budget meeting",))


def test_a_phrase_is_found_with_the_words_it_was_said_in() -> None:
    (hit,) = find("Well, that's way over our budget, sorry.", BUDGET)

    assert (hit.moment, hit.how, hit.rule) == ("price", How.PHRASE, "over our budget")
    assert (hit.first, hit.last) == (3, 5)
    assert (hit.veto, hit.is_held, hit.card) == (None, False, None)


def test_a_phrase_matches_whole_words_only() -> None:
    assert not find("the art of it", moment("m", "he art", is_fuzzy=False))
    assert not find("we are cartier fans", moment("m", "art", is_fuzzy=False))


def test_a_phrase_is_compared_as_people_speak_not_as_it_is_written() -> None:
    assert counts("we can’t AFFORD this, sorry", moment("m", "cannot afford this"))
    assert counts("cest déjà vu", moment("m", "deja vu"))


@pytest.mark.parametrize(("speaker", "found"), [(PROSPECT, 1), (REP, 0), (Speaker.TEAM, 0)])
def test_only_moments_of_the_speaker_are_looked_for(speaker: Speaker, found: int) -> None:
    assert len(find("over our budget", BUDGET, speaker=speaker)) == found


def test_a_moment_is_found_once_and_the_longest_phrase_wins_at_the_same_place() -> None:
    (hit,) = find(
        "over our budget now and over our budget then", moment("m", "over our", "over our budget")
    )

    assert (hit.rule, hit.first, hit.last) == ("over our budget", 0, 2)


def test_hits_come_in_the_order_in_which_they_were_said() -> None:
    hits = find("send it when we can start", moment("a", "can start"), moment("b", "send it"))

    assert [hit.moment for hit in hits] == ["b", "a"]


@pytest.mark.parametrize(
    "said",
    [
        "it is not over our budget",
        "it isn't over our budget",
        "that was never really over our budget",
        "nothing is over our budget",
        "we are not at all over our budget",
        "I don't think that it is over our budget",
        "no longer over our budget",
        "but it is not over our budget",
    ],
)
def test_a_negation_shortly_before_takes_a_match_back(said: str) -> None:
    (hit,) = find(said, BUDGET)

    assert hit.veto is Veto.NEGATED


@pytest.mark.parametrize(
    "said",
    [
        "No, that is over our budget",
        "no that is over our budget",
        "no no it is over our budget",
        "it is not only over our budget",
        "we did not like it but it is over our budget",
        "I am not sure. It is over our budget",
        "isn't that over our budget",
        "isn't it over our budget",
        "no doubt over our budget",
        "never mind over our budget",
        "not that I know anything of it and it is over our budget",
    ],
)
def test_a_negation_of_something_else_does_not(said: str) -> None:
    (hit,) = find(said, BUDGET)

    assert hit.veto is None


@pytest.mark.parametrize(
    "said",
    ["why not give us a discount", "don't you give us a discount", "can't you give us a discount"],
)
def test_a_question_with_a_negation_denies_nothing(said: str) -> None:
    assert counts(said, moment("m", "give us a discount"))


def test_a_phrase_that_begins_with_a_negation_is_not_taken_back_by_it() -> None:
    assert counts("there is really not in our budget", moment("m", "not in our budget"))


def test_a_moment_that_is_not_negatable_counts_all_the_same() -> None:
    assert counts("it is not over our budget", moment("m", "over our budget", is_negatable=False))


def test_a_negation_before_a_longer_match_holds_for_the_one_within_it() -> None:
    (hit,) = find(
        "I don't think that is over our budget",
        moment("m", "over our budget", patterns=(r"\bthat is over \w+ budget\b",)),
    )

    assert hit.veto is Veto.NEGATED


def test_the_first_match_that_counts_is_taken() -> None:
    (hit,) = find("it is not over our budget. that one is over our budget", BUDGET)

    assert (hit.veto, hit.first) == (None, 9)


def test_a_near_miss_takes_a_match_back() -> None:
    (hit,) = find("she is over our budget meeting now", BUDGET)

    assert hit.veto is Veto.NEAR_MISS


def test_a_near_miss_elsewhere_does_not() -> None:
    assert counts("over our budget meeting, and it is over our budget", BUDGET)


def test_a_match_that_the_next_word_may_make_a_near_miss_is_held_on_partials_only() -> None:
    (partial,) = find("that is over our budget", BUDGET, final=False)
    (final,) = find("that is over our budget", BUDGET, final=True)

    assert (partial.veto, partial.is_held) == (None, True)
    assert (final.veto, final.is_held) == (None, False)


def test_a_match_is_released_once_another_word_followed() -> None:
    (hit,) = find("that is over our budget anyway", BUDGET, final=False)

    assert not hit.is_held


@pytest.mark.parametrize(
    ("near_miss", "is_held"),
    [
        ("way over our budget meeting", True),
        ("budget meeting", True),
        ("far over our budget meeting", False),
        ("went over our budget", False),
        ("meeting budget", False),
    ],
)
def test_a_match_is_held_only_while_the_near_miss_fits_so_far(
    near_miss: str, is_held: bool
) -> None:
    subject = moment("m", "over our budget", near_misses=(near_miss,))

    (hit,) = find("that is way over our budget", subject, final=False)

    assert hit.is_held is is_held


def test_a_near_miss_in_the_middle_may_still_be_going_on() -> None:
    subject = moment("m", "budget", near_misses=("budget meeting was yesterday",))

    (hit,) = find("the budget meeting was", subject, final=False)

    assert hit.is_held


def test_a_match_that_counts_is_preferred_to_one_that_is_held() -> None:
    (hit,) = find("over our budget yes over our budget", BUDGET, final=False)

    assert (hit.first, hit.is_held) == (0, False)


def test_a_pattern_is_searched_in_normalised_words() -> None:
    (hit,) = find(
        "That's WAY too expensive.", moment("m", patterns=(r"\b(way )?too (exp|pric)\w+",))
    )

    assert (hit.how, hit.first, hit.last) == (How.PATTERN, 1, 3)


def test_a_pattern_with_accents_matches_what_was_said_with_and_without_them() -> None:
    subject = moment("m", patterns=(r"\bcafé \w+\b",))

    assert counts("the café bar", subject)
    assert counts("the cafe bar", subject)


def test_patterns_without_any_literal_text_are_searched_too() -> None:
    subject = moment("m", patterns=(r"^\w+ \w+$",))

    assert counts("two words", subject)
    assert not find("only three words", subject)


def test_a_pattern_built_to_hang_does_not() -> None:
    evil = (r"(a+)+$", r"(\w+\s?)*!", r"(.*)*x(.*)*y(.*)*z")

    assert not find("a" * 20_000 + " b", moment("m", patterns=evil))


def test_every_match_of_a_pattern_is_considered() -> None:
    (hit,) = find("not pricey, but pricey", moment("m", patterns=(r"pricey",)))

    assert (hit.veto, hit.first) == (None, 3)


def test_the_name_of_a_card_brings_up_its_moment_and_card() -> None:
    card = Battlecard("route-king", "Route King", Advice("Ask"), ("Route King",), "competitor")
    matcher = PhraseMatcher.build(playbook(moment("competitor", "other vendors"), cards=(card,)))

    (hit,) = matcher.find("we saw Route King's demo", PROSPECT)

    assert (hit.moment, hit.card, hit.first, hit.last) == ("competitor", "route-king", 2, 3)


def test_cues_and_topics_are_found_in_anybodys_words() -> None:
    stages = (
        Stage("opening", "Greet", cues=("good morning",)),
        Stage(
            "discovery",
            "Ask",
            ("how do you",),
            topics=(Topic("size", "Size", "How many?", ("crews",)),),
        ),
    )
    matcher = PhraseMatcher.build(playbook(stages=stages))

    assert matcher.cues(["Good", "morning!", "How", "do", "you"]) == {"opening", "discovery"}
    assert matcher.topics(["six", "crews"]) == {"size"}
    assert matcher.cues([]) == frozenset()


def test_nothing_is_found_in_no_words_and_by_no_rules() -> None:
    assert find("", BUDGET) == []
    assert find("?! …", BUDGET) == []
    assert find("over our budget") == []
    assert find("anything", moment("m", "?!")) == []
