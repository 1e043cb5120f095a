"""Slides and screens drawn with pixels, and the words that stand on each."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

HD, FULL_HD = (1280, 720), (1920, 1080)
_INK, _PAPER, _ACCENT = (28, 32, 44), (255, 255, 255), (38, 86, 190)
_GREY = (120, 124, 134)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and its words in the order in which people read them."""

    name: str
    picture: Image.Image
    words: tuple[str, ...]

    def jpeg(self, quality: int = 70) -> bytes:
        """Return the picture as JPEG."""
        out = io.BytesIO()
        self.picture.save(out, "JPEG", quality=quality)
        return out.getvalue()

    def rgba(self) -> bytes:
        """Return the pixels."""
        return self.picture.convert("RGBA").tobytes()


class _Pen:
    """Draws in units of a slide 1280 wide, and notes the words."""

    def __init__(self, size: tuple[int, int], paper: tuple[int, int, int] = _PAPER) -> None:
        self.picture = Image.new("RGB", size, paper)
        self.words: list[str] = []
        self._draw = ImageDraw.Draw(self.picture)
        self._scale = size[0] / 1280

    def box(self, x: float, y: float, w: float, h: float, fill: tuple[int, int, int]) -> None:
        s = self._scale
        self._draw.rectangle((x * s, y * s, (x + w) * s, (y + h) * s), fill)

    def write(
        self, x: float, y: float, text: str, size: float, ink: tuple[int, int, int] = _INK
    ) -> None:
        font = ImageFont.load_default(size * self._scale)
        self._draw.text((x * self._scale, y * self._scale), text, ink, font)
        self.words += text.split()

    def done(self, name: str) -> Drawn:
        return Drawn(name, self.picture, tuple(self.words))


def bullets(
    title: str, *points: str, size: tuple[int, int] = HD, footer: str = "Larkspur  confidential"
) -> Drawn:
    """Return a slide with a title and points."""
    pen = _Pen(size)
    pen.box(0, 0, 1280, 12, _ACCENT)
    pen.write(80, 60, title, 52)
    for number, point in enumerate(points):
        y = 190 + 78 * number
        pen.box(90, y + 14, 12, 12, _ACCENT)
        pen.write(125, y, point, 32)
    pen.write(80, 670, footer, 18, _GREY)
    return pen.done(title)


def table(title: str, *rows: tuple[str, ...], size: tuple[int, int] = HD) -> Drawn:
    """Return a slide with a table."""
    pen = _Pen(size)
    pen.write(80, 50, title, 44)
    for line, row in enumerate(rows):
        y = 150 + 62 * line
        pen.box(80, y, 1120, 60, (226, 233, 246) if line == 0 else (246, 247, 250))
        for column, cell in enumerate(row):
            pen.write(100 + column * 1120 / len(row), y + 16, cell, 24)
    pen.write(80, 680, "* Annual contract, list price; see footnote for overage", 14, _GREY)
    return pen.done(title)


def error_page(*lines: str, size: tuple[int, int] = HD) -> Drawn:
    """Return a browser's page that failed to load."""
    pen = _Pen(size)
    pen.box(0, 0, 1280, 70, (222, 225, 230))
    pen.box(140, 18, 900, 36, _PAPER)
    pen.write(160, 26, "app.example.com/dashboard", 18, _GREY)
    for number, line in enumerate(lines):
        pen.write(330, 230 + 60 * number, line, 36 if number == 0 else 22)
    return pen.done("error page")


def error_dialog(*lines: str, size: tuple[int, int] = HD) -> Drawn:
    """Return an application in dark colours with an error dialog in front."""
    pen = _Pen(size, (36, 40, 50))
    for number, entry in enumerate(("Tickets", "Customers", "Reports", "Settings")):
        pen.write(40, 120 + 60 * number, entry, 24, (170, 176, 190))
    pen.box(390, 240, 520, 230, (248, 248, 250))
    pen.box(390, 240, 520, 44, (196, 54, 54))
    for number, line in enumerate(lines):
        pen.write(
            415, 250 + 56 * number, line, 24 if number == 0 else 20, _PAPER if number == 0 else _INK
        )
    return pen.done("error dialog")


def deck(size: tuple[int, int] = HD) -> Iterator[Drawn]:
    """Yield the slides that reading is measured on: text, numbers, tables and broken screens."""
    yield bullets(
        "Why support teams switch",
        "First answer within two minutes",
        "42% of tickets solved at first contact",
        "One inbox for mail, chat and phone",
        "Live in ten working days",
        size=size,
    )
    yield bullets(
        "Security and compliance",
        "Encryption at rest and in transit",
        "Single sign-on with SAML 2.0",
        "Audit logs kept for one year",
        "Data centres in Frankfurt and Dublin",
        "Penetration test every spring",
        size=size,
    )
    yield table(
        "Pricing per seat and month",
        ("Plan", "Starter", "Growth", "Enterprise"),
        ("Monthly", "$29", "$59", "$99"),
        ("Annual", "$24", "$49", "on request"),
        ("Seats", "up to 10", "up to 200", "unlimited"),
        ("Support", "e-mail", "phone", "dedicated manager"),
        size=size,
    )
    yield bullets(
        "Rollout plan",
        "Week 1: import of customers and tickets",
        "Week 2: training of two champions",
        "Week 3: pilot with one team",
        "Week 4: everybody",
        size=size,
    )
    yield error_page(
        "This site can't be reached",
        "app.example.com took too long to respond.",
        "ERR_CONNECTION_TIMED_OUT",
        size=size,
    )
    yield error_page("500 Internal Server Error", "Please try again later.", size=size)
    yield error_dialog(
        "Error", "Something went wrong.", "Your session has expired.", "Sign in again", size=size
    )


def builds(title: str, *points: str, size: tuple[int, int] = HD) -> Iterator[Drawn]:
    """Yield a slide whose points appear one after the other."""
    for count in range(len(points) + 1):
        yield bullets(title, *points[:count], size=size)
