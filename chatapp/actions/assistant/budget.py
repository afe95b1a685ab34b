"""Tokens of a day, counted in Postgres: for all answers, for a visitor, and for a session."""

from __future__ import annotations

import logging
from typing import NamedTuple

from chatapp import clock
from chatapp.assistant.budget import Reservation
from chatapp.assistant.port import Turn
from chatapp.auth.session_ids import session_ids
from chatapp.errors import Unavailable
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement

log = logging.getLogger(__name__)


class Caps(NamedTuple):
    """ASSISTANT_TOKENS_PER_DAY, ASSISTANT_TOKENS_PER_VISITOR and ASSISTANT_TOKENS_PER_SESSION."""

    everyone: int
    visitor: int
    session: int


_SCOPES = """
SELECT 'all' AS scope, %(everyone)s::bigint AS cap
UNION ALL SELECT 'session:' || chat_id, %(session)s::bigint FROM sessions WHERE chat_id = %(chat)s::bigint
UNION ALL SELECT 'visitor:' || visitor_id, %(visitor)s::bigint FROM sessions WHERE chat_id = %(chat)s::bigint
"""
# In one order: transactions that count on the same rows must not deadlock.
_RESERVE = Statement(f"""
WITH scopes AS ({_SCOPES})
INSERT INTO assistant_usage AS u (day, scope, reserved)
SELECT %(day)s, scope, %(tokens)s FROM scopes WHERE %(tokens)s <= cap ORDER BY scope
ON CONFLICT (day, scope) DO UPDATE SET reserved = u.reserved + excluded.reserved
    WHERE u.used + u.reserved + excluded.reserved <= (SELECT cap FROM scopes WHERE scopes.scope = u.scope)
RETURNING scope
""")
_SETTLE = Statement("""
UPDATE assistant_usage SET reserved = reserved - %(tokens)s, used = used + %(used)s
WHERE day = %(day)s AND scope IN ('all', 'session:' || %(chat)s::bigint, (
    SELECT 'visitor:' || visitor_id FROM sessions WHERE chat_id = %(chat)s::bigint
))
""")


class _Spent(Exception):
    """One of the budgets has not as many tokens left: what was reserved of the others is given back."""


class UsageBudget:
    """The budget of `assistant.budget`.

    Parameters:
        caps: of a day.
    """

    def __init__(self, caps: Caps) -> None:
        self._caps = caps

    def reserve(self, turn: Turn, tokens: int) -> Reservation | None:
        """Reserve tokens; None if a budget is spent, or Postgres is away."""
        day = clock.now().date()
        values = {"day": day, "tokens": tokens, "chat": session_ids().chat_id(turn.session_id)}
        try:
            with database_connection(), db.atomic():
                if len(db.run(_RESERVE, {**values, **self._caps._asdict()}).fetchall()) < len(self._caps):
                    raise _Spent
        except (_Spent, Unavailable):
            return None
        return Reservation(turn, tokens, day)

    def settle(self, reservation: Reservation, used: int) -> None:
        """Replace a reservation by what was used. Without Postgres it stays reserved, and so counts as used."""
        chat_id = session_ids().chat_id(reservation.turn.session_id)
        values = {"day": reservation.day, "tokens": reservation.tokens, "used": used, "chat": chat_id}
        try:
            with database_connection():
                db.run(_SETTLE, values)
        except Unavailable:
            log.warning("tokens not settled")


def sweep_usage(kept: float) -> int:
    """Delete the numbers of days that are over for `kept` seconds; returns how many."""
    return int(
        db.execute_sql(
            "DELETE FROM assistant_usage WHERE day < (now() - make_interval(secs => %s))::date", (kept,)
        ).rowcount
    )
