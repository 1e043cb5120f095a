"""A model that says what a test has written down, and remembers what it was asked."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence

from coach.application.ports import AdvisorFailed, ToolFailed
from coach.domain.advice import AdviceRequest, Cost, Counsel, ToolCall

COST = Cost("test/scripted", first_token_ms=180, total_ms=600, tokens_in=900, tokens_out=60)

Script = Sequence[tuple[float, Counsel | AdvisorFailed | Exception]]
"""Seconds to wait, then what comes."""


class ScriptedAdvisor:
    """Implements `Advisor`. Each question gets the next script; the last one serves for ever."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.requests: list[AdviceRequest] = []
        self.images: list[bytes | None] = []
        self.cancelled: list[int] = []
        """Times of the turns whose answers were stopped."""
        self.condensed: list[str] = []
        self.connect_count = 0

    def connect_ahead(self) -> None:
        self.connect_count += 1

    async def ask(
        self, request: AdviceRequest, image: bytes | None, seconds: float
    ) -> AsyncGenerator[tuple[Counsel, Cost], None]:
        self.requests.append(request)
        self.images.append(image)
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        try:
            async with asyncio.timeout(seconds):
                for wait_seconds, said in script:
                    await asyncio.sleep(wait_seconds)
                    if isinstance(said, Exception):
                        raise said
                    yield said, COST
        except TimeoutError:
            raise AdvisorFailed("timeout") from None
        except asyncio.CancelledError:
            self.cancelled.append(request.turn_at_ms)
            raise

    async def summarise(self, text: str, seconds: float) -> str:
        self.condensed.append(text)
        return f"{len(text)} characters, in short"

    def meters(self) -> Mapping[str, int]:
        asked = len(self.requests) + len(self.condensed)
        return {"text_tokens": 1_000 * asked, "vision_tokens": 0}


class ScriptedTools:
    """Implements `ToolBox`: every tool finds its own name, after some time; or fails."""

    def __init__(self, seconds: float = 0.5, fails: str | None = None) -> None:
        self.seconds, self.fails = seconds, fails
        self.calls: list[tuple[ToolCall, bool]] = []

    async def run(self, call: ToolCall, *, is_approved: bool) -> str:
        self.calls.append((call, is_approved))
        await asyncio.sleep(self.seconds)
        if self.fails is not None:
            raise ToolFailed(self.fails)
        return f"what {call.name} found"
