"""The authenticated user."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A user whose token was accepted.

    Attributes:
        family_id: the log-in that the token belongs to; None for tokens of another service.
        expires_at: when a token of another service expires, in seconds since 1970; the socket that it opened ends then.
            None for our own tokens, whose log-in may be refreshed.
        item: kind and id of the item whose page the user is on, if the token says so.
    """

    id: int
    uuid: str
    username: str
    is_verified: bool = False
    family_id: str | None = None
    expires_at: float | None = None
    item: tuple[str, int] | None = None
