"""The `screen` lines of recorded calls, with and without what a live call knew."""

from pathlib import Path

import pytest

from coach.adapters.screen.glances import Luma
from coach.adapters.screen.recorded import RecordedScreen
from coach.domain.screen import ScreenLine, ScreenSampled
from coach.domain.slides import NEW_SLIDE
from coach.errors import ReplayError
from unit.screen.pictures import bullets

AGENDA = bullets("Agenda", "Your goals", "A demonstration")
PRICING = bullets(
    "Pricing per seat and month",
    "Starter: 29 dollars, up to ten seats",
    "Growth: 59 dollars, up to two hundred seats",
    "Invoice yearly or quarterly, as you prefer",
)


def recorded(folder: Path, **more: object) -> RecordedScreen:
    (folder / "slides").mkdir(exist_ok=True)
    (folder / "slides" / "agenda.jpg").write_bytes(AGENDA.jpeg())
    PRICING.picture.save(folder / "pricing.png")
    return RecordedScreen(folder / "call.jsonl", **more)  # type: ignore[arg-type]


def test_a_line_of_a_live_trace_needs_no_picture(tmp_path: Path) -> None:
    line = ScreenLine("c-1.r7/f-000001.jpg", 7, 0.25, "Agenda")

    event = recorded(tmp_path).event(line, 3)

    assert event == ScreenSampled("c-1.r7/f-000001.jpg", 7, 0.25, "Agenda")


def test_a_line_by_hand_is_completed_from_its_picture(tmp_path: Path) -> None:
    screen = recorded(tmp_path)

    first = screen.event(ScreenLine("slides/agenda.jpg"), 2)
    second = screen.event(ScreenLine("pricing.png"), 3)
    again = screen.event(ScreenLine("pricing.png"), 4)

    assert (first.change, again.change) == (1.0, 0.0)
    assert second.change >= NEW_SLIDE
    assert second.fingerprint == again.fingerprint != first.fingerprint
    assert {event.text for event in (first, second, again)} == {None}


def test_the_same_lines_give_the_same_events(tmp_path: Path) -> None:
    lines = [ScreenLine("slides/agenda.jpg"), ScreenLine("pricing.png"), ScreenLine(None)]

    runs = [[recorded(tmp_path).event(line, 2) for line in lines] for _ in range(2)]

    assert runs[0] == runs[1]


def test_the_end_of_the_share_makes_the_next_picture_the_first(tmp_path: Path) -> None:
    screen = recorded(tmp_path)
    screen.event(ScreenLine("pricing.png"), 2)

    stopped = screen.event(ScreenLine(None), 3)
    restarted = screen.event(ScreenLine("pricing.png"), 4)

    assert stopped == ScreenSampled(None)
    assert restarted.change == 1.0


def test_words_are_read_where_a_reader_is_given_and_the_line_has_none(tmp_path: Path) -> None:
    shapes: list[tuple[int, ...]] = []

    def read(luma: Luma) -> str:
        shapes.append(luma.shape)
        return "read"

    screen = recorded(tmp_path, read_text=read)

    texts = [
        screen.event(ScreenLine("pricing.png"), 2).text,
        screen.event(ScreenLine("pricing.png", text="written"), 3).text,
        screen.event(ScreenLine("pricing.png", fingerprint=1, change=0.0), 4).text,
    ]

    assert texts == ["read", "written", None]
    assert shapes == [(720, 1280)]


def test_a_picture_can_be_had_as_it_is_sent(tmp_path: Path) -> None:
    assert recorded(tmp_path).jpeg("pricing.png", 2).startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("missing.jpg", r"cannot be read \(FileNotFoundError\)"),
        ("call.jsonl", "neither JPEG nor PNG"),
        ("../secret.png", "outside the recorded call's folder"),
        ("/etc/hostname", "outside the recorded call's folder"),
        ("slides", "cannot be read"),
        ("a\0b.jpg", "is no path"),
    ],
)
def test_a_bad_picture_is_named_with_file_and_line(tmp_path: Path, image: str, why: str) -> None:
    (tmp_path / "in").mkdir()
    PRICING.picture.save(tmp_path / "secret.png")
    screen = recorded(tmp_path / "in")
    (tmp_path / "in" / "call.jsonl").write_text("{}")

    with pytest.raises(ReplayError, match=why) as caught:
        screen.event(ScreenLine(image), 12)

    assert (caught.value.file, caught.value.line) == (str(tmp_path / "in" / "call.jsonl"), 12)
