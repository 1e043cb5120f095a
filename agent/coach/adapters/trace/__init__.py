"""Trace files: reading, writing, erasing."""
