"""Recognisers: the client of a Deepgram-compatible endpoint, and the embedded one's process."""
