"""Loading a playbook, or saying all that is wrong with it."""

import time
from pathlib import Path

import pytest

from coach.adapters.playbook.files import LARGEST_FILE_BYTES, load_playbook
from coach.adapters.playbook.placeholders import fills
from coach.domain.discounts import over_authority
from coach.domain.playbook import Kind, Speaker, Tier, When
from coach.errors import PlaybookError
from unit.playbook.sample import CARD, MOMENT, write

COMPETITOR = "id: competitor\nkind: competitor\nheadline: Other vendors\n"


def problems(folder: Path) -> list[str]:
    """Return what is wrong, with files below the folder."""
    with pytest.raises(PlaybookError) as caught:
        load_playbook(folder)
    return [problem.replace(f"{folder}/", "") for problem in caught.value.problems]


def test_the_shipped_playbook_loads() -> None:
    playbook = load_playbook(Path(__file__).parents[3] / "playbook")

    assert len(playbook.moments) >= 19
    assert [stage.id for stage in playbook.stages] == [
        "opening",
        "discovery",
        "presentation",
        "close",
    ]


def test_a_folder_becomes_a_playbook(tmp_path: Path) -> None:
    stages = """\
- id: discovery
  guidance: Find out
  cues: [how do you]
  begins_after_seconds: 90
  topics:
    - {id: size, name: Crew size, ask: "How many?", phrases: [crews]}
"""
    discounts = """\
limits: [{percent: 10}]
approvals: [{up_to_percent: 20, approver: manager, how: Call}]
"""
    write(
        tmp_path,
        {
            "moments/price.yaml": MOMENT
            + "cooldown_seconds: 1.5\nstages: [discovery]\ntier: noted\nonce_per_call: true\n",
            "moments/competitor.yaml": COMPETITOR,
            "moments/README.md": "ignored",
            "moments/.hidden.yaml": "ignored",
            "battlecards/route-king.md": CARD,
            "stages.yaml": stages,
            "discounts.yaml": discounts,
            "accounts/acme.yaml": "id: acme\nname: Acme\nnames: [Dana]\n",
            "product/offline.md": "---\nid: offline\ntitle: Offline\n---\nWorks offline.\n",
            "schema/moment.json": "{}",
        },
    )

    playbook = load_playbook(tmp_path)

    price, card = playbook.moments["price"], playbook.battlecards["route-king"]
    assert (price.kind, price.when, price.speaker) == (Kind.OBJECTION, When.WORDS, Speaker.PROSPECT)
    assert (price.cooldown_ms, price.tier, price.is_once_per_call) == (1500, Tier.NOTED, True)
    assert (price.expires_ms, price.relevant_ms, price.priority) == (6000, 12_000, 50)
    assert (card.moment, card.names, card.kind) == ("competitor", ("Route King",), Kind.CARD)
    assert card.body == "# Route King\n\nThey plan the night before."
    assert card.pronounce["larkspur"] == "L AA R K S P ER"
    assert playbook.stages[0].begins_after_ms == 90_000
    assert playbook.stages[0].topics[0].phrases == ("crews",)
    assert playbook.discounts.limits[0].percent == 10
    assert playbook.discounts.approvals[0].approver == "manager"
    assert playbook.accounts["acme"].names == ("Dana",)
    assert playbook.passages["offline"].body == "Works offline."
    assert (playbook.budget.gap_ms, playbook.version) == (8000, "1.0")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("priority: high", "priority: must be a whole number"),
        ("priority: 101", "priority: must be at most 100"),
        ("prority: 10", "prority: is not a known field; did you mean `priority`?"),
        ("speaker: team", "speaker: must be one of 'prospect' or 'rep'"),
        ("tier: loud", "tier: must be one of 'nudge' or 'noted'"),
        ("say: 12", "say: must be text; put it in quotes"),
        ("say: 12:30", None),
        ("say: no", None),
        ("near_misses: over it", "near_misses: must be a list: one entry a line, each after `- `"),
        ("near_misses: [1.10]", "near_misses.0: must be text; put it in quotes"),
        ("negatable: maybe", "negatable: must be true or false"),
        ("negatable: no", "negatable: must be true or false"),
        ("cooldown_seconds: -1", "cooldown_seconds: must be at least 0"),
        ("detail: " + "x" * 401, "detail: is too long: at most 400 characters"),
        ("say: " + "x" * 161, "say: is too long: at most 160 characters"),
        ("card: security", "card: names no file in battlecards/"),
        ("stages: [closing]", "stages: closing is not in stages.yaml"),
        ("patterns: ['(']", "patterns.0: is no regular expression that can be used"),
        ("patterns: ['(?=a)b']", "patterns.0: is no regular expression that can be used"),
        ("patterns: ['((a{100}){100}){100}']", "patterns.0: is no regular expression"),
        ("patterns: ['x*']", "patterns.0: matches empty text"),
        ("when: silence", "after_seconds: is missing: how long the silence must last"),
        ("when: talk_ratio", "when: talk_ratio needs window_seconds and ratio"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, said: str | None) -> None:
    write(tmp_path, {"moments/price.yaml": f"{line}\n{MOMENT}"})

    if said is None:
        load_playbook(tmp_path)
    else:
        (problem,) = problems(tmp_path)
        assert problem.startswith(f"moments/price.yaml:1: {said}")


def test_a_headline_must_be_read_at_a_glance(tmp_path: Path) -> None:
    write(tmp_path, {"moments/price.yaml": MOMENT.replace("payback", "payback " * 10)})

    assert problems(tmp_path) == [
        "moments/price.yaml:3: headline: has 13 words: at most 12 can be read at a glance"
    ]


def test_the_disclosure_is_counted_in_bytes(tmp_path: Path) -> None:
    head = 'name: T\nversion: "1"\ndisclosure: ' + "é" * 451
    write(tmp_path, {"playbook.yaml": head})

    assert problems(tmp_path) == [
        "playbook.yaml:3: disclosure: has 902 bytes: at most 900 fit into a message"
    ]


def test_all_problems_of_all_files_are_named_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "playbook.yaml": "name: Test\n",
            "moments/price.yaml": "id: cost\nkind: thing\n",
            "moments/other.yaml": MOMENT,
            "battlecards/a.md": "no front matter",
            "stages.yaml": "id: one\n",
        },
    )

    assert problems(tmp_path) == [
        "playbook.yaml:1: version: is missing",
        "playbook.yaml:1: disclosure: is missing",
        "stages.yaml:1: must be a list: one entry a line, each after `- `",
        "moments/other.yaml:1: id: must be the file's name, other",
        "moments/price.yaml:2: kind: must be one of 'objection', 'question', 'competitor', "
        "'discount', 'signal', 'pace', 'stage', 'screen', 'approval' or 'card'",
        "moments/price.yaml:1: headline: is missing",
        "battlecards/a.md:1: must begin with fields between two lines `---`",
    ]


def test_front_matter_errors_name_the_line_in_the_file(tmp_path: Path) -> None:
    write(tmp_path, {"battlecards/a.md": "---\nid: a\ntitle: A\nheadline: A\nkind: 7\n---\nText"})

    (problem,) = problems(tmp_path)

    assert problem.startswith("battlecards/a.md:5: kind: must be one of")


def test_files_that_nobody_reads_are_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "moments/price.yml": MOMENT,
            "moment/price.yaml": MOMENT,
            "stage.yaml": "[]",
            "notes.txt": "ignored",
            "README.md": "ignored",
        },
    )

    assert problems(tmp_path) == [
        "moment: is not read; folders are moments, battlecards, accounts, product",
        "stage.yaml: is not read; here stand playbook.yaml, stages.yaml, discounts.yaml",
        "moments/price.yml: is not read; names here end in .yaml",
    ]


def test_what_is_no_plain_utf8_file_is_refused(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "moments/empty.yaml": " \n",
            "moments/large.yaml": "#" * (LARGEST_FILE_BYTES + 1),
            "moments/latin.yaml": "id: x\nheadline: Gr\xfc\xdfe".encode("latin-1"),
            "elsewhere.txt": MOMENT,
        },
    )
    (tmp_path / "moments" / "link.yaml").symlink_to(tmp_path / "elsewhere.txt")
    (tmp_path / "moments" / "folder.yaml").mkdir()
    (tmp_path / "accounts").symlink_to(tmp_path / "moments")

    assert problems(tmp_path) == [
        "moments/empty.yaml: is empty",
        "moments/folder.yaml: must be a plain file, no link or folder",
        "moments/large.yaml: is larger than 1,000,000 bytes",
        "moments/latin.yaml:2: is not UTF-8: save it with that encoding",
        "moments/link.yaml: must be a plain file, no link or folder",
        "accounts: must be a folder, and no link to one",
    ]


def test_a_missing_folder_or_head_is_said(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match="there is no such folder"):
        load_playbook(tmp_path / "nowhere")
    assert problems(tmp_path) == ["playbook.yaml: is missing: every playbook has this file"]


def test_what_refers_to_nothing_is_named(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "moments/competitor.yaml": COMPETITOR,
            "battlecards/route-king.md": CARD.replace("moment: competitor", "moment: rival"),
            "stages.yaml": "- {id: a, guidance: A, topics: [{id: t, name: T, ask: T}]}\n"
            "- {id: a, guidance: B, topics: [{id: t, name: T, ask: T}]}\n",
            "discounts.yaml": "approvals:\n"
            "  - {up_to_percent: 30, approver: a, how: b}\n"
            "  - {up_to_percent: 20, approver: a, how: b}\n",
        },
    )

    assert problems(tmp_path) == [
        "moments/competitor.yaml:1: phrases: is missing: without phrases, patterns or a card's "
        "names it can never happen",
        "battlecards/route-king.md:6: moment: names no file in moments/",
        "stages.yaml:2: 1.id: is the id of an earlier stage too",
        "stages.yaml:2: 1.topics.0.id: is the id of an earlier topic too",
        "discounts.yaml:1: approvals: must go from the lowest up_to_percent to the highest",
    ]


def test_pronunciations_are_arpabet(tmp_path: Path) -> None:
    wrong = CARD.replace("L AA R K S P ER", "lark spur")
    write(tmp_path, {"moments/competitor.yaml": COMPETITOR, "battlecards/route-king.md": wrong})

    (problem,) = problems(tmp_path)

    assert problem.startswith("battlecards/route-king.md:7: pronounce.larkspur: must be ARPAbet")


def test_no_problem_repeats_what_was_authored(tmp_path: Path) -> None:
    """The loader's problems end in the worker's log; authored text must not."""
    secret = "hunter2"
    write(
        tmp_path,
        {
            "moments/price.yaml": MOMENT + f"priority: {secret}\ntier: {secret}\n"
            f"patterns: ['({secret}']\nsay: {secret * 40}\nstages: {secret}\n",
        },
    )

    assert all(secret not in problem for problem in problems(tmp_path))


def test_ten_thousand_phrases_load_in_two_seconds(tmp_path: Path) -> None:
    phrases = "".join(f"  - phrase number {n} of the moment\n" for n in range(1000))
    files: dict[str, str | bytes] = {
        f"moments/m{n}.yaml": f"id: m{n}\nkind: signal\nheadline: M\nphrases:\n{phrases}"
        for n in range(10)
    }
    write(tmp_path, files)

    started = time.process_time()
    playbook = load_playbook(tmp_path)

    assert sum(len(moment.words.phrases) for moment in playbook.moments.values()) == 10_000
    assert time.process_time() - started < 2


MISSED = """\
id: missed
kind: stage
when: missed_topic
headline: "Still open from discovery: {topic}"
"""
TOPIC = """\
- id: discovery
  guidance: Find out
  topics:
    - {id: size, name: NAME, ask: "How many?", phrases: [crews]}
"""


def test_a_place_that_nothing_fills_in_is_named_with_those_that_are(tmp_path: Path) -> None:
    moment = MISSED.replace("{topic}", "{topics}") + "say: 'About {percent}: {ask}'\n"
    plain = MOMENT.replace("anchor", "{anchor}")
    card = CARD.replace("long jobs", "{ask}")
    files = {"moments/missed.yaml": moment, "moments/price.yaml": plain}
    write(tmp_path, {**files, "battlecards/route-king.md": card, "stages.yaml": TOPIC})
    write(tmp_path, {"moments/competitor.yaml": COMPETITOR})

    found = problems(tmp_path)

    may = "is filled in by nothing: it may hold {topic} {ask}"
    none = "is filled in by nothing: it has no places to fill in"
    assert sorted(found) == [
        f"battlecards/route-king.md:4: headline: {{ask}} {none}",
        f"moments/missed.yaml:4: headline: {{topics}} {may}",
        f"moments/missed.yaml:5: say: {{percent}} {may}",
        f"moments/price.yaml:3: headline: {{anchor}} {none}",
    ]


def test_a_headline_that_gets_too_long_once_filled_in_is_refused(tmp_path: Path) -> None:
    name = "how many crews they have on the road at the same time"
    stages = TOPIC.replace("NAME", name)
    write(tmp_path, {"moments/missed.yaml": MISSED, "stages.yaml": stages})

    assert problems(tmp_path) == [
        "moments/missed.yaml:4: headline: becomes 16 words once filled in: at most 12"
    ]


def test_the_places_are_those_that_are_filled_in_when_it_happens() -> None:
    playbook = load_playbook(Path(__file__).parents[3] / "playbook")
    moments = {moment.when: moment for moment in playbook.moments.values()}
    words = ["i", "can", "give", "you", "fifty", "percent"]

    offer = over_authority(words, 0, 3, playbook.discounts)

    assert offer is not None
    [*_, possible] = fills(moments[When.OVER_AUTHORITY], playbook)
    assert [name for name, _ in offer.fill] == [name for name, _ in possible]
