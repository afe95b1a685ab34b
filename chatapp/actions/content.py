"""The rules for the content of messages, for sending and editing in every dialect."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from chatapp.errors import Invalid, Reason
from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.ids.public import MISSING_ID
from chatapp.infra.bound import Bound
from chatapp.queries import previews
from chatapp.text import sanitizing

MAX_FILES = 10  # attachments of one message

# The message types for files, and the types of files that each may have.
_FILE_TYPES = {
    "image": {"image"},
    "video": {"video"},
    "audio": {"audio"},
    "voice": {"audio"},
    "file": {"image", "video", "audio", "document"},
}
MESSAGE_TYPES = ("text", "location", *_FILE_TYPES)


@dataclass(frozen=True, slots=True)
class _TextRules:
    """Whether texts are HTML (SANITIZE_HTML), and the characters that one may have (MAX_CONTENT_LENGTH)."""

    is_html: bool
    max_length: int


rules = Bound("Text rules", lambda settings: _TextRules(settings.sanitize_html, settings.max_content_length))


def sanitize(content: str) -> str:
    """The text as it is stored: without control characters and, where texts are HTML, with allowed tags only."""
    return sanitizing.cleaned(content, rules().is_html)


def length_of(content: str) -> int:
    """The characters that the length limit counts. In HTML an entity counts as the character it stands for."""
    return len(html.unescape(content)) if rules().is_html else len(content)


def preview(content: str) -> str:
    """The beginning of a text, for lists of chats."""
    return previews.preview(content)


def check_content(content: str, message_type: str, location: dict[str, Any] | None, *, has_files: bool = False) -> None:
    """Check the text, type and location of a message.

    Parameters:
        content: as `sanitize` returns it.
        has_files: whether the message has attachments; then the text may be empty.

    Raises:
        Invalid: `content_required`, `content_too_long`, `location_required`, or a type or location that is not allowed.
    """
    if message_type not in MESSAGE_TYPES:
        raise Invalid({"message_type": [Reason("not_a_choice", choices=", ".join(MESSAGE_TYPES))]})
    if message_type == "location" and location is None:
        raise Invalid({"location_data": [Reason("required_for_location")]}, "location_required")
    if message_type != "location" and location is not None:
        raise Invalid({"location_data": [Reason("only_for_location")]})
    if message_type != "location" and not has_files and sanitizing.is_blank(_visible_text(content)):
        raise Invalid({"content": [Reason("empty")]}, "content_required")
    if length_of(content) > rules().max_length:
        raise Invalid({"content": [Reason("too_many_characters", max=rules().max_length)]}, "content_too_long")


def _visible_text(content: str) -> str:
    return sanitizing.seen_of_html(content) if rules().is_html else content


def check_attachment_ids(attachment_ids: Sequence[int], message_type: str) -> None:
    """Raises Invalid unless a new message of this type may have so many, distinct attachments. They need not exist."""
    if not attachment_ids:
        if message_type in _FILE_TYPES:
            reason = Reason("required_for_type", message_type=message_type)
            raise Invalid({"attachment_ids": [reason]}, "attachments_required")
        return
    if len(attachment_ids) > MAX_FILES:
        raise Invalid({"attachment_ids": [Reason("too_many", max=MAX_FILES)]}, "too_many_files")
    named = [id for id in attachment_ids if id != MISSING_ID]  # missing ids are refused later, as not found
    if len(set(named)) != len(named):
        raise Invalid({"attachment_ids": [Reason("duplicates")]})


def check_files_match(message_type: str, attachments: Iterable[AttachmentSnapshot]) -> None:
    """Raises Invalid unless all files have a type that the type of their message allows."""
    for attachment in attachments:
        is_voice = bool(attachment.metadata.get("voice"))
        allowed = _FILE_TYPES.get(message_type, _FILE_TYPES["file"])
        if attachment.file_type not in allowed or (message_type == "voice" and not is_voice):
            reason = Reason("not_for_file_type", file_type=attachment.file_type)
            raise Invalid({"message_type": [reason]}, "message_type_mismatch")
