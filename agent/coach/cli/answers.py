"""How a LiveKit server answers, and how it can be told from a program that is none."""

from typing import Final

from google.protobuf.message import DecodeError
from livekit import api

UNREADABLE: Final = (DecodeError, UnicodeDecodeError, AttributeError)
"""What LiveKit's client raises for an answer that is no LiveKit server's. `AttributeError`: beside
a status of failure it takes any JSON for an object, and asks it for a code."""


def is_refusal(error: api.TwirpError) -> bool:
    """Whether a key pair was refused; any other failure says nothing about the pair."""
    return error.status in (401, 403)
