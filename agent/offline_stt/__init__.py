"""Embedded speech recogniser: a small server that speaks Deepgram's listen protocol."""
