"""Draws an eval's figures as a picture (SVG): recall by tier and by moment, false nudges."""

from collections.abc import Iterator

from evals.intervals import Share
from evals.running import ERRORS, Results

_ROW, _LEFT, _WIDTH, _TOP = 26, 230, 420, 64
_INK, _FAINT, _BAR, _GOAL = "#1f2933", "#9aa5b1", "#2f6f8f", "#c2571a"
_FIGURES = (
    ("plain wordings", "plain", 0.98),
    ("paraphrases", "paraphrase", 0.85),
    ("with recogniser errors", ERRORS, 0.80),
    ("whole calls", "whole_calls", None),
)


def draw(results: Results, name: str) -> str:
    """Return the picture."""
    rows: list[tuple[str, Share, float | None]] = [
        (label, results.tallies[key].recall(), goal) for label, key, goal in _FIGURES
    ]
    sentences = results.tallies["sentences"]
    rows.append(("precision, sentences", sentences.precision(), 0.90))
    rows += [(moment, sentences.recall(moment), None) for moment in sorted(sentences.moments)]
    height = _TOP + _ROW * (len(rows) + 3)
    body = [line for at, row in enumerate(rows) for line in _bar(_TOP + _ROW * at, *row)]
    body += _rates(_TOP + _ROW * (len(rows) + 1), results)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" '
            f'font-family="system-ui, sans-serif" font-size="13" fill="{_INK}">',
            f'<rect width="800" height="{height}" fill="#ffffff"/>',
            f'<text x="16" y="28" font-size="17">Moments heard, set {name}</text>',
            f'<text x="16" y="48" fill="{_FAINT}">share of marked moments, 95 % interval; '
            f"the stroke is the goal</text>",
            *body,
            "</svg>\n",
        ]
    )


def _bar(y: int, label: str, share: Share, goal: float | None) -> Iterator[str]:
    yield f'<text x="{_LEFT - 12}" y="{y + 15}" text-anchor="end">{label.replace("_", " ")}</text>'
    yield f'<rect x="{_LEFT}" y="{y + 3}" width="{_WIDTH}" height="16" fill="#eef2f5"/>'
    if share.value is None:
        return
    low, high = share.interval
    length = share.value * _WIDTH
    yield f'<rect x="{_LEFT}" y="{y + 3}" width="{length:.1f}" height="16" fill="{_BAR}"/>'
    yield (
        f'<line x1="{_LEFT + low * _WIDTH:.1f}" x2="{_LEFT + high * _WIDTH:.1f}" '
        f'y1="{y + 11}" y2="{y + 11}" stroke="{_INK}" stroke-width="2"/>'
    )
    if goal is not None:
        x = _LEFT + goal * _WIDTH
        place = f'x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + 22}"'
        yield f'<line {place} stroke="{_GOAL}" stroke-width="2"/>'
    text = f"{share.value:.2f}  ({share.hits} of {share.total})"
    yield f'<text x="{_LEFT + _WIDTH + 12}" y="{y + 15}">{text}</text>'


def _rates(y: int, results: Results) -> Iterator[str]:
    for at, (label, key) in enumerate(
        (("ordinary calls", "calls"), ("talk about price", "price_talk"))
    ):
        rate = results.tallies[key].false_rate(shown=True)
        if rate.per_ten_minutes is None:
            continue
        low, high = rate.interval
        text = (
            f"false nudges in {label}: {rate.per_ten_minutes:.2f} per ten minutes "
            f"[{low:.2f}–{high:.2f}], {rate.count} in {rate.minutes:.0f} minutes"
        )
        yield f'<text x="16" y="{y + _ROW * at}">{text}</text>'
