"""The demo's copy of the playbook: what differs, and that the recording's times fit it."""

from pathlib import Path

import yaml

from coach.adapters.playbook.files import load_playbook
from coach.cli.demo.playbook import STALE_SECONDS, shorten
from coach.cli.demo.processes import CHECKOUT
from demo_call import Expect, load_demo_call
from demo_call import Path as Way

MARGIN_MS = 3_000
"""A slide may be noticed two seconds after it came up."""


def test_only_the_stale_slide_differs(tmp_path: Path) -> None:
    ours = CHECKOUT / "playbook"

    usual_seconds = shorten(tmp_path / "copy")

    copied = [path for path in sorted((tmp_path / "copy").rglob("*")) if path.is_file()]
    changed = [
        path.name
        for path in copied
        if path.read_bytes() != (ours / path.relative_to(tmp_path / "copy")).read_bytes()
    ]
    assert len(copied) == len([path for path in ours.rglob("*") if path.is_file()])
    assert changed == ["screen_stale.yaml"]
    original = yaml.safe_load((ours / "moments" / "screen_stale.yaml").read_text("utf-8"))
    assert usual_seconds == original["after_seconds"] > STALE_SECONDS


def test_the_copy_is_a_playbook_whose_slide_is_stale_sooner(tmp_path: Path) -> None:
    shorten(tmp_path / "copy")

    moment = load_playbook(tmp_path / "copy").moments["screen_stale"]

    assert moment.shape.after_ms == STALE_SECONDS * 1_000
    assert str(STALE_SECONDS) in moment.advice.headline


def test_the_slide_is_stale_between_the_card_and_the_next_line_that_may_take_its_place() -> None:
    call = load_demo_call()
    [slide] = [showing for showing in call.screen if showing.mark]
    [card] = call.expecting(Expect.NUDGE, Way.PASSAGE)
    held = [line.mark for line in call.expecting(Expect.SUPPRESSED) if line.mark]
    stale_ms = slide.start_ms + STALE_SECONDS * 1_000

    assert card.end_ms + 10_000 <= stale_ms
    assert stale_ms + MARGIN_MS <= min(mark.start_ms for mark in held)
    assert stale_ms + MARGIN_MS <= slide.end_ms
