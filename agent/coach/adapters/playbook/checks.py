"""Runs a playbook's examples, and warns of what an author would not have meant."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from coach.adapters.matching import PhraseMatcher
from coach.adapters.playbook.phrase_checks import phrase_doubts
from coach.adapters.playbook.pronunciation import known_words
from coach.adapters.playbook.sentences import contradictions, unlearnable
from coach.domain.discounts import most_percent, over_authority
from coach.domain.matching import Hit
from coach.domain.playbook import Moment, Playbook, When
from coach.domain.words import normalise_text

_WORDED = frozenset({When.WORDS, When.OVER_AUTHORITY})


class Level(StrEnum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an author should look at. The text may quote what was authored."""

    level: Level
    file: str
    """Below the playbook's folder."""
    line: int | None
    text: str


def check_playbook(playbook: Playbook, folder: Path | None = None) -> list[Finding]:
    """Return what is wrong or doubtful in a playbook that loads, errors first.

    Args:
        folder: where it was loaded from; with it findings name their lines. Files are read.
    """
    findings = [
        *_example_findings(playbook),
        *_phrase_findings(playbook),
        *_learning_findings(playbook),
        *_discount_findings(playbook),
        *_pronunciation_findings(playbook),
    ]
    lines = _Lines(folder)
    findings += _contradiction_findings(playbook, lines)
    located = [
        Finding(level, file, lines.find(file, quoted), text)
        for level, file, quoted, text in findings
    ]
    return sorted(located, key=lambda found: (found.level, found.file, found.line or 0))


_Draft = tuple[Level, str, str, str]
"""Level, file, the authored text to look for, what to say."""


def _file(moment: Moment) -> str:
    return f"moments/{moment.id}.yaml"


def _worded(playbook: Playbook) -> list[Moment]:
    return [moment for moment in playbook.moments.values() if moment.when in _WORDED]


def _example_findings(playbook: Playbook) -> Iterator[_Draft]:
    matcher = PhraseMatcher.build(playbook)
    for moment in _worded(playbook):
        for example in moment.examples:
            hit = _hit(matcher, moment, example)
            if hit is None or not _fires(hit, moment, example, playbook):
                why = _silence(hit)
                yield Level.ERROR, _file(moment), example, f'does not fire on "{example}": {why}'
        for example in moment.counterexamples:
            hit = _hit(matcher, moment, example)
            if hit is not None and _fires(hit, moment, example, playbook):
                text = f'fires on "{example}" by the {hit.how} "{hit.rule}"'
                yield Level.ERROR, _file(moment), example, text
        for name, given in (
            ("examples", moment.examples),
            ("counterexamples", moment.counterexamples),
        ):
            if not given:
                yield Level.WARNING, _file(moment), "", f"has no {name}: nothing tests it"


def _hit(matcher: PhraseMatcher, moment: Moment, text: str) -> Hit | None:
    hits = matcher.find(text, moment.speaker)
    return next((hit for hit in hits if hit.moment == moment.id), None)


def _fires(hit: Hit, moment: Moment, text: str, playbook: Playbook) -> bool:
    if hit.veto is not None:
        return False
    if moment.when is not When.OVER_AUTHORITY:
        return True
    return over_authority(text.split(), hit.first, hit.last, playbook.discounts) is not None


def _silence(hit: Hit | None) -> str:
    if hit is None:
        return "no phrase or pattern matches"
    if hit.veto is None:
        return "no discount above the rep's limit is named"
    return f'the {hit.how} "{hit.rule}" matches but counts as {hit.veto.replace("_", " ")}'


def _phrase_findings(playbook: Playbook) -> Iterator[_Draft]:
    for file, quoted, text in phrase_doubts(playbook):
        yield Level.WARNING, file, quoted, text


def _learning_findings(playbook: Playbook) -> Iterator[_Draft]:
    for file, text in unlearnable(playbook):
        yield Level.WARNING, file, "", text


def _discount_findings(playbook: Playbook) -> Iterator[_Draft]:
    """Yield that no limit holds for a rep, where somebody counts on one."""
    limits = playbook.discounts.limits
    hears = any(moment.when is When.OVER_AUTHORITY for moment in playbook.moments.values())
    if (limits or hears) and most_percent(playbook.discounts) is None:
        text = "sets no limit for role `rep`: no discount is ever above it, whatever a rep offers"
        yield Level.WARNING, "discounts.yaml", "limits" if limits else "", text


def _pronunciation_findings(playbook: Playbook) -> Iterator[_Draft]:
    """Yield names that the embedded recogniser cannot hear."""
    known = known_words()
    if not known:
        return
    taught = {word.lower() for card in playbook.battlecards.values() for word in card.pronounce}
    named = [
        (f"battlecards/{card.id}.md", name)
        for card in playbook.battlecards.values()
        for name in card.names
    ] + [
        (f"accounts/{account.id}.yaml", name)
        for account in playbook.accounts.values()
        for name in (account.name, *account.names)
    ]
    for file, name in named:
        for word in normalise_text(name).tokens:
            if word not in known and word not in taught and not word[0].isdigit():
                taught.add(word)  # once is enough
                text = (
                    f'"{word}" is unknown to the embedded recogniser: say in a battlecard\'s '
                    "`pronounce` how it sounds"
                )
                yield Level.WARNING, file, name, text


def _contradiction_findings(playbook: Playbook, lines: "_Lines") -> Iterator[_Draft]:
    for found in contradictions(playbook):
        first, second = found.first, found.second
        line = lines.find(first.file, first.text)
        where = f"{first.file}:{line}" if line else first.file
        text = (
            f'"{second.text}" stands in the {second.kind} of {second.moment} and in the '
            f"{first.kind} of {first.moment} ({where}): it can not mean both"
        )
        yield Level.ERROR, second.file, second.text, text


class _Lines:
    """Finds where a text was authored."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._files: dict[str, list[str]] = {}

    def find(self, file: str, text: str) -> int | None:
        """Return the line, counted from 1, that is the text, else the first that holds it."""
        if self._folder is None or not text:
            return None
        if file not in self._files:
            path = self._folder / file
            self._files[file] = path.read_text(encoding="utf-8").splitlines()
        holding = [n for n, line in enumerate(self._files[file], start=1) if text in line]
        alone = [n for n in holding if self._files[file][n - 1].strip(" -'\"") == text]
        return next(iter(alone + holding), None)
