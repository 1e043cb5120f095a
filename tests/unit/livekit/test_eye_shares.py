"""Which track is the rep's screen: source and identity, both."""

from typing import Any, cast

import pytest
from livekit import rtc

from coach.adapters.livekit.screenshares import ScreenShares

STANDARD = rtc.ParticipantKind.PARTICIPANT_KIND_STANDARD
VIDEO, AUDIO = rtc.TrackKind.KIND_VIDEO, rtc.TrackKind.KIND_AUDIO
SCREEN = rtc.TrackSource.SOURCE_SCREENSHARE
CAMERA = rtc.TrackSource.SOURCE_CAMERA


class Publication:
    """As much of a publication as is looked at."""

    def __init__(self, sid: str, source: Any = SCREEN, kind: Any = VIDEO) -> None:
        self.sid, self.source, self.kind = sid, source, kind


class Participant:
    """As much of a participant as is looked at."""

    def __init__(self, identity: str = "rep-1", kind: Any = STANDARD) -> None:
        self.identity, self.kind = identity, kind


def choose(
    shares: ScreenShares, publications: list[Publication], who: Participant | None = None
) -> str | None:
    found = shares.choose(
        cast(rtc.RemoteParticipant, who or Participant()),
        cast(list[rtc.RemoteTrackPublication], publications),
    )
    return found.sid if found is not None else None


def test_the_screen_is_found_among_the_reps_tracks() -> None:
    tracks = [
        Publication("mic", rtc.TrackSource.SOURCE_MICROPHONE, AUDIO),
        Publication("cam", CAMERA),
        Publication("sound", rtc.TrackSource.SOURCE_SCREENSHARE_AUDIO, AUDIO),
        Publication("screen"),
    ]

    assert choose(ScreenShares("rep-1"), tracks) == "screen"


@pytest.mark.parametrize(
    "publication",
    [
        Publication("cam", CAMERA),
        Publication("unknown", rtc.TrackSource.SOURCE_UNKNOWN),
        Publication("audio", SCREEN, AUDIO),
    ],
    ids=["camera", "unknown source", "audio"],
)
def test_nothing_else_is_a_screen(publication: Publication) -> None:
    assert choose(ScreenShares("rep-1"), [publication]) is None


@pytest.mark.parametrize(
    "who",
    [
        Participant("buyer-1"),
        Participant("rep-1 "),
        Participant("rep-1", rtc.ParticipantKind.PARTICIPANT_KIND_AGENT),
        Participant("rep-1", rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS),
    ],
    ids=["prospect", "look-alike", "agent", "recorder"],
)
def test_nobody_elses_screen_is_watched(who: Participant) -> None:
    assert choose(ScreenShares("rep-1"), [Publication("screen")], who) is None


def test_the_first_share_stays_until_it_is_gone() -> None:
    shares = ScreenShares("rep-1")
    one, two = Publication("one"), Publication("two")

    chosen = [
        choose(shares, tracks) for tracks in ([one], [two, one], [two], [], [Publication("three")])
    ]

    assert chosen == ["one", "one", "two", None, "three"]


def test_a_prospects_share_does_not_take_the_reps_place() -> None:
    shares = ScreenShares("rep-1")
    choose(shares, [Publication("mine")])

    choose(shares, [Publication("theirs")], Participant("buyer-1"))

    assert choose(shares, [Publication("other"), Publication("mine")]) == "mine"
