"""Which recogniser a new session gets: the first of a chain that has not just failed.

Shared by all ears of a call. A session that works is left alone, whatever it runs on; only the
next one begins with the first choice again.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from livekit.agents import stt

from coach.adapters.profile import Profile
from coach.adapters.speech.deepgram import Endpoint, endpoint_of
from coach.settings import Settings

REST_SECONDS = 60.0
"""An endpoint that failed is not tried again for so long, while another one works."""
_NO_KEY = "none"

_log = logging.getLogger(__name__)

Open = Callable[[Endpoint], stt.STT[Any]]
Switched = Callable[[str], None]
"""Told what serves now, as `<profile>/<model>`. Must not block."""


class RecogniserChain:
    """Opens recognisers: call it as `Surroundings.open_recogniser`, and tell it of losses."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        open_one: Open,
        on_switch: Switched,
        profile: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with the first endpoint.

        Args:
            endpoints: first choice first, at least one.
            open_one: makes a client.
            on_switch: called when a session is opened elsewhere than the one before.
            profile: name of the call's profile.
            now: seconds of a monotonic clock.
        """
        self._endpoints, self._open = tuple(endpoints), open_one
        self._on_switch, self._profile, self._now = on_switch, profile, now
        self._rests_until = [0.0] * len(self._endpoints)
        self._current = 0
        self._opened: WeakKeyDictionary[stt.STT[Any], int] = WeakKeyDictionary()

    @property
    def served_by(self) -> str:
        """What the newest session runs on."""
        return f"{self._profile}/{self._endpoints[self._current].model}"

    def __call__(self) -> stt.STT[Any]:
        """Return a client for one session."""
        chosen = self._choose()
        recogniser = self._open(self._endpoints[chosen])
        self._opened[recogniser] = chosen
        if chosen != self._current:
            self._current = chosen
            _log.warning("recogniser switched", extra={"served_by": self.served_by})
            self._on_switch(self.served_by)
        return recogniser

    def failed(self, recogniser: stt.STT[Any]) -> bool:
        """Take a loss. Return whether the next session may begin at once, on another endpoint.

        Several ears lose one endpoint together: each names the client it had, so that an
        endpoint is passed over once and the one after it is not.
        """
        number = self._opened.pop(recogniser, None)
        if number is None:
            return False
        self._rests_until[number] = self._now() + REST_SECONDS
        following = self._choose()
        return following != number and not self._rests(following)

    def _choose(self) -> int:
        awake = (n for n in range(len(self._endpoints)) if not self._rests(n))
        return next(awake, min(range(len(self._endpoints)), key=self._rests_until.__getitem__))

    def _rests(self, number: int) -> bool:
        return self._now() < self._rests_until[number]


def endpoints_of(profile: Profile, settings: Settings, language: str | None) -> list[Endpoint]:
    """Return the recognisers of a call, first choice first.

    Raises:
        ConfigError: the profile names none, and no embedded one was started.
    """
    if not profile.stt:
        return [endpoint_of(settings, language)]
    spoken = language or settings.language
    return [Endpoint(e.base_url, e.key or _NO_KEY, e.model, spoken) for e in profile.stt]
