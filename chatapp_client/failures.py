"""What can go wrong with something that was asked of the server."""

from __future__ import annotations


class ClientError(Exception):
    """Base of all failures of this client."""


class Refused(ClientError):
    """The server said no, and would say it again.

    Attributes:
        error: key of the reason, such as `marketplace.chatNotFound`.
        status: HTTP status; 0 where it was said over the socket.
    """

    def __init__(self, error: str, message: str = "", status: int = 0) -> None:
        super().__init__(f"{error}: {message}" if message else error)
        self.error = error
        self.status = status


class Unauthorised(Refused):
    """The token is not accepted, nor the next one."""


class Unanswered(ClientError):
    """Nobody knows whether it was done: no response, or one that says "not now". To be repeated under the same key.

    Attributes:
        retry_after: seconds that the server asked to wait, or None.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
