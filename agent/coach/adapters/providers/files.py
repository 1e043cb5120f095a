"""Reads the file of provider profiles, or says everything that is wrong with it, by line."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from coach.adapters.authored.documents import Document, read_document
from coach.adapters.authored.explain import explain
from coach.adapters.profile import ModelEndpoint, Profile, SpeechEndpoint
from coach.adapters.providers.schema import (
    ModelSection,
    ProfileSection,
    ProvidersFile,
    SpeechSection,
)
from coach.errors import ConfigError

VARIABLE = "COACH_PROVIDERS"
LARGEST_FILE_BYTES = 200_000


def read_names(path: Path) -> frozenset[str]:
    """Return the names of the file's profiles; the keys that it names need not be set here.

    Raises:
        ConfigError: it cannot be used.
    """
    return frozenset(_read(path)[1].profiles)


def read_profiles(path: Path, environ: Mapping[str, str] = os.environ) -> Mapping[str, Profile]:
    """Return the file's profiles by name, with their keys. Blocks while it reads.

    Raises:
        ConfigError: it cannot be used; names each problem as `file:line: field: what is wrong`,
            and no value.
    """
    document, file = _read(path)
    problems = [
        _problem(path, document, place, f"names {variable}, which is not set")
        for place, variable in _variables(file)
        if not environ.get(variable)
    ]
    if problems:
        raise ConfigError(VARIABLE, "; ".join(problems))
    keys = _Keys(environ)
    return MappingProxyType(
        {name: keys.profile(name, section) for name, section in file.profiles.items()}
    )


def _read(path: Path) -> tuple[Document, ProvidersFile]:
    document = read_document(_text(path))
    problems = [_problem(path, document, f.path, f.text, f.line) for f in document.flaws]
    if not problems:
        try:
            return document, ProvidersFile.model_validate(document.value)
        except ValidationError as error:
            found = list(explain(error, ProvidersFile))  # the error itself holds the values
        problems = [_problem(path, document, place, text) for place, text in found]
    raise ConfigError(VARIABLE, "; ".join(problems))


def _text(path: Path) -> str:
    problem = f"is larger than {LARGEST_FILE_BYTES:,} bytes"
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE_BYTES + 1)
        if len(data) <= LARGEST_FILE_BYTES:
            return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problem = "is not UTF-8: save it with that encoding"
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
    raise ConfigError(VARIABLE, f"{path}: {problem}")


def _problem(
    path: Path,
    document: Document,
    place: tuple[str | int, ...],
    text: str,
    line: int | None = None,
) -> str:
    name = ".".join(str(part)[:80] for part in place)
    return f"{path}:{line or document.line(place)}: {f'{name}: ' if name else ''}{text}"


def _variables(file: ProvidersFile) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where an environment variable is named, and its name."""
    for name, profile in file.profiles.items():
        places: list[tuple[tuple[str | int, ...], SpeechSection | ModelSection]] = [
            *((("stt", number), section) for number, section in enumerate(profile.stt)),
            *((("llm", number), section) for number, section in enumerate(profile.llm)),
        ]
        if profile.summary is not None:
            places.append((("summary",), profile.summary))
        if profile.crm is not None:
            for place, variable in profile.crm.variables():
                yield ("profiles", name, "crm", *place), variable
        for place, section in places:
            if section.key_env is not None:
                yield ("profiles", name, *place, "key_env"), section.key_env


@dataclass(frozen=True, slots=True)
class _Keys:
    """Turns sections into endpoints that hold their keys."""

    environ: Mapping[str, str]

    def profile(self, name: str, section: ProfileSection) -> Profile:
        return Profile(
            name=name,
            stt=tuple(
                SpeechEndpoint(each.base_url, each.model, self._key(each)) for each in section.stt
            ),
            llm=tuple(self._model(each) for each in section.llm),
            summary=self._model(section.summary) if section.summary else None,
            crm=MappingProxyType(section.crm.as_written() if section.crm else {}),
        )

    def _model(self, section: ModelSection) -> ModelEndpoint:
        return ModelEndpoint(
            base_url=section.base_url,
            model=section.model,
            key=self._key(section),
            structured=section.structured,
            has_tools=section.tools,
        )

    def _key(self, section: SpeechSection | ModelSection) -> str:
        return self.environ[section.key_env] if section.key_env is not None else ""
