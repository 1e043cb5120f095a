"""From a recogniser's events to what the call hears."""

import pytest
from livekit.agents import LanguageCode, stt
from livekit.agents.types import TimedString

from coach.adapters.livekit.hearing import BEHIND_MS, Hearing
from coach.adapters.livekit.timeline import Timeline
from coach.domain.events import Event, Transcript, TurnCompleted, Word
from coach.domain.playbook import Speaker

OFFSET_SECONDS = 3.5  # what the plugin adds to all times


class Clock:
    """Stands still."""

    def __init__(self) -> None:
        self.ms = 2_000

    def now_ms(self) -> int:
        return self.ms


class Scene:
    """A hearing whose audio began at 1000 ms on the call's clock."""

    def __init__(self) -> None:
        self.posted: list[Event] = []
        self.clock = Clock()
        timeline = Timeline()
        timeline.add(1_000, 2_000)
        self.hearing = Hearing(
            identity="buyer-1",
            speaker=Speaker.PROSPECT,
            timeline=timeline,
            clock=self.clock,
            post=self.posted.append,
        )

    @property
    def transcripts(self) -> list[Transcript]:
        return [event for event in self.posted if isinstance(event, Transcript)]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def result(text: str, *, is_final: bool = False, ends: float = 1.0) -> stt.SpeechEvent:
    spoken = text.split()
    words = [
        TimedString(
            word,
            start_time=OFFSET_SECONDS + ends - 0.2 * (len(spoken) - n),
            end_time=OFFSET_SECONDS + ends - 0.2 * (len(spoken) - n - 1),
            confidence=0.9,
            start_time_offset=OFFSET_SECONDS,
        )
        for n, word in enumerate(spoken)
    ]
    kind = stt.SpeechEventType
    return stt.SpeechEvent(
        type=kind.FINAL_TRANSCRIPT if is_final else kind.INTERIM_TRANSCRIPT,
        alternatives=[stt.SpeechData(language=LanguageCode("en"), text=text, words=words)],
    )


END = stt.SpeechEvent(type=stt.SpeechEventType.END_OF_SPEECH)


def test_words_carry_the_calls_own_times(scene: Scene) -> None:
    scene.hearing.take(result("over budget"))

    [transcript] = scene.transcripts
    assert transcript.words == (Word("over", 1_600, 1_800, 0.9), Word("budget", 1_800, 2_000, 0.9))
    assert (transcript.start_ms, transcript.end_ms) == (1_600, 2_000)
    assert not transcript.is_final


def test_a_final_that_ends_no_speech_closes_the_segment_all_the_same(scene: Scene) -> None:
    scene.hearing.take(result("that is"))
    scene.hearing.take(result("That is way", is_final=True))
    scene.hearing.take(result("over budget"))

    assert [t.text for t in scene.transcripts] == ["that is", "That is way", "over budget"]
    assert [t.is_final for t in scene.transcripts] == [False, True, False]
    assert scene.hearing.is_open


def test_words_that_are_taken_back_end_in_an_empty_final(scene: Scene) -> None:
    scene.hearing.take(result("uh"))
    scene.hearing.take(END)

    closing = scene.transcripts[-1]
    assert (closing.text, closing.is_final, closing.words) == ("", True, ())
    assert closing.start_ms == scene.transcripts[0].start_ms
    assert not scene.hearing.is_open


def test_the_end_of_speech_after_a_final_says_nothing(scene: Scene) -> None:
    scene.hearing.take(result("yes", is_final=True))
    scene.hearing.take(END)

    assert len(scene.posted) == 1


def test_what_holds_no_words_is_not_posted(scene: Scene) -> None:
    for kind in (
        stt.SpeechEventType.START_OF_SPEECH,
        stt.SpeechEventType.RECOGNITION_USAGE,
        stt.SpeechEventType.INTERIM_TRANSCRIPT,
    ):
        assert not scene.hearing.take(stt.SpeechEvent(type=kind))

    assert not scene.posted


def test_words_without_times_are_placed_now(scene: Scene) -> None:
    data = stt.SpeechData(language=LanguageCode("en"), text="over budget", words=None)
    kind = stt.SpeechEventType.INTERIM_TRANSCRIPT

    scene.hearing.take(stt.SpeechEvent(type=kind, alternatives=[data]))

    [transcript] = scene.transcripts
    assert (transcript.start_ms, transcript.words) == (scene.clock.ms, ())


def test_a_recogniser_that_is_far_behind_is_not_believed(scene: Scene) -> None:
    scene.clock.ms = 2_000 + BEHIND_MS + 1

    scene.hearing.take(result("over budget"))

    assert scene.hearing.is_behind
    assert not scene.posted


def test_after_stop_nothing_is_posted(scene: Scene) -> None:
    scene.hearing.take(result("over"))
    scene.hearing.stop()

    scene.hearing.take(result("over budget", is_final=True))
    scene.hearing.take(END)
    scene.hearing.turn()

    assert len(scene.posted) == 1


def test_a_turn_is_the_speakers(scene: Scene) -> None:
    scene.hearing.turn()

    assert scene.posted == [TurnCompleted("buyer-1", Speaker.PROSPECT)]


def test_a_recogniser_that_is_lost_closes_its_segment(scene: Scene) -> None:
    """The call held its moments as decided: they stayed silent from then on."""
    scene.hearing.take(result("over our budget"))
    scene.hearing.close()
    scene.hearing.close()

    assert [(event.text, event.is_final) for event in scene.transcripts] == [
        ("over our budget", False),
        ("", True),
    ]
