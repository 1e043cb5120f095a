"""What is added to the dictionary and to the language model."""

import math

from offline_stt.vocabulary import NAME_PROBABILITY, Addition, add_names, plain_word, plan
from offline_stt.words import Entry

UNIT_PROBABILITY = 1e-5


class FakeModel:
    def __init__(self) -> None:
        self.weights: dict[str, float] = {}

    def add_word(self, word: str, weight: float) -> None:
        self.weights[word] = weight

    def prob(self, words: list[str]) -> float:
        return math.log(self.weights[words[0]] * UNIT_PROBABILITY)


class FakeDecoder:
    """The calls of pocketsphinx.Decoder that adding words needs."""

    def __init__(self, **known: str) -> None:
        self.known = known
        self.model = FakeModel()
        self.logmath = math
        self.updates: list[bool] = []

    def lookup_word(self, word: str) -> str | None:
        return self.known.get(word)

    def get_lm(self) -> FakeModel:
        return self.model

    def add_word(self, word: str, phones: str, update: bool) -> None:
        self.known[word] = phones
        self.updates.append(update)


def test_an_unknown_word_gets_a_guess_unless_its_pronunciation_is_stated() -> None:
    entries = [Entry("okta"), Entry("zendesk", "Z EH N"), Entry("zendesk", "Z IY N")]

    known: dict[str, str] = {}
    assert plan(entries, known.get) == [
        Addition("okta", ("AA K T AH",), guessed=True),
        Addition("zendesk", ("Z EH N", "Z IY N"), guessed=False),
    ]


def test_a_known_name_is_added_once_more_to_become_likelier() -> None:
    known = {"gong": "G AO NG", "gong(2)": "G AA NG"}

    assert plan([Entry("gong")], known.get) == [
        Addition("gong~", ("G AO NG", "G AA NG"), guessed=False)
    ]


def test_a_name_of_several_words_is_one_word_with_their_pronunciations() -> None:
    known = {"route": "R UW T", "route(2)": "R AW T", "king": "K IH NG"}

    assert plan([Entry("route king"), Entry("king okta")], known.get) == [
        Addition("route_king", ("R UW T K IH NG", "R AW T K IH NG"), guessed=False),
        Addition("king_okta", ("K IH NG AA K T AH",), guessed=True),
    ]


def test_a_name_that_was_added_before_is_not_added_again() -> None:
    known = {"gong": "G AO NG", "gong~": "G AO NG", "route_king": "R UW T K IH NG"}

    assert plan([Entry("gong"), Entry("route king")], known.get) == []


def test_added_words_get_their_probability_and_the_search_is_rebuilt_once() -> None:
    decoder = FakeDecoder(gong="G AO NG", **{"gong(2)": "G AA NG"})

    add_names(decoder, [Entry("zendesk", "Z EH N"), Entry("gong")])

    assert decoder.known["zendesk"] == "Z EH N"
    assert decoder.known["gong~(2)"] == "G AA NG"
    assert decoder.updates == [False, False, True]
    probability = decoder.model.weights["zendesk"] * UNIT_PROBABILITY
    assert math.isclose(probability, NAME_PROBABILITY)


def test_names_of_a_long_list_are_less_likely_each() -> None:
    decoder = FakeDecoder()
    words = [f"n{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(300)]

    add_names(decoder, [Entry(word) for word in words])

    assert decoder.model.weights[words[0]] * UNIT_PROBABILITY < NAME_PROBABILITY / 5


def test_what_a_decoder_says_reads_as_words() -> None:
    assert [plain_word(name) for name in ("the(2)", "gong~", "gong~(2)", "route_king(2)")] == [
        "the",
        "gong",
        "gong",
        "route king",
    ]
