"""`coach playbook`: check a playbook, try a sentence on it, print the schemas of its files."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from coach.adapters.matching import PhraseMatcher
from coach.adapters.playbook import head
from coach.adapters.playbook import schema as files
from coach.adapters.playbook.checks import Finding, Level, check_playbook
from coach.adapters.playbook.files import load_playbook
from coach.adapters.playbook.scoring import score_sentences
from coach.cli.meanings import say_meaning, score_table, sentence_table
from coach.domain.discounts import Offer, over_authority
from coach.domain.matching import Hit
from coach.domain.playbook import Moment, Playbook, Speaker, Tier, When
from coach.domain.words import normalise_text, percents
from coach.engines import teach_ahead
from coach.errors import PlaybookError

_CHECKOUT = Path(__file__).resolve().parents[3] / "playbook"
_BAD_PLAYBOOK = 2

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

Folder = Annotated[Path, typer.Option("--dir", envvar="COACH_PLAYBOOK", help="The playbook.")]


class FileKind(StrEnum):
    """A kind of file in a playbook."""

    PLAYBOOK = "playbook"
    MOMENT = "moment"
    STAGES = "stages"
    BATTLECARD = "battlecard"
    DISCOUNTS = "discounts"
    ACCOUNT = "account"
    PASSAGE = "passage"


class Side(StrEnum):
    """Whose words a sentence is."""

    PROSPECT = "prospect"
    REP = "rep"


_MODELS: dict[FileKind, type[BaseModel]] = {
    FileKind.PLAYBOOK: head.PlaybookFile,
    FileKind.MOMENT: files.MomentFile,
    FileKind.STAGES: files.StagesFile,
    FileKind.BATTLECARD: files.BattlecardFile,
    FileKind.DISCOUNTS: files.DiscountsFile,
    FileKind.ACCOUNT: files.AccountFile,
    FileKind.PASSAGE: files.PassageFile,
}


@app.command()
def check(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", envvar="COACH_PLAYBOOK", help="The playbook.")
    ] = _CHECKOUT,
    moment: Annotated[
        str | None, typer.Option(help="List each sentence of this moment: what hears it, and why.")
    ] = None,
) -> None:
    """Load a playbook, run its examples, and warn of what is doubtful.

    Each sentence that teaches is judged by a classifier that was taught without it.
    The exit code is 2 when something must be mended.
    """
    folder = _near(folder)
    playbook = _load(folder)
    teach_ahead(folder, playbook)
    findings = check_playbook(playbook, folder)
    console = Console(highlight=False)
    for finding in findings:
        console.print(_finding_line(finding, folder), soft_wrap=True)
    scored = score_sentences(playbook)
    if moment is not None:
        console.print(sentence_table(scored, moment))
    elif scored:
        console.print(score_table(scored))
    errors = sum(finding.level is Level.ERROR for finding in findings)
    console.print(_summary(playbook, errors, len(findings) - errors), soft_wrap=True)
    if errors:
        raise typer.Exit(_BAD_PLAYBOOK)


@app.command("try")
def try_sentence(
    text: Annotated[str, typer.Argument(help="A sentence, as it would be heard.")],
    speaker: Annotated[Side, typer.Option(help="Who says it.")] = Side.PROSPECT,
    folder: Folder = _CHECKOUT,
    partial: Annotated[
        bool, typer.Option("--partial", help="More words may follow: show what is held.")
    ] = False,
    after: Annotated[str, typer.Option(help="What the other side had just said.")] = "",
) -> None:
    """Say a sentence to a playbook: which rules match it, which do not count, what is shown."""
    playbook = _load(_near(folder))
    teach_ahead(folder, playbook)
    matcher = PhraseMatcher.build(playbook)
    words = text.split()
    console = Console(highlight=False)
    _print_heard(console, matcher, words, text)
    hits = matcher.begin(Speaker(speaker), after).find(words, is_final=not partial)
    if not hits:
        console.print("No rule matches.")
    for hit in hits:
        console.print(_hit_table(hit, words, playbook))
    say_meaning(console, matcher.classifier(Speaker(speaker)), text, after, playbook)


@app.command()
def schema(
    kind: Annotated[FileKind, typer.Option(help="Which file.")] = FileKind.MOMENT,
) -> None:
    """Print the JSON Schema of a kind of file, for editors that check while one writes."""
    typer.echo(json.dumps(_MODELS[kind].model_json_schema(), indent=2, ensure_ascii=False))


def _near(folder: Path) -> Path:
    """Return the folder as seen from here, where that is shorter to read."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def _load(folder: Path) -> Playbook:
    try:
        return load_playbook(folder)
    except PlaybookError as error:
        console = Console(highlight=False, stderr=True)
        for problem in error.problems:
            console.print(Text.assemble(("error  ", "bold red"), problem), soft_wrap=True)
        count = len(error.problems)
        console.print(f"{count} {'problem' if count == 1 else 'problems'}: nothing was loaded.")
        raise typer.Exit(_BAD_PLAYBOOK) from None


def _finding_line(finding: Finding, folder: Path) -> Text:
    style = "bold red" if finding.level is Level.ERROR else "yellow"
    where = f"{folder / finding.file}" + (f":{finding.line}" if finding.line else "")
    return Text.assemble((f"{finding.level:<9}", style), (where, "bold"), f": {finding.text}")


def _summary(playbook: Playbook, errors: int, warnings: int) -> Text:
    taught = sum(
        len(m.bulk.examples) + len(m.bulk.counterexamples) for m in playbook.moments.values()
    )
    examples = sum(
        len(moment.examples) + len(moment.counterexamples) for moment in playbook.moments.values()
    )
    phrases = sum(len(moment.words.phrases) for moment in playbook.moments.values())
    content = (
        f"{playbook.name} {playbook.version}: {len(playbook.moments)} moments, "
        f"{phrases} phrases, {len(playbook.battlecards)} cards, {examples} examples run"
        + (f", {taught:,} more taught" if taught else "")
    )
    verdict = (
        (f"{errors} to mend", "bold red") if errors else ("all examples do as they should", "green")
    )
    return Text.assemble(f"{content}; ", verdict, f", {warnings} warnings")


def _print_heard(console: Console, matcher: PhraseMatcher, words: list[str], text: str) -> None:
    rows = {"compared as": normalise_text(text).text}
    amounts = [f"{amount.value:g} %" for amount in percents(words)]
    rows["percentages"] = ", ".join(amounts)
    rows["begins stage"] = ", ".join(sorted(matcher.cues(words)))
    rows["covers topic"] = ", ".join(sorted(matcher.topics(words)))
    for name, value in rows.items():
        if value:
            console.print(Text.assemble((f"{name:<13}", "dim"), value), soft_wrap=True)


def _hit_table(hit: Hit, words: list[str], playbook: Playbook) -> Table:
    moment = playbook.moments[hit.moment]
    offer = over_authority(words, hit.first, hit.last, playbook.discounts)
    verdict, style = _verdict(hit, moment, offer)
    table = Table(title=Text(hit.moment, "bold"), title_justify="left", show_header=False)
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    table.add_row("matches", Text(" ".join(words[hit.first : hit.last + 1])))
    table.add_row(f"by {hit.how}", Text(hit.rule))
    table.add_row("outcome", Text(verdict, style))
    card = playbook.battlecards.get(hit.card or moment.card or "")
    advice = card.advice if hit.card and card else moment.advice
    fill = offer.fill if offer and moment.when is When.OVER_AUTHORITY else ()
    table.add_row("headline", Text(_filled(advice.headline, fill)))
    if advice.say:
        table.add_row("say", Text(_filled(advice.say, fill)))
    if card:
        table.add_row("card", Text(card.title))
    return table


def _filled(text: str, fill: tuple[tuple[str, str], ...]) -> str:
    for name, value in fill:
        text = text.replace(f"{{{name}}}", value)
    return text


def _verdict(hit: Hit, moment: Moment, offer: Offer | None) -> tuple[str, str]:
    if hit.veto is not None:
        return f"does not count: {hit.veto.replace('_', ' ')}", "yellow"
    if hit.is_held:
        return "waits: the next word may make it a near miss", "yellow"
    if moment.when is When.OVER_AUTHORITY and offer is None:
        return "does not count: no discount above the rep's limit", "yellow"
    if moment.tier is Tier.NOTED:
        return "noted for after the call", "green"
    return f"shown, priority {moment.priority}", "green"
