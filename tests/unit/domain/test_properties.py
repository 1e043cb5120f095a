"""What holds for every sequence of events at whatever times."""

import dataclasses
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coach.domain.call import Call
from coach.domain.events import (
    Ack,
    Ask,
    Control,
    ControlAction,
    Ended,
    Event,
    Feedback,
    FeedbackAction,
    ParticipantChanged,
    ServiceChanged,
    SpeakingChanged,
    Transcript,
    TurnCompleted,
)
from coach.domain.job import ConsentPolicy, ConsentState
from coach.domain.outputs import Output, SendNudge
from coach.domain.playbook import (
    Advice,
    Battlecard,
    DiscountLimit,
    DiscountPolicy,
    NagBudget,
    Speaker,
    Stage,
    Topic,
    When,
    WordRules,
)
from coach.domain.records import Decision, Outcome
from fakes.playbooks import moment, playbook, shape
from fakes.scene import BUYER, COLLEAGUE, REP, Scene, job, new_call

EXAMPLES = 80
"""Enough to meet each rule in a second or two; raise it to search for hours."""

BUDGET = NagBudget(gap_ms=3_000, per_window=2, window_ms=60_000, per_call=6, screen_share_ratio=0.5)
BOOK = playbook(
    moment("alpha", "alpha", cooldown_ms=5_000, expires_ms=2_000),
    moment("bravo", "bravo charlie", near_misses=("bravo charlie delta",), priority=70),
    moment("rival", priority=60, cooldown_ms=0),
    moment("own", "alpha", speaker=Speaker.REP, is_once_per_call=True),
    moment(
        "offer",
        speaker=Speaker.REP,
        when=When.OVER_AUTHORITY,
        words=WordRules(("delta",)),
        priority=80,
    ),
    shape("rant", When.MONOLOGUE, speaker=Speaker.REP, after_ms=9_000, cooldown_ms=0),
    shape("silence", When.SILENCE, after_ms=4_000, cooldown_ms=0),
    shape("ratio", When.TALK_RATIO, speaker=Speaker.REP, window_ms=20_000, ratio=0.5),
    shape("unanswered", When.UNANSWERED_QUESTION, after_ms=3_000),
    moment("missed", speaker=Speaker.REP, when=When.MISSED_TOPIC),
    stages=(
        Stage("one", "First.", topics=(Topic("t", "topic", "Which?", ("echo",)),)),
        Stage("two", "Second.", cues=("foxtrot",), begins_after_ms=40_000),
        Stage("three", "Third.", cues=("golf",), begins_after_ms=30_000),
    ),
    cards=[Battlecard("acme", "Acme", Advice("Acme"), ("hotel",), "rival")],
    budget=BUDGET,
    discounts=DiscountPolicy((DiscountLimit(10),)),
)
PEOPLE = {
    REP: Speaker.REP,
    BUYER: Speaker.PROSPECT,
    "buyer-2": Speaker.PROSPECT,
    COLLEAGUE: Speaker.TEAM,
}
VOCABULARY = [
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "not",
    "50",
    "percent",
    "how",
    "what",
    "word",
]

texts = st.lists(st.sampled_from(VOCABULARY), max_size=7).map(" ".join)
people = st.sampled_from(sorted(PEOPLE))
optional_ms = st.none() | st.integers(0, 200_000)


@st.composite
def transcripts(draw: st.DrawFn) -> Transcript:
    who = draw(people)
    start_ms = draw(st.integers(0, 200_000))
    return Transcript(
        who, PEOPLE[who], draw(texts), draw(st.booleans()), start_ms, draw(optional_ms)
    )


events = st.one_of(
    transcripts(),
    transcripts(),
    st.builds(SpeakingChanged, people, st.booleans()),
    people.map(lambda who: TurnCompleted(who, PEOPLE[who])),
    st.builds(
        lambda who, comes, was: ParticipantChanged(who, PEOPLE[who], comes, was),
        people,
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        Control,
        st.sampled_from([action for action in ControlAction if action is not ControlAction.STOP]),
        st.none() | st.floats(0, 100),
    ),
    st.builds(Ask, text=texts),
    st.just(Feedback("n-1", FeedbackAction.USEFUL)),
    st.builds(ServiceChanged, st.sampled_from(["stt", "llm"]), st.booleans(), st.none() | people),
)
ANSWERS = [
    ("shown", None),
    ("muted", None),
    ("duplicate", None),
    (None, 1501),
    (None, 1502),
    (None, 1400),
]
steps = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 200, 1_000, 2_500, 7_000, 31_000]),
        events | st.sampled_from(ANSWERS),
    ),
    max_size=60,
)
Step = tuple[int, Event | tuple[str | None, int | None]]


def play(call: Call, script: list[Step]) -> Iterator[tuple[int, list[Output]]]:
    """Feed a script; a pair is the panel's answer to the newest attempt."""
    at_ms, newest = 0, None
    outputs = call.start() + call.ready(0)
    outputs += call.handle(0, ParticipantChanged(REP, Speaker.REP, True, True))
    yield 0, outputs
    for later_ms, what in script:
        at_ms += later_ms
        sent = [output.nudge for output in outputs if isinstance(output, SendNudge)]
        newest = sent[-1] if sent else newest
        if isinstance(what, tuple):
            what = Ack(newest.id if newest else "n-0", newest.rev if newest else 0, *what)
        outputs = call.handle(at_ms, what)
        yield at_ms, outputs


def fresh(policy: ConsentPolicy = ConsentPolicy.CALL, *, turns_given: bool = False) -> Call:
    return new_call(BOOK, job(ConsentState.GRANTED, policy), turns_given=turns_given)


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps, st.sampled_from(ConsentPolicy), st.booleans())
def test_no_sequence_of_events_breaks_a_call_or_leaves_it_behind_its_time(
    script: list[Step], policy: ConsentPolicy, turns_given: bool
) -> None:
    call = fresh(policy, turns_given=turns_given)

    for at_ms, _ in play(call, script):
        due_ms = call.next_due_ms()
        assert due_ms is None or due_ms >= at_ms
        call.advance(at_ms)
        due_ms = call.next_due_ms()
        assert due_ms is None or due_ms > at_ms

    call.handle(10**7, Ended())
    assert call.next_due_ms() is None


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps)
def test_the_same_events_give_the_same_outputs(script: list[Step]) -> None:
    first, second = list(play(fresh(), script)), list(play(fresh(), script))

    assert first == second


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps)
def test_at_most_one_nudge_is_in_flight(script: list[Step]) -> None:
    """An answer of the script is always to the newest attempt, so nothing else can be under way."""
    call, in_flight = fresh(), 0

    for (_, outputs), (_, what) in zip(play(call, script), [(0, None), *script], strict=False):
        if isinstance(what, tuple):
            in_flight = 0
        if what == Control(ControlAction.CONSENT_REVOKED):
            in_flight = 0  # forgotten; the sender has one slot and takes one at a time
        in_flight += sum(isinstance(output, SendNudge) for output in outputs)
        assert in_flight <= 1


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps)
def test_what_is_shown_stays_within_the_budget(script: list[Step]) -> None:
    book = replace(BOOK, budget=replace(BUDGET, urgent_priority=101))
    call = new_call(book)

    script = [step for step in script if not _revokes(step)]
    shown: dict[str, int] = {}
    for _, outputs in play(call, [(later, what) for later, what in script if not _fails(what)]):
        for output in outputs:
            if isinstance(output, SendNudge):
                shown[output.nudge.id] = output.nudge.created_ms

    times = sorted(shown.values())
    assert len(times) <= BUDGET.per_call
    for time in times:
        assert sum(time - BUDGET.window_ms < other <= time for other in times) <= BUDGET.per_window


def _revokes(step: Step) -> bool:
    return isinstance(step[1], Control) and step[1].action is ControlAction.CONSENT_REVOKED


def _fails(what: object) -> bool:
    return isinstance(what, tuple) and what[0] in (None, "muted")


@st.composite
def chunked(draw: st.DrawFn) -> list[tuple[str, bool]]:
    """Return partials and final of the same words."""
    words = ["zulu", *draw(st.lists(st.sampled_from(VOCABULARY[:8]), min_size=1, max_size=12))]
    ends = sorted(draw(st.sets(st.integers(1, len(words)), max_size=6)))
    partials = [(" ".join(words[:end]), False) for end in ends]
    return [*partials, (" ".join(words), True)]


# Two moments: of three in the same words one is sent, one waits and the third is suppressed.
PLAIN = playbook(moment("word", "alpha"), moment("pair", "bravo charlie"))


@settings(max_examples=EXAMPLES, deadline=None)
@given(chunked())
def test_however_words_are_cut_into_partials_the_same_moments_are_shown(
    chunks: list[tuple[str, bool]],
) -> None:
    cut, whole = Scene(PLAIN).begin(), Scene(PLAIN).begin()
    for number, (text, is_final) in enumerate(chunks):
        cut.says(2_000 + 10 * number, text, final=is_final, start_ms=1_000)
    whole.says(3_000, chunks[-1][0], start_ms=1_000)

    assert sorted(map(str, cut.delivered)) == sorted(map(str, whole.delivered))


CANARY = "zanzibar"


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps)
def test_nothing_heard_before_a_revocation_can_be_found_in_the_call(script: list[Step]) -> None:
    call = fresh()
    list(play(call, [(later, _with_canary(what)) for later, what in script]))

    call.handle(call.at_ms, Control(ControlAction.CONSENT_GRANTED))
    call.handle(call.at_ms, Control(ControlAction.CONSENT_REVOKED))

    assert CANARY not in "".join(everything_in(call))


def test_the_search_for_canaries_finds_one_that_is_there() -> None:
    call = fresh()
    said = Transcript(BUYER, Speaker.PROSPECT, f"alpha {CANARY}", True, 1_000)

    list(play(call, [(2_000, said)]))

    assert CANARY in "".join(everything_in(call))


def _with_canary(what: Any) -> Any:
    return replace(what, text=f"{CANARY} {what.text}") if isinstance(what, Transcript) else what


def everything_in(root: object) -> Iterator[str]:
    """Yield each text that can be reached from an object."""
    seen: set[int] = set()
    stack = [root]
    while stack:
        value = stack.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            stack += [*value.keys(), *value.values()]
        elif hasattr(value, "__iter__"):
            stack += list(value)
        elif dataclasses.is_dataclass(value):
            stack += [getattr(value, field.name) for field in dataclasses.fields(value)]
        elif hasattr(value, "__dict__"):
            stack += list(vars(value).values())


def test_every_moment_of_the_book_can_happen_here() -> None:
    """The properties above would say little of a book whose moments never fire."""
    seen: set[str | None] = set()
    said = ["alpha", "bravo charlie word", "hotel", "how do you do that then", "foxtrot"]
    for text in said:
        scene = Scene(BOOK).begin()
        scene.says(1_000, text)
        scene.wait(60_000)
        seen |= {d.moment for d in scene.all(Decision)}
    scene = Scene(BOOK).begin()
    scene.speaks(1_000, 15_000)
    for at_ms, text in ((16_000, "delta 50 percent"), (20_000, "alpha")):
        scene.says(at_ms, text, REP)
    scene.wait(60_000)
    seen |= {d.moment for d in scene.all(Decision, lambda d: d.outcome is not Outcome.NOTED)}

    assert seen == set(BOOK.moments)
