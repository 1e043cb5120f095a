"""The names of a playbook, read in a process of its own.

The worker's main process coaches nobody. It needs a playbook only to refuse a bad one at once and
to tell the embedded recogniser its names; the sentences that teach, and the modules that read
them, would stay in its memory for as long as it runs.
"""

import asyncio
import json
import sys
from pathlib import Path

from coach.errors import CoachError, PlaybookError


async def read_names(folder: Path) -> list[str]:
    """Return a playbook's names, one entry of the recogniser's word list each.

    Raises:
        PlaybookError: it cannot be used; names file and line.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, str(folder), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    if process.returncode != 0:
        raise CoachError(f"reading the playbook ended with code {process.returncode}, see above")
    answer = json.loads(output)
    if "problems" in answer:
        raise PlaybookError(answer["problems"])
    return list(answer["names"])


def _answer(folder: Path) -> dict[str, list[str]]:
    from coach.adapters.playbook.files import load_playbook  # not wanted in the main process
    from coach.adapters.speech.vocabulary import word_list

    try:
        return {"names": word_list(load_playbook(folder))}
    except PlaybookError as error:
        return {"problems": list(error.problems)}


if __name__ == "__main__":
    json.dump(_answer(Path(sys.argv[1])), sys.stdout)
