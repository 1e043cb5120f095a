"""What the value of a setting may look like: addresses, folders, files."""

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


def is_loopback(url: str) -> bool:
    """Whether a URL points at this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _url(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good:
            raise ValueError(f"must be {' or '.join(f'{s}://host[:port]' for s in schemes)}")
        _host(parts.hostname or "")
        return value.rstrip("/")

    return AfterValidator(check)


def _host(value: str) -> str:
    """Refuse what the resolver would choke on: it raises a `UnicodeError`, no failed look-up."""
    try:
        value.encode("idna")
    except UnicodeError:
        raise ValueError("must have 1 to 63 characters in each part of its host name") from None
    return value


def _folder(value: Path) -> Path:
    if not value.is_dir():
        raise ValueError("must be an existing folder")
    return value.resolve()


def _store(value: Path) -> Path:
    """Look at the nearest folder that is there: nothing is made before something is kept."""
    there = next((path for path in (value, *value.absolute().parents) if path.exists()), value)
    if not there.is_dir():
        raise ValueError("must be a folder, or one that can be made")
    if not os.access(there, os.W_OK | os.X_OK):
        raise ValueError("must be a folder in which this user may write")
    return value.absolute()


def _file(value: Path) -> Path:
    if not value.is_file():
        raise ValueError("must be an existing file")
    return value.resolve()


LiveKitUrl = Annotated[str, _url("ws", "wss", "http", "https")]
ListenUrl = Annotated[str, _url("http", "https", "ws", "wss")]
HttpUrl = Annotated[str, _url("http", "https")]
Host = Annotated[str, AfterValidator(_host)]
Folder = Annotated[Path, AfterValidator(_folder)]
Store = Annotated[Path, AfterValidator(_store)]
"""A folder to write into; it need not be there yet."""
File = Annotated[Path, AfterValidator(_file)]
