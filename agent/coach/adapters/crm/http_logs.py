"""Keeps addresses and headers out of the HTTP client's own log lines.

It logs each request's address, which holds the account, and when debugging the answer's headers.
The lines stay, so that operators see that something was asked; of each its first words stay.
"""

import logging

_CLIENT = "httpx2"
_TRANSPORT = ("connection", "http11", "http2", "proxy", "socks")


def install() -> None:
    """Clean the client's lines from now on, whoever handles them. Safe to call twice."""
    for name in (_CLIENT, *(f"httpcore2.{part}" for part in _TRANSPORT)):
        logger = logging.getLogger(name)
        if not any(isinstance(f, _FirstWords) for f in logger.filters):
            logger.addFilter(_FirstWords())


class _FirstWords(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record in place."""
        words = str(record.msg).split(" ", 2)
        record.msg = " ".join(words[:2]) if record.name == _CLIENT else words[0]
        record.msg, record.args = record.msg.rstrip(":"), ()
        record.exc_info = record.exc_text = None
        return True
