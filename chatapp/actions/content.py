"""What a message may hold. One rule for sending and editing, in all dialects."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from chatapp.errors import Invalid
from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.ids.public import MISSING_ID
from chatapp.text import sanitizing
from config import Settings

MAX_FILES = 10  # of one message (API.md, limits)

# Types of messages that are named after their files, and what these may be.
_FILE_TYPES = {
    "image": {"image"},
    "video": {"video"},
    "audio": {"audio"},
    "voice": {"audio"},
    "file": {"image", "video", "audio", "document"},
}
MESSAGE_TYPES = ("text", "location", *_FILE_TYPES)

_is_html = False  # SANITIZE_HTML


def bind(settings: Settings) -> None:
    """Take from the settings whether texts are HTML."""
    global _is_html
    _is_html = settings.sanitize_html


def length_of(content: str) -> int:
    """Characters of a text, by which it is limited. In HTML an entity is the one character that was written."""
    return len(html.unescape(content)) if _is_html else len(content)


def preview(content: str) -> str:
    """What lists of chats show of a text."""
    return sanitizing.preview_of_html(content) if _is_html else sanitizing.preview(content)


def check_content(
    content: str, message_type: str, location: dict[str, Any] | None, max_length: int, *, has_files: bool = False
) -> None:
    """Raises Invalid unless there is a message in it.

    Parameters:
        max_length: characters that `content` may have, as `length_of` counts them.
        has_files: whether there are attachments, beside which nothing need be said.
    """
    if message_type not in MESSAGE_TYPES:
        raise Invalid({"message_type": [f"Must be one of: {', '.join(MESSAGE_TYPES)}."]})
    if message_type == "location" and location is None:
        raise Invalid({"location_data": ["Required for a location."]}, "location_required")
    if message_type != "location" and location is not None:
        raise Invalid({"location_data": ["Only for message_type location."]})
    if message_type != "location" and not has_files and sanitizing.is_blank(_seen(content)):
        raise Invalid({"content": ["Must not be empty."]}, "content_required")
    if length_of(content) > max_length:
        raise Invalid({"content": [f"Longer than {max_length} characters."]}, "content_too_long")


def _seen(content: str) -> str:
    return sanitizing.seen_of_html(content) if _is_html else content


def check_attachment_ids(attachment_ids: Sequence[int], message_type: str) -> None:
    """Raises Invalid unless a new message of this type may name so many attachments."""
    if not attachment_ids:
        if message_type in _FILE_TYPES:
            raise Invalid({"attachment_ids": [f"Required for message_type {message_type}."]}, "attachments_required")
        return
    if len(attachment_ids) > MAX_FILES:
        raise Invalid({"attachment_ids": [f"More than {MAX_FILES}."]}, "too_many_files")
    named = [id for id in attachment_ids if id != MISSING_ID]  # missing ids are refused later, as not found
    if len(set(named)) != len(named):
        raise Invalid({"attachment_ids": ["The same one twice."]})


def check_files_match(message_type: str, attachments: Iterable[AttachmentSnapshot]) -> None:
    """Raises Invalid unless these files are what the type of their message says."""
    for attachment in attachments:
        is_voice = bool(attachment.metadata.get("voice"))
        allowed = _FILE_TYPES.get(message_type, _FILE_TYPES["file"])
        if attachment.file_type not in allowed or (message_type == "voice" and not is_voice):
            raise Invalid(
                {"message_type": [f"Not for a file of type {attachment.file_type}."]}, "message_type_mismatch"
            )
