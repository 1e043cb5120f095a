"""Whether what the advisor says is founded: its evidence, and every figure, date and name.

Deterministic and strict: what cannot be found is not shown. A hint that was held back costs
little; an invented price, read aloud to a customer, costs the customer.
"""

import re
from collections.abc import Iterable

from coach.domain.transcript import Utterance
from coach.domain.words import normalise_text, percents


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SHORTEST_EVIDENCE = 2  # words
_MONTHS = (
    "january february march april june july august september october november december "
    "jan feb apr jun jul aug sept sep oct nov dec"
)
_DAYS = "monday tuesday wednesday thursday friday saturday sunday"
_DATES = _words(f"{_MONTHS} {_DAYS} tomorrow tonight q1 q2 q3 q4")
# "may" and "march" are also verbs: as names they are written with a capital inside a sentence,
# which the check of names sees.
_MONEY_WORDS = _words("dollars dollar euros euro pounds pound cents bucks grand")
_SCALES = frozenset({"thousand", "million", "billion", "hundred"})
_YEAR = re.compile(r"(19|20)\d\d")
_ORDINAL = re.compile(r"\d{1,2}(st|nd|rd|th)")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_NAME = re.compile(r"[A-Z][\w'’&-]*(?: +[A-Z][\w'’&-]*)*")
_SENTENCE_START = re.compile(r"(?:^|\n|[.!?:;]\s+|[\"“‘(]\s*)$")
_NO_NAMES = _words(
    "i i'm i'll i'd i've ok tv it crm roi sso faq api pdf usa us uk eu ceo cfo coo cto it's"
)


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
        authority_percent: above this a percentage counts only when the tenant's own texts name
            it, so that nobody can talk the coach into a discount.
    """
    everything = f"{grounds}\n{speech}"
    kinds = []
    if _prices(shown) - _prices(everything) - _numbers_beside_money(everything):
        kinds.append("price")
    if _lacks_percentage(shown, grounds, speech, authority_percent):
        kinds.append("percentage")
    if _dates(shown) - _dates(everything):
        kinds.append("date")
    if not _has_names(shown, everything):
        kinds.append("name")
    return kinds


def _stands_in(wanted: tuple[str, ...], text: str) -> bool:
    return f" {' '.join(wanted)} " in f" {normalise_text(text).text} "


def _percentages(text: str) -> set[float]:
    return {percent.value for percent in percents(text.split())}


def _lacks_percentage(
    shown: str, grounds: str, speech: str, authority_percent: float | None
) -> bool:
    own, heard = _percentages(grounds), _percentages(speech)
    for value in _percentages(shown):
        is_above = authority_percent is not None and value > authority_percent
        if value not in own and (is_above or value not in heard):
            return True
    return False


def _prices(text: str) -> set[str]:
    """Return the amounts of money in a text, as normalised tokens."""
    tokens = normalise_text(text).tokens
    return {
        " ".join(_amount_before(tokens, at))
        for at, token in enumerate(tokens)
        if token in _MONEY_WORDS
    } - {""}


def _amount_before(tokens: tuple[str, ...], at: int) -> tuple[str, ...]:
    start = at
    while start > 0 and (_NUMBER.fullmatch(tokens[start - 1]) or tokens[start - 1] in _SPOKEN):
        start -= 1
    return tokens[start:at]


_SPOKEN = _SCALES | _words(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety half"
)


def _numbers_beside_money(text: str) -> set[str]:
    """Return plain numbers: "1,200" in a table is "1,200 dollars" in a hint."""
    return {token for token in normalise_text(text).tokens if _NUMBER.fullmatch(token)}


def _dates(text: str) -> set[str]:
    tokens = normalise_text(text).tokens
    return {t for t in tokens if t in _DATES or _YEAR.fullmatch(t) or _ORDINAL.fullmatch(t)}


def _has_names(shown: str, everything: str) -> bool:
    known = frozenset(normalise_text(everything).tokens)
    return all(set(normalise_text(name).tokens) <= known for name in _names(shown))


def _names(text: str) -> list[str]:
    """Return capitalised words that begin no sentence, and runs of two or more anywhere.

    A single capitalised word at the start of a sentence may be any word: it is let pass.
    """
    names = []
    for match in _NAME.finditer(text):
        words = match[0].split()
        if _SENTENCE_START.search(text[: match.start()]) and len(words) == 1:
            continue
        if not all(word.lower() in _NO_NAMES for word in words):
            names.append(match[0])
    return names
