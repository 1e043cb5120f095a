"""What somebody answers: the other side's newest words, as they were heard when he began."""

from coach.domain.events import Transcript
from coach.domain.playbook import Speaker
from coach.domain.transcript import ANSWER_MS, BEFORE_WORDS, Transcripts

ASKED = "Shall we say Tuesday?"


def said(
    who: str, text: str, start_ms: int, *, final: bool = True, side: Speaker = Speaker.PROSPECT
) -> Transcript:
    return Transcript(who, side, text, final, start_ms, start_ms + 900)


def asked(text: str = ASKED, start_ms: int = 0, *, final: bool = True) -> Transcript:
    return said("rep", text, start_ms, final=final, side=Speaker.REP)


def hear(transcripts: Transcripts, event: Transcript) -> str:
    """Take words, and return what they answer."""
    at_ms = event.start_ms + 1_000
    before = transcripts.segment(event, at_ms).before
    if event.is_final:
        transcripts.close(event, at_ms)
    return before


def test_an_answer_is_known_with_what_it_answers() -> None:
    transcripts = Transcripts()
    hear(transcripts, asked())

    assert hear(transcripts, said("buyer", "Works for me.", 1_500)) == ASKED


def test_who_goes_on_speaking_answers_nothing_and_neither_does_who_speaks_first() -> None:
    transcripts = Transcripts()

    assert hear(transcripts, said("buyer", "So.", 0)) == ""
    assert hear(transcripts, said("buyer", "Works for me.", 1_500)) == ""
    assert hear(transcripts, said("other buyer", "For me as well.", 3_000)) == ""


def test_the_rep_and_a_colleague_are_one_side() -> None:
    transcripts = Transcripts()
    hear(transcripts, said("buyer", "When?", 0))

    assert hear(transcripts, said("colleague", "Hm.", 1_000, side=Speaker.TEAM)) == "When?"
    assert hear(transcripts, asked(start_ms=2_000)) == ""
    assert hear(transcripts, said("buyer", "Fine.", 3_000)) == ASKED


def test_words_that_have_no_final_yet_are_answered_too() -> None:
    transcripts = Transcripts()
    hear(transcripts, asked(final=False))

    assert hear(transcripts, said("buyer", "Fine", 800, final=False)) == ASKED


def test_words_that_never_got_a_final_are_not_answered_for_ever() -> None:
    transcripts = Transcripts()
    hear(transcripts, asked("and so", final=False))

    assert hear(transcripts, said("buyer", "So that was our winter.", 2_000)) == "and so"
    assert hear(transcripts, said("buyer", "And then spring came.", 4_000)) == ""
    assert hear(transcripts, said("second buyer", "Hm", 2_000 + ANSWER_MS, final=False)) == ""


def test_what_is_answered_stays_however_long_the_answer_grows() -> None:
    transcripts = Transcripts()
    hear(transcripts, asked())
    hear(transcripts, said("buyer", "Well", 1_500, final=False))
    hear(transcripts, asked("Or Wednesday?", 1_800))

    assert hear(transcripts, said("buyer", "Well, Tuesday would be fine.", 1_500)) == ASKED


def test_words_long_afterwards_answer_nothing() -> None:
    transcripts = Transcripts()
    hear(transcripts, asked())
    late_ms = 900 + ANSWER_MS

    assert hear(transcripts, said("buyer", "Hm", late_ms, final=False)) == ASKED
    assert hear(transcripts, said("second buyer", "Hm", late_ms + 1, final=False)) == ""


def test_only_the_newest_words_are_answered() -> None:
    transcripts = Transcripts()
    long = [f"word{number}" for number in range(100)]
    hear(transcripts, asked(" ".join(long)))

    assert hear(transcripts, said("buyer", "Fine", 1_000)).split() == long[-BEFORE_WORDS:]
