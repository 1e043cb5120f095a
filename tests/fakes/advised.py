"""A call with an advisor: a small playbook, a worry, and what a model may say about it."""

from dataclasses import replace

from coach.domain.advice import Counsel
from coach.domain.playbook import AdvisorRules, CardRules, DiscountLimit, DiscountPolicy, Stage
from fakes.playbooks import moment, playbook
from fakes.scene import Scene

WORRY = "we would have to explain that to the owner first"
BOOK = replace(
    playbook(
        moment("authority", "run it by my boss", cooldown_ms=60_000),
        moment("price", "over our budget", cooldown_ms=60_000),
        stages=(Stage("opening", "Warm up"), Stage("discovery", "Ask"), Stage("close", "Agree")),
        discounts=DiscountPolicy(limits=(DiscountLimit(10.0),)),
    ),
    advisor=AdvisorRules(least_confidence=0.6),
    card_rules=CardRules(is_on=False),
)
HEADLINE = Counsel("authority", 0.9, "Offer to bring the owner in", is_final=False)
WHOLE = replace(
    HEADLINE,
    utterance=1,
    words="explain that to the owner",
    detail="Propose a short call with both.",
    say="Shall we talk to him together?",
    is_final=True,
)


def advised_scene(has_tools: bool = False) -> Scene:
    """Return a call that listens, with an advisor."""
    return Scene(BOOK, turns_given=True, has_advisor=True, has_tools=has_tools).begin()
