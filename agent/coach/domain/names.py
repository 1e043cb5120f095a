"""Which words of a text are names, and whether others know them."""

import re

from coach.domain.dates import DATE_WORDS
from coach.domain.words import normalise_text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"(?<![\w'\u2019])[^\W\d_][\w'\u2019]*")
_STARTS = re.compile(
    r"(?:^|\n|[.!?:;\u2014\u2013|]|(?:^|\s)-)[\s\"\u201c\u2018(\u00ab]*$|[\"\u201c\u2018(\u00ab]$"
)
_RUN_GAP = re.compile(r"[ -]")
_ACRONYMS = _words(
    "i ok tv it crm roi sso faq api pdf usa us uk eu ceo cfo coo cto url id kpi ai hr usd eur gbp "
    "cad aud chf sla nda rfp poc b2b saas sdk gps app ui ux vp pm am q a"
)
_FUNCTION = _words(
    "a about above across after again against all also although always am among an and another "
    "any anybody anyone anything are around as at away back be because been before behind being "
    "below beside best better between beyond both but by can cannot could did do does doing done "
    "down during each early either else enough even ever every everybody everyone everything "
    "except few first for from further get gets give given go goes had half hardly has have "
    "having he hence her here hers him his how however i if in indeed inside instead into is it "
    "its itself just last late later least less let like little long lot made make makes many "
    "maybe me mere might mine more most much must my near nearly neither never next no nobody "
    "none nor not nothing now of off often on once one only onto or other others otherwise our "
    "ours out outside over own perhaps please quite rather really same second several shall she "
    "should since so some somebody someone something soon still such than thanks that the their "
    "theirs them then there these they things third this those though three through thus till to "
    "together too toward two under unless until unlike up upon us very was we well were what "
    "whatever when whenever where whether which while who whoever whole whom whose why will with "
    "within without would yes yet you your yours zero four five six seven eight nine ten eleven "
    "twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand today"
)
_STEMS = _words(
    "accept access account acknowledge add address admit advise affirm agenda agree aim allow "
    "alternative anchor annual answer anticipate apologise apologize appeal appreciate approach "
    "approval approve arrange ask assess assure attach audit authority avoid balance bargain "
    "begin benefit bill book boss break brief bring broad budget build business buy buyer buying "
    "calculate call calm care careful case cast caution challenge champion cheap change charge "
    "check choose circle clarify clear close colleague come comfort commit commitment common "
    "compare competition competitor complete compliment concede concern concession concrete "
    "condition confident confirm connect consider contact continue contract contrast "
    "conversation convert cost count counter cover create credit crew crucial customer cut data "
    "date deal decide decision deep defend defer define delay demo demonstrate describe detail "
    "dig direct discount discover discuss dispatch document draw drill drop earn ease echo "
    "economic effort eliminate emphasise error emphasize empathise empathize encourage encrypt "
    "end engage ensure establish estimate evidence example expect explain explore express extend "
    "eye face fair fall false fee feel figure final find finish fit fix fleet flexible focus "
    "follow food frame free fresh full gain gauge found gather gently genuine good grant great "
    "ground guarantee guide halve hand handle happy hard "
    "hear help hesitation hesitate highlight hint hold honest honour honor hope host hosting "
    "hours hurry idea identify ignore impact implementation important improve include increase "
    "industry inform insist integration interest interrupt introduce invest investigate invite "
    "involve isolate issue join judge jump justify keep key know lead learn leave legal lend level "
    "leverage limit link list listen live lock long look lose low lower mail main manager margin "
    "match matter mean measure meet meeting mention message mind mirror miss money monthly move "
    "multiple name narrow need negotiate new nice note notice objection offer office old "
    "onboarding open option order own owner pace pain paraphrase partner pause pay payback "
    "people percent perfect permission person phrase pick pilot pin pitch place plan play point "
    "position positive possible postpone praise prepare present press prevent price pricing "
    "priority probe problem proceed process produce product promise proof propose proposal "
    "prospect protect prove provide pull purchase push put qualify quantify question quick quiet "
    "quote raise rather reach read ready real reason reassure recall recap recognise recognize "
    "recommend reduce refer reference reflect refocus reframe refuse relate release remember "
    "remind renew renewal repeat rephrase reply report request require reschedule resist resolve "
    "respect respond restate result return reveal review risk roll root rule run save say scale "
    "schedule scope secure security see seek sell send separate set set-up setup shape share "
    "shift short show sign signal signature silence simple sit skip slow small smile soften "
    "solution solve sorry sound speak specific spell split staff stage stall stand start state "
    "stay steer step stick stop story stress strong structure study suggest suit sum summarise "
    "summarize support sure surface survey switch sympathise table tackle take talk target team "
    "tell tempting term test thank think threat tie time timeline timing total touch track trade "
    "train training transition treat trial true trust try turn uncover understand unpack unsure "
    "upfront urgency urgent use user validate value vendor verify view visit voice wait walk "
    "want warm warn watch weigh welcome win wonder word work worry worth write wrong yearly"
)
_IRREGULAR = _words(
    "said told asked saw seen heard knew known kept went gone came took taken gave got left met "
    "paid sent spent built bought brought thought felt found held lost meant met said sold chose "
    "chosen began begun wrote written spoke spoken understood won"
)


class Names:
    """What the sources call by name, and every other word of theirs."""

    def __init__(self, sources: str) -> None:
        tokens = normalise_text(sources).tokens
        self._text = f" {' '.join(tokens)} "
        self._known = frozenset(tokens)

    def lack(self, shown: str) -> bool:
        """Return whether a text names what the sources do not."""
        return any(not self._has(run) for run in _runs(shown))

    def _has(self, run: list[str]) -> bool:
        tokens = normalise_text(" ".join(run)).tokens
        if f" {' '.join(tokens)} " in self._text:
            return True
        return len(run) == 1 and self._has_word(run[0])

    def _has_word(self, word: str) -> bool:
        split = normalise_text(_parted(word)).tokens
        if len(split) > 1 and f" {' '.join(split)} " in self._text:
            return True
        return all(token in self._known for token in normalise_text(word).tokens)


def _is_capital(letter: str) -> bool:
    """Return whether a letter is a capital in its script: Ł, Ö and Э are, as A is."""
    return letter.isupper() or letter.istitle()


def _parted(word: str) -> str:
    """Part a word before its inner capitals: "ServiceTitan" is also said "service titan"."""
    pairs = zip(word, word[1:], strict=False)
    rest = [f" {b}" if a.islower() and _is_capital(b) else b for a, b in pairs]
    return word[:1] + "".join(rest)


def _runs(text: str) -> list[list[str]]:
    """Return the names of a text; ordinary words at a sentence's start are none."""
    runs: list[list[str]] = []
    end = -1
    for match in _WORD.finditer(text):
        word = match[0]
        if not any(_is_capital(letter) for letter in word):
            continue
        bare = word.lower().replace("\u2019", "'").removesuffix("'s")
        starts = _STARTS.search(text[max(0, match.start() - 4) : match.start()]) is not None
        if match.start() < 4 and not text[: match.start()].strip():
            starts = True
        if _is_ordinary(bare, word, starts=starts):
            continue
        if runs and not starts and end >= 0 and _RUN_GAP.fullmatch(text[end : match.start()]):
            runs[-1].append(word)
        else:
            runs.append([word])
        end = -1 if word.endswith(("'s", "\u2019s")) else match.end()
    return runs


def _is_ordinary(bare: str, word: str, *, starts: bool) -> bool:
    stem = bare.partition("'")[0]
    if stem in _ACRONYMS or stem in DATE_WORDS:
        return True
    if not word[1:].islower() and len(word) > 1 and "'" not in bare:
        return False
    return stem in _FUNCTION or bare.endswith("n't") or (starts and _is_common(stem))


def _is_common(word: str) -> bool:
    """Return whether a word, or what it is made from, is an ordinary one."""
    if word in _IRREGULAR or word in _STEMS:
        return True
    stem = next((word.removesuffix(e) for e in ("ing", "ed", "es", "s") if word.endswith(e)), "")
    return bool(stem) and ({stem, f"{stem}e", stem[:-1]} & _STEMS != frozenset())
