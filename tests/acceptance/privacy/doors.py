"""What the hostile prospect can be told to do, by name."""

from collections.abc import Awaitable, Callable

from acceptance.privacy import doors_calls, doors_data, doors_media
from acceptance.privacy.attacker import Attacker
from acceptance.privacy.doors_calls import Outcome

DEEDS: dict[str, Callable[[Attacker], Awaitable[Outcome]]] = {
    deed.__name__: deed
    for deed in (
        Attacker.join,
        Attacker.leave,
        Attacker.stay,
        Attacker.await_agent,
        doors_calls.methods,
        doors_calls.timings,
        doors_calls.spoofed_panel,
        doors_calls.handmade_calls,
        doors_data.session_requests,
        doors_data.chat,
        doors_data.malformed_streams,
        doors_data.flood,
        doors_media.preconnect,
        doors_media.false_names,
        doors_media.more_tracks,
        doors_media.simulator,
        doors_media.leave_and_come_back,
    )
}
