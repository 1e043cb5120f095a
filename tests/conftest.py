"""What all tests share: no test is judged by the clock of a busy machine."""

import gc

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_collection_finish() -> None:
    """Spare the collector what was imported and collected: walking it took a tenth of a run."""
    gc.collect()
    gc.freeze()
