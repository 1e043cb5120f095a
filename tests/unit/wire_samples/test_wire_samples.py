"""The wire samples that TypeScript reads, too: what the coach writes, what clients make of it."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coach.adapters.livekit.guard import Guard
from coach.adapters.livekit.panel import RpcPanel
from coach.adapters.wire import MAX_MESSAGE_BYTES, encode, nudge_fields
from coach.domain.job import ConsentState, Job, Rep
from coach_terminal.messages import parse_hello, parse_nudge, parse_status
from coach_terminal.requests import (
    ControlAction,
    FeedbackAction,
    ask_request,
    control_request,
    feedback_request,
)
from coach_terminal.wire_fields import InvalidMessage
from unit.livekit.sending import REP, RecordingRoom
from unit.livekit.test_methods import Scene
from unit.livekit.test_panel import NUDGE, STATUS

Sample = dict[str, Any]

FOLDER = Path(__file__).parents[2] / "wire"
PARSERS: dict[str, Callable[[str], Any]] = {
    "nudges": parse_nudge,
    "hellos": parse_hello,
    "statuses": parse_status,
}
AS_WRITTEN = "as the coach writes it"


def samples(name: str) -> list[Sample]:
    content: list[Sample] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def text_of(sample: Sample) -> str:
    """Return the message's JSON text, padded where the sample asks for it."""
    payload = sample["payload"]
    if isinstance(payload, str):
        return payload
    if "pad" in sample:
        payload = padded(payload, sample["pad"]["field"], sample["pad"]["to_bytes"])
    return written(payload)


def padded(payload: Sample, field: str, to_bytes: int) -> Sample:
    filler = (payload[field] or "x")[-1]
    missing = to_bytes - len(written(payload).encode())
    count, rest = divmod(missing, len(filler.encode()))
    return payload | {field: payload[field] + filler * count + "x" * rest}


def written(payload: object) -> str:
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"))


def cases(*names: str, refused: bool) -> list[Any]:
    return [
        pytest.param(name, sample, id=f"{name}: {sample['name']}")
        for name in names
        for sample in samples(name)
        if ("refused" in sample) is refused
    ]


@pytest.mark.parametrize(("name", "sample"), cases(*PARSERS, refused=False))
def test_a_client_reads_what_the_sample_says(name: str, sample: Sample) -> None:
    message = dataclasses.asdict(PARSERS[name](text_of(sample)))

    read = json.loads(json.dumps({field: message[field] for field in sample["reads"]}))
    assert read == sample["reads"]


@pytest.mark.parametrize(("name", "sample"), cases(*PARSERS, refused=True))
def test_a_client_refuses_what_the_sample_says(name: str, sample: Sample) -> None:
    with pytest.raises(InvalidMessage) as error:
        PARSERS[name](text_of(sample))

    assert error.value.code == sample["refused"]


def test_padding_reaches_the_size_to_the_byte() -> None:
    sizes = [
        (len(text_of(sample).encode()), sample["pad"]["to_bytes"])
        for name in PARSERS
        for sample in samples(name)
        if "pad" in sample
    ]

    assert sizes
    assert all(size == wanted for size, wanted in sizes)


def test_the_sample_of_a_nudge_is_what_the_coach_writes() -> None:
    assert as_written("nudges") == nudge_fields(NUDGE, "r-1", "c-1")


def test_the_longest_nudge_that_the_coach_writes_is_one_that_a_client_reads() -> None:
    evidence = dataclasses.replace(NUDGE.evidence, quote="über " * 800) if NUDGE.evidence else None
    long = dataclasses.replace(
        NUDGE, headline="Wort " * 40, detail="ü" * 3000, say="sag " * 90, evidence=evidence
    )

    text = encode(nudge_fields(long, "r-1", "c-1"))

    assert len(text.encode()) <= MAX_MESSAGE_BYTES
    assert len(parse_nudge(text).headline.split()) == 12


async def test_the_samples_of_hello_and_status_are_what_the_coach_sends() -> None:
    room = RecordingRoom()
    job = Job("c-1", Rep(REP))
    panel = RpcPanel(Guard(room.as_room, REP), job=job, run="r-1", disclosure="May I?")

    await panel.hello(0, ConsentState.PENDING)
    await panel.status(61_000, dataclasses.replace(STATUS, muted_until_ms=None))

    sent = [json.loads(call["payload"]) for call in room.local_participant.calls]
    assert sent == [as_written("hellos"), as_written("statuses")]


@pytest.mark.parametrize(("name", "sample"), cases("requests", refused=False))
async def test_what_a_client_writes_is_what_the_coach_takes(name: str, sample: Sample) -> None:
    scene = Scene()
    await scene.panel.nudge(NUDGE)

    text = request(sample["method"], **sample["arguments"])

    assert json.loads(text) == sample["payload"]
    reply = await scene.call(sample["method"], text)
    assert reply == ("null" if sample["method"] == "coach_ask" else "ok")
    assert len(scene.posted) + len(scene.asked) == 1


@pytest.mark.parametrize(("name", "sample"), cases("refused_requests", refused=True))
async def test_the_coach_refuses_what_the_sample_says(name: str, sample: Sample) -> None:
    scene = Scene()
    await scene.panel.nudge(NUDGE)

    code = await scene.refused(sample["method"], text_of(sample))

    assert code == sample["refused"]
    assert not scene.posted
    assert not scene.asked


def as_written(name: str) -> Sample:
    (payload,) = [sample["payload"] for sample in samples(name) if sample["name"] == AS_WRITTEN]
    return dict(payload)


def request(method: str, **arguments: Any) -> str:
    if method == "coach_feedback":
        action = FeedbackAction(arguments["action"])
        return feedback_request(arguments["nudge_id"], action, arguments.get("note"))
    if method == "coach_control":
        return control_request(ControlAction(arguments["action"]), arguments.get("seconds"))
    return ask_request(arguments.get("text"), arguments.get("card"))
