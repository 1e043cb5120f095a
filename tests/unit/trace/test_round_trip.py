"""A live call's trace, replayed, decides the same again, byte for byte."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from coach.adapters.screen.recorded import RecordedScreen
from coach.adapters.trace.file import TraceFile
from coach.adapters.trace.lines import SPEECH_TYPES, output_line
from coach.adapters.trace.reader import read_recording
from coach.application.call import CallSession, Outside
from coach.application.ports import AdvisorFailed
from coach.application.replaying import replay
from coach.domain.advice import Counsel, ToolCall
from coach.domain.events import (
    AdvisorAnswered,
    Ask,
    Control,
    ControlAction,
    Event,
    Feedback,
    FeedbackAction,
    ParticipantChanged,
    ServiceChanged,
    SpeakingChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import AccountRef, ConsentPolicy, ConsentState
from coach.domain.outputs import Erase
from coach.domain.playbook import Advice, Battlecard, NagBudget, Speaker, Stage, Topic, When
from coach.domain.screen import ScreenSampled
from fakes.advisor import Script, ScriptedAdvisor, ScriptedTools
from fakes.clock import LoopClock
from fakes.panel import HANGS, Reply, ScriptedPanel
from fakes.playbooks import moment, playbook, shape
from fakes.room import RecordingRoom
from fakes.scene import BUYER, COLLEAGUE, REP, job, new_call
from fakes.virtual_time import in_virtual_time

CANARY = "zanzibar"
BOOK = playbook(
    moment("low", "alpha", priority=30, cooldown_ms=20_000),
    moment("high", "bravo", priority=70, cooldown_ms=20_000, near_misses=("bravo charlie",)),
    moment("own", "delta", speaker=Speaker.REP),
    moment("missed", speaker=Speaker.REP, when=When.MISSED_TOPIC),
    shape("rant", When.MONOLOGUE, speaker=Speaker.REP, after_ms=9_000),
    shape("silence", When.SILENCE, after_ms=5_000, cooldown_ms=30_000),
    shape("ratio", When.TALK_RATIO, speaker=Speaker.REP, window_ms=30_000, ratio=0.5),
    shape("stale", When.SCREEN_STALE, after_ms=4_000, speaker=Speaker.REP),
    moment("crash", "golf", when=When.SCREEN_ERROR, speaker=Speaker.REP),
    shape("unanswered", When.UNANSWERED_QUESTION, after_ms=3_000),
    stages=(
        Stage("one", "First.", topics=(Topic("t", "the topic", "Which?", ("echo",)),)),
        Stage("two", "Second.", cues=("foxtrot",), begins_after_ms=60_000),
    ),
    cards=[Battlecard("security", "Encryption", Advice("All is encrypted"))],
    budget=NagBudget(gap_ms=2_000, per_window=40, per_call=60, screen_share_ratio=5.0),
)
WORDS = [
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "how",
    "do",
    "you",
    "know",
    "that",
    "then",
]
ON_SCREEN = [None, "golf hotel", "quarterly numbers"]
SIDES = {REP: Speaker.REP, BUYER: Speaker.PROSPECT, COLLEAGUE: Speaker.TEAM}


class Live:
    """A call that is traced to a file."""

    def __init__(self, folder: Path, advisor: ScriptedAdvisor | None = None) -> None:
        account = AccountRef("acme", "Acme")
        self.job = job(ConsentState.GRANTED, ConsentPolicy.EVERYONE, account=account)
        self.panel, self.clock = ScriptedPanel(), LoopClock()
        trace = TraceFile.open(folder, self.job.call_id, "r-7", self.job)
        is_on = advisor is not None
        call = new_call(BOOK, self.job, turns_given=True, has_advisor=is_on, has_tools=is_on)
        outside = Outside(RecordingRoom(), self.panel, trace, advisor, ScriptedTools())
        self.session = CallSession(call, outside, self.clock)

    @asynccontextmanager
    async def coached(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.session.run())
        for who in (REP, BUYER):
            self.session.post(ParticipantChanged(who, SIDES[who], True, True))
        await asyncio.sleep(0.1)
        yield
        await asyncio.sleep(10)  # so that no nudge is in flight at the end
        self.session.post(Control(ControlAction.STOP))
        await running

    async def after(self, seconds: float, *happenings: Event) -> None:
        await asyncio.sleep(seconds)
        for event in happenings:
            self.session.post(event)

    async def says(self, who: str, text: str) -> None:
        """Speak at two words a second, a partial for each, then a final and the turn's end."""
        words, start_ms = f"{CANARY} {text}".split(), self.clock.now_ms()
        self.session.post(SpeakingChanged(who, True))
        for end in range(1, len(words) + 1):
            await asyncio.sleep(0.5)
            partial = " ".join(words[:end])
            self.session.post(Transcript(who, SIDES[who], partial, False, start_ms))
        end_ms = self.clock.now_ms()
        self.session.post(SpeakingChanged(who, False))
        await asyncio.sleep(0.15)
        final = Transcript(who, SIDES[who], " ".join(words), True, start_ms, end_ms)
        await self.after(0, final)
        await self.after(0.01, TurnCompleted(who, SIDES[who]))


def traced(folder: Path) -> list[dict[str, Any]]:
    (path,) = folder.glob("*.jsonl")
    return [json.loads(text) for text in path.read_text("utf-8").split("\n") if text]


def decisions(lines: list[dict[str, Any]]) -> list[str]:
    """Return decision lines as they stand in a file, without the time that deciding took."""
    kept = (line for line in lines if line["type"] == "decision")
    return [json.dumps({key: line[key] for key in line if key != "spent_us"}) for line in kept]


def replayed(folder: Path) -> list[dict[str, Any]]:
    """Replay the trace in a folder as `coach replay` does."""
    (path,) = folder.glob("*.jsonl")
    recording = read_recording(path, RecordedScreen(path))
    has_advisor = any(isinstance(event, AdvisorAnswered) for _, event in recording.steps)
    given = recording.turns_given
    call = new_call(BOOK, recording.job, turns_given=given, has_advisor=has_advisor)
    lines: list[dict[str, Any]] = []
    for at_ms, output, spent_us in replay(call, recording.steps, recording.answered):
        if isinstance(output, Erase):
            lines = [line for line in lines if line["type"] not in SPEECH_TYPES]
        line = output_line(at_ms, output, spent_us, recording.run, recording.job.call_id)
        lines += [line] if line else []
    return lines


@in_virtual_time
async def test_a_replay_decides_what_the_call_decided(tmp_path: Path) -> None:
    live = Live(tmp_path)
    live.panel.replies.extend([Reply(after_seconds=0.08), HANGS, Reply("muted"), Reply(error=1501)])
    async with live.coached():
        await live.says(BUYER, "alpha and bravo charlie")
        await live.says(REP, "delta then")
        await live.after(1.0, Control(ControlAction.MUTE, 5))
        await live.says(BUYER, "how do you know that then")
        await live.after(7.0, Ask(text="encryption"), Feedback("n-1", FeedbackAction.USED))
        await live.says(BUYER, "bravo")
        await live.says(REP, "foxtrot")

    found = decisions(traced(tmp_path))
    assert found == decisions(replayed(tmp_path))
    assert len(found) > 6


@in_virtual_time
async def test_a_replay_of_an_erased_trace_decides_what_was_left(tmp_path: Path) -> None:
    live = Live(tmp_path)
    live.panel.replies.extend([HANGS, Reply(after_seconds=0.3)])
    async with live.coached():
        await live.says(BUYER, "alpha bravo")
        await live.after(0, Control(ControlAction.CONSENT_REVOKED))
        await live.says(BUYER, "alpha")
        await live.after(2, Control(ControlAction.CONSENT_GRANTED))
        await live.says(BUYER, "alpha bravo how do you know that")
        await live.after(20)
        await live.says(REP, "foxtrot")

    found = decisions(traced(tmp_path))
    assert found == decisions(replayed(tmp_path))
    assert len(found) >= 4
    first = min(line["at_ms"] for line in traced(tmp_path) if line["type"] == "transcript")
    granted = [line for line in traced(tmp_path) if line.get("action") == "consent_granted"]
    assert first >= granted[0]["at_ms"]


@in_virtual_time
async def test_after_a_revocation_to_the_end_no_word_is_left(tmp_path: Path) -> None:
    live = Live(tmp_path)
    async with live.coached():
        await live.says(BUYER, "alpha bravo")
        await live.after(0, Ask(text=CANARY), Control(ControlAction.CONSENT_REVOKED))

    assert CANARY not in json.dumps(traced(tmp_path))
    assert decisions(traced(tmp_path)) == decisions(replayed(tmp_path)) == []


@pytest.mark.parametrize("seed", range(12))
@in_virtual_time
async def test_any_call_can_be_replayed(tmp_path: Path, seed: int) -> None:
    """Random talk, answers, orders, comings and goings; a model, its tools, a shared screen."""
    chance = random.Random(seed)
    live = Live(tmp_path, ScriptedAdvisor(*(script(chance) for _ in range(40))))
    replies = [Reply(), Reply(after_seconds=0.05), Reply("muted"), HANGS, Reply(error=1501)]
    live.panel.replies.extend(chance.choices(replies, k=40))
    async with live.coached():
        for _ in range(25):
            who = chance.choice([REP, BUYER, BUYER, COLLEAGUE])
            await live.says(who, " ".join(chance.choices(WORDS, k=chance.randint(1, 6))))
            if chance.random() < 0.4:
                await live.after(chance.uniform(0, 8), *chance.choice(happenings(chance)))

    lines = traced(tmp_path)
    times = [line["at_ms"] for line in lines if "at_ms" in line]
    assert times == sorted(times)
    assert decisions(lines) == decisions(replayed(tmp_path))


def script(chance: random.Random) -> Script:
    """Return what a model may do with a question: answer well or badly, fail, ask for a tool."""
    headline = Counsel(chance.choice(["low", "high"]), 0.9, "Ask them why", is_final=False)
    words = chance.choice([f"{CANARY} alpha", f"{CANARY} how", "never said"])
    whole = replace(headline, words=words, detail="Then wait.", stage="two", is_final=True)
    tool = Counsel(None, tools=(ToolCall("get_battlecard", (("competitor", "Acme"),)),))
    wait = chance.choice([0.2, 0.6, 1.5, 3.0])
    return chance.choice(
        [
            [(wait, headline), (0.5, whole)],
            [(wait, headline), (0.5, whole)],
            [(wait, whole)],
            [(wait, Counsel(None))],
            [(wait, AdvisorFailed("broken"))],
            [(wait, tool)],
        ]
    )


def happenings(chance: random.Random) -> list[list[Event]]:
    frame = f"f-{chance.randint(1, 5):06d}.jpg"
    grant, revoke = Control(ControlAction.CONSENT_GRANTED), Control(ControlAction.CONSENT_REVOKED)
    gone, back = (ParticipantChanged(REP, Speaker.REP, comes) for comes in (False, True))
    late = ParticipantChanged(f"buyer-{chance.randint(2, 9)}", Speaker.PROSPECT, True)
    return [
        [revoke],
        [revoke, grant],
        [grant],
        [late],
        [late, grant],
        [gone],
        [back],
        [gone, back],
        [Control(ControlAction.MUTE, chance.uniform(0, 9))],
        [Control(ControlAction.UNMUTE)],
        [Ask(text="encryption")],
        [ServiceChanged("stt", is_up=False, identity=BUYER)],
        [SpeakingChanged(REP, chance.random() < 0.5)],
        [ScreenSampled(frame, chance.getrandbits(64), chance.random(), chance.choice(ON_SCREEN))],
        [ScreenSampled(None)],
    ]


@in_virtual_time
async def test_a_replay_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    live = Live(tmp_path)
    async with live.coached():
        await live.says(BUYER, "alpha bravo how do you know that")
        await live.says(REP, "delta")

    first, second = (
        [{key: line[key] for key in line if key != "spent_us"} for line in replayed(tmp_path)]
        for _ in range(2)
    )

    assert json.dumps(first) == json.dumps(second)
    assert "decision" in {line["type"] for line in first}
