"""Make `call.flac` and `call.json` from `script.yaml`: speak, align the words, mix, write.

Needs flite on the PATH with the voices of the script. The same script gives the same bytes.
"""

import io
import json
import re
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import yaml
from pocketsphinx import Decoder

FOLDER = Path(__file__).parent
RATE_HZ = 16_000
PER_MS = RATE_HZ // 1000
TAIL_MS = 600
PEAK = 20_000  # of 32,767: about -4 dBFS for the loudest sample of each voice
QUIET = 150  # below this a sample counts as the silence around flite's speech
PAD_MS = 200  # silence around a line while it is aligned
FRAME_MS = 10  # one frame of pocketsphinx
MAX_WORD_MS = 1_500
NO_SLIDE = "nothing"

Samples = npt.NDArray[np.int16]


class ScriptError(Exception):
    """The script or the machine cannot give a recording; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word and its place, in milliseconds from the start of what was aligned."""

    word: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line of the script with its sound and its place in the call."""

    source: dict[str, Any]
    clip: Samples
    start_ms: int


def main() -> int:
    """Make both files beside the script."""
    try:
        script = yaml.safe_load((FOLDER / "script.yaml").read_text(encoding="utf-8"))
        call = _placed(script["lines"], _clips(script))
        described = _description(script, call)
        _write_flac(FOLDER / "call.flac", _mixed(call, described["duration_ms"]))
    except ScriptError as error:
        sys.stderr.write(f"make_recording: {error}\n")
        return 1
    text = json.dumps(described, indent=1, ensure_ascii=False)
    (FOLDER / "call.json").write_text(_compact_words(text) + "\n", encoding="utf-8")
    size_kb = (FOLDER / "call.flac").stat().st_size / 1000
    sys.stdout.write(f"{described['duration_ms'] / 1000:.1f} s, {size_kb:.0f} kB\n")
    return 0


def words_of(text: str) -> list[str]:
    """Split a line into the lower-case words that are spoken."""
    return re.findall(r"[a-z']+", text.lower())


def _clips(script: dict[str, Any]) -> list[Samples]:
    """Speak every line, and bring each voice to the same peak."""
    voices = {side["role"]: side["voice"] for side in script["speakers"].values()}
    lines = script["lines"]
    raw = [_trimmed(_speech(voices[line["speaker"]], line["text"])) for line in lines]
    peaks = dict.fromkeys(voices, 1)
    for clip, line in zip(raw, lines, strict=True):
        peaks[line["speaker"]] = max(peaks[line["speaker"]], _peak(clip))
    return [
        np.round(clip * (PEAK / peaks[line["speaker"]])).astype(np.int16)
        for clip, line in zip(raw, lines, strict=True)
    ]


def _peak(clip: Samples) -> int:
    return int(np.abs(clip.astype(np.int32)).max())


def _speech(voice: str, text: str) -> Samples:
    """Synthesise one line with flite."""
    flite = shutil.which("flite")
    if flite is None:
        raise ScriptError("flite is not on the PATH. Install it: apt-get install flite")
    command = [flite, "-voice", voice, "-t", text, "-o", "/dev/stdout"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode or not done.stdout.startswith(b"RIFF"):
        raise ScriptError(f"flite cannot speak with the voice {voice}. See: flite -lv")
    with wave.open(io.BytesIO(done.stdout)) as spoken:
        if spoken.getframerate() != RATE_HZ:
            raise ScriptError(f"The voice {voice} is not a {RATE_HZ} Hz voice. Take another")
        return np.frombuffer(spoken.readframes(spoken.getnframes()), dtype=np.int16)


def _trimmed(clip: Samples) -> Samples:
    """Cut flite's own silence but for 40 ms, so that the script's pauses are true."""
    loud = np.flatnonzero(np.abs(clip.astype(np.int32)) > QUIET)
    keep = 40 * PER_MS
    return clip[max(0, int(loud[0]) - keep) : int(loud[-1]) + keep]


def _placed(lines: Sequence[dict[str, Any]], clips: Sequence[Samples]) -> list[Spoken]:
    """Lay the lines one after another; a negative pause reaches back into the line before."""
    call: list[Spoken] = []
    end_ms = 0
    for line, clip in zip(lines, clips, strict=True):
        start_ms = end_ms + line["pause_ms"]
        call.append(Spoken(line, clip, start_ms))
        end_ms = max(end_ms, start_ms + clip.size // PER_MS)
    return call


def _mixed(call: Sequence[Spoken], duration_ms: int) -> Samples:
    """Add every clip to its channel."""
    stereo = np.zeros((2, duration_ms * PER_MS), dtype=np.int16)
    for spoken in call:
        channel = 0 if spoken.source["speaker"] == "rep" else 1
        start = spoken.start_ms * PER_MS
        stereo[channel, start : start + spoken.clip.size] += spoken.clip
    return stereo


def _description(script: dict[str, Any], call: Sequence[Spoken]) -> dict[str, Any]:
    """Return what call.json holds."""
    decoder = Decoder(lm=None, loglevel="FATAL")
    end_ms = max(spoken.start_ms + spoken.clip.size // PER_MS for spoken in call)
    return {
        "duration_ms": end_ms + TAIL_MS,
        "speakers": script["speakers"],
        "lines": [_described(decoder, spoken) for spoken in call],
        "screen": _screen(call),
    }


def _screen(call: Sequence[Spoken]) -> list[dict[str, Any]]:
    """Return which slide the rep shows from when on; the last entry ends the share."""
    shown = [
        {
            "slide": None if spoken.source["shows"] == NO_SLIDE else spoken.source["shows"],
            "start_ms": spoken.start_ms,
            "moment": spoken.source.get("stays", {}).get("moment"),
            "expect": spoken.source.get("stays", {}).get("expect"),
        }
        for spoken in call
        if "shows" in spoken.source
    ]
    if shown and shown[-1]["slide"] is not None:
        raise ScriptError(f"The share never ends. Give a later line: shows: {NO_SLIDE}")
    return shown


def _described(decoder: Decoder, spoken: Spoken) -> dict[str, Any]:
    line = spoken.source
    words = list(_aligned(decoder, spoken))
    first, last = _trigger(line, words) if "trigger" in line else (None, None)
    return {
        "speaker": line["speaker"],
        "text": line["text"],
        "start_ms": words[0].start_ms,
        "end_ms": words[-1].end_ms,
        "words": [asdict(word) for word in words],
        "moment": line.get("moment"),
        "trigger": line.get("trigger"),
        "trigger_start_ms": first and first.start_ms,
        "trigger_end_ms": last and last.end_ms,
        "path": line.get("path", "trigger") if "trigger" in line else None,
        "expect": line.get("expect"),
    }


def _aligned(decoder: Decoder, spoken: Spoken) -> Iterator[SpokenWord]:
    """Find each word's place in the call by forced alignment, and refuse an odd result."""
    text = spoken.source["text"]
    words = words_of(text)
    parts = _segments(decoder, words, np.pad(spoken.clip, PAD_MS * PER_MS))
    if [re.sub(r"\(\d+\)$", "", part.word) for part in parts] != words:
        raise ScriptError(f'The words of "{text}" cannot be aligned with its sound. Reword it')
    origin_ms = reached_ms = spoken.start_ms - PAD_MS
    for word, part in zip(words, parts, strict=True):
        start_ms = origin_ms + part.start_frame * FRAME_MS
        end_ms = origin_ms + (part.end_frame + 1) * FRAME_MS
        if not reached_ms <= start_ms < end_ms <= start_ms + MAX_WORD_MS:
            raise ScriptError(f'"{word}" in "{text}" is aligned to an odd place. Reword it')
        reached_ms = end_ms
        yield SpokenWord(word, start_ms, end_ms)


def _segments(decoder: Decoder, words: Sequence[str], sound: Samples) -> list[Any]:
    """Return pocketsphinx's segments for the words, without those for silence."""
    for missing in (word for word in words if decoder.lookup_word(word) is None):
        raise ScriptError(f'The recogniser does not know the word "{missing}". Reword its line')
    decoder.set_align_text(" ".join(words))
    decoder.start_utt()
    decoder.process_raw(sound.tobytes(), full_utt=True)
    decoder.end_utt()
    return [part for part in decoder.seg() or () if part.word[0] not in "<["]


def _trigger(line: dict[str, Any], words: Sequence[SpokenWord]) -> tuple[SpokenWord, SpokenWord]:
    """Return the first and the last word of the line's trigger."""
    wanted = words_of(line["trigger"])
    spoken = [word.word for word in words]
    for start in range(len(spoken) - len(wanted) + 1):
        if spoken[start : start + len(wanted)] == wanted:
            return words[start], words[start + len(wanted) - 1]
    raise ScriptError(f'The trigger "{line["trigger"]}" is not in "{line["text"]}"')


def _compact_words(text: str) -> str:
    """Put each word's entry on one line, for readable differences between versions."""
    entry = re.compile(r'\{\s+("word": [^}]*?)\s+\}')
    return entry.sub(lambda found: "{" + re.sub(r"\s+", " ", found[1]) + "}", text)


def _write_flac(path: Path, stereo: Samples) -> None:
    """Encode without the encoder's name and version, so that the bytes depend on the sound."""
    with av.open(str(path), "w", format="flac", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("flac", rate=RATE_HZ, layout="stereo")
        stream.options = {"compression_level": "12", "flags": "+bitexact"}
        stream.format = "s16"
        interleaved = np.ascontiguousarray(stereo.T).reshape(1, -1)
        step = 2 * 4096
        for start in range(0, interleaved.shape[1], step):
            block = interleaved[:, start : start + step]
            frame = av.AudioFrame.from_ndarray(block, format="s16", layout="stereo")
            frame.sample_rate = RATE_HZ
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


if __name__ == "__main__":
    raise SystemExit(main())
