"""The demo's copy of the playbook: two minutes of call have no slide that stands for three."""

import shutil
from pathlib import Path

import yaml

from coach.cli.demo.processes import CHECKOUT

STALE_SECONDS = 45
_HEADLINE = f"Same slide for {STALE_SECONDS} seconds: move on or stop sharing"


def shorten(copy: Path) -> int:
    """Copy the playbook of the checkout, with a slide that is stale sooner.

    Returns:
        After how many seconds a slide is stale in the original.
    """
    shutil.copytree(CHECKOUT / "playbook", copy)
    path = copy / "moments" / "screen_stale.yaml"
    moment = yaml.safe_load(path.read_text(encoding="utf-8"))
    usual_seconds = int(moment["after_seconds"])
    moment |= {"after_seconds": STALE_SECONDS, "headline": _HEADLINE}
    path.write_text(yaml.safe_dump(moment, allow_unicode=True), encoding="utf-8")
    return usual_seconds
