"""Errors as codes and data, without HTTP status and texts: the edge and the dialects add those."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self


class Misconfigured(Exception):
    """A server is not configured as chatapp requires; the message is one sentence for the operator."""


class ChatError(Exception):
    """Base class of errors that clients receive.

    Attributes:
        code: stable snake_case name of the reason, such as `chat_not_found`.
        data: further values for clients, JSON-ready.
    """

    code = "internal_error"

    def __init__(self, code: str | None = None, **data: Any) -> None:
        super().__init__(code or self.code)
        self.code = code or self.code
        self.data = data


class Unreadable(ChatError):
    """The request cannot be parsed: malformed JSON or an invalid cursor."""

    code = "unreadable"


class Unauthorised(ChatError):
    """The token is missing or not accepted."""

    code = "unauthorised"


class Forbidden(ChatError):
    """The resource is visible to the caller, but the action is not allowed."""

    code = "forbidden"


class NotFound(ChatError):
    """The resource does not exist, or the caller may not see it: both look the same."""

    code = "not_found"


class Conflict(ChatError):
    """Conflicts with existing data: a key reused with another body, or a name already taken."""

    code = "conflict"


class TooLarge(ChatError):
    """The request has more bytes than allowed."""

    code = "too_large"


class Unsupported(ChatError):
    """The content type is not supported."""

    code = "unsupported_media_type"


class Reason(str):
    """Why a field is invalid: the key of a text in the catalogue, and the values that the text shows.

    It is the key itself, since validators can only raise text.
    """

    values: dict[str, object]

    def __new__(cls, key: str, **values: object) -> Self:
        reason = super().__new__(cls, key)
        reason.values = values
        return reason


class Invalid(ChatError):
    """Some fields are invalid.

    Attributes:
        fields: field name to the reasons why it is invalid.
    """

    code = "validation_failed"

    def __init__(self, fields: Mapping[str, Sequence[Reason]], code: str | None = None) -> None:
        super().__init__(code)
        self.fields = {name: list(reasons) for name, reasons in fields.items()}


class RateLimited(ChatError):
    """Too many requests, or too many at once.

    Attributes:
        retry_after: whole seconds after which the client may retry, at least 1.
    """

    code = "rate_limit_exceeded"

    def __init__(self, retry_after: float, code: str | None = None) -> None:
        self.retry_after = max(1, round(retry_after + 0.499))
        super().__init__(code, retry_after=self.retry_after)


class Unavailable(ChatError):
    """A dependency is unavailable; the same request may succeed later.

    Attributes:
        retry_after: whole seconds after which the client may retry.
    """

    code = "unavailable"

    def __init__(self, part: str, retry_after: int = 2) -> None:
        super().__init__(f"{part}_unavailable", retry_after=retry_after)
        self.retry_after = retry_after


class ConnectionLost(Unavailable):
    """A connection broke, or could not be opened. Unlike with a server that does not respond, trying again may help."""
