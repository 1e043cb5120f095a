"""Running a playbook's examples."""

from pathlib import Path

import pytest

from coach.adapters.playbook.checks import Finding, Level, check_playbook
from coach.adapters.playbook.files import load_playbook
from coach.adapters.playbook.pronunciation import known_words
from unit.playbook.sample import CARD, MOMENT, write


def findings(folder: Path, files: dict[str, str | bytes]) -> list[Finding]:
    """Return what is found in a folder of these files."""
    return check_playbook(load_playbook(write(folder, files)), folder)


def test_a_sound_playbook_has_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path, {"moments/price.yaml": MOMENT}) == []


def test_the_shipped_playbook_has_no_errors() -> None:
    found = check_playbook(load_playbook(Path(__file__).parents[3] / "playbook"))

    assert [each for each in found if each.level is Level.ERROR] == []


@pytest.mark.parametrize(
    ("example", "why"),
    [
        ("That is fine.", "no phrase or pattern matches"),
        (
            "It is not over our budget.",
            'the phrase "over our budget" matches but counts as negated',
        ),
        ("over our budget meeting", 'the phrase "over our budget" matches but counts as near miss'),
    ],
)
def test_an_example_that_does_not_fire_is_an_error(tmp_path: Path, example: str, why: str) -> None:
    text = MOMENT.replace("That is over our budget.", example)
    text += "near_misses: [over our budget meeting]\n"

    assert findings(tmp_path, {"moments/price.yaml": text}) == [
        Finding(Level.ERROR, "moments/price.yaml", 7, f'does not fire on "{example}": {why}')
    ]


def test_a_counterexample_that_fires_is_an_error(tmp_path: Path) -> None:
    text = MOMENT.replace("The budget meeting was yesterday.", "Is it over our budget?")

    assert findings(tmp_path, {"moments/price.yaml": text}) == [
        Finding(
            Level.ERROR,
            "moments/price.yaml",
            9,
            'fires on "Is it over our budget?" by the phrase "over our budget"',
        )
    ]


def test_an_offer_fires_only_above_the_reps_limit(tmp_path: Path) -> None:
    moment = """\
id: offer
kind: discount
when: over_authority
speaker: rep
headline: Too much
phrases: [percent off]
examples: ["You get twenty percent off.", "You get ten percent off."]
counterexamples: ["You get 5% off."]
"""
    files: dict[str, str | bytes] = {
        "moments/offer.yaml": moment,
        "discounts.yaml": "limits: [{percent: 10}]",
    }

    (finding,) = findings(tmp_path, files)

    assert "no discount above the rep's limit is named" in finding.text


OFFER = """\
id: offer
kind: discount
when: over_authority
speaker: rep
headline: Too much
phrases: [percent off]
"""


@pytest.mark.parametrize(
    ("discounts", "line"),
    [
        ("# ours\nlimits:\n  - {percent: 20, role: sales manager}\n", 2),
        ("limits: []\n", None),
        (None, None),
    ],
)
def test_a_policy_without_any_limit_for_a_rep_is_warned_of(
    tmp_path: Path, discounts: str | None, line: int | None
) -> None:
    files: dict[str, str | bytes] = {"moments/offer.yaml": OFFER}
    if discounts is not None:
        files["discounts.yaml"] = discounts

    found = [each for each in findings(tmp_path, files) if each.file == "discounts.yaml"]

    text = "sets no limit for role `rep`: no discount is ever above it, whatever a rep offers"
    assert found == [Finding(Level.WARNING, "discounts.yaml", line, text)]


@pytest.mark.parametrize("limit", ["{percent: 10, role: Rep}", "{percent: 10, product: Fleet}"])
def test_a_policy_with_some_limit_for_a_rep_is_none(tmp_path: Path, limit: str) -> None:
    files: dict[str, str | bytes] = {
        "moments/offer.yaml": OFFER,
        "discounts.yaml": f"limits: [{limit}]",
    }

    assert [each for each in findings(tmp_path, files) if each.file == "discounts.yaml"] == []


def test_doubtful_phrases_are_warned_of(tmp_path: Path) -> None:
    first = MOMENT + 'near_misses: [the budget]\npatterns: ["that\'s|25%"]\n'
    first = first.replace("- over our budget\n", "- over our budget\n  - '?!'\n  - budget\n")
    first = first.replace("phrases:\n", "phrases:\n  - the budget thing\n")
    second = MOMENT.replace("id: price", "id: cost").split("examples")[0]

    found = findings(tmp_path, {"moments/price.yaml": first, "moments/cost.yaml": second})

    assert {each.level for each in found} == {Level.WARNING}
    texts = [f"{each.file}:{each.line} {each.text}" for each in found]
    assert texts == [
        "moments/cost.yaml:None has no examples: nothing tests it",
        "moments/cost.yaml:None has no counterexamples: nothing tests it",
        'moments/cost.yaml:5 phrase "over our budget" holds "budget" of moments/price.yaml: '
        "both will fire",
        'moments/price.yaml:5 phrase "the budget thing" holds a near miss, so it can never match',
        'moments/price.yaml:6 phrase "over our budget" stands in moments/cost.yaml too',
        'moments/price.yaml:7 phrase "?!" holds no word, so it can never match',
        'moments/price.yaml:8 phrase "budget" is a single word: it will fire on ordinary talk',
        "moments/price.yaml:14 pattern that's|25% holds a sign that normalised words never have: "
        "write contractions out (`that is`, `can not`) and `percent`",
    ]


def test_names_that_the_embedded_recogniser_cannot_hear_are_warned_of_once(tmp_path: Path) -> None:
    competitor = MOMENT.replace("id: price", "id: competitor")
    card = CARD.replace("[Route King]", "[Zendesk, Zendesk Suite, Larkspur]")

    found = findings(
        tmp_path, {"moments/competitor.yaml": competitor, "battlecards/route-king.md": card}
    )

    assert [(each.file, each.line) for each in found] == [("battlecards/route-king.md", 5)]
    assert found[0].text.startswith('"zendesk" is unknown to the embedded recogniser')


def test_the_recognisers_dictionary_is_read_without_the_recogniser() -> None:
    assert {"budget", "discount", "route"} <= known_words()
    assert "zendesk" not in known_words()
