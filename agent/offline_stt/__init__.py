"""Embedded recogniser."""
