"""A small playbook in which every text holds a canary of its own."""

from pathlib import Path
from typing import Any

import yaml

from acceptance.privacy.canaries import canary

PHRASES = (
    "blue elephant market",
    "seven quiet lanterns",
    "copper harbor ticket",
    "gentle winter engine",
    "purple garden ladder",
    "silver mountain coffee",
    "yellow river curtain",
    "broken piano window",
    "orange desert pencil",
    "little thunder basket",
)
"""Each makes a moment of its own happen, so that the budget holds none of them back."""
REP_PHRASE = "velvet anchor bridge"
STAGE_CUE = "crimson meadow signal"
CARD = "roi"
_NEVER_SECONDS = 86_000


def write_playbook(folder: Path) -> None:
    """Write the playbook into a new folder."""
    _write(folder / "playbook.yaml", _HEAD)
    _write(folder / "stages.yaml", _STAGES)
    _write(folder / "discounts.yaml", _DISCOUNTS)
    _write(folder / "accounts" / "acme.yaml", _ACCOUNT)
    for number, phrase in enumerate(PHRASES):
        moment = _moment(
            f"round_{number}", "prospect", phrase, canary(f"round{'abcdefghij'[number]}")
        )
        _write(folder / "moments" / f"round_{number}.yaml", moment)
    moment = _moment("own_words", "rep", REP_PHRASE, canary("ownwords"))
    _write(folder / "moments" / "own_words.yaml", moment)
    advised = _moment("advised", "prospect", canary("onlyformodel"), canary("advisedheadline"))
    _write(folder / "moments" / "advised.yaml", advised)
    obeyed = advised | {"id": "obeyed", "phrases": [canary("onlyifobedient")]}
    del obeyed["card"]  # a hint on a card that was shown just now would be held back anyway
    _write(folder / "moments" / "obeyed.yaml", obeyed)
    _write(folder / "moments" / "monologue.yaml", _MONOLOGUE)
    _write_text(folder / "battlecards" / f"{CARD}.md", _CARD_HEAD, canary("cardbody"))
    _write_text(
        folder / "product" / "facts.md",
        {"id": "facts", "title": canary("passagetitle")},
        canary("passagebody"),
    )


_HEAD: dict[str, Any] = {
    "advisor": {"bar": f"Speak only if it helps {canary('bar')}."},
    "name": canary("playbookname"),
    "version": canary("playbookversion"),
    "disclosure": f"I have an assistant here {canary('disclosure')}, is that all right?",
    "budget": {
        "gap_seconds": 0,
        "per_window": 1000,
        "per_call": 1000,
        "screen_share_ratio": 1,
        "urgent_priority": 0,
    },
}
_STAGES: list[dict[str, Any]] = [
    {"id": "opening", "guidance": f"Agree on the time {canary('guidanceopening')}"},
    {
        "id": "discovery",
        "guidance": f"Ask before you show {canary('guidancediscovery')}",
        "cues": [STAGE_CUE, canary("cue")],
        "topics": [
            {
                "id": "size",
                "name": canary("topicname"),
                "ask": f"How many {canary('topicask')}?",
                "phrases": [canary("topicphrase")],
            }
        ],
    },
]
_DISCOUNTS: dict[str, Any] = {
    "limits": [{"percent": 10, "role": canary("limitrole"), "product": canary("limitproduct")}],
    "approvals": [
        {"up_to_percent": 30, "approver": canary("approver"), "how": canary("approvalhow")}
    ],
}
_ACCOUNT: dict[str, Any] = {
    "id": "acme",
    "name": canary("accountfile"),
    "domain": f"{canary('accountdomain')}.example",
    "names": [canary("accountperson")],
    "notes": f"They pay too much {canary('accountnotes')}",
}
_MONOLOGUE: dict[str, Any] = {
    "id": "monologue",
    "kind": "pace",
    "when": "monologue",
    "speaker": "rep",
    "after_seconds": _NEVER_SECONDS,
    "headline": f"Stop {canary('paceheadline')}",
}
_CARD_HEAD: dict[str, Any] = {
    "id": CARD,
    "title": f"Return on investment {canary('cardtitle')}",
    "headline": f"Show the payback {canary('cardheadline')}",
    "detail": f"Six weeks {canary('carddetail')}",
    "say": f"Shall we look at yours {canary('cardsay')}?",
    "names": [canary("cardname")],
}


def _moment(moment: str, speaker: str, phrase: str, headline: str) -> dict[str, Any]:
    return {
        "id": moment,
        "kind": "objection",
        "speaker": speaker,
        "priority": 70,
        "cooldown_seconds": 0,
        "relevant_seconds": 1,
        "fuzzy": False,
        "negatable": False,
        "card": CARD,
        "headline": f"Answer them {headline}",
        "detail": f"They flagged it {canary('detail')}",
        "say": f"Most teams do {canary('say')}",
        "phrases": [phrase, f"{canary('phrase')} now"],
        "patterns": [rf"\b{canary('pattern')}\b"],
        "near_misses": [f"{canary('nearmiss')} today"],
        "examples": [f"{phrase} {canary('example')}"],
        "counterexamples": [canary("counterexample")],
    }


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, sort_keys=False, width=10_000))


def _write_text(path: Path, head: dict[str, Any], body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"---\n{yaml.safe_dump(head, sort_keys=False)}---\n{body}\n")
