"""Which publication is somebody's microphone. Pure: no track is touched here.

One microphone per identity, the first; it stays the one until it is unpublished.
"""

from collections.abc import Iterable

from livekit import rtc

HEARD_KINDS = frozenset(
    {
        rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD,
        rtc.ParticipantKind.PARTICIPANT_KIND_SIP,
    }
)
"""People: in an app or browser, or on the telephone."""


def is_person(participant: rtc.Participant) -> bool:
    """Whether a participant is somebody who can speak: no agent, no recorder, no ingress."""
    return participant.kind in HEARD_KINDS


class Microphones:
    """Remembers each identity's microphone."""

    def __init__(self) -> None:
        self._chosen: dict[str, str] = {}  # identity → publication's sid

    def choose(
        self, identity: str, publications: Iterable[rtc.RemoteTrackPublication]
    ) -> rtc.RemoteTrackPublication | None:
        """Return the publication that is this identity's microphone, if there is one."""
        candidates = {p.sid: p for p in publications if is_microphone(p)}
        sid = self._chosen.get(identity)
        if sid not in candidates:
            sid = next(iter(candidates), None)
        if sid is None:
            self._chosen.pop(identity, None)
            return None
        self._chosen[identity] = sid
        return candidates[sid]

    def forget(self, identity: str) -> None:
        """Somebody left."""
        self._chosen.pop(identity, None)


def is_microphone(publication: rtc.RemoteTrackPublication) -> bool:
    """Whether a publication is a microphone, as far as its publisher says so."""
    is_audio = publication.kind == rtc.TrackKind.KIND_AUDIO
    return is_audio and publication.source == rtc.TrackSource.SOURCE_MICROPHONE
