"""The error codes of the social dialect."""

from __future__ import annotations

# Where the core has another name.
_CODES = {
    "bad_cursor": "INVALID_CURSOR",
    "chat_not_found": "CONVERSATION_NOT_FOUND",
    "client_key_reused": "TEMP_ID_REUSED",
    "unauthorised": "UNAUTHORIZED",
}


def wire_code(code: str) -> str:
    """`message_not_found` as `MESSAGE_NOT_FOUND`."""
    return _CODES.get(code) or code.upper()
