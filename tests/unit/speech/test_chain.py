"""Which recogniser a new session gets."""

from typing import Any

import pytest
from livekit.agents import stt

from coach.adapters.profile import Profile, SpeechEndpoint
from coach.adapters.speech.chain import REST_SECONDS, RecogniserChain, endpoints_of
from coach.adapters.speech.deepgram import Endpoint
from coach.settings import Settings

ENDPOINTS = [Endpoint(f"http://host-{name}/v1/listen", "k", name, "en-US") for name in "abc"]


class Client(stt.STT[Any]):
    """Stands for a recogniser's client: it is opened and told apart, no more."""

    def __init__(self, model: str) -> None:
        super().__init__(
            capabilities=stt.STTCapabilities(streaming=True, interim_results=True),
        )
        self.opened_as = model

    async def _recognize_impl(self, *args: Any, **kwargs: Any) -> stt.SpeechEvent:
        raise NotImplementedError


class Scene:
    """A chain with a clock that the test moves."""

    def __init__(self, count: int) -> None:
        self.now = 1_000.0
        self.switches: list[str] = []
        self.chain = RecogniserChain(
            ENDPOINTS[:count],
            lambda endpoint: Client(endpoint.model),
            self.switches.append,
            "p",
            lambda: self.now,
        )

    def open(self) -> Client:
        client = self.chain()
        assert isinstance(client, Client)
        return client

    def lose(self, client: Client) -> bool:
        return self.chain.failed(client)


def test_sessions_get_the_first_choice() -> None:
    scene = Scene(3)

    assert [scene.open().opened_as for _ in range(3)] == ["a", "a", "a"]
    assert scene.switches == []


def test_after_a_loss_the_next_session_begins_at_once_elsewhere() -> None:
    scene = Scene(2)

    may_begin_at_once = scene.lose(scene.open())

    assert may_begin_at_once
    assert scene.open().opened_as == "b"
    assert scene.switches == ["p/b"]
    assert scene.chain.served_by == "p/b"


def test_two_speakers_who_lose_one_endpoint_pass_over_it_once() -> None:
    scene = Scene(3)
    first, second = scene.open(), scene.open()

    told = [scene.lose(first), scene.lose(second)]

    assert told == [True, True]
    assert [scene.open().opened_as, scene.open().opened_as] == ["b", "b"]
    assert scene.switches == ["p/b"]


def test_new_sessions_go_back_to_the_first_choice_after_a_while() -> None:
    scene = Scene(2)
    scene.lose(scene.open())
    scene.open()

    scene.now += REST_SECONDS - 1
    early = scene.open().opened_as
    scene.now += 1
    late = scene.open().opened_as

    assert (early, late) == ("b", "a")
    assert scene.switches == ["p/b", "p/a"]


def test_when_all_fail_the_next_session_waits_and_tries_the_longest_rested() -> None:
    scene = Scene(2)
    first_told = scene.lose(scene.open())
    scene.now += 1

    told = scene.lose(scene.open())

    assert (first_told, told) == (True, False)
    assert scene.open().opened_as == "a"


def test_a_single_endpoint_is_tried_again_with_a_pause() -> None:
    scene = Scene(1)

    assert not scene.lose(scene.open())
    assert scene.open().opened_as == "a"
    assert scene.switches == []


def test_a_client_that_is_lost_twice_counts_once() -> None:
    scene = Scene(2)
    client = scene.open()
    scene.lose(client)

    assert not scene.lose(client)
    assert scene.open().opened_as == "b"


def test_a_profile_without_recognisers_uses_the_one_of_the_settings() -> None:
    settings = Settings(COACH_STT_BASE_URL="http://127.0.0.1:9/v1/listen")

    found = endpoints_of(Profile("p"), settings, None)

    assert [endpoint.url for endpoint in found] == ["http://127.0.0.1:9/v1/listen"]


@pytest.mark.parametrize(("language", "spoken"), [(None, "en-US"), ("de", "de")])
def test_a_profile_s_recognisers_hear_the_call_s_language(
    language: str | None, spoken: str
) -> None:
    profile = Profile("p", stt=(SpeechEndpoint("http://h/v1/listen", "nova-3", ""),))

    found = endpoints_of(profile, Settings(), language)

    assert found == [Endpoint("http://h/v1/listen", "none", "nova-3", spoken)]
