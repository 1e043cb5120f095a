"""Async use cases: own the tasks of a call and reach the outside only through ports."""
