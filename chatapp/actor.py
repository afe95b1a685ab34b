"""Who acts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person whose token was accepted.

    Attributes:
        family_id: the log-in that the token belongs to; None for tokens of another service.
    """

    id: int
    uuid: str
    username: str
    is_verified: bool = False
    family_id: str | None = None
