"""Whatever stands in a file, loading ends in a playbook or in a PlaybookError."""

import contextlib
import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from coach.adapters.matching import PhraseMatcher
from coach.adapters.playbook.checks import check_playbook
from coach.adapters.playbook.files import load_playbook
from coach.domain.playbook import Speaker
from coach.errors import PlaybookError
from unit.playbook.sample import MOMENT, write

NAMES = ("playbook.yaml", "stages.yaml", "discounts.yaml", "moments/a.yaml", "battlecards/a.md")
FIELDS = st.sampled_from(
    [
        "id",
        "kind",
        "phrases",
        "patterns",
        "names",
        "card",
        "stages",
        "budget",
        "topics",
        "pronounce",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(FIELDS | st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=20,
)
YAMLISH = st.text(alphabet="ab :-[]{}'\"|>&*!?#%@`,\n\t0.~=<\\\x00\u2028é", max_size=60)


def load_with(name: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(PlaybookError):
        load_playbook(write(Path(folder), {name: content}))


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(NAMES), st.binary(max_size=60) | YAMLISH.map(str.encode))
def test_any_bytes(name: str, content: bytes) -> None:
    load_with(name, content)
    load_with("battlecards/a.md", b"---\n" + content + b"\n---\n")


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(NAMES), VALUES)
def test_any_structure(name: str, value: object) -> None:
    load_with(name, yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "replace"))


TEXTS = st.lists(st.text(max_size=30), max_size=4)


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS, TEXTS, st.text(max_size=60))
def test_what_loads_can_be_matched_and_checked(
    phrases: list[str], patterns: list[str], near_misses: list[str], said: str
) -> None:
    authored = {"phrases": phrases, "patterns": patterns, "near_misses": near_misses}
    moment = MOMENT.split("phrases:")[0] + yaml.safe_dump(authored) + "examples: [any]\n"
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(PlaybookError):
        path = write(Path(folder), {"moments/price.yaml": moment})
        playbook = load_playbook(path)
        check_playbook(playbook, path)
        words = said.split()
        for is_final in (True, False):
            segment = PhraseMatcher.build(playbook).begin(Speaker.PROSPECT)
            for hit in segment.find(words, is_final=is_final):
                assert 0 <= hit.first <= hit.last < len(words)


@pytest.mark.parametrize("bomb", ["[" * 400_000, "- " * 400_000, "a: &a [*a]\n", "{? " * 100_000])
def test_bombs_are_refused(bomb: str, tmp_path: Path) -> None:
    with pytest.raises(PlaybookError):
        load_playbook(write(tmp_path, {"moments/a.yaml": bomb}))
