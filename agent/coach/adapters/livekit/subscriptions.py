"""What was asked of the server for each publication, and again where nothing came of it.

Told "no" and "yes" in quick succession, as when the rep's second window takes the first one's
place, server and SDK may end apart: the one has nothing to change, the other has dropped its
track and waits. So a track that does not come is asked for once more, the two words well apart.
"""

import logging
from dataclasses import dataclass

from livekit import rtc

PATIENCE_SECONDS = 2.0
"""A track that was asked for comes within this time, or is asked for again …"""
LONGEST_PATIENCE_SECONDS = 10.0
"""… each time after twice as long, up to this."""
APART_SECONDS = 0.7
"""Between "no" and "yes"."""


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    should: bool
    at: float
    tries: int = 0

    @property
    def patience_seconds(self) -> float:
        return min(LONGEST_PATIENCE_SECONDS, PATIENCE_SECONDS * 2.0**self.tries)


class Subscriptions:
    """Asks for publications. Times are the event loop's."""

    def __init__(self) -> None:
        self._asked: dict[str, _Asked] = {}  # by publication's sid

    def want(
        self, publication: rtc.RemoteTrackPublication, should: bool, now: float
    ) -> float | None:
        """Ask for a publication, or to be rid of it, unless that was done.

        Returns:
            Seconds after which it is to be looked at again; None: nothing is waited for.
        """
        sid, has_track = publication.sid, publication.track is not None
        # After a reconnection nothing is known of what was asked: a track that is there tells.
        asked = self._asked.get(sid) or _Asked(has_track, now)
        if asked.should is not should:
            return self._ask(publication, _Asked(should, now, asked.tries if should else 0))
        if not should or has_track or publication.muted:
            self._asked[sid] = _Asked(should, asked.at)
            return None
        left = asked.at + asked.patience_seconds - now
        if left > 0:
            return left
        _log.info("track asked for again", extra={"tries": asked.tries + 1})
        self._ask(publication, _Asked(False, now, asked.tries + 1))
        return APART_SECONDS

    def forget(self, sid: str) -> None:
        """The publication is new, gone, or was refused."""
        self._asked.pop(sid, None)

    def forget_all(self) -> None:
        """The server may have forgotten what was asked of it."""
        self._asked.clear()

    def _ask(self, publication: rtc.RemoteTrackPublication, asked: _Asked) -> float | None:
        self._asked[publication.sid] = asked
        publication.set_subscribed(asked.should)
        return asked.patience_seconds if asked.should else None
