"""Reading recordings of every common kind, and saying clearly what is wrong with the others."""

import wave
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import pytest

from demo_call import audio
from demo_call.audio import RATE_HZ, RecordingError, Samples, read_pair, read_stereo

LEFT_HZ = 440
RIGHT_HZ = 1200


def _tone(frequency_hz: int, rate_hz: int, seconds: float = 0.5) -> Samples:
    times_s = np.arange(round(rate_hz * seconds)) / rate_hz
    return np.round(12_000 * np.sin(2 * np.pi * frequency_hz * times_s)).astype(np.int16)


def _wav(path: Path, rate_hz: int, channels: Sequence[Samples]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.stack(channels, axis=1).tobytes())
    return path


def _encoded(path: Path, codec: str, rate_hz: int) -> Path:
    """Write both tones with one of FFmpeg's encoders, in the container of the file's name."""
    tones = np.stack([_tone(LEFT_HZ, rate_hz), _tone(RIGHT_HZ, rate_hz)])
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate_hz, layout="stereo")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(tones, format="s16p", layout="stereo")
        frame.sample_rate = rate_hz
        frame.pts = 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def _pitch_hz(samples: Samples) -> float:
    """Return the loudest frequency."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float)))
    return float(spectrum.argmax() * RATE_HZ / samples.size)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100, 48_000])
def test_stereo_wav_of_any_rate_becomes_two_channels_at_48_khz(
    tmp_path: Path, rate_hz: int
) -> None:
    path = _wav(tmp_path / "a.wav", rate_hz, [_tone(LEFT_HZ, rate_hz), _tone(RIGHT_HZ, rate_hz)])

    left, right = read_stereo(path)

    assert left.dtype == right.dtype == np.int16
    assert left.size == right.size == pytest.approx(RATE_HZ // 2, abs=50)
    assert _pitch_hz(left) == pytest.approx(LEFT_HZ, abs=5)
    assert _pitch_hz(right) == pytest.approx(RIGHT_HZ, abs=5)


@pytest.mark.parametrize(
    ("name", "codec", "rate_hz"),
    [("a.flac", "flac", 16_000), ("a.mp3", "libmp3lame", 44_100), ("a.ogg", "libopus", 48_000)],
)
def test_compressed_recordings_are_read_as_well(
    tmp_path: Path, name: str, codec: str, rate_hz: int
) -> None:
    left, right = read_stereo(_encoded(tmp_path / name, codec, rate_hz))

    assert left.size == right.size == pytest.approx(RATE_HZ // 2, abs=RATE_HZ // 10)
    assert _pitch_hz(left) == pytest.approx(LEFT_HZ, abs=5)
    assert _pitch_hz(right) == pytest.approx(RIGHT_HZ, abs=5)


def test_samples_that_need_no_resampling_are_unchanged(tmp_path: Path) -> None:
    tones = [_tone(LEFT_HZ, RATE_HZ), _tone(RIGHT_HZ, RATE_HZ)]

    left, right = read_stereo(_wav(tmp_path / "a.wav", RATE_HZ, tones))

    np.testing.assert_array_equal(left, tones[0])
    np.testing.assert_array_equal(right, tones[1])


def test_two_mono_files_of_unlike_rate_and_length_are_made_equal(tmp_path: Path) -> None:
    first = _wav(tmp_path / "rep.wav", 8_000, [_tone(LEFT_HZ, 8_000)])
    second = _wav(tmp_path / "buyer.wav", RATE_HZ, [_tone(RIGHT_HZ, RATE_HZ, seconds=0.25)])

    left, right = read_pair(first, second)

    assert left.size == right.size == pytest.approx(RATE_HZ // 2, abs=50)
    assert _pitch_hz(left) == pytest.approx(LEFT_HZ, abs=5)
    assert not right[RATE_HZ // 4 :].any()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"gone\.wav: no such file"):
        read_stereo(tmp_path / "gone.wav")


def test_text_is_not_audio(tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("These are notes, and nobody speaks in them.")

    with pytest.raises(RecordingError, match="cannot be read as audio"):
        read_stereo(path)


def test_picture_holds_no_audio(tmp_path: Path) -> None:
    path = tmp_path / "slide.png"
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "rgb24"
        picture = np.zeros((16, 16, 3), dtype=np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))

    with pytest.raises(RecordingError, match="holds no audio"):
        read_stereo(path)


def test_mono_where_stereo_is_needed_names_the_way_out(tmp_path: Path) -> None:
    path = _wav(tmp_path / "mono.wav", 16_000, [_tone(LEFT_HZ, 16_000)])

    with pytest.raises(RecordingError, match=r"has 1 channel instead of 2\. .*two mono files"):
        read_stereo(path)


def test_stereo_where_mono_is_needed_names_the_way_out(tmp_path: Path) -> None:
    mono = _wav(tmp_path / "mono.wav", 16_000, [_tone(LEFT_HZ, 16_000)])
    stereo = _wav(tmp_path / "both.wav", 16_000, [_tone(LEFT_HZ, 16_000)] * 2)

    with pytest.raises(RecordingError, match=r"both\.wav: has 2 channels instead of 1\. .*alone"):
        read_pair(mono, stereo)


def test_recording_without_a_sample_is_refused(tmp_path: Path) -> None:
    nothing = np.zeros(0, dtype=np.int16)
    path = _wav(tmp_path / "empty.wav", 16_000, [nothing, nothing])

    with pytest.raises(RecordingError, match="holds no sound"):
        read_stereo(path)


def test_file_without_a_byte_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()

    with pytest.raises(RecordingError, match="cannot be read as audio"):
        read_stereo(tmp_path / "empty.wav")


def test_recording_over_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audio, "MAX_HOURS", 0)
    path = _wav(tmp_path / "long.wav", 16_000, [_tone(LEFT_HZ, 16_000)] * 2)

    with pytest.raises(RecordingError, match="is longer than 0 hours"):
        read_stereo(path)


def test_playlist_cannot_name_an_address(tmp_path: Path) -> None:
    """FFmpeg follows the addresses in a playlist; a recording must never make us open one."""
    path = tmp_path / "call.m3u8"
    path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")

    with pytest.raises(RecordingError):
        read_stereo(path)
