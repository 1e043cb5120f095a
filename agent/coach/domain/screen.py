"""What the call learns of the rep's shared screen, and what it wants of it. Values only."""

from dataclasses import dataclass, replace

from coach.domain.playbook import Moment, Playbook, Sentences, When

SCREEN_WHENS = frozenset({When.SCREEN_STALE, When.SCREEN_MISMATCH, When.SCREEN_ERROR})
"""Moments that the shared screen causes."""


@dataclass(frozen=True, slots=True)
class ScreenSampled:
    """A frame of the share was kept, the words of one were read, or the share stopped.

    The words may come later than their frame: then the same image is reported once more, with
    its `text` and a change of 0.
    """

    image: str | None
    """The frame's name, such as `f-000012.jpg`; None: nothing is shared any more."""
    fingerprint: int = 0
    """64 bits; those of alike pictures differ in few."""
    change: float = 1.0
    """Share of the picture, 0 to 1, that differs from the sample before; 1 for the first."""
    text: str | None = None
    """Words read from the picture; None: not read (yet)."""


@dataclass(frozen=True, slots=True)
class ScreenLine:
    """A line of the type `screen`, as far as it goes."""

    image: str | None
    """Relative to the recorded call's file; None: the share stopped."""
    fingerprint: int | None = None
    change: float | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Watch the rep's screen share from now on, or do not."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class Look:
    """How closely to watch: changes the sampling, nothing else."""

    is_talking: bool
    is_fine_print: bool = False
    """One frame in high resolution is wanted, as soon as the picture is still."""


@dataclass(frozen=True, slots=True)
class ScreenMoment:
    """A moment that the shared screen has caused."""

    moment: Moment
    start_ms: int
    end_ms: int
    quote: str | None = None
    """Words on the screen, or of the talk, where words are part of the cause."""


def read_on_screen(playbook: Playbook) -> Playbook:
    """Return a playbook whose only moments are error texts, to be looked for in a slide's words.

    A matcher of its own is built of it: what may stand on a screen is not listened for in talk.
    The examples are left out: what sounds alike in talk says nothing about what is written.
    """
    moments = {
        moment.id: replace(
            moment, when=When.WORDS, examples=(), counterexamples=(), bulk=Sentences()
        )
        for moment in playbook.moments.values()
        if moment.when is When.SCREEN_ERROR
    }
    return replace(playbook, moments=moments, stages=(), battlecards={})
