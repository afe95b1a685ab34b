"""Stable codes of why a file is refused. An inspector process sends the code; its worker raises the error."""

from __future__ import annotations

from chatapp.errors import ChatError, Invalid, Reason, Unsupported

FIELD = "file"

_UNSUPPORTED = {"file_type_not_allowed", "file_ambiguous"}
_INVALID = {
    "file_empty",
    "file_damaged",
    "file_too_complex",
    "image_too_large",
    "media_too_large",
    "media_too_long",
    "voice_not_audio",
    "pdf_active_content",
}
CODES = _UNSUPPORTED | _INVALID  # part of the API


def refusal(code: str) -> ChatError:
    """The error for a refused file.

    Parameters:
        code: one of `CODES`.
    """
    if code in _UNSUPPORTED:
        return Unsupported(code)
    return Invalid({FIELD: [Reason(code)]}, code)
