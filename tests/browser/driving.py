"""Drives real browsers from a test: a node process with playwright-core, ordered line by line."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

HERE = Path(__file__).resolve().parent
DRIVER = HERE / "driver.mjs"
WIRE_HOOK = HERE / "wire_hook.js"
WAIT_SECONDS = 15.0
POLL_SECONDS = 0.05
ORDER_SECONDS = 30.0
STOP_SECONDS = 5.0
_LINE_BYTES = 64 * 2**20  # a whole wire log comes in one line
_ARGUMENTS = (
    "--no-sandbox",  # a container's root has none
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-device-for-media-stream",
    "--auto-select-tab-capture-source-by-title=Slides",
)


class BrowserError(Exception):
    """The browser could not do what was ordered."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Bytes that a page got or sent."""

    way: Literal["in", "out"]
    place: Literal["channel", "socket", "fetch"]
    content: bytes


@dataclass(frozen=True, slots=True)
class Wire:
    """Everything that crossed a page's border, and which unwatched doors it opened."""

    noted: tuple[Noted, ...]
    unwatched: tuple[str, ...]

    def received(self, place: str = "") -> list[bytes]:
        """Return what came in, all of it or by one kind of door."""
        return [n.content for n in self.noted if n.way == "in" and place in ("", n.place)]


class Driver:
    """The node process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}

    async def order(self, order: str, **fields: Any) -> Any:
        """Have something done, and return what came of it.

        Raises:
            BrowserError: it could not be done.
        """
        number = next(self._numbers)
        future = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        assert self._process.stdin is not None
        message = json.dumps({"id": number, "order": order, **fields})
        self._process.stdin.write(message.encode() + b"\n")
        try:
            async with asyncio.timeout(ORDER_SECONDS):
                return await future
        except TimeoutError:
            raise BrowserError(f"{order}: no answer within {ORDER_SECONDS:.0f} s") from None
        finally:
            del self._waiting[number]

    async def read(self) -> None:
        """Hand on answers until the process ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            answer = json.loads(line)
            future = self._waiting.get(answer["id"])
            if future is None or future.done():
                continue
            if "error" in answer:
                future.set_exception(BrowserError(answer["error"]))
            else:
                future.set_result(answer["value"])
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(BrowserError("the driver has stopped"))


@dataclass(slots=True)
class Browser:
    """A Chromium of its own, with its own fake microphone."""

    driver: Driver
    name: str
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def open(
        self, url: str = "", *, scripts: Sequence[Path] = (WIRE_HOOK,), **options: Any
    ) -> "Page":
        """Open a page with nothing stored from others; the scripts run before its own."""
        page = Page(self.driver, f"{self.name}-{next(self._numbers)}")
        await self.driver.order(
            "open",
            browser=self.name,
            page=page.name,
            url=url,
            scripts=[str(path) for path in scripts],
            permissions=["microphone", "camera"],
            options=options,
        )
        return page


@dataclass(slots=True)
class Page:
    """One tab."""

    driver: Driver
    name: str

    async def order(self, order: str, **fields: Any) -> Any:
        """Have something done on this page."""
        return await self.driver.order(order, page=self.name, **fields)

    async def evaluate(self, script: str, argument: Any = None) -> Any:
        """Run the source of a function of one argument, and return its result."""
        return await self.order("evaluate", script=script, argument=argument)

    async def click(self, selector: str) -> None:
        """Click an element once it can be clicked; selectors see into open shadow roots."""
        await self.order("click", selector=selector)

    async def press(self, key: str) -> None:
        """Press a key, wherever the focus is."""
        await self.order("press", key=key)

    async def until(
        self, script: str, what: str, argument: Any = None, seconds: float = WAIT_SECONDS
    ) -> Any:
        """Wait for a function's first true result; fail, naming what was waited for."""
        deadline = time.monotonic() + seconds
        while not (result := await self.evaluate(script, argument)):
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what}")
            await asyncio.sleep(POLL_SECONDS)
        return result

    async def wire(self) -> Wire:
        """Return all bytes that this page has got and sent since it was loaded."""
        found = await self.evaluate("() => window.__wire()")
        noted = (Noted(n["way"], n["place"], base64.b64decode(n["bytes"])) for n in found["noted"])
        return Wire(tuple(noted), tuple(found["unwatched"]))

    async def complaints(self) -> list[str]:
        """Return errors of scripts and of the console, such as what the policy has blocked."""
        found: list[str] = await self.order("complaints")
        return found

    async def leave(self) -> None:
        """Close it."""
        await self.order("leave")


@contextlib.asynccontextmanager
async def driving() -> AsyncIterator[Driver]:
    """Run the driver until the block ends; its browsers end with it."""
    node = shutil.which("node")
    if node is None:
        raise BrowserError("node is needed for the browser tests")
    process = await asyncio.create_subprocess_exec(
        node,
        str(DRIVER),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=_LINE_BYTES,
        start_new_session=True,
    )
    driver = Driver(process)
    reading = asyncio.create_task(driver.read(), name="browser.driver")
    try:
        yield driver
    finally:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # its own group: what is left of it, if anything
        await process.wait()
        await reading


@contextlib.asynccontextmanager
async def browser(
    driver: Driver, executable: Path, name: str, sound: Path, arguments: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """Run a browser whose microphone plays a sound file (48 kHz, mono), over and over."""
    await driver.order(
        "launch",
        browser=name,
        executable=str(executable),
        args=[*_ARGUMENTS, f"--use-file-for-fake-audio-capture={sound}", *arguments],
    )
    try:
        yield Browser(driver, name)
    finally:
        await driver.order("quit", browser=name)
