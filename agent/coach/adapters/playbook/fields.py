"""The kinds of values that stand in a playbook's files, each with its limits."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

HEADLINE_WORDS = 12
HEADLINE_CHARACTERS = 120
SAY_CHARACTERS = 160
DETAIL_CHARACTERS = 400
GUIDANCE_CHARACTERS = 120
DISCLOSURE_BYTES = 900
_ARPABET = frozenset(
    [
        *("AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G"),
        *("HH", "IH", "IY", "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH"),
        *("T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH"),
    ]
)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _headline(text: str) -> str:
    text = _one_line(text)
    if (count := len(text.split())) > HEADLINE_WORDS:
        raise ValueError(f"has {count} words: at most {HEADLINE_WORDS} can be read at a glance")
    return text


def _phones(text: str) -> str:
    wrong = [phone for phone in text.split() if phone not in _ARPABET]
    if wrong:
        raise ValueError("must be ARPAbet phones without stress, such as `Z EH N D EH S K`")
    return _one_line(text)


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Line = Annotated[Text, StringConstraints(max_length=400), AfterValidator(_one_line)]
Pattern = Annotated[Text, StringConstraints(max_length=1_000)]
Headline = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=HEADLINE_CHARACTERS),
    AfterValidator(_headline),
]
Say = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=SAY_CHARACTERS),
    AfterValidator(_one_line),
]
Detail = Annotated[str, StringConstraints(strip_whitespace=True, max_length=DETAIL_CHARACTERS)]
Phones = Annotated[Text, AfterValidator(_phones)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Percentage = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Ratio = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Entry(BaseModel):
    """Strict: unknown fields and other types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NamedFile(Entry):
    """A file whose id is its own name."""

    id: Id
