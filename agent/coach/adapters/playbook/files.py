"""Loads a playbook folder, or says everything that is wrong with it, by file and line."""

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from coach.adapters.authored.documents import Document, read_document, split_front_matter
from coach.adapters.authored.explain import explain
from coach.adapters.playbook import convert
from coach.adapters.playbook.bulk import Flaws, read_answers, read_bulk, split_bulk_name
from coach.adapters.playbook.fields import NamedFile
from coach.adapters.playbook.head import PlaybookFile
from coach.adapters.playbook.lending import borrow
from coach.adapters.playbook.references import check_references
from coach.adapters.playbook.schema import (
    AccountFile,
    BattlecardFile,
    DiscountsFile,
    MomentFile,
    PassageFile,
    StagesFile,
)
from coach.domain.playbook import (
    AdvisorRules,
    CardRules,
    DiscountPolicy,
    Moment,
    NagBudget,
    Playbook,
    Sentences,
)
from coach.errors import PlaybookError

LARGEST_FILE_BYTES = 1_000_000
_FILES = ("playbook.yaml", "stages.yaml", "discounts.yaml")
_FOLDERS = {"moments": ".yaml", "battlecards": ".md", "accounts": ".yaml", "product": ".md"}
_AUTHORED = (".yaml", ".yml", ".md")

Model = TypeVar("Model", bound=BaseModel)
Named = TypeVar("Named", bound=NamedFile)
Entry = TypeVar("Entry")
Read = TypeVar("Read")


def load_playbook(folder: Path) -> Playbook:
    """Return the playbook in a folder. Blocks while it reads.

    Raises:
        PlaybookError: with all problems found, as `file:line: field: what is wrong`.
    """
    loader = _Loader(folder)
    playbook = loader.load()
    if playbook is None or loader.problems:
        raise PlaybookError(loader.problems)
    return playbook


@dataclass(frozen=True, slots=True)
class _Source:
    """One file, read."""

    path: Path
    document: Document
    body: str = ""


@dataclass(slots=True)
class _Loader:
    folder: Path
    problems: list[str] = field(default_factory=list)
    sources: dict[str, _Source] = field(default_factory=dict)
    """By path below the folder."""

    def load(self) -> Playbook | None:
        if not self.folder.is_dir():
            self._report(self.folder, None, "there is no such folder")
            return None
        self._refuse_strays()
        head = self._single("playbook.yaml", PlaybookFile, is_required=True)
        stages = self._single("stages.yaml", StagesFile)
        discounts = self._single("discounts.yaml", DiscountsFile)
        playbook = Playbook(
            name=head.name if head else "",
            version=head.version if head else "",
            language=head.language if head else "en",
            disclosure=head.disclosure if head else "",
            moments=self._entries("moments", MomentFile, self._moment),
            stages=tuple(convert.to_stage(entry) for entry in stages.root) if stages else (),
            battlecards=self._entries("battlecards", BattlecardFile, convert.to_battlecard),
            budget=convert.to_budget(head.budget) if head else NagBudget(),
            advisor=convert.to_advisor(head.advisor) if head else AdvisorRules(),
            card_rules=convert.to_card_rules(head.cards) if head else CardRules(),
            discounts=convert.to_discounts(discounts) if discounts else DiscountPolicy(),
            accounts=self._entries(
                "accounts", AccountFile, lambda file, _: convert.to_account(file)
            ),
            passages=self._entries("product", PassageFile, convert.to_passage),
        )
        if head and head.learns_from:
            playbook = self._borrowing(playbook, head.learns_from)
        if not self.problems:  # a file that could not be read would make its readers look wrong
            for flaw in check_references(playbook):
                self._report_at(self.sources[flaw.file], flaw.path, flaw.text)
        return playbook

    def _refuse_strays(self) -> None:
        """Report files that nobody would read: a wrong name is an easy mistake."""
        for path in sorted(self.folder.iterdir()):
            if path.name.startswith(".") or path.name in (*_FILES, *_FOLDERS, "README.md"):
                continue
            if path.suffix in _AUTHORED:
                self._report(path, None, f"is not read; here stand {', '.join(_FILES)}")
            elif path.is_dir() and any(child.suffix in _AUTHORED for child in path.iterdir()):
                self._report(path, None, f"is not read; folders are {', '.join(_FOLDERS)}")

    def _single(self, name: str, model: type[Model], *, is_required: bool = False) -> Model | None:
        path = self.folder / name
        if not path.is_symlink() and not path.exists():
            if is_required:
                self._report(path, None, "is missing: every playbook has this file")
            return None
        source = self._read(path)
        return self._validate(source, model) if source else None

    def _entries(
        self, name: str, model: type[Named], convert_entry: Callable[[Named, str], Entry]
    ) -> MappingProxyType[str, Entry]:
        entries: dict[str, Entry] = {}
        for path in self._members(self.folder / name, _FOLDERS[name]):
            source = self._read(path)
            file = self._validate(source, model) if source else None
            if source is None or file is None:
                continue
            if file.id != path.stem:
                self._report_at(source, ("id",), f"must be the file's name, {path.stem}")
            entries[file.id] = convert_entry(file, source.body)
        return MappingProxyType(entries)

    def _moment(self, file: MomentFile, _body: str) -> Moment:
        """Return a moment with the sentences of the plain text files beside it."""
        return replace(convert.to_moment(file), bulk=self._sentences(self.folder, file.id))

    def _borrowing(self, playbook: Playbook, lender: str) -> Playbook:
        folder = self.folder / lender
        if not (folder / "moments").is_dir():
            text = "must be the folder of a playbook: there is no folder moments in it"
            self._report_at(self.sources["playbook.yaml"], ("learns_from",), text)
            return playbook
        lent = {moment: self._sentences(folder, moment) for moment in playbook.moments}
        return borrow(playbook, lent)

    def _sentences(self, folder: Path, moment: str) -> Sentences:
        beside = folder / "moments"
        return Sentences(
            self._bulk(beside / f"{moment}.examples.txt", read_bulk),
            self._bulk(beside / f"{moment}.counterexamples.txt", read_bulk),
            self._bulk(beside / f"{moment}.answers.txt", read_answers),
            self._bulk(beside / f"{moment}.counteranswers.txt", read_answers),
        )

    def _bulk(self, path: Path, read: Callable[[str], tuple[Read, Flaws]]) -> Read:
        text = self._text(path) if path.is_symlink() or path.exists() else None
        sentences, flaws = read(text or "")
        for line, flaw in flaws:
            self._report(path, line, flaw)
        return sentences

    def _members(self, folder: Path, suffix: str) -> Iterator[Path]:
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            self._report(folder, None, "must be a folder, and no link to one")
            return
        if not folder.exists():
            return
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or path.name == "README.md":
                continue
            if path.suffix == suffix:
                yield path
            elif folder.name == "moments" and (of := split_bulk_name(path.name)):
                if not (folder / f"{of}.yaml").exists():
                    self._report(path, None, f"is not read: there is no {of}.yaml")
            else:
                self._report(path, None, f"is not read; names here end in {suffix}")

    def _read(self, path: Path) -> _Source | None:
        text = self._text(path)
        if text is None:
            return None
        body, first_line = "", 1
        if path.suffix == ".md":
            parts = split_front_matter(text)
            if parts is None:
                self._report(path, 1, "must begin with fields between two lines `---`")
                return None
            (text, body), first_line = parts, 2
        source = _Source(path, read_document(text, first_line=first_line), body)
        self.sources[path.relative_to(self.folder).as_posix()] = source
        for flaw in source.document.flaws:
            self._report_at(source, flaw.path, flaw.text, flaw.line)
        return None if source.document.flaws else source

    def _text(self, path: Path) -> str | None:
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                self._report(path, None, "must be a plain file, no link or folder")
            elif status.st_size > LARGEST_FILE_BYTES:
                self._report(path, None, f"is larger than {LARGEST_FILE_BYTES:,} bytes")
            else:
                data = path.read_bytes()
                if data.strip():
                    return data.decode("utf-8-sig")
                self._report(path, None, "is empty")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._report(path, line, "is not UTF-8: save it with that encoding")
        except OSError as error:
            self._report(path, None, f"cannot be read ({error.strerror})")
        return None

    def _validate(self, source: _Source, model: type[Model]) -> Model | None:
        try:
            return model.model_validate(source.document.value)
        except ValidationError as error:
            for place, text in explain(error, model):
                self._report_at(source, place, text)
            return None

    def _report_at(
        self, source: _Source, place: tuple[str | int, ...], text: str, line: int | None = None
    ) -> None:
        name = ".".join(str(part)[:80] for part in place)
        line = line or source.document.line(place)
        self._report(source.path, line, f"{name}: {text}" if name else text)

    def _report(self, path: Path, line: int | None, text: str) -> None:
        where = f"{path}:{line}" if line else f"{path}"
        self.problems.append(f"{where}: {text}")
