"""How the commands show what was learned: scores of sentences, and what weighed in them."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from coach.adapters.matching.lessons import LANGUAGES, speaks
from coach.adapters.matching.meaning import Meaning, MeaningClassifier
from coach.adapters.playbook.scoring import Scored, summarise
from coach.domain.playbook import Playbook
from coach.domain.words import normalise_text

_SHOWN_CANDIDATES = 3
_BAR_WIDTH = 10


def score_table(scored: list[Scored]) -> Table:
    """Return how many sentences of each moment are heard as if they were new."""
    table = Table(
        title="What would be heard if each sentence were new",
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        caption="A near miss that is heard is a false nudge. "
        "Each sentence: coach playbook check --moment ID",
        caption_justify="left",
    )
    table.add_column("moment")
    for name in ("examples", "by rules", "by meaning", "by either"):
        table.add_column(name, justify="right")
    table.add_column("")
    table.add_column("near misses", justify="right")
    table.add_column("heard", justify="right")
    for each in summarise(scored):
        share = each.heard / each.examples if each.examples else 0.0
        table.add_row(
            each.moment,
            str(each.examples),
            str(each.by_rule),
            str(each.by_meaning),
            f"{share:.0%}",
            Text("█" * round(share * _BAR_WIDTH), "cyan"),
            str(each.near_misses),
            Text(str(each.false), "yellow" if each.false else "dim"),
        )
    return table


def sentence_table(scored: list[Scored], moment: str) -> Table:
    """Return each sentence of a moment and what hears it, the unheard first."""
    table = Table(
        title=f"{moment}: each sentence as if it were new",
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
    )
    for name in ("", "sentence", "heard by"):
        table.add_column(name, overflow="fold")
    own = [each for each in scored if each.moment == moment]
    for each in sorted(own, key=lambda each: (not each.is_example, each.is_heard)):
        is_right = each.is_heard == each.is_example
        mark = Text("✓" if is_right else "✗", "green" if is_right else "yellow")
        table.add_row(mark, Text(each.text), Text(_heard_by(each), "" if is_right else "yellow"))
    return table


def _heard_by(each: Scored) -> str:
    found = []
    if each.rule is not None:
        found.append(f'{each.rule.how} "{each.rule.rule[:60]}"')
    if each.meaning is not None:
        found.append(f"meaning, {rarity(each.meaning)}")
    if found:
        return "; ".join(found)
    return f"nothing; most like {each.best.moment}, {rarity(each.best)}"


def say_meaning(
    console: Console,
    classifier: MeaningClassifier | None,
    text: str,
    after: str,
    playbook: Playbook,
) -> None:
    """Print what a sentence sounds most like after another one, and which words weighed."""
    if classifier is None:
        console.print(_no_classifier(playbook), style="dim")
        return
    spoken, before = normalise_text(text), normalise_text(after)
    if not spoken.tokens:
        return
    table = Table(title="What it sounds like", title_justify="left", header_style="dim", box=None)
    for name in ("moment", "in ordinary talk", "", "what weighed most"):
        table.add_column(name, overflow="fold")
    for meaning in classifier.scores(classifier.scan(spoken, before))[:_SHOWN_CANDIDATES]:
        counts = meaning.false_alarms <= classifier.allowed
        verdict = Text("counts", "green") if counts else Text("too usual", "dim")
        weighed = Text(", ").join(
            Text(f"{each.feature} {each.weight:+.1f}", "" if each.weight > 0 else "dim")
            for each in classifier.weighed(spoken, before, meaning)
        )
        table.add_row(meaning.moment, rarity(meaning), verdict, weighed)
    console.print(table)
    console.print(
        f"It counts where ordinary talk sounds as much like it at most once in "
        f"{_duration(10 / classifier.allowed)}.",
        style="dim",
    )


def _no_classifier(playbook: Playbook) -> str:
    if speaks(playbook.language):
        return "Nothing is learned for this side: no moment of it has enough examples."
    known = ", ".join(LANGUAGES)
    return f"There is no classifier for {playbook.language} yet (only {known}): rules alone count."


def rarity(meaning: Meaning) -> str:
    """Return how often ordinary talk sounds as much like a moment."""
    minutes = 10 / max(meaning.false_alarms, 1e-9)
    if minutes < 1:
        return "all the time"
    return f"once in {_duration(minutes)}"


def _duration(minutes: float) -> str:
    if minutes < 120:
        return f"{minutes:.0f} minutes"
    return f"{minutes / 60:.0f} hours" if minutes < 60_000 else "a thousand hours or more"
