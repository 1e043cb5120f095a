"""Making the recording: where it stops, and with which words."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from demo_call import make_recording
from demo_call.make_recording import SpokenWord, main, words_of
from demo_call.measure_hearing import trigger_errors


def test_words_are_lower_case_without_punctuation() -> None:
    assert words_of("Well, that's over our budget.") == ["well", "that's", "over", "our", "budget"]


def test_missing_flite_is_said_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    code = main()

    assert code == 1
    assert "Install it: apt-get install flite" in capsys.readouterr().err


def test_trigger_is_found_by_its_words() -> None:
    words = [SpokenWord(word, i * 100, i * 100 + 90) for i, word in enumerate(["is", "a", "job"])]

    first, last = make_recording._trigger({"text": "Is a job?", "trigger": "a job"}, words)

    assert (first.start_ms, last.end_ms) == (100, 290)


def test_trigger_that_is_not_in_its_line_is_refused() -> None:
    with pytest.raises(make_recording.ScriptError, match='"budget" is not in "No."'):
        make_recording._trigger({"text": "No.", "trigger": "budget"}, [SpokenWord("no", 0, 90)])


def test_negative_pause_talks_into_the_line_before() -> None:
    second_of_sound = np.ones(make_recording.RATE_HZ, dtype=np.int16)
    lines = [{"pause_ms": 500}, {"pause_ms": -200}, {"pause_ms": 300}]

    call = make_recording._placed(lines, [second_of_sound, second_of_sound[:1600], second_of_sound])

    assert [spoken.start_ms for spoken in call] == [500, 1300, 1800]


def test_a_share_that_never_ends_is_refused() -> None:
    sound = np.ones(make_recording.RATE_HZ, dtype=np.int16)
    lines: list[dict[str, Any]] = [{"pause_ms": 0, "shows": "price"}, {"pause_ms": 0}]
    ends: dict[str, Any] = {"pause_ms": 0, "shows": make_recording.NO_SLIDE}

    with pytest.raises(make_recording.ScriptError, match="never ends"):
        make_recording._screen(make_recording._placed(lines, [sound, sound]))
    shown = make_recording._screen(make_recording._placed([*lines, ends], [sound] * 3))

    assert [(each["slide"], each["start_ms"]) for each in shown] == [("price", 0), (None, 2_000)]


def test_trigger_errors_count_only_the_nearest_passage() -> None:
    heard = ["well", "i", "think", "that", "is", "way", "out", "of", "budget", "for", "us"]

    assert trigger_errors(["out", "of", "budget"], heard) == 0
    assert trigger_errors(["over", "our", "budget"], heard) == 2
    assert trigger_errors(["over"], []) == 1
