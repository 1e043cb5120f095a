"""Whether a discount above the rep's authority is granted, or only told of.

It may be told as theirs ("they ask 20%"), as too much ("20% is above your limit") and as one that
needs a yes ("20%: ask your sales manager"). Granted it is never, whatever passages, tools, dossier
or talk hold: what may be given is decided by the policy, and no text can add to it. The tenant's
percentages that are no discounts ("96 percent renewed") are facts and may be told as such.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from coach.domain.figures import Money, Share, money, shares
from coach.domain.numerals import Piece, around, numbers


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CLAUSE_ENDS = _words(". , ; : ! ? \u2013 \u2014 ( ) \u00ab \u00bb | and but so then") | {"\n"}
_SENTENCE_ENDS = _words(". ; ! ? \u00ab \u00bb |") | {"\n"}
_JOINTS = _words(", ; : \u2013 \u2014 ( )")
"""What may stand between a percentage and the clause that says whom to ask."""
_THEY = _words("they they'd they've they're prospect customer buyer client he she")
_THEIRS = _THEY | _words("them their theirs him his her")
_ASKING = _words(
    "ask asks asked asking want wants wanted named name names said say says request requests "
    "requested demand demands demanded need needs expect expects expected mentioned mention"
)
_REACH_OF_ASKING = 5  # pieces between "ask" and the percentage
_BEYOND = _words("above over beyond outside out past exceeds exceed higher more")
_BOUNDS = _words("limit limits authority policy mandate remit")
_BEHIND = 8  # pieces behind the percentage in which it is called too much
_GRANTING = _words(
    "give gives gave given giving offer offers offering offered grant grants granted granting "
    "promise promises promised knock take takes allow allows allowed accept accepts agree agrees "
    "agreed approve approved confirm ok okay yes may can could might deal tell go do make match "
    "meet concede get gets have deserve honour honor sign fine let drop cut lower reduce shave"
)
_NEGATIONS = _words("no not never nobody none nothing without hardly cannot instead")
_AT_ONCE = _words("now today tonight right immediately already anyway done")

_REQUESTING = _words("ask get need needs require requires request check message bring escalate")
_REACH_OF_REQUEST = 7  # pieces from "ask" to who may say yes
_YES = _words("approval permission authorisation authorization clearance signoff")
_SUPERIORS = _words("manager boss director desk lead")
_OURS = _words("your my our sales deal managing quotes")
_GIVEN_FIRST = _words(
    "give gives giving offer offers offering grant grants promise promises knock accept agree "
    "concede match honour honor drop cut lower reduce let"
)
_SETTLED = _words(
    "said says approved agreed granted gave confirmed allowed after once later when while meanwhile"
)
_CONSENTING = _words("yes fine ok okay deal agreed accept agree grant granted concede approve sure")
_GIVING = _words("give do get have allow offer match make let take")
_IT = _words("it that this so them")

_DISCOUNTING = _words(
    "off discount discounts discounted rebate rebates reduction reductions concession concessions "
    "cheaper knock give gives gave given giving offer offers offered offering grant grants granted "
    "allow allows allowed accept accepts accepted agree agrees agreed approve approves approved "
    "concede match matches meet honour honor settle go goes went price prices list fee fees bill "
    "invoice quote"
)
_OF_LIMITS = _DISCOUNTING - _words("price prices list fee fees bill invoice quote") | _words(
    "approval approvals limit limits authority maximum most ask asks asked want wants wanted "
    "request requests requested demand demanded refused manager director head boss desk"
)
_OFF = _words("off discount rebate reduction cheaper")
_REACH_OF_OFF = 4  # pieces from an amount to "off": "$500 a month off"
_CUTTING = _words("cut drop lower reduce slash shave take do make")
_COMMANDS = _words("you we i can may could might should to please just") | {""}


def is_granted(shown: Sequence[Piece], share: Share) -> bool:
    """Return whether a discount is told neither as theirs, nor as too much or to be asked for."""
    if _is_spoken(shown, share.last):
        return True
    start, end = _clause(shown, share.first, share.last)
    clause = _texts(shown, start, end)
    if _is_consented(shown, end):
        return True
    if _is_request(clause):
        return False
    if not _GRANTING.isdisjoint(clause) or _is_negated(clause):
        return True
    before, behind = clause[: share.first - start], clause[share.last - start + 1 :]
    is_too_much = not before and _is_too_much(behind[:_BEHIND])
    is_pending = _AT_ONCE.isdisjoint(clause) and any(
        _is_request(beside) for beside in _beside(shown, start, end)
    )
    return not (is_too_much or is_pending or _is_asked_for(before))


def facts(grounds: Sequence[Piece]) -> list[float]:
    """Return the percentages that no sentence about discounts and their limits holds."""
    return [
        share.value
        for share in shares(grounds)
        if not share.is_cut
        and _OF_LIMITS.isdisjoint(_sentence(grounds, share))
        and not _is_upper_bound(grounds, share)
    ]


def is_told_as_fact(shown: Sequence[Piece], share: Share) -> bool:
    """Return whether a percentage is told without offering it: "96 percent renewed"."""
    start, end = _clause(shown, share.first, share.last)
    clause = ["", *_texts(shown, start, end)]
    is_command = any(text in _CUTTING and before in _COMMANDS for before, text in pairwise(clause))
    is_offer = share.is_cut or is_command or _is_upper_bound(shown, share)
    return not is_offer and _DISCOUNTING.isdisjoint(clause)


def money_off(pieces: Sequence[Piece]) -> Iterator[tuple[Money, Share]]:
    """Yield the amounts of money that are taken off a price, each with its place."""
    for at, _ in numbers(pieces):
        behind = [around(pieces, at + n).text for n in range(1, 1 + _REACH_OF_OFF)]
        is_off = not _OFF.isdisjoint(behind)
        before = [around(pieces, at - n).text for n in (1, 2, 3)]
        is_of = "of" in before[:2] and not _OFF.isdisjoint(before[1:])
        if is_off or is_of:
            for amount in money(pieces[max(0, at - 1) : at + 2]):
                yield amount, Share(amount.value, at, at, is_cut=True)


def _texts(pieces: Sequence[Piece], start: int, end: int) -> list[str]:
    return [piece.text for piece in pieces[start:end]]


def _clause(pieces: Sequence[Piece], first: int, last: int) -> tuple[int, int]:
    return _bounds(pieces, first, last, _CLAUSE_ENDS)


def _sentence(pieces: Sequence[Piece], share: Share) -> list[str]:
    return _texts(pieces, *_bounds(pieces, share.first, share.last, _SENTENCE_ENDS))


def _bounds(
    pieces: Sequence[Piece], first: int, last: int, ends: frozenset[str]
) -> tuple[int, int]:
    start, end = first, min(last, len(pieces))
    while start > 0 and pieces[start - 1].text not in ends:
        start -= 1
    while end < len(pieces) and pieces[end].text not in ends:
        end += 1
    return start, end


def _beside(pieces: Sequence[Piece], start: int, end: int) -> Iterator[list[str]]:
    """Yield the clauses before and behind one, of the same sentence."""
    if start > 1 and pieces[start - 1].text in _JOINTS:
        yield _texts(pieces, *_clause(pieces, start - 1, start - 1))
    if around(pieces, end).text in _JOINTS:
        yield _texts(pieces, *_clause(pieces, end + 1, end + 1))


def _is_spoken(shown: Sequence[Piece], last: int) -> bool:
    """Return whether it stands in what the rep would say: the last one of several lines.

    Nothing is told of "them" there, and who could approve more is not the customer's to know.
    """
    return "\n" in _texts(shown, 0, len(shown)) and "\n" not in _texts(shown, last, len(shown))


def _is_consented(shown: Sequence[Piece], at: int) -> bool:
    """Return whether what stands behind a percentage gives it: "they want 20%: say yes"."""
    while at < len(shown):
        start, end = _clause(shown, at + 1, at + 1)
        clause, at = _texts(shown, start, end), end
        if _is_negated(clause) or _is_request(clause):
            continue
        is_given = any(a in _GIVING and b in _IT for a, b in pairwise([*clause, ""]))
        is_it_last = clause[-1:] and clause[-1] in _IT
        is_agreed = any(
            text in _CONSENTING and behind not in {"on", "for"}
            for text, behind in pairwise([*clause, ""])
        )
        if is_agreed or (is_given and is_it_last):
            return True
    return False


def _is_negated(clause: Sequence[str]) -> bool:
    """Return whether a clause says no: "needs no approval" sends nobody to ask."""
    return any(text in _NEGATIONS or text.endswith("n't") for text in clause)


def _is_asked_for(before: Sequence[str]) -> bool:
    """Return whether they ask for it: "they ask", but not "ask the customer whether"."""
    who = next((at for at, text in enumerate(before) if text in _THEY), len(before))
    return not _ASKING.isdisjoint(before[who:][-_REACH_OF_ASKING:])


def _is_too_much(behind: Sequence[str]) -> bool:
    """Return whether it is beyond a limit; "20% over two years" is beyond none."""
    at = next((at for at, text in enumerate(behind) if text in _BEYOND), len(behind))
    rest = behind[at + 1 :]
    own = next((n for n, text in enumerate(rest) if text in {"your", "my"}), len(rest))
    is_own_figure = rest[own + 1 : own + 2] != [] and rest[own + 1][0].isdigit()
    is_last = rest[own + 2 : own + 3] in ([], ["%"], ["percent"])
    return not _BOUNDS.isdisjoint(rest) or (is_own_figure and is_last)


def _is_request(clause: Sequence[str]) -> bool:
    """Return whether a clause sends the rep to who may say yes, before anything is given."""
    if _is_negated(clause) or not (_THEIRS | _SETTLED).isdisjoint(clause):
        return False
    at = next((at for at, text in enumerate(clause) if text in _REQUESTING), len(clause))
    ahead = range(at + 1, min(len(clause), at + 1 + _REACH_OF_REQUEST))
    who = next((n for n in ahead if _may_approve(clause, n)), None)
    return who is not None and _GIVEN_FIRST.isdisjoint(clause[:who])


def _may_approve(clause: Sequence[str], at: int) -> bool:
    """Return whether an approval stands here, or one of ours who may give it."""
    text = clause[at].removesuffix("'s")
    if text in _YES or list(clause[max(0, at - 2) : at + 1]) == ["sign", "-", "off"]:
        return True
    if text == "head":
        return list(clause[at + 1 : at + 3]) == ["of", "sales"]
    return text in _SUPERIORS and not _OURS.isdisjoint(clause[max(0, at - 2) : at])


def _is_upper_bound(pieces: Sequence[Piece], share: Share) -> bool:
    before = [around(pieces, share.first - n).text for n in (3, 2, 1)]
    return before[1:] == ["up", "to"] or before == ["as", "much", "as"]
