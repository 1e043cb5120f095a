"""One model at one endpoint: a question to the plugin's stream, its errors to codes of ours."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
from livekit.agents import APIConnectOptions, APIError, APIStatusError, APITimeoutError, llm
from livekit.plugins import openai

from coach.adapters.models.breaker import Breaker
from coach.adapters.models.failures import BROKEN, BUSY, REFUSED, TIMEOUT, AttemptFailed
from coach.adapters.models.pictures import picture
from coach.adapters.models.transport import TOO_MANY_REQUESTS, open_client
from coach.adapters.profile import ModelEndpoint, Structured
from coach.domain.texts import sendable

TEMPERATURE = 0.2
AGAIN_SECONDS = 0.5
"""Before the one retry of a question that the endpoint failed to serve."""
REST_SECONDS = 2.0
"""For detail and line to say, after the deadline of the headline: 100 tokens of a slow model."""
_FORM_REFUSED = (400, 422)
_ANSWERED_LATE = 408
_OPENAI_HOSTS = ("openai.com", "openai.azure.com")


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked, in the plugin's terms."""

    system: str
    user: str
    tokens_out: int
    jpeg: bytes | None = None
    schema: dict[str, Any] | None = None
    """Form of the answer; None: plain text."""
    tools: Sequence[llm.Tool] = ()
    may_use_tools: bool = True
    """Tools that must not be used now are sent all the same: they are part of the prefix that
    a provider caches."""

    @property
    def has_form(self) -> bool:
        """Whether there is anything that could be said in a plainer way."""
        return self.schema is not None or bool(self.tools)


@dataclass(slots=True)
class Limits:
    """Until when an answer is wanted, on the loop's clock."""

    first_token_by: float
    until: float

    def headline_told(self) -> None:
        """The deadline was the headline's: what follows it may take a little longer."""
        self.until += REST_SECONDS


class ModelClient:
    """Asks one model. Remembers which way of saying the form its endpoint takes."""

    def __init__(
        self,
        endpoint: ModelEndpoint,
        breaker: Breaker,
        served_by: str,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """Begin without connecting.

        Args:
            endpoint: whom to ask.
            breaker: shared by all models of that address.
            served_by: how receipts and traces name it.
            transport: instead of the network.
        """
        self.breaker, self.served_by = breaker, served_by
        self._endpoint = endpoint
        self._ways = _ways(endpoint)
        self._way = 0
        self._is_proven = False  # until something was answered that was asked in this way
        self._openai = open_client(endpoint, self._pause, transport)
        self._llm = openai.LLM(model=endpoint.model, client=self._openai, temperature=TEMPERATURE)

    def connect_ahead(self) -> None:
        """Connect in the background, with a request that holds nothing but the key."""
        self._llm.prewarm()

    async def chunks(
        self, question: Question, limits: Limits
    ) -> AsyncGenerator[llm.ChatChunk, None]:
        """Yield the answer as it comes. Closing the iteration stops the model.

        A question that is refused is asked in a plainer way at once: it may be the form. The way
        in which the first one is answered is kept; what is refused later is not for its form.

        Raises:
            AttemptFailed: the endpoint gave no answer, or broke it off.
        """
        # Without a form all ways are the same.
        last = len(self._ways) if question.has_form else self._way + 1
        for way in range(self._way, last):
            try:
                async with contextlib.aclosing(self._asked(question, limits, way)) as chunks:
                    async for chunk in chunks:
                        if chunk.has_response() and question.has_form and not self._is_proven:
                            self._way, self._is_proven = way, True
                        yield chunk
                return
            except _FormRefused:
                continue
        raise AttemptFailed(REFUSED, is_its_fault=not self._is_proven)

    async def aclose(self) -> None:
        """Close the connections. Safe to call twice."""
        await self._llm.aclose()
        await self._openai.close()

    async def _asked(
        self, question: Question, limits: Limits, way: int
    ) -> AsyncGenerator[llm.ChatChunk, None]:
        """Ask once, in one way."""
        by = limits.first_token_by
        seconds = limits.until + REST_SECONDS - asyncio.get_running_loop().time()
        stream = self._open(question, seconds, way)
        try:
            while (chunk := await self._next(stream, by)) is not None:
                if chunk.has_response():
                    by = limits.until
                yield chunk
        finally:
            await stream.aclose()

    async def _next(self, stream: llm.LLMStream, by: float) -> llm.ChatChunk | None:
        """Return the next piece; None at the end."""
        try:
            async with asyncio.timeout_at(by):
                return await anext(stream)
        except StopAsyncIteration:
            return None
        except TimeoutError:
            raise AttemptFailed(TIMEOUT) from None
        except APIError as error:
            raise self._failure(error) from None

    def _open(self, question: Question, seconds: float, way: int) -> llm.LLMStream:
        context = llm.ChatContext.empty()
        context.add_message(role="system", content=sendable(question.system))
        content: list[llm.ChatContent] = [sendable(question.user)]
        if question.jpeg is not None:
            content.insert(0, picture(question.jpeg))
        context.add_message(role="user", content=content)
        structured, has_tools = self._ways[way]
        tools = list(question.tools) if has_tools else []
        extra = self._limit(question.tokens_out) | _form(structured, question.schema)
        if tools and not question.may_use_tools:
            extra["tool_choice"] = "none"
        return self._llm.chat(
            chat_ctx=context,
            tools=tools,
            conn_options=APIConnectOptions(max_retry=0, timeout=seconds),
            extra_kwargs=extra,
        )

    def _limit(self, tokens_out: int) -> dict[str, Any]:
        """OpenAI's own field is refused or ignored elsewhere; `store` is known to OpenAI alone."""
        host = urlsplit(self._endpoint.base_url).hostname or ""
        if any(host == name or host.endswith(f".{name}") for name in _OPENAI_HOSTS):
            return {"max_completion_tokens": tokens_out, "store": False}
        return {"max_tokens": tokens_out}

    def _failure(self, error: APIError) -> AttemptFailed:
        if isinstance(error, APITimeoutError):
            return AttemptFailed(TIMEOUT)
        if _is_ours(error):
            return AttemptFailed(BROKEN, is_its_fault=False)
        if not isinstance(error, APIStatusError):
            return AttemptFailed(BROKEN, again_seconds=AGAIN_SECONDS)
        status = error.status_code
        if status in _FORM_REFUSED:
            return _FormRefused(REFUSED)
        if status == TOO_MANY_REQUESTS:
            return AttemptFailed(BUSY, is_its_fault=False)
        if status == _ANSWERED_LATE:
            return AttemptFailed(TIMEOUT)
        if status >= 500:
            return AttemptFailed(BROKEN, again_seconds=AGAIN_SECONDS)
        return AttemptFailed(REFUSED)

    def _pause(self, seconds: float) -> None:
        self.breaker.pause(asyncio.get_running_loop().time(), seconds)


class _FormRefused(AttemptFailed):
    """The endpoint does not take what it was sent: the form, or this very question."""


def _is_ours(error: BaseException | None) -> bool:
    """Whether a request never left because we could not encode it, such as a key's letters."""
    while error is not None and not isinstance(error, UnicodeEncodeError):
        error = error.__cause__
    return error is not None


def _ways(endpoint: ModelEndpoint) -> list[tuple[Structured, bool]]:
    """Return (form, tools) from the fullest way of asking to the plainest."""
    ways = [
        (endpoint.structured, endpoint.has_tools),
        (Structured.NONE, endpoint.has_tools),
        (Structured.NONE, False),
    ]
    return list(dict.fromkeys(ways))


def _form(structured: Structured, schema: dict[str, Any] | None) -> dict[str, Any]:
    if schema is None or structured is Structured.NONE:
        return {}
    if structured is Structured.JSON_OBJECT:
        return {"response_format": {"type": "json_object"}}
    form = {"name": "answer", "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": form}}
