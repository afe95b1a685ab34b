"""The token budget of the `openai` adapter, as it sees it. Who counts the tokens, and where, is not its business."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from chatapp.assistant.port import Turn


@dataclass(frozen=True, slots=True)
class Reservation:
    """Tokens that a request may use.

    Attributes:
        day: on which they were reserved, in UTC; they are settled on the same.
    """

    turn: Turn
    tokens: int
    day: dt.date


class Budget(Protocol):
    """Tokens a day, for all answers, for a visitor and for a session."""

    def reserve(self, turn: Turn, tokens: int) -> Reservation | None:
        """Reserve tokens before a request; None if one of the budgets has not as many left."""
        ...

    def settle(self, reservation: Reservation, used: int) -> None:
        """Replace a reservation by what was used. Without this call it counts as used.

        It is also called while a greenlet is being killed.
        """
        ...
