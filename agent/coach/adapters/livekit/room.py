"""The room as the call sees it: who is there, who speaks, who is heard, and the rep's screen.

Every handler only reports or calls `_tidy`, which compares what should be heard and seen with
what is and mends the difference. So the order in which the server's news arrive does not matter.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from livekit import rtc

from coach.adapters.livekit.ear import Ear
from coach.adapters.livekit.ears import Ears
from coach.adapters.livekit.eye import Eye
from coach.adapters.livekit.microphones import Microphones, is_person
from coach.adapters.livekit.screenshares import ScreenShares
from coach.adapters.livekit.subscriptions import Subscriptions
from coach.application.ports import EventSink
from coach.domain.events import Ended, EndReason, ParticipantChanged, SpeakingChanged
from coach.domain.job import Job
from coach.domain.playbook import Speaker
from coach.domain.screen import Look

MUTE_LINGER_SECONDS = 4.0
"""A muted microphone's recogniser is kept this long: it may still owe the last words."""
SUBSCRIBE_AGAIN_SECONDS = 1.0

OpenEar = Callable[[str, Speaker, rtc.Track], Ear]
"""Makes the ear for an identity's track."""


class RoomAdapter:
    """Implements the `Room` port on a LiveKit room. Everything runs on the event loop."""

    def __init__(self, room: rtc.Room, job: Job) -> None:
        """Bind to a room that is not connected yet: no news may be missed."""
        self._room, self._job = room, job
        self._post: EventSink = lambda event: None
        self._wanted: frozenset[str] = frozenset()
        self._present: set[str] = set()
        self._speaking: set[str] = set()
        self._is_watched = False
        self._microphones = Microphones()
        self._shares = ScreenShares(job.rep.identity)
        self._subscriptions = Subscriptions()
        self._muted_at: dict[str, float] = {}  # loop time, by publication
        self._ears: Ears | None = None
        self._eye: Eye | None = None
        self._timers: set[asyncio.TimerHandle] = set()

    @asynccontextmanager
    async def running(
        self, post: EventSink, open_ear: OpenEar, eye: Eye | None = None
    ) -> AsyncIterator[None]:
        """Report to `post` and own ears and eye until the block ends. Enter before connecting."""
        self._post, handlers = post, self._handlers()

        def open_at_side(identity: str, track: rtc.Track) -> Ear:
            return open_ear(identity, self._job.speaker(identity), track)

        self._ears, self._eye = Ears(open_at_side), eye
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._ears.running())
            if eye is not None:
                await stack.enter_async_context(eye.running())
            for name, handler in handlers.items():
                self._room.on(name, handler)
            try:
                yield
            finally:
                for name, handler in handlers.items():
                    self._room.off(name, handler)
                self._is_watched = False
                self.listen(frozenset())
                for timer in self._timers:
                    timer.cancel()

    def report_present(self) -> None:
        """Report those who were there before us. Call once, after connecting."""
        for participant in self._room.remote_participants.values():
            self._came(participant, was_present=True)

    def listen(self, identities: frozenset[str]) -> None:
        """Hear exactly these identities' microphones: the others are closed and unsubscribed."""
        self._wanted = identities
        self._tidy()

    def watch(self, is_on: bool) -> None:
        """See the rep's screen share, if the job allows it, or see nothing."""
        self._is_watched = is_on and self._job.screenshare
        self._tidy()

    def look(self, hint: Look) -> None:
        """Change how often the share is looked at."""
        if self._eye is not None:
            self._eye.look(hint)

    def frame(self, name: str) -> bytes | None:
        """Return a frame that was kept, as JPEG, unless it is forgotten or too old."""
        return None if self._eye is None else self._eye.frame(name)

    def forget_frames(self) -> None:
        """Delete every frame kept so far, those beside the trace included."""
        if self._eye is not None:
            self._eye.forget()

    def meters(self) -> dict[str, int]:
        """Return how many frames of the share were seen, and how many of them were sampled."""
        if self._eye is None:
            return {"frames_seen": 0, "frames_sampled": 0}
        return {
            "frames_seen": self._eye.seen_count,
            "frames_sampled": self._eye.sampled_count,
        }

    def _handlers(self) -> dict[rtc.room.EventTypes, Callable[..., None]]:
        return {
            "participant_connected": self._on_participant_connected,
            "participant_disconnected": self._on_participant_disconnected,
            "active_speakers_changed": self._on_active_speakers_changed,
            "track_published": self._on_track_published,
            "track_unpublished": self._on_track_unpublished,
            "track_subscribed": self._on_tracks_changed,
            "track_unsubscribed": self._on_tracks_changed,
            "track_subscription_failed": self._on_subscription_failed,
            "track_muted": self._on_track_muted,
            "track_unmuted": self._on_track_unmuted,
            "reconnected": self._on_reconnected,
            "disconnected": self._on_disconnected,
        }

    # -- people ---------------------------------------------------------------------------------

    def _on_participant_connected(self, participant: rtc.RemoteParticipant) -> None:
        self._came(participant, was_present=False)

    def _came(self, participant: rtc.RemoteParticipant, *, was_present: bool) -> None:
        identity = participant.identity
        if is_person(participant) and identity not in self._present:
            self._present.add(identity)
            speaker = self._job.speaker(identity)
            self._post(ParticipantChanged(identity, speaker, True, was_present))
        self._tidy()  # somebody's second window may come without the first one's going

    def _on_participant_disconnected(self, participant: rtc.RemoteParticipant) -> None:
        identity = participant.identity
        self._microphones.forget(identity)
        if identity in self._present:
            self._present.discard(identity)
            if identity in self._speaking:
                self._speaking.discard(identity)
                self._post(SpeakingChanged(identity, is_active=False))
            speaker = self._job.speaker(identity)
            self._post(ParticipantChanged(identity, speaker, is_present=False))
        self._tidy()

    def _on_active_speakers_changed(self, speakers: list[rtc.Participant]) -> None:
        now = {speaker.identity for speaker in speakers} & self._present
        for identity in sorted(self._speaking - now):
            self._post(SpeakingChanged(identity, is_active=False))
        for identity in sorted(now - self._speaking):
            self._post(SpeakingChanged(identity, is_active=True))
        self._speaking = now

    def _on_disconnected(self, *_: object) -> None:
        self._post(Ended(EndReason.ROOM_CLOSED))

    # -- tracks ---------------------------------------------------------------------------------

    def _on_track_published(
        self, publication: rtc.RemoteTrackPublication, _: rtc.RemoteParticipant
    ) -> None:
        self._subscriptions.forget(publication.sid)
        self._tidy()

    def _on_track_unpublished(
        self, publication: rtc.RemoteTrackPublication, _: rtc.RemoteParticipant
    ) -> None:
        self._subscriptions.forget(publication.sid)
        self._muted_at.pop(publication.sid, None)
        self._tidy()

    def _on_tracks_changed(self, *_: object) -> None:
        self._tidy()

    def _on_subscription_failed(self, _: rtc.RemoteParticipant, sid: str, *__: object) -> None:
        self._subscriptions.forget(sid)
        self._tidy_in(SUBSCRIBE_AGAIN_SECONDS)

    def _on_track_muted(self, _: rtc.Participant, publication: rtc.TrackPublication) -> None:
        self._muted_at[publication.sid] = asyncio.get_running_loop().time()
        self._tidy()  # a screen is not looked at any more
        self._tidy_in(MUTE_LINGER_SECONDS)

    def _on_track_unmuted(self, _: rtc.Participant, publication: rtc.TrackPublication) -> None:
        self._muted_at.pop(publication.sid, None)
        self._tidy()

    def _on_reconnected(self) -> None:
        self._subscriptions.forget_all()
        self._tidy()

    def _tidy_in(self, seconds: float) -> None:
        def run() -> None:
            self._timers.discard(timer)
            self._tidy()

        timer = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(timer)

    def _tidy(self) -> None:
        """Subscribe to exactly what is wanted, and hear and see it."""
        tracks: dict[str, rtc.Track] = {}
        screen: rtc.Track | None = None
        audible = self._wanted & self._present
        may_fade = set(audible)
        for identity, participant in self._room.remote_participants.items():
            publications = participant.track_publications
            chosen = self._microphones.choose(identity, publications.values())
            share = self._share(participant)
            for publication in publications.values():
                is_heard = identity in audible and publication is chosen
                self._subscribe(publication, is_heard or publication is share)
            if share is not None and not share.muted:
                screen = share.track
            if identity in audible and chosen is not None and chosen.track is not None:
                if self._is_quiet(chosen):
                    may_fade.discard(identity)
                else:
                    tracks[identity] = chosen.track
        if self._ears is not None:
            self._ears.hear(tracks, may_fade=frozenset(may_fade))
        if self._eye is not None:
            self._eye.watch(screen)

    def _share(self, participant: rtc.RemoteParticipant) -> rtc.RemoteTrackPublication | None:
        """Return the publication to watch: the rep's screen share, while it is wanted."""
        publications = participant.track_publications.values()
        share = self._shares.choose(participant, publications)
        is_seen = self._eye is not None and self._is_watched
        return share if is_seen and participant.identity in self._present else None

    def _subscribe(self, publication: rtc.RemoteTrackPublication, should: bool) -> None:
        now = asyncio.get_running_loop().time()
        seconds = self._subscriptions.want(publication, should, now)
        if seconds is not None:
            self._tidy_in(seconds)

    def _is_quiet(self, publication: rtc.RemoteTrackPublication) -> bool:
        """Whether a microphone has been muted for long enough to close its recogniser."""
        if not publication.muted:
            return False
        muted_at = self._muted_at.get(publication.sid)
        now = asyncio.get_running_loop().time()
        return muted_at is None or now - muted_at >= MUTE_LINGER_SECONDS - 0.01
