"""Units of audio; every count of samples in the package is at 16 kHz."""

SAMPLE_RATE_HZ = 16_000
SAMPLE_BYTES = 2
FRAME_SAMPLES = 160  # the decoder counts in frames of 10 ms
SLICE_SAMPLES = 800  # longest piece decoded at once, and how often words are sent: 50 ms
