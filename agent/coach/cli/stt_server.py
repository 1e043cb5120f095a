"""`coach stt-server`: the embedded recogniser alone, as `python -m offline_stt` runs it."""

import os
import sys
from typing import Annotated

import typer


def stt_server(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0: any free one, printed when ready.")] = 0,
) -> None:
    """Run the embedded recogniser until it is stopped. For demonstrations and tests only."""
    command = [sys.executable, "-m", "offline_stt", "--host", host, "--port", str(port)]
    sys.stdout.flush()
    os.execv(sys.executable, command)  # it becomes this process: every signal is its own
