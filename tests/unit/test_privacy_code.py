"""No code of the worker can send into the room, but for one call in one module.

The rules are read off the syntax tree: whoever needs to break one has to change it here.
"""

import ast
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coach.adapters.livekit.server import PERMISSIONS

AGENT = Path(__file__).parents[2] / "agent"
SENDING = frozenset(
    {
        "perform_rpc",
        "publish_data",
        "publish_dtmf",
        "publish_transcription",
        "publish_track",
        "publish_data_track",
        "send_bytes",
        "send_data",  # the server's own interface
        "send_file",
        "send_text",
        "stream_bytes",
        "stream_text",
        "set_attributes",
        "set_metadata",
        "set_name",
        "update_participant",
        "update_room_metadata",
        "FfiRequest",  # the native library below all these
        "_ffi_client",
    }
)
ALLOWED = {
    ("coach/adapters/livekit/guard.py", "perform_rpc"): "the guard: to the rep alone",
    ("coach/cli/demo/people.py", "publish_track"): "the demo's people speak; no part of the worker",
    ("coach/cli/demo/screen.py", "publish_track"): "the demo's rep shares slides; as above",
    ("coach/cli/demo/witness.py", "_ffi_client"): "the demo's prospect only listens to events",
}
ROOM_FACING = frozenset({"RoomIO", "RoomOptions", "RoomInputOptions", "RoomOutputOptions"})
ACCEPTED_FIELDS = frozenset({"name", "identity"})
"""What the worker may tell everybody when it joins; not `metadata`, not `attributes`."""

Rule = Callable[[ast.Module], Iterator[str]]


def names_that_send(tree: ast.Module) -> Iterator[str]:
    """Yield each use of a sending name: called, handed on, imported, or as a text for getattr."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SENDING:
            yield node.attr
        elif isinstance(node, ast.Name) and node.id in SENDING:
            yield node.id
        elif isinstance(node, ast.Constant) and node.value in SENDING:
            yield str(node.value)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None) or ""
            names = [*module.split("."), *(p for a in node.names for p in a.name.split("."))]
            yield from (name for name in names if name in SENDING)


def sessions_with_a_room(tree: ast.Module) -> Iterator[str]:
    """Yield each start of a session that is given a room, or that does not say `record=False`."""
    has_sessions = any(_name(node) == "AgentSession" for node in ast.walk(tree))
    for node in ast.walk(tree):
        if _name(node) in ROOM_FACING:
            yield f"{_name(node)} is room-facing"
        if not (isinstance(node, ast.Call) and _name(node.func) == "start"):
            continue
        keywords = {each.arg: each.value for each in node.keywords}
        if "room" in keywords:
            yield "start is given a room"
        if has_sessions and (node.args or keywords):
            record = keywords.get("record")
            if not (isinstance(record, ast.Constant) and record.value is False):
                yield "start without record=False"
            if len(node.args) > 1 or None in keywords:
                yield "start with arguments that cannot be read"


def telling_joins(tree: ast.Module) -> Iterator[str]:
    """Yield each acceptance of a job that tells more than name and identity."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "accept":
            fields = {each.arg for each in node.keywords}
            if node.args or not fields <= ACCEPTED_FIELDS:
                yield f"accept with {sorted(str(field) for field in fields)}"


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.alias):
        return node.name
    return str(getattr(node, "attr", "") or getattr(node, "id", ""))


def modules() -> list[Path]:
    return sorted(AGENT.rglob("*.py"))


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Return all code below `agent/` by its path, read once for all rules."""
    return {path.relative_to(AGENT).as_posix(): ast.parse(path.read_text()) for path in modules()}


def offences(rule: Rule) -> set[tuple[str, str]]:
    """Return module and offence for all code below `agent/`."""
    return {(path, offence) for path, tree in trees().items() for offence in rule(tree)}


def test_there_is_code_to_look_at() -> None:
    names = {path.relative_to(AGENT).as_posix() for path in modules()}

    assert {module for module, _ in ALLOWED} <= names
    assert "coach/worker.py" in names


def test_nothing_is_sent_but_by_the_guard() -> None:
    assert offences(names_that_send) == set(ALLOWED)


def test_the_guard_sends_in_one_place() -> None:
    guard = AGENT / "coach/adapters/livekit/guard.py"

    assert list(names_that_send(ast.parse(guard.read_text()))) == ["perform_rpc"]


def test_no_session_is_given_a_room_and_none_is_recorded() -> None:
    assert offences(sessions_with_a_room) == set()


def test_the_worker_joins_with_a_name_and_an_identity_only() -> None:
    assert offences(telling_joins) == set()


def test_the_token_asked_for_can_neither_publish_media_nor_write_metadata() -> None:
    assert not PERMISSIONS.can_publish
    assert not PERMISSIONS.can_update_metadata
    assert PERMISSIONS.can_publish_data
    assert not PERMISSIONS.hidden


@pytest.mark.parametrize("name", sorted(SENDING))
@pytest.mark.parametrize(
    "source",
    [
        "me.{0}('x')",
        "send = me.{0}",
        "getattr(me, '{0}')('x')",
        "from livekit.rtc import {0}",
        "from livekit.rtc.{0} import thing",
        "import livekit.rtc.{0}",
    ],
)
def test_each_way_to_send_would_be_found(source: str, name: str) -> None:
    assert name in set(names_that_send(ast.parse(source.format(name))))


@pytest.mark.parametrize(
    "source",
    [
        "session.start(agent, room=ctx.room, record=False)",
        "await session.start(room=room, agent=agent, record=False)",
        "AgentSession().start(agent)",
        "AgentSession().start(agent=agent)",
        "AgentSession().start(agent, record=True)",
        "AgentSession().start(agent, record=flag)",
        "AgentSession().start(agent, record=False, **more)",
        "AgentSession().start(agent, ctx.room, record=False)",
        "class Mine(AgentSession): ...\nMine().start(agent)",
        "RoomIO(session, room)",
        "from livekit.agents.voice.room_io import RoomOptions",
    ],
)
def test_a_session_that_could_leak_would_be_found(source: str) -> None:
    tree = ast.parse(source)

    assert list(sessions_with_a_room(tree))


def test_a_session_without_a_room_is_no_offence() -> None:
    source = "AgentSession().start(agent, record=False)\nthread.start()"

    assert list(sessions_with_a_room(ast.parse(source))) == []


@pytest.mark.parametrize(
    "source",
    [
        "request.accept(name='a', identity='b', metadata='secret')",
        "request.accept(name='a', attributes={'hint': 'secret'})",
        "request.accept('a')",
        "request.accept(**fields)",
    ],
)
def test_a_join_that_tells_more_would_be_found(source: str) -> None:
    assert list(telling_joins(ast.parse(source)))
