"""One model at one endpoint: a question to the plugin's stream, its errors to codes of ours."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from livekit.agents import APIConnectOptions, APIError, APIStatusError, APITimeoutError, llm
from livekit.plugins import openai

from coach.adapters.models.breaker import Breaker
from coach.adapters.models.failures import BROKEN, BUSY, REFUSED, TIMEOUT, AttemptFailed
from coach.adapters.models.transport import TOO_MANY_REQUESTS, open_client
from coach.adapters.profile import ModelEndpoint, Structured

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


@dataclass(slots=True)
class Limits:
    """Until when an answer is wanted, on the loop's clock."""

    first_token_by: float
    until: float

    def headline_told(self) -> None:
        """The deadline was the headline's: what follows it may take a little longer."""
        self.until += REST_SECONDS


class ModelClient:
    """Asks one model. Remembers which ways of saying the form its endpoint refuses."""

    def __init__(self, endpoint: ModelEndpoint, breaker: Breaker, served_by: str) -> None:
        """Begin without connecting.

        Args:
            endpoint: whom to ask.
            breaker: shared by all models of that address.
            served_by: how receipts and traces name it.
        """
        self.breaker, self.served_by = breaker, served_by
        self._endpoint = endpoint
        self._ways = _ways(endpoint)
        self._way = 0
        self._openai = open_client(endpoint, self._pause)
        self._llm = openai.LLM(model=endpoint.model, client=self._openai, temperature=TEMPERATURE)

    async def chunks(
        self, question: Question, limits: Limits
    ) -> AsyncGenerator[llm.ChatChunk, None]:
        """Yield the answer as it comes. Closing the iteration stops the model.

        Raises:
            AttemptFailed: the endpoint gave no answer, or broke it off.
        """
        loop = asyncio.get_running_loop()
        by = limits.first_token_by
        stream = self._open(question, limits.until + REST_SECONDS - loop.time())
        try:
            while (chunk := await self._next(stream, by)) is not None:
                if chunk.has_response():
                    by = limits.until
                yield chunk
        finally:
            await stream.aclose()

    async def aclose(self) -> None:
        """Close the connections. Safe to call twice."""
        await self._llm.aclose()
        await self._openai.close()

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

    def _open(self, question: Question, seconds: float) -> llm.LLMStream:
        context = llm.ChatContext.empty()
        context.add_message(role="system", content=_sendable(question.system))
        content: list[llm.ChatContent] = [_sendable(question.user)]
        if question.jpeg is not None:
            url = f"data:image/jpeg;base64,{base64.b64encode(question.jpeg).decode()}"
            content.insert(0, llm.ImageContent(image=url, inference_detail="low"))
        context.add_message(role="user", content=content)
        structured, has_tools = self._ways[self._way]
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
            return self._form_refused()
        if status == TOO_MANY_REQUESTS:
            return AttemptFailed(BUSY, is_its_fault=False)
        if status == _ANSWERED_LATE:
            return AttemptFailed(TIMEOUT)
        if status >= 500:
            return AttemptFailed(BROKEN, again_seconds=AGAIN_SECONDS)
        return AttemptFailed(REFUSED)

    def _form_refused(self) -> AttemptFailed:
        """Say it in a plainer way from now on; if the plainest is refused, the form was not it."""
        self._way = (self._way + 1) % len(self._ways)
        if self._way == 0:
            return AttemptFailed(REFUSED)
        return AttemptFailed(REFUSED, again_seconds=0.0, is_its_fault=False)

    def _pause(self, seconds: float) -> None:
        self.breaker.pause(asyncio.get_running_loop().time(), seconds)


def _sendable(text: str) -> str:
    """What was heard, read or looked up may hold half a character, which UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode()


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
