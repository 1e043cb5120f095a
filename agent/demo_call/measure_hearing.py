"""Let pocketsphinx hear the recorded call line by line, and write what it heard to `heard.md`.

Two settings (its defaults, and the fast beams of the embedded recogniser) hear two sounds: the file
itself, and the file after 48 kHz Opus at 32 kbit/s, which is what a LiveKit room makes of it.
"""

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from pocketsphinx import Decoder
from rapidfuzz.distance import Levenshtein

from demo_call import FOLDER, DemoCall, Expect, Line, Role, load_demo_call
from demo_call.audio import RATE_HZ, Samples, read_stereo
from demo_call.make_recording import words_of

HEARING_RATE_HZ = 16_000
OPUS_BITS_PER_S = 32_000
PAD_MS = 250
STEP = HEARING_RATE_HZ // 10
SETTINGS: dict[str, dict[str, int]] = {
    "fast": {"maxhmmpf": 3000, "maxwpf": 5, "ds": 2, "topn": 2, "pl_window": 10},
    "default": {},
}
EXPLANATION = """\
# What pocketsphinx hears

Written by `python -m demo_call.measure_hearing`; do not edit.
Each line alone, in chunks of 100 ms, one decoder per channel.
`fast` and `default` are the recogniser's settings, `Opus` means after 48 kHz Opus at 32 kbit/s.
The last column counts word errors within the trigger: fast, default, fast Opus, default Opus.
"""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One way of hearing the call, and the words it gave for every line."""

    name: str
    heard: tuple[list[str], ...]


def main() -> int:
    """Hear the call in four ways, write the table, print its summary."""
    call = load_demo_call()
    sounds = _channels(call)
    hearings = [
        Hearing(name + suffix, tuple(_hear(call, heard_as(sounds), options)))
        for suffix, heard_as in _PATHS.items()
        for name, options in SETTINGS.items()
    ]
    (FOLDER / "heard.md").write_text(
        EXPLANATION + _table(call, hearings) + _summary(call, hearings), encoding="utf-8"
    )
    sys.stdout.write(_summary(call, hearings))
    return 0


def trigger_errors(trigger: Sequence[str], heard: Sequence[str]) -> int:
    """Return the word errors of the passage in `heard` that comes nearest to the trigger."""
    passages = (
        heard[start:end] for start in range(len(heard) + 1) for end in range(start, len(heard) + 1)
    )
    return min(Levenshtein.distance(trigger, passage) for passage in passages)


def _channels(call: DemoCall) -> dict[Role, Samples]:
    audio = read_stereo(call.audio_path)
    return {Role.REP: audio.left, Role.PROSPECT: audio.right}


def _plain(sounds: dict[Role, Samples]) -> dict[Role, Samples]:
    return {role: _resampled(samples, HEARING_RATE_HZ) for role, samples in sounds.items()}


def _through_opus(sounds: dict[Role, Samples]) -> dict[Role, Samples]:
    return _plain({role: _opus(samples) for role, samples in sounds.items()})


_PATHS: dict[str, Callable[[dict[Role, Samples]], dict[Role, Samples]]] = {
    "": _plain,
    " Opus": _through_opus,
}


def _frame(samples: npt.NDArray[np.int16]) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = RATE_HZ
    return frame


def _resampled(samples: Samples, rate_hz: int) -> Samples:
    resampler = av.AudioResampler("s16", "mono", rate_hz)
    frames = resampler.resample(_frame(samples)) + resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def _opus(samples: Samples) -> Samples:
    """Encode and decode, as a room does."""
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=RATE_HZ, layout="mono")
        stream.options = {"application": "voip"}
        stream.bit_rate = OPUS_BITS_PER_S
        packed = av.AudioResampler("s16", "mono", RATE_HZ, frame_size=RATE_HZ // 50)
        for frame in packed.resample(_frame(samples)) + packed.resample(None):
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r") as back:
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        frames = [part for frame in back.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def _hear(
    call: DemoCall, sounds: dict[Role, Samples], options: dict[str, int]
) -> Iterator[list[str]]:
    decoders = {role: Decoder(loglevel="FATAL", **options) for role in Role}
    for line in call.lines:
        decoder, samples = decoders[line.speaker], _cut(sounds[line.speaker], line)
        decoder.start_utt()
        for start in range(0, samples.size, STEP):
            decoder.process_raw(samples[start : start + STEP].tobytes())
        decoder.end_utt()
        found = decoder.hyp()
        yield found.hypstr.split() if found else []


def _cut(samples: Samples, line: Line) -> Samples:
    per_ms = HEARING_RATE_HZ // 1000
    return samples[max(0, line.start_ms - PAD_MS) * per_ms : (line.end_ms + PAD_MS) * per_ms]


def _table(call: DemoCall, hearings: Sequence[Hearing]) -> str:
    fast, default = hearings[:2]
    rows = [
        "",
        "| | Said | Moment, expected | Heard (fast) | WER | Heard (default) | WER | Trigger |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for i, line in enumerate(call.lines):
        said = words_of(line.text)
        mark = f"{line.mark.moment}, {line.mark.expect}" if line.mark else ""
        cells = [line.speaker, line.text, mark]
        for words in (fast.heard[i], default.heard[i]):
            cells += ["=" if words == said else " ".join(words), _percent([said], [words])]
        rows.append(f"| {' | '.join([*cells, _errors(line, hearings, i)])} |")
    return "\n".join(rows) + "\n"


def _errors(line: Line, hearings: Sequence[Hearing], index: int) -> str:
    if line.mark is None:
        return ""
    trigger = words_of(line.mark.trigger)
    return " ".join(str(trigger_errors(trigger, hearing.heard[index])) for hearing in hearings)


def _summary(call: DemoCall, hearings: Sequence[Hearing]) -> str:
    """Return a table of word error rates by channel, and of triggers heard without an error."""
    rows = [
        "",
        "| Hearing | WER rep | WER prospect | Triggers without error |",
        "|---|---|---|---|",
    ]
    for hearing in hearings:
        rates = []
        for role in Role:
            of_role = [i for i, line in enumerate(call.lines) if line.speaker is role]
            said = [words_of(call.lines[i].text) for i in of_role]
            rates.append(_percent(said, [hearing.heard[i] for i in of_role]))
        rows.append(f"| {hearing.name} | {' | '.join(rates)} | {_exact(call, hearing)} |")
    return "\n".join(rows) + "\n"


def _exact(call: DemoCall, hearing: Hearing) -> str:
    marked = [
        trigger_errors(words_of(line.mark.trigger), words) == 0
        for line, words in zip(call.lines, hearing.heard, strict=True)
        if line.mark and line.mark.expect is not Expect.NONE
    ]
    return f"{sum(marked)} of {len(marked)}"


def _percent(said: Sequence[list[str]], heard: Sequence[list[str]]) -> str:
    errors = sum(Levenshtein.distance(s, h) for s, h in zip(said, heard, strict=True))
    return f"{100 * errors / sum(map(len, said)):.0f} %"


if __name__ == "__main__":
    raise SystemExit(main())
