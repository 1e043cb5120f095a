"""Finding phrases in words, and cards for a question."""

from coach.adapters.matching.cards import CardIndex
from coach.adapters.matching.matcher import PhraseMatcher

__all__ = ["CardIndex", "PhraseMatcher"]
