"""The hook that the privacy tests rely on: no byte gets past it, however a page listens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from browser.driving import Wire, browser, driving
from browser.sounds import write_silence

_CHANNELS = """async (texts) => {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => here.addIceCandidate(candidate);
  const sender = here.createDataChannel("sender");
  const count = new Promise((resolve) => {
    there.ondatachannel = ({ channel }) => {
      let received = 0;
      channel.onmessage = () => ++received === texts.length && resolve(received);
    };
  });
  await here.setLocalDescription(await here.createOffer());
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription(await there.createAnswer());
  await here.setRemoteDescription(there.localDescription);
  if (sender.readyState !== "open") await new Promise((resolve) => (sender.onopen = resolve));
  const bytes = (text) => new TextEncoder().encode(text);
  sender.send(texts[0]);
  sender.send(bytes(texts[1]));
  sender.send(bytes(texts[2]).buffer);
  const done = await count;
  here.close();
  there.close();
  return done;
}"""
_SOCKET = """async () => {
  const socket = new WebSocket(`ws://${location.host}/socket`);
  const messages = [];
  return new Promise((resolve) => {
    socket.addEventListener("message", (event) => {
      messages.push(event.data);
      if (messages.length === 2) resolve(messages.length);
    });
    socket.onopen = () => socket.send("sent-by-socket");
  });
}"""


async def _socket(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.receive_str()
    await socket.send_str("text-by-socket")
    await socket.send_bytes(b"bytes-by-socket")
    async for _ in socket:
        pass
    return socket


async def _text(_: web.Request) -> web.Response:
    return web.Response(text="<title>Page</title>fetched", content_type="text/html")


@asynccontextmanager
async def page_of_doors() -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes([web.get("/socket", _socket), web.get("/", _text)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.fixture
async def wire(chromium: Path, tmp_path: Path) -> Wire:
    """Return what the hook noted on a page that used each door in each way."""
    async with (
        page_of_doors() as url,
        driving() as driver,
        browser(driver, chromium, "doors", write_silence(tmp_path / "silence.wav")) as chrome,
    ):
        page = await chrome.open(url)
        assert await page.evaluate(_CHANNELS, ["as-text", "as-view", "as-buffer"]) == 3
        assert await page.evaluate(_SOCKET) == 2
        await page.evaluate("async () => (await fetch('/')).text()")
        await page.evaluate("() => new Worker('data:text/javascript,').terminate()")
        return await page.wire()


async def test_every_door_is_watched_both_ways_and_other_doors_are_named(wire: Wire) -> None:
    noted = {(n.way, n.place, n.content) for n in wire.noted}

    channel = {b"as-text", b"as-view", b"as-buffer"}
    assert {("in", "channel", content) for content in channel} <= noted
    assert {("out", "channel", content) for content in channel} <= noted
    assert {("in", "socket", b"text-by-socket"), ("in", "socket", b"bytes-by-socket")} <= noted
    assert ("out", "socket", b"sent-by-socket") in noted
    assert ("in", "fetch", b"<title>Page</title>fetched") in noted
    assert wire.unwatched == ("Worker",)
