"""What may stand in `playbook.yaml`: what the playbook is, and how often it may interrupt."""

from typing import Annotated

from pydantic import AfterValidator, Field

from coach.adapters.playbook.fields import (
    DISCLOSURE_BYTES,
    Entry,
    Line,
    Ratio,
    Seconds,
    Text,
)
from coach.domain.playbook import AdvisorRules, CardRules, NagBudget

BAR_CHARACTERS = 300
_BUDGET, _ADVISOR, _CARDS = NagBudget(), AdvisorRules(), CardRules()


def _disclosure(text: str) -> str:
    if (size := len(text.encode())) > DISCLOSURE_BYTES:
        raise ValueError(f"has {size} bytes: at most {DISCLOSURE_BYTES} fit into a message")
    return text


def _bar(text: str) -> str:
    if (size := len(text)) > BAR_CHARACTERS:
        raise ValueError(f"has {size} characters: at most {BAR_CHARACTERS} fit into the prompt")
    return " ".join(text.split())


class BudgetEntry(Entry):
    """How often the rep may be interrupted."""

    gap_seconds: Seconds = Field(
        default=_BUDGET.gap_ms / 1000, description="Shortest pause between two nudges."
    )
    per_window: int = Field(
        default=_BUDGET.per_window, ge=0, description="Most nudges within `window_seconds`."
    )
    window_seconds: Seconds = Field(
        default=_BUDGET.window_ms / 1000,
        description="Length of the window that `per_window` counts in.",
    )
    per_call: int = Field(default=_BUDGET.per_call, ge=0, description="Most nudges in one call.")
    screen_share_ratio: Ratio = Field(
        default=_BUDGET.screen_share_ratio,
        description="Largest part of the window in which a nudge may stand prominently.",
    )
    urgent_priority: int = Field(
        default=_BUDGET.urgent_priority,
        ge=0,
        le=101,
        description="Moments of this priority or higher need not wait for gap and window.",
    )


class AdvisorEntry(Entry):
    """How high the bar is for the model to interrupt, where there is a model."""

    bar: Annotated[Text, AfterValidator(_bar)] = Field(
        default=_ADVISOR.bar,
        description="When to speak, in your words: it stands in the prompt. 300 characters.",
    )
    least_confidence: Ratio = Field(
        default=_ADVISOR.least_confidence,
        description="Answers that the model is less sure of are not shown.",
    )


class CardsEntry(Entry):
    """Battlecards that a prospect's question brings up by itself."""

    by_question: bool = Field(
        default=_CARDS.is_on, description="Whether questions bring up cards at all."
    )
    least_score: Ratio = Field(
        default=_CARDS.least_score,
        description="Share of the question that the card must cover. Higher: fewer and surer.",
    )
    priority: int = Field(default=_CARDS.priority, ge=0, le=100, description="As of a moment.")
    cooldown_seconds: Seconds = Field(
        default=_CARDS.cooldown_ms / 1000, description="Time before the same card may come again."
    )
    expires_seconds: Seconds = Field(
        default=_CARDS.expires_ms / 1000, description="Too late to show after this time."
    )
    relevant_seconds: Seconds = Field(
        default=_CARDS.relevant_ms / 1000, description="How long it stays prominent."
    )


class PlaybookFile(Entry):
    """playbook.yaml: what the playbook is and how often it may speak."""

    name: Line = Field(description="Name of the playbook, as people know it.")
    version: Line = Field(description="Version, in quotes: it is kept with every call.")
    language: Line = Field("en", description="Language of the phrases, such as `en`.")
    disclosure: Annotated[Text, AfterValidator(_disclosure)] = Field(
        description="Text the rep reads aloud to ask for consent, at most 900 bytes."
    )
    learns_from: Line | None = Field(
        None,
        description="Folder of another playbook, seen from this one: moments learn from the "
        "example sentences that it has for moments of the same id.",
    )
    budget: BudgetEntry = Field(
        default_factory=BudgetEntry, description="Limits on nudges. Left out: the defaults."
    )
    advisor: AdvisorEntry = Field(
        default_factory=AdvisorEntry, description="The model's bar. Left out: the defaults."
    )
    cards: CardsEntry = Field(
        default_factory=CardsEntry, description="Cards on questions. Left out: the defaults."
    )
