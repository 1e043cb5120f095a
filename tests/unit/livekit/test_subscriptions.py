"""Asking for tracks, and asking again for one that does not come."""

from dataclasses import dataclass, field
from typing import Any

from coach.adapters.livekit.subscriptions import APART_SECONDS, PATIENCE_SECONDS, Subscriptions


@dataclass
class Publication:
    """Remembers what it was told."""

    sid: str = "TR_1"
    track: object | None = None
    muted: bool = False
    told: list[bool] = field(default_factory=list)

    def set_subscribed(self, should: bool) -> None:
        self.told.append(should)


def want(subscriptions: Subscriptions, publication: Any, should: bool, now: float) -> float | None:
    return subscriptions.want(publication, should, now)


def test_what_was_asked_is_not_asked_again() -> None:
    subscriptions, publication = Subscriptions(), Publication()

    want(subscriptions, publication, True, 0.0)
    publication.track = object()
    want(subscriptions, publication, True, 9.0)

    assert publication.told == [True]


def test_a_track_that_does_not_come_is_asked_for_again_with_the_words_well_apart() -> None:
    subscriptions, publication = Subscriptions(), Publication()
    assert want(subscriptions, publication, True, 0.0) == PATIENCE_SECONDS

    assert want(subscriptions, publication, True, PATIENCE_SECONDS) == APART_SECONDS
    longer = want(subscriptions, publication, True, PATIENCE_SECONDS + APART_SECONDS)

    assert publication.told == [True, False, True]
    assert longer == 2 * PATIENCE_SECONDS


def test_a_track_that_came_begins_anew_with_little_patience() -> None:
    subscriptions, publication = Subscriptions(), Publication()
    for now in (0.0, 2.0, 2.7):
        want(subscriptions, publication, True, now)
    publication.track = object()
    want(subscriptions, publication, True, 3.0)
    publication.track = None
    want(subscriptions, publication, False, 4.0)

    assert want(subscriptions, publication, True, 5.0) == PATIENCE_SECONDS


def test_a_muted_or_unwanted_track_is_not_missed() -> None:
    subscriptions, publication = Subscriptions(), Publication(muted=True)
    want(subscriptions, publication, True, 0.0)
    want(subscriptions, publication, True, 60.0)
    want(subscriptions, publication, False, 61.0)
    want(subscriptions, publication, False, 99.0)

    assert publication.told == [True, False]


def test_after_a_reconnection_a_track_that_is_there_is_known_as_asked_for() -> None:
    subscriptions, publication = Subscriptions(), Publication(track=object())
    subscriptions.forget_all()

    assert want(subscriptions, publication, True, 0.0) is None
    want(subscriptions, publication, False, 1.0)

    assert publication.told == [False]
