"""Reading recorded calls: what is allowed, and that every error names file and line."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.adapters.screen.recorded import RecordedScreen
from coach.adapters.trace.reader import Recording, read_recording
from coach.domain import events
from coach.domain.advice import Cost, Counsel, ToolCall
from coach.domain.job import ConsentState
from coach.domain.playbook import Speaker
from coach.domain.screen import ScreenSampled
from coach.errors import ReplayError

CALL: dict[str, Any] = {"at_ms": 0, "type": "call", "job": {"rep": {"identity": "rep-1"}}}
WORDS: dict[str, Any] = {
    "at_ms": 1_450,
    "type": "transcript",
    "speaker": "prospect",
    "identity": "buyer-1",
    "is_final": True,
    "text": "That is way over our budget.",
    "start_ms": 300,
}


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "call.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", "utf-8")
    return path


def read(folder: Path, *lines: dict[str, Any] | str) -> Recording:
    return read_recording(write(folder, *lines))


def of(recording: Recording, kind: type[Any]) -> list[Any]:
    return [event for _, event in recording.steps if isinstance(event, kind)]


def test_a_call_and_its_words_are_enough(tmp_path: Path) -> None:
    recording = read(tmp_path, CALL, WORDS)

    assert recording.job.consent.state is ConsentState.GRANTED
    assert recording.job.call_id == "call"
    assert not recording.turns_given
    assert recording.steps == (
        (0, events.ParticipantChanged("rep-1", Speaker.REP, True, True)),
        (
            1_450,
            events.Transcript(
                "buyer-1", Speaker.PROSPECT, "That is way over our budget.", True, 300
            ),
        ),
        (1_450, events.Ended(events.EndReason.END_OF_FILE)),
    )
    assert recording.warnings == ()


def test_a_stated_consent_is_obeyed(tmp_path: Path) -> None:
    job = CALL["job"] | {"consent": {"state": "pending"}}

    assert read(tmp_path, CALL | {"job": job}, WORDS).job.consent.state is ConsentState.PENDING


def test_a_file_without_a_call_id_gets_the_same_each_time(tmp_path: Path) -> None:
    for call_id in ({}, {"call_id": None}):
        first, second = (read(tmp_path, CALL | {"job": CALL["job"] | call_id}) for _ in range(2))

        assert first.job.call_id == second.job.call_id == "call"


def test_every_kind_of_line_becomes_its_event(tmp_path: Path) -> None:
    who = {"identity": "buyer-1"}
    recording = read(
        tmp_path,
        CALL,
        {"at_ms": 1, "type": "participant", "role": "prospect", "joined": True} | who,
        {"at_ms": 2, "type": "speaking", "active": True} | who,
        {"at_ms": 3, "type": "turn", "speaker": "prospect"} | who,
        {"at_ms": 4, "type": "feedback", "nudge_id": "n-1", "action": "dismiss"},
        {"at_ms": 5, "type": "control", "action": "mute", "seconds": 60},
        {"at_ms": 6, "type": "ask", "text": "encryption"},
        {"at_ms": 7, "type": "ack", "nudge_id": "n-1", "rev": 0, "reply": "shown"},
        {"at_ms": 8, "type": "service", "name": "stt", "up": False} | who,
        {"at_ms": 9, "type": "end"},
    )

    assert [event for _, event in recording.steps[1:]] == [
        events.ParticipantChanged("buyer-1", Speaker.PROSPECT, True),
        events.SpeakingChanged("buyer-1", True),
        events.TurnCompleted("buyer-1", Speaker.PROSPECT),
        events.Feedback("n-1", events.FeedbackAction.DISMISS),
        events.Control(events.ControlAction.MUTE, 60),
        events.Ask(text="encryption"),
        events.Ack("n-1", 0, "shown"),
        events.ServiceChanged("stt", False, "buyer-1"),
        events.Ended(events.EndReason.END_OF_FILE),
    ]
    assert recording.turns_given
    assert recording.answered == {"n-1"}


def test_what_a_model_tools_and_the_screen_said_becomes_events(tmp_path: Path) -> None:
    answer = {
        "moment": "stall",
        "confidence": 0.8,
        "headline": "Ask for a day",
        "evidence": {"utterance": 3, "words": "after the summer"},
        "tools": [{"name": "get_battlecard", "arguments": {"competitor": "Acme"}}],
        "final": False,
    }
    path = write(
        tmp_path,
        CALL,
        {"at_ms": 1, "type": "tool", "name": "get_account_context", "ok": True, "result": "old"},
        {"at_ms": 2, "type": "screen", "image": "c.r/f.jpg", "fingerprint": "ff", "change": 1},
        {"at_ms": 3, "type": "screen", "image": None},
        {"at_ms": 4, "type": "advisor", "turn_at_ms": 1, "answer": answer, "served_by": "a/b"},
        {"at_ms": 5, "type": "advisor", "turn_at_ms": 1, "answer": {"moment": "nothing"}},
        {"at_ms": 6, "type": "advisor", "turn_at_ms": 1, "answer": None, "error": "timeout"},
    )

    found = [event for _, event in read_recording(path, RecordedScreen(path)).steps[1:-1]]

    wanted = ToolCall("get_battlecard", (("competitor", "Acme"),))
    evidence: dict[str, Any] = {"utterance": 3, "words": "after the summer"}
    counsel = Counsel("stall", 0.8, "Ask for a day", **evidence, tools=(wanted,), is_final=False)
    assert found == [
        events.ToolReturned(ToolCall("get_account_context"), True, "old"),
        ScreenSampled("c.r/f.jpg", 255, 1.0),
        ScreenSampled(None),
        events.AdvisorAnswered(1, 1, counsel, None, Cost("a/b", 0, 0)),
        events.AdvisorAnswered(1, 1, Counsel(None, 1.0), None, Cost("file", 0, 0)),
        events.AdvisorAnswered(1, 1, None, "timeout", Cost("file", 0, 0)),
    ]


def test_a_picture_that_cannot_be_used_is_named_with_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, CALL, {"at_ms": 2, "type": "screen", "image": "slide.jpg"})

    with pytest.raises(ReplayError, match=r"call\.jsonl:2: image: 'slide\.jpg'"):
        read_recording(path, RecordedScreen(path))


def test_words_keep_their_times(tmp_path: Path) -> None:
    words = [{"word": "that", "start_ms": 300, "end_ms": 420, "confidence": 0.98}]

    (event,) = of(read(tmp_path, CALL, WORDS | {"words": words}), events.Transcript)

    assert event.words == (events.Word("that", 300, 420, 0.98),)


def test_without_an_identity_the_speaker_is_one(tmp_path: Path) -> None:
    line = {key: value for key, value in WORDS.items() if key != "identity"}

    (event,) = of(read(tmp_path, CALL, line), events.Transcript)

    assert (event.identity, event.speaker) == ("prospect", Speaker.PROSPECT)


def test_somebody_reported_at_zero_was_there_before_the_agent(tmp_path: Path) -> None:
    """Else `everyone` would take whoever is in the call from its start for a late joiner."""
    came = {"type": "participant", "identity": "buyer-1", "joined": True}

    recording = read(tmp_path, CALL, {"at_ms": 0} | came, {"at_ms": 1} | came)

    changes = of(recording, events.ParticipantChanged)
    assert [change.was_present for change in changes[1:]] == [True, False]


def test_a_rep_whose_coming_is_told_is_not_made_up(tmp_path: Path) -> None:
    came = {"at_ms": 5_000, "type": "participant", "identity": "rep-1", "joined": True}

    changes = of(read(tmp_path, CALL, came), events.ParticipantChanged)

    assert changes == [events.ParticipantChanged("rep-1", Speaker.REP, True)]


def test_a_live_trace_lacks_nothing(tmp_path: Path) -> None:
    """Its turn lines may be gone with a revocation; pauses must not stand in for them."""
    recording = read(tmp_path, CALL | {"live": True, "run": "r-7"}, WORDS)

    assert recording.turns_given
    assert recording.run == "r-7"
    assert of(recording, events.ParticipantChanged) == []


def test_the_call_ends_with_the_last_line_of_any_kind(tmp_path: Path) -> None:
    recording = read(tmp_path, CALL, WORDS, {"at_ms": 90_000, "type": "state", "state": "ended"})

    assert recording.steps[-1] == (90_000, events.Ended(events.EndReason.END_OF_FILE))


def test_output_lines_and_unknown_fields_are_ignored(tmp_path: Path) -> None:
    recording = read(
        tmp_path,
        CALL | {"colour": "red"},
        WORDS | {"colour": "red"},
        {"at_ms": 1_451, "type": "decision", "outcome": "delivered"},
        {"at_ms": 10, "type": "receipt"},
        {"type": "meters"},
    )

    assert len(recording.steps) == 3
    assert recording.warnings == ()


def test_an_unknown_type_is_a_warning(tmp_path: Path) -> None:
    recording = read(tmp_path, CALL, {"at_ms": "soon", "type": "weather"}, WORDS)

    assert recording.warnings == (f"{tmp_path / 'call.jsonl'}:2: unknown type ignored",)


def test_empty_lines_are_ignored(tmp_path: Path) -> None:
    assert len(read(tmp_path, CALL, "", WORDS, "  ").steps) == 3


def test_a_torn_last_line_is_a_warning(tmp_path: Path) -> None:
    recording = read(tmp_path, CALL, WORDS, '{"at_ms": 2000, "type": "tra')

    assert recording.warnings == (f"{tmp_path / 'call.jsonl'}:3: torn last line ignored",)
    assert len(recording.steps) == 3


def test_other_line_ends_within_a_text_do_not_end_the_line(tmp_path: Path) -> None:
    text = "one\u2028two\u0085three\x0bfour"
    path = write(tmp_path, CALL, json.dumps(WORDS | {"text": text}, ensure_ascii=False))

    (event,) = of(read_recording(path), events.Transcript)

    assert event.text == text


def test_files_of_other_systems_can_be_read(tmp_path: Path) -> None:
    path = write(tmp_path, CALL, WORDS)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert len(read_recording(path).steps) == 3


BAD = {
    "not JSON": "nonsense",
    "a list": "[]",
    "a number": "17",
    "too many digits": "1" * 5_000,
    "too deep": "[" * 100_000,
    "no type": '{"at_ms": 5}',
    "a type that is no text": '{"at_ms": 5, "type": 5}',
    "no time": json.dumps({key: WORDS[key] for key in WORDS if key != "at_ms"}),
    "a time with a fraction": json.dumps(WORDS | {"at_ms": 5.5}),
    "a time that is text": json.dumps(WORDS | {"at_ms": "5"}),
    "a time before the call": json.dumps(WORDS | {"at_ms": -1}),
    "a time beyond all": json.dumps(WORDS | {"at_ms": 10**18}),
    "no text": json.dumps(WORDS | {"text": None}),
    "a text that is none": json.dumps(WORDS | {"text": 5}),
    "no word of finality": json.dumps(WORDS | {"is_final": "yes"}),
    "an unknown speaker": json.dumps(WORDS | {"speaker": "judge"}),
    "a speaker that the job denies": json.dumps(WORDS | {"speaker": "rep"}),
    "nobody": json.dumps({k: v for k, v in WORDS.items() if k not in ("speaker", "identity")}),
    "a word without times": json.dumps(WORDS | {"words": [{"word": "so"}]}),
    "an unknown order": '{"at_ms": 5, "type": "control", "action": "dance"}',
    "a mute of no length": '{"at_ms": 5, "type": "control", "action": "mute", "seconds": NaN}',
    "a question twice": '{"at_ms": 5, "type": "ask", "text": "a", "card": "b"}',
    "no question": '{"at_ms": 5, "type": "ask"}',
    "an unknown answer": '{"at_ms": 5, "type": "feedback", "nudge_id": "n", "action": "clap"}',
    "an end for no reason": '{"at_ms": 5, "type": "end", "reason": "boredom"}',
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named_with_its_file(tmp_path: Path, bad: str) -> None:
    path = write(tmp_path, CALL, WORDS | {"at_ms": 1}, bad, WORDS)

    with pytest.raises(ReplayError, match=rf"^{re.escape(str(path))}:3: ."):
        read_recording(path)


FIRST = {
    "no call": WORDS,
    "no job": {"at_ms": 0, "type": "call"},
    "a job that is a list": {"at_ms": 0, "type": "call", "job": []},
    "no rep": {"at_ms": 0, "type": "call", "job": {}},
    "a bad id": {"at_ms": 0, "type": "call", "job": CALL["job"] | {"call_id": "../x"}},
}


@pytest.mark.parametrize("first", FIRST.values(), ids=FIRST.keys())
def test_a_bad_beginning_is_named_with_its_file(tmp_path: Path, first: dict[str, Any]) -> None:
    path = write(tmp_path, first, WORDS)

    with pytest.raises(ReplayError, match=rf"^{re.escape(str(path))}:1: ."):
        read_recording(path)


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"call\.jsonl:1: the file is empty"):
        read(tmp_path)


def test_a_file_that_is_nothing_but_a_torn_line_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "call.jsonl").write_text('{"type": "ca')

    with pytest.raises(ReplayError, match=r"call\.jsonl:1: the first line is torn"):
        read_recording(tmp_path / "call.jsonl")


def test_lines_out_of_order_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r":3: at_ms: earlier than the line before"):
        read(tmp_path, CALL, WORDS, WORDS | {"at_ms": 1_449})


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "bytes.jsonl").write_bytes(b"\xff\xfe\x00")

    for name in ("none.jsonl", "bytes.jsonl"):
        with pytest.raises(ReplayError, match=rf"{name}: cannot be read"):
            read_recording(tmp_path / name)


def test_no_error_quotes_what_was_said(tmp_path: Path) -> None:
    for bad in (WORDS | {"at_ms": "zanzibar"}, WORDS | {"speaker": "zanzibar"}):
        with pytest.raises(ReplayError) as raised:
            read(tmp_path, CALL, bad, WORDS)

        assert "zanzibar" not in str(raised.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KINDS = "transcript participant turn speaking feedback control ask ack service end screen decision"
mutated = st.builds(
    lambda kind, changes: WORDS | {"type": kind, "joined": True, "active": True} | changes,
    st.sampled_from(KINDS.split()),
    st.dictionaries(
        st.sampled_from([*WORDS, "words", "action", "seconds"]), json_values, max_size=3
    ),
)
lines = st.one_of(
    mutated.map(json.dumps),
    json_values.map(json.dumps),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.dictionaries(st.sampled_from([*CALL, "live", "run"]), json_values).map(
        lambda changes: json.dumps(CALL | changes)
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.booleans(), st.lists(lines, max_size=6))
def test_whatever_stands_in_a_file_it_is_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, has_call: bool, texts: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp()

    try:
        recording = read(folder, *([CALL] if has_call else []), *texts)
    except ReplayError as error:
        assert str(error).startswith(str(folder / "call.jsonl"))
    else:
        assert has_call or texts
        assert any(isinstance(event, events.Ended) for _, event in recording.steps)
