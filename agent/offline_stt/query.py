"""The query of a `/v1/listen` connection, validated; what cannot be honoured is refused by name."""

import re
from dataclasses import dataclass

from multidict import MultiMapping

RATE_HZ_RANGE = (8_000, 48_000)
PAUSE_MS_RANGE = (300, 2_000)  # shorter pauses occur inside sentences, longer ones delay finals
UTTERANCE_END_MS_RANGE = (100, 60_000)
LONGEST_TERM_CHARACTERS = 64
MOST_TERMS = 100


Query = MultiMapping[str]


class QueryError(ValueError):
    """A parameter that this server cannot honour; the message names it."""


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """What one connection asked for.

    Attributes:
        utterance_end_ms: Gap after the last word until UtteranceEnd; None: not asked for.
        terms: Names to expect in the speech.
    """

    sample_rate_hz: int
    interim_results: bool = False
    vad_events: bool = False
    pause_ms: int = PAUSE_MS_RANGE[0]
    utterance_end_ms: int | None = None
    terms: tuple[str, ...] = ()


def parse_query(query: Query) -> ListenOptions:
    """Read the parameters of a connection; those of Deepgram that change nothing here are ignored.

    Raises:
        QueryError: A value is malformed, or asks for audio or a language that is not supported.
    """
    _refuse_unsupported(query)
    return ListenOptions(
        sample_rate_hz=_whole(query, "sample_rate", RATE_HZ_RANGE),
        interim_results=_flag(query, "interim_results"),
        vad_events=_flag(query, "vad_events"),
        pause_ms=_pause_ms(query.get("endpointing") or "true"),
        utterance_end_ms=(
            _whole(query, "utterance_end_ms", UTTERANCE_END_MS_RANGE)
            if query.get("utterance_end_ms")
            else None
        ),
        terms=_terms(query),
    )


def _refuse_unsupported(query: Query) -> None:
    encoding = query.get("encoding") or "none"
    if encoding != "linear16":
        raise QueryError(f"encoding must be linear16, not {encoding[:20]}")
    if (query.get("channels") or "1") != "1" or _flag(query, "multichannel"):
        raise QueryError("channels must be 1, without multichannel")
    language = (query.get("language") or "en").lower()
    if language != "multi" and not re.fullmatch(r"en([-_][a-z0-9]+)?", language):
        raise QueryError(f"language must be English, not {language[:20]}")


def _whole(query: Query, name: str, bounds: tuple[int, int]) -> int:
    text = query.get(name) or ""
    value = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
    if not bounds[0] <= value <= bounds[1]:
        raise QueryError(f"{name} must be a whole number from {bounds[0]} to {bounds[1]}")
    return value


def _flag(query: Query, name: str) -> bool:
    text = (query.get(name) or "false").lower()
    if text not in ("true", "false"):
        raise QueryError(f"{name} must be true or false")
    return text == "true"


def _pause_ms(endpointing: str) -> int:
    shortest, longest = PAUSE_MS_RANGE
    match endpointing.lower():
        case "true":
            return shortest
        case "false":
            return longest  # utterances must end some time: a decoder's memory is finite
        case digits if digits.isascii() and digits.isdigit() and len(digits) < 10:
            return min(max(int(digits), shortest), longest)
        case _:
            raise QueryError("endpointing must be true, false or whole milliseconds")


def _terms(query: Query) -> tuple[str, ...]:
    keywords = [keyword.split(":")[0] for keyword in query.getall("keywords", ())]
    terms = [*query.getall("keyterm", ()), *keywords]
    if len(terms) > MOST_TERMS or any(len(term) > LONGEST_TERM_CHARACTERS for term in terms):
        raise QueryError(
            f"at most {MOST_TERMS} keyterm values of {LONGEST_TERM_CHARACTERS} characters"
        )
    return tuple(terms)
