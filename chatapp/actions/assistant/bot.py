"""The user that the answers of the assistant come from. It is a member of no chat, and cannot log in."""

from __future__ import annotations

import secrets

from chatapp.actions import people
from chatapp.events.snapshots import Person
from chatapp.infra.bound import Bound
from chatapp.infra.postgres import database_connection, db
from chatapp.queries.rows import person_list
from chatapp.transaction import unit_of_work

ISSUER = ":chatapp"  # no service that issues tokens has this name
SUBJECT = "assistant"
NAME = "Assistant"
_FIND = f"SELECT {person_list('u')} FROM users u WHERE issuer = %s AND subject = %s"


class _Bot:
    """Remembers the user, who never changes."""

    person: Person | None = None


known = Bound("The user of the assistant", lambda settings: _Bot())


def bot() -> Person:
    """The assistant as a user; created if it is missing.

    Raises:
        Unavailable: Postgres is away, at the first call of a process.
    """
    remembered = known()
    while remembered.person is None:
        remembered.person = _find() or _create()
    return remembered.person


def _find() -> Person | None:
    with database_connection():
        row = db.execute_sql(_FIND, (ISSUER, SUBJECT)).fetchone()
    return None if row is None else Person(*row)


def _create() -> Person | None:
    """None if another process was faster, or a user has the name: then the next attempt finds it, or takes another."""
    with database_connection():
        is_taken = db.execute_sql("SELECT 1 FROM users WHERE lower(username) = %s", (SUBJECT,)).fetchone() is not None
    username = f"{SUBJECT}-{secrets.token_hex(4)}" if is_taken else SUBJECT
    with unit_of_work():
        people.insert(issuer=ISSUER, subject=SUBJECT, username=username, name=NAME)
    return _find()
