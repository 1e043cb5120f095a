"""The bounded queue before the one task that decides, and its rule when it is full."""

from coach.application.inbox import Inbox, Item
from coach.domain.events import (
    Control,
    ControlAction,
    Ended,
    Event,
    SpeakingChanged,
    Transcript,
)
from coach.domain.playbook import Speaker
from fakes.virtual_time import in_virtual_time


def words(text: str, *, is_final: bool) -> Transcript:
    return Transcript("buyer-1", Speaker.PROSPECT, text, is_final, 0)


def item(event: Event, at_ms: int = 0) -> Item:
    return Item(at_ms, event, 0)


PARTIAL, FINAL = words("so", is_final=False), words("so it is", is_final=True)
STOP = Control(ControlAction.STOP)


@in_virtual_time
async def test_items_come_out_in_the_order_they_came_in() -> None:
    inbox = Inbox()
    for event in (PARTIAL, FINAL, STOP):
        inbox.put(item(event))

    got = [await inbox.get(None) for _ in range(3)]

    assert [each.event for each in got if each] == [PARTIAL, FINAL, STOP]


@in_virtual_time
async def test_nothing_comes_when_nothing_came_in_time() -> None:
    assert await Inbox().get(5.0) is None


@in_virtual_time
async def test_a_full_inbox_gives_up_its_oldest_partial() -> None:
    inbox = Inbox(limit=3)
    for event in (FINAL, PARTIAL, SpeakingChanged("buyer-1", True)):
        inbox.put(item(event))

    has_room = inbox.put(item(STOP))

    assert has_room
    assert inbox.lost_count == 1
    got = [await inbox.get(None) for _ in range(3)]
    assert [each.event for each in got if each] == [FINAL, SpeakingChanged("buyer-1", True), STOP]


@in_virtual_time
async def test_with_nothing_to_give_up_the_newcomer_is_lost() -> None:
    inbox = Inbox(limit=2)
    inbox.put(item(FINAL))
    inbox.put(item(STOP))

    has_room = inbox.put(item(PARTIAL))

    assert not has_room
    assert inbox.lost_count == 1


@in_virtual_time
async def test_an_order_of_the_rep_and_the_end_are_never_lost() -> None:
    inbox = Inbox(limit=1)
    inbox.put(item(FINAL))

    assert inbox.put(item(Control(ControlAction.CONSENT_REVOKED)))
    assert inbox.put(item(Ended()))
    assert inbox.lost_count == 0
