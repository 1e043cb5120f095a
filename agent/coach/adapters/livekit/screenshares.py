"""Which publication is the rep's screen share. Pure: no track is touched here.

Source and identity are both checked. The source is what the publisher's client declares, so a
client that calls its camera a screen cannot be told from one that shares; but only the rep's
client can do that, and only to its own rep.
"""

from collections.abc import Iterable

from livekit import rtc

from coach.adapters.livekit.microphones import is_person


class ScreenShares:
    """Remembers which of the rep's screen shares is watched: the first, until it is unpublished."""

    def __init__(self, rep: str) -> None:
        """Bind to the rep's identity, which the job has named."""
        self._rep = rep
        self._chosen: str | None = None  # publication's sid

    def choose(
        self,
        participant: rtc.RemoteParticipant,
        publications: Iterable[rtc.RemoteTrackPublication],
    ) -> rtc.RemoteTrackPublication | None:
        """Return the publication to watch among a participant's, if it is the rep and shares."""
        if participant.identity != self._rep or not is_person(participant):
            return None
        shares = {p.sid: p for p in publications if is_screen_share(p)}
        if self._chosen not in shares:
            self._chosen = next(iter(shares), None)
        return shares[self._chosen] if self._chosen is not None else None


def is_screen_share(publication: rtc.RemoteTrackPublication) -> bool:
    """Whether a publication is a screen's picture, as far as its publisher says so."""
    is_video = publication.kind == rtc.TrackKind.KIND_VIDEO
    return is_video and publication.source == rtc.TrackSource.SOURCE_SCREENSHARE
