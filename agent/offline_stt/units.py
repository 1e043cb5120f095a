"""Units of audio; every count of samples in the package is at 16 kHz."""

SAMPLE_RATE_HZ = 16_000
SAMPLE_BYTES = 2
FRAME_SAMPLES = 160  # the decoder counts in frames of 10 ms
SLICE_SAMPLES = 1_600  # longest piece decoded at once: a partial is due every 100 ms
