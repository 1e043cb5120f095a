"""Compressing an account to what fits into every question."""

from hypothesis import given
from hypothesis import strategies as st

from coach.adapters.crm.dossier import MOST_DEALS, clipped, compress
from coach.adapters.crm.port import AccountFacts, Entry
from coach.domain.prompting import DOSSIER_TOKENS
from coach.domain.tokens import tokens

TEXT = st.text(max_size=700)
DATE = st.sampled_from(["", "2026-01-02", "2026-11-20T10:00:00Z"])
ENTRIES = st.lists(st.builds(Entry, TEXT, DATE), max_size=12).map(tuple)
FACTS = st.builds(
    AccountFacts, about=TEXT, deals=ENTRIES, notes=ENTRIES, renewal=TEXT, last_call=TEXT
)
LONG = " ".join(f"Sentence number {n} about them." for n in range(60))


@given(FACTS)
def test_whatever_is_known_fits(facts: AccountFacts) -> None:
    text = compress(facts)

    assert tokens(text) <= DOSSIER_TOKENS
    assert text == compress(facts)
    assert "«" not in text and "»" not in text and "\n" not in text


def test_dates_come_first_then_deals_then_notes_newest_first_then_the_rest() -> None:
    facts = AccountFacts(
        about="Sixty people.",
        deals=(Entry("Old deal", "2026-01-01"), Entry("New deal", "2026-06-01")),
        notes=(Entry("Undated"), Entry("Dated", "2025-05-05T08:00:00Z")),
        renewal="1 March",
        last_call="Monday",
    )

    assert compress(facts) == (
        "Renewal: 1 March. Last call: Monday. Open deal 2026-06-01: New deal. "
        "Open deal 2026-01-01: Old deal. Note 2025-05-05: Dated. Note: Undated. "
        "About: Sixty people."
    )


def test_what_does_not_fit_is_cut_at_a_sentence_and_the_newest_stay() -> None:
    facts = AccountFacts(
        notes=(Entry(LONG, "2020-01-01"), Entry(LONG, "2026-01-01"), Entry("Last", "2019-01-01"))
    )

    text = compress(facts, 120)

    assert text.startswith("Note 2026-01-01: Sentence number 0 about them.")
    assert "Note 2020-01-01: Sentence number 0" in text
    assert text.endswith(".")


def test_a_long_list_of_deals_leaves_room_for_notes() -> None:
    deals = tuple(Entry(f"Deal {n} {'x' * 80}.", f"2026-01-{n:02}") for n in range(1, 20))

    text = compress(AccountFacts(deals=deals, notes=(Entry("Budget closes in May"),)))

    assert text.count("Open deal") == MOST_DEALS
    assert "Deal 19" in text
    assert "Budget closes in May" in text


def test_of_an_account_without_facts_there_is_no_dossier() -> None:
    assert compress(AccountFacts()) == ""


def test_a_first_sentence_that_is_too_long_is_cut_at_a_word() -> None:
    assert clipped("one two three four", 10) == "one two…"
    assert clipped("One. Two three four.", 10) == "One."
    assert clipped("x" * 20, 10) == "x" * 9 + "…"
