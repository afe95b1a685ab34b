"""Errors of requests to the server."""

from __future__ import annotations


class ClientError(Exception):
    """Base of all errors of this client."""


class Refused(ClientError):
    """The server refused a request; a retry would be refused as well.

    Attributes:
        error: key of the reason, such as `marketplace.chatNotFound`.
        status: HTTP status; 0 over the socket.
    """

    def __init__(self, error: str, message: str = "", status: int = 0) -> None:
        super().__init__(f"{error}: {message}" if message else error)
        self.error = error
        self.status = status


class Unauthorised(Refused):
    """Neither the token nor its replacement is accepted."""


class Unanswered(ClientError):
    """The outcome is unknown: no response, or a temporary error. Retry with the same key.

    Attributes:
        retry_after: seconds to wait, as requested by the server, or None.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
