"""Loopback ports for processes that are told theirs before they start."""

import random
import socket

_FIRST, _LAST = 15_000, 29_999
"""Below what Linux (32768) and macOS (49152) give to outgoing connections: between the moment a
port is found free and the moment its process listens, such a connection could take it."""
_TRIES = 200
_given: set[int] = set()


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """Return a loopback port that is free now, and that this process was not given before.

    Raises:
        OSError: no port was found free.
    """
    for _ in range(_TRIES):
        port = random.randint(_FIRST, _LAST)
        if port not in _given and _is_free(port, kind):
            _given.add(port)
            return port
    raise OSError(f"no free port between {_FIRST} and {_LAST} in {_TRIES} tries")


def _is_free(port: int, kind: int) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
