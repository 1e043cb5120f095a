"""The process of the hostile prospect: records, and does what it is told to.

Started as `python -m acceptance.privacy.hostile` with its situation as JSON. Each line on its
standard input is the name of a deed; each is answered with a line of JSON on standard output.
"""

import asyncio
import functools
import json
import os
import sys
import traceback
from pathlib import Path

from acceptance.privacy.attacker import Attacker, Situation
from acceptance.privacy.doors import DEEDS
from acceptance.privacy.recorder import Layer, Recorder
from acceptance.privacy.relay import relaying

DEED_SECONDS = 30.0


async def main(situation: Situation) -> None:
    """Do deeds until standard input ends."""
    with Recorder(Path(situation.records)) as recorder:
        recorder.install()
        keep = functools.partial(recorder.keep, Layer.SIGNAL)
        async with relaying(situation.url, keep) as url:
            attacker = Attacker(situation, recorder, url)
            await _do_as_told(attacker)
            await attacker.room.disconnect()


async def _do_as_told(attacker: Attacker) -> None:
    lines = await _standard_input()
    while name := (await lines.readline()).decode().strip():
        async with asyncio.timeout(DEED_SECONDS):
            outcome = await DEEDS[name](attacker)
        attacker.recorder.flush()
        sys.stdout.write(json.dumps(outcome | {"unread": attacker.unread_count}) + "\n")
        sys.stdout.flush()


async def _standard_input() -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


if __name__ == "__main__":
    try:
        asyncio.run(main(Situation(**json.loads(sys.argv[1]))))
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)  # at once: the native library may take long over its own end
