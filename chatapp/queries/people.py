"""Queries about users: who a token belongs to, and whether the account is active."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import fn

from chatapp.auth import tokens
from chatapp.auth.actor import Actor
from chatapp.ids.public import MISSING_ID
from chatapp.ids.visitors import FIRST_VISITOR
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import TokenFamily, User
from chatapp.queries import fragments
from chatapp.text import sanitizing

Entry = tuple[int, str | None]  # a user's id, and the token family of their login; None for tokens of other services


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """The account that a token belongs to.

    Attributes:
        is_revoked: whether the user is banned or erased, or the login of the token has ended.
    """

    actor: Actor
    is_revoked: bool


# One indexed query per request: the user by a unique key, the login of the token by its primary key.
_ACCOUNT_STATUS = """
SELECT u.id, u.uuid::text, u.username, u.is_verified,
       u.banned_at IS NOT NULL OR u.erased_at IS NOT NULL
       OR (%(family)s::uuid IS NOT NULL AND (f.id IS NULL OR f.revoked_at IS NOT NULL))
FROM users u LEFT JOIN token_families f ON f.id = %(family)s::uuid AND f.user_id = u.id
"""
_ACCOUNT_STATUS_OF_ID = Statement(_ACCOUNT_STATUS + "WHERE u.id = %(id)s")
_ACCOUNT_STATUS_OF_UUID = Statement(_ACCOUNT_STATUS + "WHERE u.uuid = %(uuid)s::uuid")
_ACCOUNT_STATUS_OF_SUBJECT = Statement(
    _ACCOUNT_STATUS + "WHERE u.issuer = %(issuer)s AND u.subject = ANY(ARRAY[%(subject)s, %(erased)s])"
)


def account_status_of_id(user_id: int, family_id: str | None) -> AccountStatus | None:
    """The account with this id, for a token of this login; None if there is none."""
    return _account_status(_ACCOUNT_STATUS_OF_ID, {"id": user_id, "family": family_id}, family_id)


def account_status_of_uuid(uuid: str) -> AccountStatus | None:
    """The account with this UUID, for a token of another service; None if there is none."""
    return _account_status(_ACCOUNT_STATUS_OF_UUID, {"uuid": uuid, "family": None}, None)


def account_status_of_subject(issuer: str, subject: str) -> AccountStatus | None:
    """The account of a subject of another service, for its token; None if there is none."""
    erased = tokens.subject_of_erased(issuer, subject)
    values = {"issuer": issuer, "subject": subject, "erased": erased, "family": None}
    return _account_status(_ACCOUNT_STATUS_OF_SUBJECT, values, None)


def _account_status(statement: Statement, values: dict[str, Any], family_id: str | None) -> AccountStatus | None:
    with database_connection():
        row = db.run(statement, values).fetchone()
    if row is None:
        return None
    user_id, uuid, username, is_verified, is_revoked = row
    return AccountStatus(Actor(user_id, uuid, username, is_verified, family_id), is_revoked)


_REVOKED = Statement(f"""
SELECT entry.id, entry.family
FROM unnest(%(ids)s::bigint[], %(families)s::text[]) AS entry (id, family)
LEFT JOIN users u ON u.id = entry.id
LEFT JOIN token_families f ON f.id = entry.family::uuid AND f.user_id = entry.id
WHERE (u.id IS NULL AND entry.id < {FIRST_VISITOR}) OR u.banned_at IS NOT NULL OR u.erased_at IS NOT NULL
    OR (entry.family IS NOT NULL AND (f.id IS NULL OR f.revoked_at IS NOT NULL))
""")


def revoked_among(entries: Collection[Entry]) -> set[Entry]:
    """The entries whose user is banned, erased or missing, or whose login has ended.

    A visitor may be missing: one has a row from the first message on.

    Raises:
        Unavailable: Postgres is away.
    """
    values = {"ids": [id for id, _ in entries], "families": [family for _, family in entries]}
    with database_connection():
        return set(db.run(_REVOKED, values).fetchall())


_HIDE_PRESENCE = Statement(f"""
SELECT {fragments.hides_presence("one", "other")} FROM users one, users other
WHERE one.id = %(one)s AND other.id = %(other)s
""")


def hide_presence(one_id: int, other_id: int) -> bool:
    """Whether two users do not see each other's presence, because one of them hides it."""
    with database_connection():
        row = db.run(_HIDE_PRESENCE, {"one": one_id, "other": other_id}).fetchone()
    return row is None or bool(row[0])


def person(user_id: int) -> User | None:
    """The row of a user."""
    with database_connection():
        return User.get_or_none(User.id == user_id)


def is_moderator(user_id: int) -> bool:
    """Whether a user has the role of a moderator."""
    with database_connection():
        row = db.execute_sql("SELECT is_moderator FROM users WHERE id = %s", (user_id,)).fetchone()
    return row is not None and bool(row[0])


def moderators() -> list[User]:
    """All moderators, by name."""
    with database_connection():
        return list(User.select().where(User.is_moderator).order_by(User.username))


def person_of_reference(reference: int | str) -> User | None:
    """The row of a user, by integer id or UUID."""
    field = User.id if isinstance(reference, int) else User.uuid
    with database_connection():
        return User.get_or_none(field == reference)


def person_of_login(login: str) -> User | None:
    """The row of a user with a password, by username or e-mail address; usernames contain no `@`."""
    wanted = login.lower()
    field = User.email if "@" in login else User.username
    with database_connection():
        return User.get_or_none((fn.lower(field) == wanted) & User.password_hash.is_null(False))


def has_log_in_from(user_id: int, address_hash: bytes) -> bool:
    """Whether a user's login was last used from this network address; until a week after its end."""
    matches = (TokenFamily.user_id == user_id) & (TokenFamily.address_hash == address_hash)
    with database_connection():
        return bool(TokenFamily.select().where(matches).exists())


def person_by_uuid(text: str) -> User | None:
    """The row of a user, by UUID; None also for other texts."""
    try:
        reference = uuid.UUID(text)
    except ValueError:
        return None
    return person_of_reference(str(reference)) if str(reference) == text.lower() else None


def person_by_username(username: str) -> User | None:
    """The row of a user, by username, case-insensitive; None for erased users."""
    if sanitizing.has_forbidden_characters(username):
        return None
    with database_connection():
        found = User.get_or_none((fn.lower(User.username) == username.lower()) & User.erased_at.is_null())
    # In lower case, some letters of other scripts become Latin (the Kelvin sign becomes k): they must not match.
    return found if found is None or found.username.isascii() == username.isascii() else None


def person_to_block(who: int | str) -> User | None:
    """The row of a user, by id or username; None for erased users."""
    if isinstance(who, str):
        return person_by_username(who)
    found = person(who)
    return None if found is None or found.erased_at is not None else found


_IDS_BY_USERNAMES = (
    "SELECT lower(username), id, username FROM users WHERE lower(username) = ANY(%s) AND erased_at IS NULL"
)


def ids_by_usernames(usernames: Sequence[str]) -> list[int]:
    """Ids of users by their usernames, as `person_by_username`; MISSING_ID for those who do not exist."""
    if not usernames:
        return []
    with database_connection():
        rows = db.execute_sql(_IDS_BY_USERNAMES, ([name.lower() for name in usernames],)).fetchall()
    found = {(name, username.isascii()): id for name, id, username in rows}
    return [found.get((name.lower(), name.isascii()), MISSING_ID) for name in usernames]


def is_username_taken(username: str) -> bool:
    """Whether a username is taken, case-insensitive."""
    with database_connection():
        return bool(User.select().where(fn.lower(User.username) == username.lower()).exists())
