"""What the playbook knows, found by the words of the talk."""

from coach.adapters.search.index import PassageIndex

__all__ = ["PassageIndex"]
