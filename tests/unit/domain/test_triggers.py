"""Moments in words: once per segment, on the right side, with the words that caused them."""

from coach.domain.events import Transcript, Word
from coach.domain.nudge import Evidence, Nudge
from coach.domain.playbook import (
    Advice,
    ApprovalStep,
    Battlecard,
    DiscountLimit,
    DiscountPolicy,
    Kind,
    Speaker,
    Stage,
    Tier,
    When,
    WordRules,
)
from coach.domain.records import Decision, Outcome
from fakes.playbooks import moment, playbook
from fakes.scene import BUYER, COLLEAGUE, REP, Scene

DISCOUNTS = DiscountPolicy(
    limits=(DiscountLimit(10),),
    approvals=(
        ApprovalStep(20, "the team lead", "Ask in chat."),
        ApprovalStep(40, "Finance", "Mail."),
    ),
)


def only_nudge(scene: Scene) -> Nudge:
    (sent,) = scene.sent
    return sent.nudge


def test_a_moment_fires_on_the_partial_that_completes_it_and_once_in_its_segment() -> None:
    scene = Scene(playbook(moment("price", "over our budget", cooldown_ms=0))).begin()

    for number, text in enumerate(("that is", "that is over our", "that is over our budget")):
        scene.says(1_000 + 200 * number, text, final=False)
    for number in range(20):
        scene.says(1_600 + 200 * number, "that is over our budget" + " and" * number, final=False)
    scene.says(6_000, "That is over our budget, and so on.")

    assert scene.decisions == [("price", "delivered")]
    assert only_nudge(scene).created_ms == 1_400


def test_the_next_segment_may_say_it_again() -> None:
    scene = Scene(playbook(moment("price", "alpha", cooldown_ms=0))).begin()

    scene.says(1_000, "alpha")
    scene.says(20_000, "alpha")

    assert scene.delivered == ["price", "price"]


def test_a_suppressed_moment_has_one_line_per_segment_too() -> None:
    scene = Scene(playbook(moment("price", "alpha"))).begin()
    scene.says(1_000, "alpha")

    for at_ms in range(30_000, 34_000, 200):
        scene.says(at_ms, "alpha and so on", final=False)
    scene.says(34_000, "alpha and so on")

    assert scene.decisions == [("price", "delivered"), ("price", "cooldown")]


def test_a_held_match_waits_for_the_word_that_settles_it() -> None:
    book = playbook(moment("price", "too expensive", near_misses=("too expensive to ignore",)))
    scene = Scene(book).begin()

    scene.says(1_000, "it is too expensive", final=False)
    scene.says(1_200, "it is too expensive to", final=False)
    held = list(scene.decisions)
    scene.says(1_400, "it is too expensive to buy", final=False)

    assert held == []
    assert scene.decisions == [("price", "delivered")]


def test_a_held_match_counts_at_the_final() -> None:
    book = playbook(moment("price", "too expensive", near_misses=("too expensive to ignore",)))
    scene = Scene(book).begin()

    scene.says(1_000, "it is too expensive", final=False)
    scene.says(1_200, "It is too expensive.")

    assert scene.delivered == ["price"]


def test_a_near_miss_is_one_line_at_the_final() -> None:
    book = playbook(moment("price", "too expensive", near_misses=("too expensive to ignore",)))
    scene = Scene(book).begin()

    scene.says(1_000, "too expensive to ignore", final=False)
    before = list(scene.decisions)
    scene.says(1_200, "too expensive to ignore")

    assert before == []
    assert scene.decisions == [("price", "near_miss")]


def test_a_negated_moment_is_one_line_with_its_quote() -> None:
    scene = Scene(playbook(moment("price", "expensive"))).begin()

    scene.says(1_000, "that is not expensive at all")

    (line,) = scene.all(Decision)
    assert line.reason == "negated"
    assert line.evidence is not None and line.evidence.quote == "that is not expensive"


def test_a_moment_waits_for_its_stage() -> None:
    stages = (Stage("opening", "Listen."), Stage("closing", "Ask.", cues=("next steps",)))
    book = playbook(moment("stall", "think about it", stages=frozenset({"closing"})), stages=stages)
    scene = Scene(book).begin()

    scene.says(1_000, "let me think about it")
    scene.says(2_000, "so the next steps", REP)
    scene.says(3_000, "let me think about it")

    assert scene.decisions == [("stall", "stage"), ("stall", "delivered")]


def test_no_moment_fires_on_a_colleague() -> None:
    book = playbook(moment("price", "alpha"), moment("own", "alpha", speaker=Speaker.REP))
    scene = Scene(book).begin()

    scene.says(1_000, "alpha", COLLEAGUE, final=False)
    scene.says(1_200, "alpha", COLLEAGUE)

    assert scene.decisions == []


def test_a_moment_fires_on_its_own_side_only() -> None:
    book = playbook(moment("price", "alpha"), moment("own", "bravo", speaker=Speaker.REP))
    scene = Scene(book).begin()

    scene.says(1_000, "alpha bravo", REP)
    scene.says(2_000, "alpha bravo", BUYER)

    assert scene.delivered == ["own", "price"]


def test_everybody_unknown_is_a_prospect() -> None:
    scene = Scene(playbook(moment("price", "alpha"))).begin()

    scene.says(1_000, "alpha", "+15550001")

    evidence = only_nudge(scene).evidence
    assert evidence is not None
    assert (evidence.speaker, evidence.identity) == (Speaker.PROSPECT, "+15550001")


def test_the_evidence_has_the_times_of_its_words() -> None:
    scene = Scene(playbook(moment("price", "over our budget"))).begin()
    texts = ["well", "I", "have", "to", "say", "that", "is", "over", "our", "budget", "by", "far"]
    words = tuple(Word(text, 100 * i, 100 * i + 90) for i, text in enumerate(texts))

    scene.at(2_000, Transcript(BUYER, Speaker.PROSPECT, " ".join(texts), False, 0, 1_200, words))

    quote = "have to say that is over our budget"
    assert only_nudge(scene).evidence == Evidence(Speaker.PROSPECT, BUYER, 200, 990, quote)


def test_without_word_times_the_place_is_estimated() -> None:
    scene = Scene(playbook(moment("price", "alpha"))).begin()

    scene.says(2_000, "one two three alpha", start_ms=1_000, end_ms=2_000)

    evidence = only_nudge(scene).evidence
    assert evidence is not None
    assert (evidence.start_ms, evidence.end_ms) == (1_000, 2_000)


def test_word_times_of_other_words_are_not_believed() -> None:
    """A recogniser that joins words gives more times than the text has words."""
    scene = Scene(playbook(moment("price", "alpha"))).begin()
    words = tuple(Word("x", 5_000, 5_100) for _ in range(5))

    scene.at(2_000, Transcript(BUYER, Speaker.PROSPECT, "so alpha", True, 1_000, 2_000, words))

    evidence = only_nudge(scene).evidence
    assert evidence is not None and evidence.end_ms == 2_000


def test_a_long_quote_keeps_its_newest_words() -> None:
    scene = Scene(playbook(moment("price", "alpha"))).begin()

    scene.says(2_000, f"{'x' * 100} {'y' * 100} alpha")

    evidence = only_nudge(scene).evidence
    assert evidence is not None
    assert evidence.quote == f"… {'y' * 100} alpha"


def test_a_long_final_is_looked_at_from_its_first_word() -> None:
    """Only segments that stay open are cut to their newest words."""
    scene = Scene(playbook(moment("price", "alpha"))).begin()

    scene.says(200_000, "alpha " + "word " * 300)

    assert scene.delivered == ["price"]


def test_a_segment_that_never_closes_is_cut_to_its_newest_words() -> None:
    scene = Scene(playbook(moment("price", "alpha"))).begin()

    scene.says(200_000, "word " * 300 + "alpha", final=False)

    assert scene.delivered == ["price"]


def test_a_competitor_brings_its_own_card() -> None:
    cards = [
        Battlecard("acme", "Acme", Advice("Acme: ask about exports"), ("acme",), "rival"),
        Battlecard("zeta", "Zeta", Advice("Zeta: compare support"), ("zeta",), "rival"),
    ]
    book = playbook(moment("rival", "another vendor", kind=Kind.COMPETITOR), cards=cards)
    scene = Scene(book).begin()

    scene.says(1_000, "we also look at acme")
    scene.says(2_000, "and at zeta")
    scene.says(3_000, "or another vendor")

    assert [sent.nudge.headline for sent in scene.sent] == [
        "Acme: ask about exports",
        "Zeta: compare support",
        "Headline of rival",
    ]
    sources = [sent.nudge.source for sent in scene.sent]
    assert [source.id if source else None for source in sources] == ["acme", "zeta", "rival"]


def test_the_cooldown_of_a_competitor_counts_its_card() -> None:
    card = Battlecard("acme", "Acme", Advice("Acme"), ("acme",), "rival")
    scene = Scene(playbook(moment("rival"), cards=[card])).begin()

    scene.says(1_000, "acme")
    scene.says(30_000, "acme")

    assert scene.decisions == [("rival", "delivered"), ("rival", "cooldown")]


def test_the_soft_tier_is_noted_and_not_shown() -> None:
    scene = Scene(playbook(moment("joy", "alpha", tier=Tier.NOTED))).begin()

    scene.says(1_000, "so alpha")

    (line,) = scene.all(Decision)
    assert line.outcome is Outcome.NOTED
    assert line.evidence is not None and line.evidence.quote == "so alpha"
    assert scene.sent == []


def offer_scene() -> Scene:
    advice = Advice("{percent} % is above your {limit} %", "{approver}: {how}")
    offer = moment(
        "offer",
        speaker=Speaker.REP,
        when=When.OVER_AUTHORITY,
        words=WordRules(phrases=("i can give you",)),
        advice=advice,
    )
    return Scene(playbook(offer, discounts=DISCOUNTS)).begin()


def test_an_offer_above_authority_names_amount_and_approval() -> None:
    scene = offer_scene()

    scene.says(1_000, "i can give you fifteen percent", REP, final=False)

    nudge = only_nudge(scene)
    assert nudge.headline == "15 % is above your 10 %"
    assert nudge.detail == "the team lead: Ask in chat."


def test_the_lowest_step_that_suffices_is_named_and_the_highest_when_none_does() -> None:
    texts = ("i can give you 25 percent", "i can give you 60 percent")
    details = []
    for text in texts:
        scene = offer_scene()
        scene.says(1_000, text, REP)
        details.append(only_nudge(scene).detail)

    assert details == ["Finance: Mail.", "Finance: Mail."]


def test_an_offer_within_authority_is_no_moment() -> None:
    scene = offer_scene()

    scene.says(1_000, "i can give you ten percent", REP)
    scene.says(2_000, "i can give you not much", REP)
    scene.says(3_000, "not i can give you that", REP)

    assert scene.decisions == []


def test_an_offer_waits_for_its_amount() -> None:
    scene = offer_scene()

    scene.says(1_000, "i can give you", REP, final=False)
    scene.says(1_200, "i can give you twenty five", REP, final=False)
    scene.says(1_400, "i can give you twenty five percent", REP, final=False)

    assert only_nudge(scene).created_ms == 1_400


def test_the_quote_of_an_offer_holds_its_amount() -> None:
    scene = offer_scene()

    scene.says(1_000, "i can give you fifteen percent off", REP, start_ms=0, end_ms=700)

    evidence = only_nudge(scene).evidence
    assert evidence is not None
    assert evidence.quote == "i can give you fifteen percent"
    assert evidence.end_ms == 600


def test_an_offer_that_the_final_corrects_is_withdrawn() -> None:
    """ "Fifty" heard, "five" said: the words of the offer stand, its amount does not."""
    offer = moment(
        "offer", speaker=Speaker.REP, when=When.OVER_AUTHORITY, words=WordRules(("i can give you",))
    )
    scene = Scene(
        playbook(moment("other", "alpha"), offer, discounts=DISCOUNTS), reply=None
    ).begin()
    scene.says(1_000, "alpha")
    scene.says(1_100, "i can give you fifty percent", REP, final=False)

    scene.says(1_200, "i can give you five percent", REP)

    assert scene.decisions == [("other", "delivered"), ("offer", "withdrawn")]


def test_somebody_who_left_in_mid_sentence_begins_a_new_one() -> None:
    """No final came for the first, so nothing would have closed it."""
    scene = Scene(playbook(moment("price", "alpha", cooldown_ms=0))).begin()
    scene.says(1_000, "alpha", final=False)
    scene.leaves(1_500, BUYER)
    scene.comes(30_000, BUYER)

    scene.says(40_000, "alpha", final=False)

    assert scene.delivered == ["price", "price"]
