"""Who is who in a call, as the dispatcher said it (contracts 2)."""

from dataclasses import dataclass, field
from enum import StrEnum

from coach.domain.playbook import Speaker

AGENT_IDENTITY_PREFIX = "call-assistant-"
"""Of the coach's identity in every room; the job's id follows."""


class ConsentState(StrEnum):
    """Whether the people in the call have agreed to the assistant."""

    PENDING = "pending"
    GRANTED = "granted"
    DENIED = "denied"
    REVOKED = "revoked"


class ConsentPolicy(StrEnum):
    """Whom one answer covers."""

    CALL = "call"
    """One answer for the call."""
    EVERYONE = "everyone"
    """A prospect who joins later sets the state back to pending."""


@dataclass(frozen=True, slots=True)
class Consent:
    """The state of agreement when the job begins."""

    state: ConsentState = ConsentState.PENDING
    policy: ConsentPolicy = ConsentPolicy.CALL


@dataclass(frozen=True, slots=True)
class Rep:
    """The one person who is coached."""

    identity: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class AccountRef:
    """Which customer the call is with."""

    id: str | None = None
    name: str | None = None
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One call to coach. Nothing about who is who is ever taken from the room."""

    call_id: str
    rep: Rep
    team: frozenset[str] = frozenset()
    account: AccountRef = field(default_factory=AccountRef)
    tenant: str = "default"
    playbook: str = "default"
    providers: str = "default"
    language: str | None = None
    consent: Consent = field(default_factory=Consent)
    transcribe_rep: bool = True
    screenshare: bool = True

    def speaker(self, identity: str) -> Speaker:
        """Return the side of a participant: everybody unknown is a prospect."""
        if identity == self.rep.identity:
            return Speaker.REP
        return Speaker.TEAM if identity in self.team else Speaker.PROSPECT
