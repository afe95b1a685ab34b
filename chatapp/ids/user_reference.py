"""How the host's services refer to a user: by our integer id or by UUID."""

from __future__ import annotations

import re
import uuid

from chatapp.ids.snowflake import MAX_ID

UserReference = int | str

_ID = re.compile("[1-9][0-9]{0,15}")
_UUID_LENGTH = 36


def parse_user_reference(text: str) -> UserReference | None:
    """The integer id, or the UUID in lower case; None if the text is neither."""
    if _ID.fullmatch(text):
        return int(text) if int(text) <= MAX_ID else None
    try:
        return str(uuid.UUID(text)) if len(text) == _UUID_LENGTH else None
    except ValueError:
        return None
