"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person whose token was accepted.

    Attributes:
        family_id: the log-in that the token belongs to; None for tokens of another service.
        expires_at: seconds since 1970 from when on the token is refused, where another service issued it: a socket that
            it opened ends then. None for our own, whose log-in may be refreshed.
    """

    id: int
    uuid: str
    username: str
    is_verified: bool = False
    family_id: str | None = None
    expires_at: float | None = None
