"""Whether what the advisor says is founded: its evidence, and every figure, date and name.

Deterministic and strict: what cannot be found is not shown. A hint that was held back costs
little; an invented price, read aloud to a customer, costs the customer.
"""

from collections.abc import Iterable, Sequence

from coach.domain.dates import dates, hours, known
from coach.domain.figures import Money, money, shares
from coach.domain.granting import facts, is_granted, is_told_as_fact, money_off
from coach.domain.names import Names
from coach.domain.numerals import Piece, around, read
from coach.domain.spans import promised, spans
from coach.domain.transcript import Utterance
from coach.domain.words import normalise_text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHORTEST_EVIDENCE = 2  # words
_TOLERANCE = 0.01  # a third is a third, however it is rounded
_FREE = _words("free gratis")
_REACH_OF_FREE = 3  # pieces between a span and "free"


def find_evidence(
    words: str, number: int | None, lines: Iterable[tuple[int, Utterance]]
) -> Utterance | None:
    """Return the utterance in which the words stand verbatim, case and punctuation aside.

    Args:
        words: what the advisor claims to have heard.
        number: where it claims so; the words may stand elsewhere in the window.
        lines: the numbered window.
    """
    wanted = normalise_text(words).tokens
    if len(wanted) < _SHORTEST_EVIDENCE:
        return None
    holding = [(n, said) for n, said in lines if _stands_in(wanted, said.text)]
    at_number = [said for n, said in holding if n == number]
    return at_number[0] if at_number else (holding[-1][1] if holding else None)


def unfounded(shown: str, grounds: str, speech: str, authority_percent: float | None) -> list[str]:
    """Return the kinds of what cannot be found: `price`, `percentage`, `date`, `name`.

    Args:
        shown: what the rep would read.
        grounds: passages, tool results, dossier: what the tenant answers for.
        speech: what was said in the call, by whomever.
        authority_percent: above this a percentage is told as theirs, as too much, as one to ask
            for or as a fact, and never granted, so that no text can talk the coach into a
            discount; None: none may be granted.
    """
    read_shown = read(shown)
    has_figures = bool(
        money(read_shown) or shares(read_shown) or dates(read_shown) or spans(read_shown)
    )
    texts = read_shown, read(grounds if has_figures else ""), read(speech if has_figures else "")
    kinds = []
    if _lacks_money(*texts) or _lacks_free_time(*texts[:2]):
        kinds.append("price")
    if _lacks_percentage(*texts, authority_percent):
        kinds.append("percentage")
    if _lacks_date(*texts):
        kinds.append("date")
    if Names(f"{grounds}\n{speech}").lack(shown):
        kinds.append("name")
    return kinds


_Pieces = Sequence[Piece]


def _stands_in(wanted: tuple[str, ...], text: str) -> bool:
    return f" {' '.join(wanted)} " in f" {normalise_text(text).text} "


def _lacks_money(shown: _Pieces, grounds: _Pieces, speech: _Pieces) -> bool:
    wanted = money(shown)
    if not wanted:
        return False
    own = money(grounds)
    found = own | money(speech)
    if any(not _is_among(amount, found) for amount in wanted):
        return True
    # The policy knows percentages only: money off is the tenant's texts' to offer, not the talk's.
    return any(
        not _is_among(amount, own) and is_granted(shown, place)
        for amount, place in money_off(shown)
    )


def _is_among(amount: Money, found: Iterable[Money]) -> bool:
    return any(
        abs(amount.value - other.value) < _TOLERANCE
        and (amount.currency == other.currency or not amount.currency or not other.currency)
        for other in found
    )


def _lacks_free_time(shown: _Pieces, grounds: _Pieces) -> bool:
    """Return whether time is given away that the tenant's texts do not name."""
    own = set(spans(grounds).values())
    return any(
        span not in own
        and not _FREE.isdisjoint(around(shown, at + n).text for n in range(-2, 3 + _REACH_OF_FREE))
        for at, span in spans(shown).items()
    )


def _lacks_percentage(
    shown: _Pieces, grounds: _Pieces, speech: _Pieces, authority_percent: float | None
) -> bool:
    wanted = shares(shown)
    if not wanted:
        return False
    named = [share.value for share in (*shares(grounds), *shares(speech))]
    known_facts = facts(grounds)
    for share in wanted:
        if authority_percent is not None and share.value <= authority_percent:
            is_founded = _is_in(share.value, named)
        elif _is_in(share.value, known_facts) and is_told_as_fact(shown, share):
            is_founded = True
        else:
            is_founded = _is_in(share.value, named) and not is_granted(shown, share)
        if not is_founded:
            return True
    return False


def _is_in(value: float, values: Iterable[float]) -> bool:
    return any(abs(value - other) < _TOLERANCE for other in values)


def _lacks_date(shown: _Pieces, grounds: _Pieces, speech: _Pieces) -> bool:
    """Return whether a date, or "in three weeks", is not found."""
    wanted = dates(shown)
    if wanted:
        found = known([*dates(grounds), *dates(speech), *hours(speech)])
        if any(not meant & found for meant in wanted):
            return True
    return bool(promised(shown) - {*spans(grounds).values(), *spans(speech).values()})
