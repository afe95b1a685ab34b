"""Removes credentials from log lines."""

from __future__ import annotations

import logging
import re

# Credentials in a query, a header or a form, and every JWT.
_CREDENTIAL = re.compile(
    r"""((?:token|ticket|password|secret|signature|session_id|session-id)["']?\s*[=:]\s*["']?|\bBearer[\s_]+)[^\s&"',;\\]+"""
    r"""|\beyJ[\w-]+\.[\w-]+\.[\w-]*""",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """The text with `[redacted]` in place of credentials."""
    return _CREDENTIAL.sub(lambda match: (match[1] or "") + "[redacted]", text)


class RedactingFilter(logging.Filter):
    """Redacts the messages of a logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; never drops it."""
        record.msg, record.args = redact(record.getMessage()), ()
        return True
