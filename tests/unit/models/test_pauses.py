"""How long an endpoint wants to be left alone."""

import pytest

from coach.adapters.models.transport import UNTOLD_PAUSE_SECONDS, pause_seconds

AT = 1_792_000_000.0  # Wed, 14 Oct 2026 17:46:40 GMT


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5.0),
        (" 0 ", 0.0),
        ("1.5", 1.5),
        ("Wed, 14 Oct 2026 17:46:50 GMT", 10.0),
        ("Wed, 14 Oct 2026 17:46:50 -0000", 10.0),
        ("Wed, 14 Oct 2026 19:46:50 +0200", 10.0),
        ("Wed, 14 Oct 2020 17:46:50 GMT", 0.0),
        (None, UNTOLD_PAUSE_SECONDS),
        ("", UNTOLD_PAUSE_SECONDS),
        ("soon", UNTOLD_PAUSE_SECONDS),
        ("-3", UNTOLD_PAUSE_SECONDS),
        ("٣", UNTOLD_PAUSE_SECONDS),
        ("Wed, 99 Oct 2026 99:99:99 GMT", UNTOLD_PAUSE_SECONDS),
    ],
)
def test_seconds_and_dates_are_read(header: str | None, seconds: float) -> None:
    assert pause_seconds(header, AT) == seconds
