"""What a message may hold. One rule for sending and editing, in all dialects."""

from __future__ import annotations

from typing import Any

from chatapp import text
from chatapp.errors import Invalid

MESSAGE_TYPES = ("text", "location")


def check_content(content: str, message_type: str, location: dict[str, Any] | None, max_length: int) -> None:
    """Raises Invalid unless there is a message in it.

    Parameters:
        max_length: characters that `content` may have.
    """
    if message_type not in MESSAGE_TYPES:
        raise Invalid({"message_type": [f"Must be one of: {', '.join(MESSAGE_TYPES)}."]})
    if message_type == "location" and location is None:
        raise Invalid({"location_data": ["Required for a location."]}, "location_required")
    if message_type == "text" and location is not None:
        raise Invalid({"location_data": ["Only for message_type location."]})
    if message_type == "text" and text.is_blank(content):
        raise Invalid({"content": ["Must not be empty."]}, "content_required")
    if len(content) > max_length:
        raise Invalid({"content": [f"Longer than {max_length} characters."]}, "content_too_long")
