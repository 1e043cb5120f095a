"""When the screen is looked at, and which look is kept."""

import pytest

from coach.domain.sampling import Keep, Sampler
from coach.domain.screen import Look

TALK, QUIET = Look(is_talking=True), Look(is_talking=False)


class Screen:
    """A screen whose picture is a number; a share drives a sampler over it."""

    def __init__(self, hint: Look = TALK) -> None:
        self.sampler = Sampler(0)
        self.sampler.look(hint, 0)
        self.picture = 0.0
        self.glances: list[int] = []
        self.kept: list[tuple[int, Keep]] = []
        self._before: float | None = None
        self._kept: float | None = None

    def run(self, until_ms: int, film_from_ms: int | None = None) -> None:
        """Glance whenever it is due; from some time on, the picture never stands still."""
        while (at_ms := self.sampler.due_ms) <= until_ms:
            if film_from_ms is not None and at_ms >= film_from_ms:
                self.picture += 0.5
            self.glance(at_ms)

    def glance(self, at_ms: int) -> None:
        """Look once."""
        moved, changed = self._difference(self._before), self._difference(self._kept)
        keep = self.sampler.glanced(at_ms, moved=moved, changed=changed)
        self.glances.append(at_ms)
        self._before = self.picture
        if keep is not Keep.NOTHING:
            self.kept.append((at_ms, keep))
            self._kept = self.picture

    def _difference(self, other: float | None) -> float | None:
        return None if other is None else min(1.0, abs(self.picture - other))

    def gaps_after(self, at_ms: int) -> set[int]:
        """Return the pauses between the glances since then."""
        glances = [glance for glance in self.glances if glance >= at_ms]
        return {later - earlier for earlier, later in zip(glances, glances[1:], strict=False)}


def test_the_first_frame_is_kept_as_soon_as_a_second_agrees() -> None:
    screen = Screen()

    screen.run(1_000)

    assert screen.kept == [(400, Keep.FRAME)]


@pytest.mark.parametrize(("hint", "gap_ms"), [(TALK, 1_000), (QUIET, 3_000)])
def test_talk_sets_the_pace(hint: Look, gap_ms: int) -> None:
    screen = Screen(hint)

    screen.run(14_000)

    assert screen.gaps_after(400) == {gap_ms}


@pytest.mark.parametrize(("hint", "gap_ms"), [(TALK, 1_500), (QUIET, 6_000)])
def test_a_still_slide_is_looked_at_less_often(hint: Look, gap_ms: int) -> None:
    screen = Screen(hint)

    screen.run(120_000)

    assert screen.gaps_after(20_000) == {gap_ms}


def test_a_still_slide_is_kept_once() -> None:
    screen = Screen()

    screen.run(600_000)

    assert screen.kept == [(400, Keep.FRAME)]


def test_a_change_is_kept_within_two_seconds_of_talk() -> None:
    for offset_ms in range(0, 3_000, 250):
        screen = Screen()
        screen.run(60_000 + offset_ms)
        screen.picture = 1.0
        changed_ms = 60_000 + offset_ms

        screen.run(changed_ms + 2_000)

        assert len(screen.kept) == 2, offset_ms
        assert screen.kept[1][0] - changed_ms <= 2_000


def test_frames_in_motion_are_skipped_until_two_agree() -> None:
    screen = Screen()
    screen.run(10_000)

    screen.run(18_000, film_from_ms=10_001)
    in_motion = len(screen.kept)
    screen.run(20_000)

    assert in_motion == 1
    assert len(screen.kept) == 2


def test_a_film_is_kept_now_and_then_all_the_same() -> None:
    screen = Screen()

    screen.run(120_000, film_from_ms=0)

    assert 7 <= len(screen.kept) <= 8


def test_a_pointer_is_no_change() -> None:
    screen = Screen()
    screen.run(10_000)

    screen.picture += 0.005
    screen.run(20_000)

    assert len(screen.kept) == 1


def test_a_line_more_is_kept() -> None:
    screen = Screen()
    screen.run(10_000)

    screen.picture += 0.02
    screen.run(20_000)

    assert len(screen.kept) == 2


def test_a_face_in_a_corner_does_not_make_the_slide_a_film() -> None:
    screen = Screen()
    screen.run(10_000)

    for second in range(10, 20):
        screen.picture += 0.015
        screen.run(second * 1_000)

    kept = [at_ms for at_ms, _ in screen.kept]
    assert kept == [400, *(glance for glance in screen.glances if glance > 10_000)]


def test_talk_that_begins_brings_the_next_glance_forward() -> None:
    screen = Screen(QUIET)
    screen.run(60_000)
    last_ms = screen.glances[-1]

    screen.sampler.look(TALK, last_ms + 200)

    assert screen.sampler.due_ms == last_ms + 1_500


def test_talk_that_begins_late_makes_a_glance_due_at_once_not_in_the_past() -> None:
    screen = Screen(QUIET)
    screen.run(60_000)
    last_ms = screen.glances[-1]

    screen.sampler.look(TALK, last_ms + 5_000)

    assert screen.sampler.due_ms == last_ms + 5_000


def test_fine_print_is_kept_at_once_and_once() -> None:
    screen = Screen()
    screen.run(10_000)
    now_ms = screen.glances[-1] + 100

    screen.sampler.look(Look(is_talking=True, is_fine_print=True), now_ms)
    screen.run(30_000)

    assert screen.kept == [(400, Keep.FRAME), (now_ms, Keep.FINE_PRINT)]


def test_fine_print_waits_for_a_picture_in_motion() -> None:
    screen = Screen()
    screen.run(10_000)
    screen.sampler.look(Look(is_talking=True, is_fine_print=True), 10_001)

    screen.run(13_000, film_from_ms=10_001)
    in_motion = len(screen.kept)
    screen.run(20_000)

    assert in_motion == 1
    assert [keep for _, keep in screen.kept[1:]] == [Keep.FINE_PRINT]
