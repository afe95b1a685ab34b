"""Stable codes of why a file is refused. An inspector process sends the code; its worker raises the error."""

from __future__ import annotations

from chatapp.errors import ChatError, Invalid, Unsupported

FIELD = "file"

_UNSUPPORTED = {"file_type_not_allowed", "file_ambiguous"}

REASONS = {
    "file_type_not_allowed": "Must be JPEG, PNG, GIF, WebP, MP4, WebM, PDF, Ogg, M4A or MP3.",
    "file_ambiguous": "Is also a file of another kind.",
    "file_empty": "Is empty.",
    "file_damaged": "Is damaged or incomplete.",
    "file_too_complex": "Takes too much time or memory.",
    "image_too_large": "Has too many pixels or frames.",
    "media_too_large": "Has too many pixels or tracks.",
    "media_too_long": "Lasts too long.",
    "voice_not_audio": "A voice message must be audio.",
    "pdf_active_content": "Contains scripts, programs to start or other files.",
}
"""Texts by code. The codes are part of the API."""


def refusal(code: str) -> ChatError:
    """The error for a refused file.

    Parameters:
        code: one of `REASONS`.
    """
    if code in _UNSUPPORTED:
        return Unsupported(code)
    return Invalid({FIELD: [REASONS[code]]}, code)
