"""Playbook folders for the loader's tests."""

from pathlib import Path

HEAD = """\
name: Test
version: "1.0"
disclosure: An assistant is in this call.
"""
MOMENT = """\
id: price
kind: objection
headline: "Price: anchor on payback"
phrases:
  - over our budget
examples:
  - That is over our budget.
counterexamples:
  - The budget meeting was yesterday.
"""
CARD = """\
---
id: route-king
title: Route King
headline: Ask about long jobs
names: [Route King]
moment: competitor
pronounce: {larkspur: L AA R K S P ER}
---
# Route King

They plan the night before.
"""


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write a playbook's files and return its folder. `playbook.yaml` need not be given."""
    for name, content in {"playbook.yaml": HEAD, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
