"""Word times through gating and dropped audio."""

from offline_stt.timeline import HeardWord, Timeline

SECOND = 16_000


def test_frames_count_from_the_start_of_the_utterance() -> None:
    timeline = Timeline(3 * SECOND)
    timeline.feed(3 * SECOND, SECOND)

    (word,) = timeline.place([HeardWord("budget", 20, 49, 0.9)])

    assert (word.text, word.start_s, word.end_s, word.confidence) == ("budget", 3.2, 3.5, 0.9)


def test_slices_that_adjoin_are_one_run() -> None:
    timeline = Timeline(SECOND)
    for start in range(SECOND, 2 * SECOND, 800):
        timeline.feed(start, 800)

    (word,) = timeline.place([HeardWord("late", 90, 99, 0.5)])

    assert (word.start_s, word.end_s) == (1.9, 2.0)


def test_words_after_dropped_audio_are_later_by_what_was_dropped() -> None:
    timeline = Timeline(0)
    timeline.feed(0, SECOND // 2)
    timeline.feed(2 * SECOND, SECOND)

    before, after = timeline.place([HeardWord("a", 40, 49, 0.5), HeardWord("b", 50, 59, 0.5)])

    assert (before.start_s, before.end_s) == (0.4, 0.5)
    assert (after.start_s, after.end_s) == (2.0, 2.1)


def test_a_start_whose_audio_was_dropped_is_skipped() -> None:
    timeline = Timeline(0)
    timeline.feed(SECOND, SECOND)

    (word,) = timeline.place([HeardWord("a", 0, 9, 0.5)])

    assert (word.start_s, word.end_s) == (1.0, 1.1)
