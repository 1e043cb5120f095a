"""The recorded call keeps what it promises to the demo, the benchmarks and the acceptance tests."""

from itertools import pairwise

import pytest
import yaml

from demo_call import FOLDER, DemoCall, Expect, Line, Mark, Path, Role, load_demo_call
from demo_call.audio import RATE_HZ, read_stereo

FAR_APART_MS = 10_000
CLOSE_MS = 5_000
LONGEST_SILENCE_MS = 6_000
MAX_BYTES = 2_500_000
MOMENTS = {
    "price_question",
    "price_objection",
    "competitor_mention",
    "discount_request",
    "security_question",
    "stall",
    "authority",
    "trust_concern",
    "buying_signal",
    "discount_over_authority",
}


@pytest.fixture(scope="module")
def call() -> DemoCall:
    return load_demo_call()


def _mark(line: Line) -> Mark:
    assert line.mark is not None
    return line.mark


def _coachable(call: DemoCall) -> list[Mark]:
    """Return the marks of lines whose words are enough."""
    marks = [line.mark for line in call.lines if line.mark and line.mark.path is Path.TRIGGER]
    return [mark for mark in marks if mark.expect is not Expect.NONE]


def test_json_is_made_from_the_script_beside_it(call: DemoCall) -> None:
    script = yaml.safe_load((FOLDER / "script.yaml").read_text(encoding="utf-8"))

    assert [(line.speaker, line.text) for line in call.lines] == [
        (line["speaker"], line["text"]) for line in script["lines"]
    ]
    assert [line.mark and (line.mark.trigger, line.mark.expect) for line in call.lines] == [
        "trigger" in line and (line["trigger"], line["expect"]) or None for line in script["lines"]
    ]
    shown = [line["shows"] for line in script["lines"] if "shows" in line]
    assert [showing.slide for showing in call.screen] == shown[:-1]


def test_sound_has_the_stated_length_and_is_small(call: DemoCall) -> None:
    left, right = read_stereo(call.audio_path)

    assert left.size == right.size == pytest.approx(call.duration_ms * RATE_HZ // 1000, abs=50)
    assert 115_000 <= call.duration_ms <= 145_000
    assert call.audio_path.stat().st_size <= MAX_BYTES


def test_each_speaker_is_heard_on_their_own_channel_alone(call: DemoCall) -> None:
    channels = dict(zip((Role.REP, Role.PROSPECT), read_stereo(call.audio_path), strict=True))
    per_ms = RATE_HZ // 1000

    for line in call.lines:
        sound = channels[line.speaker][line.start_ms * per_ms : line.end_ms * per_ms]
        assert abs(sound.astype(int)).max() > 3_000, line.text
    first, second = call.lines[:2]
    assert not channels[Role.PROSPECT][: first.end_ms * per_ms].any()
    assert not channels[Role.REP][second.start_ms * per_ms : second.end_ms * per_ms].any()


def test_words_follow_one_another_within_their_line(call: DemoCall) -> None:
    for line in call.lines:
        assert line.start_ms == line.words[0].start_ms
        assert line.end_ms == line.words[-1].end_ms <= call.duration_ms
        assert all(30 <= word.end_ms - word.start_ms <= 1_500 for word in line.words), line.text
        assert all(one.end_ms <= two.start_ms for one, two in pairwise(line.words)), line.text


def test_trigger_times_are_those_of_its_words(call: DemoCall) -> None:
    for line in call.lines:
        if line.mark is None:
            continue
        mark = line.mark
        inside = [w for w in line.words if mark.start_ms <= w.start_ms and w.end_ms <= mark.end_ms]
        assert " ".join(word.word for word in inside) == mark.trigger


def test_every_moment_occurs_once_and_the_overstepped_discount_is_the_reps(call: DemoCall) -> None:
    coachable = _coachable(call)

    assert {mark.moment for mark in coachable} == MOMENTS
    assert len(coachable) == len(MOMENTS)
    by_rep = {_mark(line).moment for line in call.lines if line.mark and line.speaker is Role.REP}
    assert by_rep == {"discount_over_authority"}


def test_one_question_is_left_to_a_battlecard_and_one_slide_stands_for_long(
    call: DemoCall,
) -> None:
    [question] = call.expecting(Expect.NUDGE, Path.PASSAGE)
    [slide] = [showing for showing in call.screen if showing.mark]

    assert question.speaker is Role.PROSPECT
    assert question.text.endswith("?")
    assert _mark(question).moment == "integrations"
    assert slide.mark in call.marks(Expect.NUDGE)
    assert (slide.slide, slide.mark and slide.mark.moment) == ("price", "screen_stale")


def test_each_slide_begins_with_a_line_of_the_reps_and_follows_the_one_before(
    call: DemoCall,
) -> None:
    assert [showing.slide for showing in call.screen] == ["day", "price", "customers", "start"]
    for one, two in pairwise(call.screen):
        assert one.start_ms < one.end_ms == two.start_ms
    for showing in call.screen:
        nearest = min(call.lines, key=lambda line: abs(line.start_ms - showing.start_ms))
        assert nearest.speaker is Role.REP
        assert abs(nearest.start_ms - showing.start_ms) <= 300


def test_near_misses_are_there(call: DemoCall) -> None:
    assert len(call.expecting(Expect.NONE)) == 3


def test_lines_to_be_shown_are_further_apart_than_the_nag_budgets_gap(call: DemoCall) -> None:
    shown = [mark for mark in call.marks(Expect.NUDGE) if mark.path is not Path.SCREEN]

    assert len(shown) == 5
    for one, two in pairwise(shown):
        assert two.end_ms - one.end_ms >= FAR_APART_MS, two.moment


def test_two_coachable_lines_follow_each_other_closely(call: DemoCall) -> None:
    apart = [two.end_ms - one.end_ms for one, two in pairwise(_coachable(call))]

    assert min(apart) < CLOSE_MS


def test_talk_never_stops_for_long_and_only_one_word_falls_into_another_line(
    call: DemoCall,
) -> None:
    overlapping = []
    reached_ms = 0
    for line in call.lines:
        assert line.start_ms - reached_ms < LONGEST_SILENCE_MS
        if line.start_ms < reached_ms:
            overlapping.append(line.text)
        reached_ms = max(reached_ms, line.end_ms)

    assert overlapping == ["Right."]
