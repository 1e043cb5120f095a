"""The query of a connection."""

from urllib.parse import parse_qsl

import pytest
from multidict import MultiDict

from offline_stt.query import ListenOptions, QueryError, parse_query

# Captured from livekit-plugins-deepgram 1.8.9.
PLUGIN = (
    "model=nova-3 punctuate=true smart_format=false no_delay=true interim_results=true "
    "encoding=linear16 vad_events=true sample_rate=16000 channels=1 endpointing=25 "
    "filler_words=true profanity_filter=false numerals=false mip_opt_out=false language=en-US"
)


def query(**changes: str) -> MultiDict[str]:
    values = MultiDict(parse_qsl(PLUGIN.replace(" ", "&")))
    values.update(changes)
    return values


def test_the_plugins_own_query_is_understood() -> None:
    assert parse_query(query()) == ListenOptions(
        sample_rate_hz=16_000, interim_results=True, vad_events=True, pause_ms=300
    )


@pytest.mark.parametrize(
    ("endpointing", "pause_ms"),
    [("25", 300), ("450", 450), ("99999", 2000), ("true", 300), ("false", 2000)],
)
def test_the_pause_keeps_within_its_bounds(endpointing: str, pause_ms: int) -> None:
    assert parse_query(query(endpointing=endpointing)).pause_ms == pause_ms


def test_names_come_from_both_parameters() -> None:
    values = query()
    values.add("keyterm", "Route King")
    values.add("keyterm", "zendesk")
    values.add("keywords", "okta:2")

    assert parse_query(values).terms == ("Route King", "zendesk", "okta")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("encoding", "opus"),
        ("encoding", ""),
        ("sample_rate", "fast"),
        ("sample_rate", "4000"),
        ("sample_rate", "１６０００"),
        ("sample_rate", ""),
        ("channels", "2"),
        ("multichannel", "true"),
        ("language", "de"),
        ("interim_results", "yes"),
        ("endpointing", "-1"),
        ("utterance_end_ms", "soon"),
        ("keyterm", "x" * 65),
    ],
)
def test_what_cannot_be_honoured_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(QueryError, match=name):
        parse_query(query(**{name: value}))
