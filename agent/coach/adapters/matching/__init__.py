"""Finding phrases in words, and cards for a question."""
