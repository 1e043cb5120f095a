"""What may stand in each file of a playbook, as models that also make the JSON Schemas.

The descriptions are written for the person who writes playbooks: editors show them.
Turning a checked file into a value of the domain is `coach.adapters.playbook.convert`.
"""

from typing import Annotated, Literal

from pydantic import Field, RootModel, StringConstraints

from coach.adapters.playbook.fields import (
    GUIDANCE_CHARACTERS,
    Detail,
    Entry,
    Headline,
    Id,
    Line,
    NamedFile,
    Pattern,
    Percentage,
    Phones,
    Ratio,
    Say,
    Seconds,
)
from coach.domain.playbook import Kind, Tier, When


class MomentFile(NamedFile):
    """moments/<id>.yaml: something coachable, how it is recognised, what the rep is shown."""

    id: Id = Field(description="The file's name without `.yaml`. Reports and links use it.")
    kind: Kind = Field(strict=False, description="How the panel draws the nudge.")
    when: When = Field(
        When.WORDS,
        strict=False,
        description="What makes it happen: somebody's `words`, or the shape of the call.",
    )
    speaker: Literal["prospect", "rep"] = Field(
        "prospect", description="Whose words or pace count: `prospect` or `rep`."
    )
    stages: list[Id] = Field(
        default=[], description="Stages in which it may fire. Left out: all of them."
    )
    tier: Tier = Field(
        Tier.NUDGE,
        strict=False,
        description="`nudge` is shown at once, `noted` is kept for after the call.",
    )
    priority: int = Field(
        50, ge=0, le=100, description="Who goes first when two want to speak. 100 is highest."
    )
    cooldown_seconds: Seconds = Field(120, description="Time before it may be shown again.")
    once_per_call: bool = Field(False, description="Show it once in a call at most.")
    expires_seconds: Seconds = Field(6, description="Too late to show after this time.")
    relevant_seconds: Seconds = Field(12, description="How long it stays prominent once shown.")
    card: Id | None = Field(None, description="Battlecard that the panel can open.")
    headline: Headline = Field(
        description="What the rep reads at a glance: at most 12 words and 120 characters."
    )
    detail: Detail = Field("", description="A few more sentences, folded on the panel.")
    say: Say | None = Field(
        None, description="A line the rep can say aloud, at most 160 characters."
    )
    phrases: list[Line] = Field(
        default=[], description="Word sequences that make it happen, as people say them."
    )
    patterns: list[Pattern] = Field(
        default=[],
        description="Regular expressions over lower-case words parted by single blanks, "
        "contractions written out ('that is', 'can not').",
    )
    near_misses: list[Line] = Field(
        default=[],
        description="Phrases that look alike and must not fire, such as `budget meeting`.",
    )
    negatable: bool = Field(
        True, description="Whether `not`, `no`, `never` … shortly before take it back."
    )
    fuzzy: bool = Field(True, description="Whether phrases match with small hearing errors too.")
    examples: list[Line] = Field(
        default=[], description="Sentences that must fire. `coach playbook check` runs them."
    )
    counterexamples: list[Line] = Field(
        default=[], description="Sentences that must not fire. `coach playbook check` runs them."
    )
    after_seconds: Seconds = Field(
        0, description="For `monologue`, `silence`, `unanswered_question`: how long it must last."
    )
    window_seconds: Seconds = Field(
        0, description="For `talk_ratio`: how far back talk is counted."
    )
    ratio: Ratio = Field(0, description="For `talk_ratio`: the rep's share that is too much.")


class TopicEntry(Entry):
    """Something a stage should have found out."""

    id: Id = Field(description="Name for reports, unique in the playbook.")
    name: Line = Field(description="The topic in a few words.")
    ask: Say = Field(description="A question that covers it, at most 160 characters.")
    phrases: list[Line] = Field(
        default=[], description="Words, by either side, that count as covering it."
    )


class StageEntry(Entry):
    """A phase of the call."""

    id: Id = Field(description="Name of the stage; moments refer to it.")
    guidance: Annotated[Line, StringConstraints(max_length=GUIDANCE_CHARACTERS)] = Field(
        description="One line that stands on the panel, at most 120 characters."
    )
    cues: list[Line] = Field(
        default=[], description="Phrases, by either side, that begin this stage."
    )
    begins_after_seconds: Seconds | None = Field(
        None, description="Time in the call after which it begins by itself."
    )
    topics: list[TopicEntry] = Field(
        default=[], description="What should be found out before the stage ends."
    )


class StagesFile(RootModel[list[StageEntry]]):
    """stages.yaml: the stages in the order in which a call passes them."""


class BattlecardFile(NamedFile):
    """battlecards/<id>.md, between the `---` lines: a prepared answer. Its text follows."""

    id: Id = Field(description="The file's name without `.md`.")
    title: Line = Field(description="What the card is about; the rep finds it by these words.")
    headline: Headline = Field(
        description="What the rep reads at a glance: at most 12 words and 120 characters."
    )
    detail: Detail = Field("", description="A few more sentences, folded on the panel.")
    say: Say | None = Field(
        None, description="A line the rep can say aloud, at most 160 characters."
    )
    names: list[Line] = Field(
        default=[], description="Names that bring the card up, such as a competitor's."
    )
    moment: Id | None = Field(
        None, description="Moment that happens when one of `names` is said; this card answers."
    )
    kind: Kind = Field(Kind.CARD, strict=False, description="How the panel draws it.")
    pronounce: dict[Line, Phones] = Field(
        default={}, description="How unusual names sound, in ARPAbet: `zendesk: Z EH N D EH S K`."
    )


class LimitEntry(Entry):
    """The highest discount somebody may give without asking."""

    percent: Percentage = Field(description="Highest discount, in percent.")
    role: Line = Field("rep", description="Who may give it.")
    product: Line | None = Field(None, description="Only for this product. Left out: for all.")
    term: Line | None = Field(None, description="Only for this contract term. Left out: for all.")


class ApprovalEntry(Entry):
    """Who says yes above the limits."""

    up_to_percent: Percentage = Field(description="Up to which discount this person may agree.")
    approver: Line = Field(description="Who agrees, such as `sales manager`.")
    how: Line = Field(description="How to ask.")


class DiscountsFile(Entry):
    """discounts.yaml: who may give what."""

    limits: list[LimitEntry] = Field(default=[], description="Discounts that need no approval.")
    approvals: list[ApprovalEntry] = Field(
        default=[], description="The way to an approval, the lowest discount first."
    )


class AccountFile(NamedFile):
    """accounts/<id>.yaml: what is known about a customer."""

    id: Id = Field(description="The file's name without `.yaml`; jobs refer to it.")
    name: Line = Field(description="The customer's name.")
    domain: Line | None = Field(None, description="The customer's internet domain.")
    names: list[Line] = Field(
        default=[], description="People and products that may be named in a call."
    )
    notes: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] = Field(
        "", description="What the rep should know."
    )


class PassageFile(NamedFile):
    """product/<id>.md, between the `---` lines: product facts and positioning. Text follows."""

    id: Id = Field(description="The file's name without `.md`.")
    title: Line = Field(description="What the passage is about.")
