"""The rep talks about another slide than the one that is shown, for sure."""

from unit.screen.deck import MISMATCH, Show

SECURITY = """Security and compliance. Encryption at rest and in transit. Single sign-on with SAML.
Audit logs kept for one year. Penetration tests by an independent laboratory every spring.
Data centres in Frankfurt and Dublin."""
PRICING = """Pricing. Starter plan 29 dollars monthly per seat. Growth plan 59 dollars, volume
discount from fifty seats. Annual contract saves two months. Onboarding package included.
Invoice quarterly or yearly."""
ABOUT_PRICING = (
    "So with the growth plan you pay fifty nine dollars per seat each month.",
    "The annual contract saves you two months, and the onboarding package is included.",
    "From fifty seats there is a volume discount, and we invoice quarterly or yearly.",
    "Most companies of your size take the growth plan with annual invoices.",
)
ABOUT_SECURITY = (
    "Everything is encrypted at rest and in transit, and single sign-on works with SAML.",
    "Audit logs are kept for one year and the data centres are in Frankfurt and Dublin.",
    "An independent laboratory runs penetration tests each spring for compliance.",
)
ELSEWHERE = (
    "My brother moved to Canada last winter and bought an old farm with horses and apple trees.",
    "They drive to the lake every weekend, fishing and swimming and reading novels in hammocks.",
    "Honestly I envy him, although snow until April would probably drive me completely insane.",
)


def talk(show: Show, lines: tuple[str, ...], from_ms: int, gap_ms: int = 6_000) -> int:
    at_ms = from_ms
    for line in lines:
        show.says(at_ms, line)
        at_ms += gap_ms
    return at_ms


def two_slides() -> Show:
    """Return a show in which pricing was shown before, and security since 60 s."""
    show = Show(MISMATCH)
    show.slide(0, 1, PRICING)
    show.slide(60_000, 2, SECURITY)
    return show


def test_talk_about_an_earlier_slide_is_told_once_with_its_words() -> None:
    show = two_slides()

    talk(show, ABOUT_PRICING * 2, 90_000)

    assert show.told == ["mismatch"]
    [found] = show.found
    assert found.start_ms == 60_000
    assert found.quote in ABOUT_PRICING


def test_talk_about_the_slide_that_is_shown_is_silent() -> None:
    show = two_slides()

    talk(show, ABOUT_SECURITY * 3, 90_000)

    assert show.told == []


def test_talk_about_neither_slide_is_silent() -> None:
    show = two_slides()

    talk(show, ELSEWHERE * 3, 90_000)

    assert show.told == []


def test_talk_that_takes_up_the_slide_now_and_then_is_silent() -> None:
    show = two_slides()
    mixed = tuple(x for pair in zip(ABOUT_PRICING, ABOUT_SECURITY, strict=False) for x in pair)

    talk(show, mixed, 90_000)

    assert show.told == []


def test_a_slide_that_just_came_up_is_not_judged_by_the_talk_before_it() -> None:
    show = two_slides()
    after_ms = talk(show, ABOUT_PRICING[:1], 55_000)

    talk(show, ABOUT_PRICING, 62_000, gap_ms=5_000)

    assert after_ms == 61_000
    assert show.told == []


def test_a_slide_that_was_never_shown_is_not_guessed() -> None:
    show = Show(MISMATCH)
    show.slide(0, 2, SECURITY)

    talk(show, ABOUT_PRICING * 2, 60_000)

    assert show.told == []


def test_a_slide_with_few_words_is_silent() -> None:
    show = Show(MISMATCH)
    show.slide(0, 1, PRICING)
    show.slide(30_000, 2, "Thank you! Questions?")

    talk(show, ABOUT_PRICING * 2, 90_000)

    assert show.told == []


def test_a_slide_whose_words_were_not_read_is_silent() -> None:
    show = Show(MISMATCH)
    show.slide(0, 1, PRICING)
    show.slide(30_000, 2)

    talk(show, ABOUT_PRICING * 2, 90_000)

    assert show.told == []


def test_a_few_words_are_no_topic() -> None:
    show = two_slides()

    talk(show, ABOUT_PRICING[:1], 120_000)

    assert show.told == []


def test_words_that_stand_on_most_slides_tell_nothing() -> None:
    """Name, motto and footer of a company are on every slide but the demonstration."""
    footer = "Acme Corporation customer platform for growing support teams worldwide confidential"
    show = Show(MISMATCH)
    for number in range(4):
        show.slide(10_000 * number, number, f"{footer} chapter {number}")
    show.slide(60_000, 9, SECURITY)

    line = "Acme Corporation is the confidential customer platform of support teams worldwide"
    talk(show, (line,) * 8, 90_000, gap_ms=3_000)

    assert show.told == []


def test_words_of_a_stopped_share_are_not_missed() -> None:
    show = two_slides()
    show.stop(80_000)

    talk(show, ABOUT_PRICING * 2, 90_000)

    assert show.told == []
