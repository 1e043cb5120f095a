"""Reads YAML that people write, and says by line what is wrong with it."""
