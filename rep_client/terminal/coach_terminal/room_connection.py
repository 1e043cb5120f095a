"""How the rep is connected to the room, in the words of the panel."""

from typing import Final

from livekit import rtc

from coach_terminal.panel_state import Connection

_CONNECTIONS: Final[dict[int, Connection]] = {
    rtc.ConnectionState.CONN_CONNECTED: Connection.CONNECTED,
    rtc.ConnectionState.CONN_RECONNECTING: Connection.RECONNECTING,
}


def connection_of(room_state: rtc.ConnectionState.ValueType) -> Connection:
    """Translate LiveKit's word; whatever is neither connected nor about to be is not connected."""
    return _CONNECTIONS.get(room_state, Connection.DISCONNECTED)
