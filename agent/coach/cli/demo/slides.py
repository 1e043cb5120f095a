"""The slides that the rep of the recorded call shows, drawn with pixels: no font or file to load.

Everything is drawn at twice the size and scaled down, so that edges are smooth.
"""

from collections.abc import Callable, Mapping
from typing import Final

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1280, 720
_SCALE = 2

Colour = tuple[int, int, int]

_PAPER: Final = (250, 249, 246)
_INK: Final = (26, 29, 52)
_GREY: Final = (112, 115, 134)
_LINE: Final = (226, 225, 233)
_WHITE: Final = (255, 255, 255)
_VIOLET: Final = (84, 76, 196)
_LIGHT_VIOLET: Final = (203, 199, 243)
_GREEN: Final = (28, 124, 90)
_PALE_GREEN: Final = (220, 241, 232)
_AMBER: Final = (196, 104, 14)
_PALE_AMBER: Final = (253, 238, 217)

_LEFT, _RIGHT = 84, WIDTH - 84


class _Pen:
    """Draws on one slide, in units of the finished picture."""

    def __init__(self, paper: Colour = _PAPER) -> None:
        self._picture = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE), paper)
        self._draw = ImageDraw.Draw(self._picture)

    def box(
        self, where: tuple[float, float, float, float], fill: Colour, *, radius: float = 0
    ) -> None:
        """Fill a rectangle given by its left, top, right and bottom."""
        corners = [edge * _SCALE for edge in where]
        self._draw.rounded_rectangle(corners, radius * _SCALE, fill)

    def line(self, where: tuple[float, float, float, float], ink: Colour, width: float = 1) -> None:
        """Draw a straight line between two points."""
        self._draw.line([each * _SCALE for each in where], ink, round(width * _SCALE))

    def tick(self, x: float, y: float, ink: Colour) -> None:
        """Draw a tick whose middle is at x and y."""
        corners = [(x - 8, y), (x - 2, y + 6), (x + 9, y - 7)]
        points = [(px * _SCALE, py * _SCALE) for px, py in corners]
        self._draw.line(points, ink, 3 * _SCALE, joint="curve")

    def write(
        self,
        at: tuple[float, float],
        text: str,
        size: float,
        ink: Colour = _INK,
        anchor: str = "ls",
    ) -> None:
        """Write one line; the anchor is Pillow's, by default the left end of the baseline."""
        font = ImageFont.load_default(size * _SCALE)
        self._draw.text((at[0] * _SCALE, at[1] * _SCALE), text, ink, font, anchor)

    def bold(
        self,
        at: tuple[float, float],
        text: str,
        size: float,
        ink: Colour = _INK,
        anchor: str = "ls",
    ) -> None:
        """Write one line with an outline of its own ink: the built-in font has one weight only."""
        font, stroke = ImageFont.load_default(size * _SCALE), size * _SCALE / 34
        place = (at[0] * _SCALE, at[1] * _SCALE)
        self._draw.text(place, text, ink, font, anchor, stroke_width=stroke)

    def head(self, title: str, below: str) -> None:
        """Write what every slide has: name, title, and a line below it."""
        self.box((_LEFT, 48, _LEFT + 20, 68), _VIOLET, radius=10)
        self.bold((_LEFT + 32, 65), "Larkspur", 20, _VIOLET)
        self.bold((_LEFT, 146), title, 52)
        self.write((_LEFT, 190), below, 25, _GREY)

    def done(self) -> Image.Image:
        """Return the picture."""
        return self._picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


_Job = tuple[float, float, str, Colour, Colour]
"""Begin and end in hours after eight, name, colour, ink."""

_JOBS: Final[Mapping[str, tuple[_Job, ...]]] = {
    "Crew North": (
        (0, 2, "Boiler check", _LIGHT_VIOLET, _INK),
        (2.2, 4.9, "Heat pump", _LIGHT_VIOLET, _INK),
        (5.2, 7.4, "Radiators", _LIGHT_VIOLET, _INK),
    ),
    "Crew Harbor": (
        (0.3, 3.9, "Burst pipe: runs long", _PALE_AMBER, _AMBER),
        (4.2, 6, "Water heater", _LIGHT_VIOLET, _INK),
    ),
    "Crew West": (
        (0, 1.6, "Meter", _LIGHT_VIOLET, _INK),
        (1.9, 4.1, "Moved to you", _PALE_GREEN, _GREEN),
        (4.5, 7.8, "New bathroom", _LIGHT_VIOLET, _INK),
    ),
    "Crew Mill": (
        (0.8, 3.2, "Air duct", _LIGHT_VIOLET, _INK),
        (3.7, 6.8, "Furnace", _LIGHT_VIOLET, _INK),
    ),
}


def _day() -> Image.Image:
    """Return the board of a day on which one job runs long."""
    pen = _Pen()
    pen.head("Every job on one screen", "Nobody is sent to the wrong house.")
    left, top, row, hour = 270, 282, 92, 104
    for number in range(9):
        x = left + number * hour
        pen.write((x, top - 20), str(8 + number), 18, _GREY, anchor="ms")
        pen.line((x, top - 8, x, top + 4 * row - 16), _LINE)
    for number, (crew, blocks) in enumerate(_JOBS.items()):
        y = top + number * row
        pen.bold((_LEFT, y + 46), crew, 23)
        for begin, end, name, fill, ink in blocks:
            pen.box((left + begin * hour, y + 8, left + end * hour, y + 68), fill, radius=10)
            pen.write((left + begin * hour + 16, y + 45), name, 19, ink)
    now = left + 3.5 * hour
    pen.line((now, top - 8, now, top + 4 * row - 16), _AMBER, 2.5)
    pen.box((now - 29, top - 41, now + 29, top - 13), _AMBER, radius=14)
    pen.bold((now, top - 21), "11:30", 16, _WHITE, anchor="ms")
    return pen.done()


def _price() -> Image.Image:
    """Return the price, and what is in it."""
    pen = _Pen()
    pen.head("One price, nothing else to pay", "The Dispatch plan, for most companies")
    pen.box((_LEFT, 236, 592, 626), _VIOLET, radius=26)
    pen.bold((_LEFT + 48, 428), "$40", 158, _WHITE)
    pen.write((_LEFT + 52, 482), "each month", 30, _WHITE)
    pen.write((_LEFT + 52, 522), "for every person on the road", 30, _LIGHT_VIOLET)
    pen.line((_LEFT + 52, 552, 544, 552), _LIGHT_VIOLET, 1)
    pen.write((_LEFT + 52, 592), "Thirty people: $1,200 a month", 24, _WHITE)
    included = (
        "Automatic replanning and routes",
        "Calendars and accounting, both ways",
        "Office seats without limit",
        "Import of your data",
        "Training for everybody",
        "Support, and all updates",
    )
    for number, text in enumerate(included):
        y = 262 + 66 * number
        pen.box((660, y - 19, 698, y + 19), _PALE_GREEN, radius=19)
        pen.tick(679, y, _GREEN)
        pen.write((722, y + 9), text, 27)
    return pen.done()


def _customers() -> Image.Image:
    """Return who else works with it, and what it brought one of them."""
    pen = _Pen()
    pen.head("Call any of them", "What our customers say, without us on the line")
    figures = (
        ("400", "companies work with us"),
        ("96 %", "stayed with us last year"),
        ("60 days", "to leave, with a full refund"),
    )
    wide = (_RIGHT - _LEFT - 2 * 28) / 3
    for number, (figure, text) in enumerate(figures):
        x = _LEFT + number * (wide + 28)
        pen.box((x, 232, x + wide, 404), _WHITE, radius=20)
        pen.box((x, 252, x + 6, 384), _VIOLET)
        pen.bold((x + 34, 328), figure, 66, _VIOLET)
        pen.write((x + 34, 374), text, 23, _GREY)
    pen.bold((_LEFT, 468), "Brightwater Plumbing, 34 people on the road", 25)
    pen.write((_LEFT, 504), "Visits that were in vain, each month", 22, _GREY)
    for y, name, visits, fill in ((534, "before", 15, _LIGHT_VIOLET), (592, "with us", 3, _GREEN)):
        pen.write((_LEFT, y + 31), name, 22, _GREY)
        end = 200 + visits * 56
        pen.box((200, y, end, y + 44), fill, radius=8)
        pen.bold((end + 18, y + 33), str(visits), 28)
    return pen.done()


def _start() -> Image.Image:
    """Return the two weeks from signature to the first day."""
    pen = _Pen()
    pen.head("Two weeks from the day you sign", "One for your data, one for your people")
    weeks = (
        ("1", "Week one: your data", ("You send lists, or a photo", "We import and check")),
        ("2", "Week two: your people", ("Crews: one morning", "Dispatchers: two half days")),
    )
    pen.line((_LEFT + 30, 282, _LEFT + 850, 282), _LIGHT_VIOLET, 6)
    for number, (figure, title, texts) in enumerate(weeks):
        x = _LEFT + number * 410
        pen.box((x, 252, x + 60, 312), _VIOLET, radius=30)
        pen.bold((x + 30, 293), figure, 31, _WHITE, anchor="ms")
        pen.box((x, 346, x + 370, 572), _WHITE, radius=20)
        pen.bold((x + 32, 402), title, 29)
        for line, text in enumerate(texts):
            y = 452 + 54 * line
            pen.tick(x + 42, y, _GREEN)
            pen.write((x + 66, y + 8), text, 24)
    x = _LEFT + 820
    pen.box((x, 252, x + 60, 312), _GREEN, radius=30)
    pen.tick(x + 30, 282, _WHITE)
    pen.box((x, 346, _RIGHT, 572), _PALE_GREEN, radius=20)
    pen.bold((x + 32, 402), "Live", 29, _GREEN)
    pen.write((x + 32, 460), "We are with you", 24)
    pen.write((x + 32, 496), "on the first day.", 24)
    pen.write((_LEFT, 640), "Billing starts when you are live.", 24, _GREY)
    return pen.done()


SLIDES: Final[Mapping[str, Callable[[], Image.Image]]] = {
    "day": _day,
    "price": _price,
    "customers": _customers,
    "start": _start,
}
"""How each slide that the recording names is drawn."""
