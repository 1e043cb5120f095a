"""Where the lines of a replay go: a file that is replaced whole, or a device that takes them."""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from coach.errors import ReplayError


@dataclass(frozen=True, slots=True)
class Out:
    """A place that can be written to."""

    path: Path
    is_device: bool
    """It is written into as it is; anything else is replaced, once all is there."""


def find_out(path: Path, call: Path) -> Out:
    """Look at what a path leads to, before anything is replayed for it.

    A link is followed, so that what it points at is replaced and the link stays.

    Args:
        path: where the lines shall go.
        call: the recorded call, which must outlive its replay.

    Raises:
        ReplayError: nothing can be written there, or it is the call itself.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return _new_file(path)
    except OSError as error:
        raise _cannot(path, error) from None
    if stat.S_ISREG(mode):
        if _are_one(path, call):
            raise ReplayError(str(path), None, "is the call itself; name another file")
        return _new_file(path)
    if stat.S_ISDIR(mode):
        raise ReplayError(str(path), None, "is a folder; name a file in it")
    return Out(path, is_device=True)


def write_out(out: Out | None, data: bytes) -> None:
    """Write all lines at once; None: to standard output.

    Raises:
        ReplayError: they cannot be written. A file that was there is as it was.
    """
    try:
        if out is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        elif out.is_device:
            out.path.write_bytes(data)
        else:
            _replace(out.path, data)
    except OSError as error:
        raise _cannot(out.path if out else Path("standard output"), error) from None


def _are_one(path: Path, call: Path) -> bool:
    try:
        return path.samefile(call)
    except OSError:
        return False  # what is wrong with the call is told when it is read


def _new_file(path: Path) -> Out:
    target = Path(os.path.realpath(path))
    if not target.parent.is_dir():
        raise ReplayError(str(path), None, f"{target.parent} is not a folder; make it first")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise ReplayError(str(path), None, f"{target.parent} cannot be written to; name another")
    return Out(target, is_device=False)


def _replace(path: Path, data: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _cannot(path: Path, error: OSError) -> ReplayError:
    return ReplayError(str(path), None, f"cannot be written: {error.strerror}")
