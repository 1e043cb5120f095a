"""Turns checked files of a playbook into values of the domain."""

from types import MappingProxyType

from coach.adapters.playbook.head import AdvisorEntry, BudgetEntry, CardsEntry
from coach.adapters.playbook.schema import (
    AccountFile,
    BattlecardFile,
    DiscountsFile,
    MomentFile,
    PassageFile,
    StageEntry,
)
from coach.domain.playbook import (
    Account,
    Advice,
    AdvisorRules,
    ApprovalStep,
    Battlecard,
    CardRules,
    DiscountLimit,
    DiscountPolicy,
    Moment,
    NagBudget,
    Passage,
    Shape,
    Speaker,
    Stage,
    Topic,
    WordRules,
)


def to_moment(file: MomentFile) -> Moment:
    """Return the moment that a file describes."""
    return Moment(
        id=file.id,
        kind=file.kind,
        when=file.when,
        advice=_advice(file),
        speaker=Speaker(file.speaker),
        stages=frozenset(file.stages),
        tier=file.tier,
        priority=file.priority,
        cooldown_ms=_ms(file.cooldown_seconds),
        is_once_per_call=file.once_per_call,
        expires_ms=_ms(file.expires_seconds),
        relevant_ms=_ms(file.relevant_seconds),
        card=file.card,
        words=WordRules(
            phrases=tuple(file.phrases),
            patterns=tuple(file.patterns),
            near_misses=tuple(file.near_misses),
            is_negatable=file.negatable,
            is_fuzzy=file.fuzzy,
        ),
        shape=Shape(
            after_ms=_ms(file.after_seconds),
            window_ms=_ms(file.window_seconds),
            ratio=file.ratio,
        ),
        examples=tuple(file.examples),
        counterexamples=tuple(file.counterexamples),
    )


def to_stage(entry: StageEntry) -> Stage:
    """Return the stage that an entry describes."""
    begins = entry.begins_after_seconds
    return Stage(
        id=entry.id,
        guidance=entry.guidance,
        cues=tuple(entry.cues),
        begins_after_ms=None if begins is None else _ms(begins),
        topics=tuple(
            Topic(topic.id, topic.name, topic.ask, tuple(topic.phrases)) for topic in entry.topics
        ),
    )


def to_battlecard(file: BattlecardFile, body: str) -> Battlecard:
    """Return the card that a file's front matter and text describe."""
    return Battlecard(
        id=file.id,
        title=file.title,
        advice=_advice(file),
        names=tuple(file.names),
        moment=file.moment,
        kind=file.kind,
        body=body,
        pronounce=MappingProxyType(dict(file.pronounce)),
    )


def to_budget(entry: BudgetEntry) -> NagBudget:
    """Return the limits on interruptions."""
    return NagBudget(
        gap_ms=_ms(entry.gap_seconds),
        per_window=entry.per_window,
        window_ms=_ms(entry.window_seconds),
        per_call=entry.per_call,
        screen_share_ratio=entry.screen_share_ratio,
        urgent_priority=entry.urgent_priority,
    )


def to_advisor(entry: AdvisorEntry) -> AdvisorRules:
    """Return the model's bar."""
    return AdvisorRules(bar=entry.bar, least_confidence=entry.least_confidence)


def to_card_rules(entry: CardsEntry) -> CardRules:
    """Return how interruptive cards on questions are."""
    return CardRules(
        is_on=entry.by_question,
        least_score=entry.least_score,
        priority=entry.priority,
        cooldown_ms=_ms(entry.cooldown_seconds),
        expires_ms=_ms(entry.expires_seconds),
        relevant_ms=_ms(entry.relevant_seconds),
    )


def to_discounts(file: DiscountsFile) -> DiscountPolicy:
    """Return who may give what."""
    return DiscountPolicy(
        limits=tuple(
            DiscountLimit(limit.percent, limit.role, limit.product, limit.term)
            for limit in file.limits
        ),
        approvals=tuple(
            ApprovalStep(step.up_to_percent, step.approver, step.how) for step in file.approvals
        ),
    )


def to_account(file: AccountFile) -> Account:
    """Return the customer that a file describes."""
    return Account(file.id, file.name, file.domain, tuple(file.names), file.notes)


def to_passage(file: PassageFile, body: str) -> Passage:
    """Return the passage that a file's front matter and text make up."""
    return Passage(file.id, file.title, body)


def _advice(file: MomentFile | BattlecardFile) -> Advice:
    return Advice(headline=file.headline, detail=file.detail, say=file.say)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
