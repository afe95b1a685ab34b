"""Keeps credentials that travel in URLs out of log lines."""

from __future__ import annotations

import logging
import re

_CREDENTIAL = re.compile(r"(?i)\b((?:access_)?token|ticket)=[^&\s\"'\\]+")


def redact(text: str) -> str:
    """The text with the values of `token=`, `access_token=` and `ticket=` blanked."""
    return _CREDENTIAL.sub(r"\1=[redacted]", text)


class RedactingFilter(logging.Filter):
    """Blanks credentials in the messages of a logger that writes URLs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; never drops it."""
        record.msg, record.args = redact(record.getMessage()), ()
        return True
