"""What an enablement lead writes, as plain values: moments, stages, cards, limits.

Nothing here knows a moment by its id: what a moment does is said by its fields.
Loading and checking a folder of YAML is `coach.adapters.playbook`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Speaker(StrEnum):
    """Which side of the call somebody is on."""

    REP = "rep"
    PROSPECT = "prospect"
    TEAM = "team"


class Kind(StrEnum):
    """What a nudge is about, as the panel draws it (contracts 3)."""

    OBJECTION = "objection"
    QUESTION = "question"
    COMPETITOR = "competitor"
    DISCOUNT = "discount"
    SIGNAL = "signal"
    PACE = "pace"
    STAGE = "stage"
    SCREEN = "screen"
    APPROVAL = "approval"
    CARD = "card"


class Tier(StrEnum):
    """Whether a moment may interrupt the rep, or is kept for after the call."""

    NUDGE = "nudge"
    NOTED = "noted"


class When(StrEnum):
    """What makes a moment happen."""

    WORDS = "words"
    """Somebody says one of its phrases or patterns."""
    MONOLOGUE = "monologue"
    """One side speaks longer than `after_ms` with nothing but back-channels between."""
    SILENCE = "silence"
    """Nobody speaks for `after_ms`."""
    TALK_RATIO = "talk_ratio"
    """The rep's share of the talk over `window_ms` is above `ratio`."""
    UNANSWERED_QUESTION = "unanswered_question"
    """A prospect's question is not taken up within `after_ms`."""
    MISSED_TOPIC = "missed_topic"
    """A stage ended and one of its topics was not covered."""
    OVER_AUTHORITY = "over_authority"
    """The rep names a discount above the rep's own limit."""
    SCREEN_STALE = "screen_stale"
    SCREEN_MISMATCH = "screen_mismatch"
    SCREEN_ERROR = "screen_error"


@dataclass(frozen=True, slots=True)
class Advice:
    """What the rep is shown."""

    headline: str
    """At most 12 words and 120 characters."""
    detail: str = ""
    say: str | None = None
    """A line to say aloud, at most 160 characters."""


@dataclass(frozen=True, slots=True)
class WordRules:
    """How a moment is recognised in words. All texts are as authored, not normalised."""

    phrases: tuple[str, ...] = ()
    """Word sequences; each stands for itself and for small recogniser errors of it."""
    patterns: tuple[str, ...] = ()
    """Regular expressions (re2) over normalised text, words parted by single blanks."""
    near_misses: tuple[str, ...] = ()
    """Phrases that look alike and must not fire; one that covers a match vetoes it."""
    is_negatable: bool = True
    """Whether "not", "no", "never" … shortly before a match take it back."""
    is_fuzzy: bool = True
    """Whether phrases also match with spelling and recogniser errors."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The thresholds of a moment that comes from the shape of the call, not from words."""

    after_ms: int = 0
    window_ms: int = 0
    ratio: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A sentence that means something, or nothing, after what the other side has just said."""

    after: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentences:
    """Many sentences that teach what a moment means; not each of them must fire."""

    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    """Examples after certain words of the other side."""
    counteranswers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """Something coachable, and what to do about it."""

    id: str
    kind: Kind
    when: When
    advice: Advice
    speaker: Speaker = Speaker.PROSPECT
    """Whose words or pace count. Moments never fire on the rep's colleagues."""
    stages: frozenset[str] = frozenset()
    """Stages in which it may fire; empty: all."""
    tier: Tier = Tier.NUDGE
    priority: int = 50
    cooldown_ms: int = 120_000
    is_once_per_call: bool = False
    expires_ms: int = 6_000
    """Deadline for showing, counted from the decision."""
    relevant_ms: int = 12_000
    """How long it stays prominent once shown."""
    card: str | None = None
    """Battlecard that the panel may open."""
    words: WordRules = field(default_factory=WordRules)
    shape: Shape = field(default_factory=Shape)
    examples: tuple[str, ...] = ()
    """Sentences that must fire."""
    counterexamples: tuple[str, ...] = ()
    """Sentences that must not fire."""
    bulk: Sentences = field(default_factory=Sentences)
    """Sentences that teach."""


@dataclass(frozen=True, slots=True)
class Battlecard:
    """A prepared answer: to a competitor, an objection, or a question the rep may ask."""

    id: str
    title: str
    advice: Advice
    names: tuple[str, ...] = ()
    """Names that bring this card up: phrases of the moment `moment`, answered by this card."""
    moment: str | None = None
    kind: Kind = Kind.CARD
    body: str = ""
    pronounce: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Word → ARPAbet, for the embedded recogniser's dictionary."""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a stage should have found out."""

    id: str
    name: str
    ask: str
    """A question that covers it, at most 160 characters."""
    phrases: tuple[str, ...] = ()
    """Words, by whichever side, that count as covering it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A phase of the call and what matters in it. Stages are passed in the order of the file."""

    id: str
    guidance: str
    """One line, at most 120 characters, that stands on the panel."""
    cues: tuple[str, ...] = ()
    """Phrases, by rep or prospect, that begin this stage."""
    begins_after_ms: int | None = None
    """The latest time on the call's clock at which this stage begins by itself, if any."""
    topics: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class NagBudget:
    """How often the rep may be interrupted."""

    gap_ms: int = 8_000
    per_window: int = 5
    window_ms: int = 600_000
    per_call: int = 20
    screen_share_ratio: float = 0.1
    """Largest part of `window_ms` during which a nudge is prominent."""
    urgent_priority: int = 90
    """From here on a moment passes the gap and the window's limits, not the call's."""


@dataclass(frozen=True, slots=True)
class AdvisorRules:
    """How high the bar is for the advisor to interrupt."""

    bar: str = "When in doubt, answer nothing: of twenty turns perhaps one deserves a hint."
    """Stands in the prompt."""
    least_confidence: float = 0.7
    """Answers below it are not shown."""


@dataclass(frozen=True, slots=True)
class CardRules:
    """Battlecards that a prospect's question brings up by itself."""

    is_on: bool = True
    least_score: float = 0.35
    """Share of the question that the card must cover, 0 to 1."""
    priority: int = 40
    cooldown_ms: int = 300_000
    expires_ms: int = 6_000
    relevant_ms: int = 12_000


@dataclass(frozen=True, slots=True)
class DiscountLimit:
    """The highest discount somebody may give without asking."""

    percent: float
    role: str = "rep"
    product: str | None = None
    term: str | None = None


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """Who says yes up to which discount, and how to ask."""

    up_to_percent: float
    approver: str
    how: str


@dataclass(frozen=True, slots=True)
class DiscountPolicy:
    """Limits by role, product and term, and the way to an approval, lowest first."""

    limits: tuple[DiscountLimit, ...] = ()
    approvals: tuple[ApprovalStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """What the embedded store knows about a customer."""

    id: str
    name: str
    domain: str | None = None
    names: tuple[str, ...] = ()
    """People and products, for the recogniser's vocabulary."""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of methodology, product fact or positioning."""

    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Playbook:
    """Everything an enablement lead wrote, checked."""

    name: str
    version: str
    language: str
    disclosure: str
    """Text to read aloud when asking for consent, at most 900 bytes."""
    moments: Mapping[str, Moment]
    stages: tuple[Stage, ...]
    battlecards: Mapping[str, Battlecard]
    budget: NagBudget = field(default_factory=NagBudget)
    discounts: DiscountPolicy = field(default_factory=DiscountPolicy)
    accounts: Mapping[str, Account] = field(default_factory=lambda: MappingProxyType({}))
    passages: Mapping[str, Passage] = field(default_factory=lambda: MappingProxyType({}))
    advisor: AdvisorRules = field(default_factory=AdvisorRules)
    card_rules: CardRules = field(default_factory=CardRules)
