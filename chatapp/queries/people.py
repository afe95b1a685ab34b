"""Reads about people: who a token names, and whether they may still enter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from peewee import fn

from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection, db
from chatapp.infra.prepared_statements import Statement
from chatapp.models import TokenFamily, User
from chatapp.text import sanitizing

Entry = tuple[int, str | None]  # a person's id, and the log-in of their token; None for other services' tokens


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """The user of a token, and whether they still have access.

    Attributes:
        is_revoked: banned, erased, or the log-in of the token has ended.
    """

    actor: Actor
    is_revoked: bool


# One indexed query a request: the person by a unique key, and the log-in of the token by its primary key.
_ACCOUNT_STATUS = """
SELECT u.id, u.uuid::text, u.username, u.is_verified,
       u.banned_at IS NOT NULL OR u.erased_at IS NOT NULL
       OR (%(family)s::uuid IS NOT NULL AND (f.id IS NULL OR f.revoked_at IS NOT NULL))
FROM users u LEFT JOIN token_families f ON f.id = %(family)s::uuid AND f.user_id = u.id
"""
_ACCOUNT_STATUS_OF_ID = Statement(_ACCOUNT_STATUS + "WHERE u.id = %(id)s")
_ACCOUNT_STATUS_OF_UUID = Statement(_ACCOUNT_STATUS + "WHERE u.uuid = %(uuid)s::uuid")
_ACCOUNT_STATUS_OF_SUBJECT = Statement(_ACCOUNT_STATUS + "WHERE u.issuer = %(issuer)s AND u.subject = %(subject)s")


def account_status_of_id(user_id: int, family_id: str | None) -> AccountStatus | None:
    """The account with this id, for a token of this log-in; None if there is none."""
    return _account_status(_ACCOUNT_STATUS_OF_ID, {"id": user_id, "family": family_id}, family_id)


def account_status_of_uuid(uuid: str) -> AccountStatus | None:
    """The account with this UUID, for a token of another service."""
    return _account_status(_ACCOUNT_STATUS_OF_UUID, {"uuid": uuid, "family": None}, None)


def account_status_of_subject(issuer: str, subject: str) -> AccountStatus | None:
    """The account of a subject of another service, for its token."""
    return _account_status(_ACCOUNT_STATUS_OF_SUBJECT, {"issuer": issuer, "subject": subject, "family": None}, None)


def _account_status(statement: Statement, values: dict[str, Any], family_id: str | None) -> AccountStatus | None:
    with database_connection():
        row = db.run(statement, values).fetchone()
    if row is None:
        return None
    return AccountStatus(Actor(row[0], row[1], row[2], row[3], family_id), bool(row[4]))


_REVOKED = Statement("""
SELECT asked.id, asked.family
FROM unnest(%(ids)s::bigint[], %(families)s::text[]) AS asked (id, family)
LEFT JOIN users u ON u.id = asked.id
LEFT JOIN token_families f ON f.id = asked.family::uuid AND f.user_id = asked.id
WHERE u.id IS NULL OR u.banned_at IS NOT NULL OR u.erased_at IS NOT NULL
    OR (asked.family IS NOT NULL AND (f.id IS NULL OR f.revoked_at IS NOT NULL))
""")


def revoked_among(entries: Collection[Entry]) -> set[Entry]:
    """Those of the people, each with the log-in that they entered by, who may not enter any more, or are not there.

    Raises:
        Unavailable: Postgres is away.
    """
    values = {"ids": [id for id, _ in entries], "families": [family for _, family in entries]}
    with database_connection():
        return {(row[0], row[1]) for row in db.run(_REVOKED, values).fetchall()}


def person(user_id: int) -> User | None:
    """The row of a person."""
    with database_connection():
        return User.get_or_none(User.id == user_id)


def person_of_reference(reference: int | str) -> User | None:
    """The row of a person named by our integer id or UUID."""
    field = User.id if isinstance(reference, int) else User.uuid
    with database_connection():
        return User.get_or_none(field == reference)


def person_of_login(login: str) -> User | None:
    """Who logs in with this username or e-mail address. A username holds no `@`, so it cannot be another's address."""
    wanted = login.lower()
    field = User.email if "@" in login else User.username
    with database_connection():
        return User.get_or_none((fn.lower(field) == wanted) & User.password_hash.is_null(False))


def has_log_in_from(user_id: int, address_hash: bytes) -> bool:
    """Whether one of a person's log-ins was last at this network address; a week after its end it is forgotten."""
    is_theirs = (TokenFamily.user_id == user_id) & (TokenFamily.address_hash == address_hash)
    with database_connection():
        return bool(TokenFamily.select().where(is_theirs).exists())


def person_by_username(username: str) -> User | None:
    """The row of a person who is named so, in any case; erased people are not found."""
    if sanitizing.has_forbidden_characters(username):
        return None
    with database_connection():
        found = User.get_or_none((fn.lower(User.username) == username.lower()) & User.erased_at.is_null())
    # Some letters of other scripts become Latin ones in lower case (the Kelvin sign a k): look-alikes are nobody.
    return found if found is None or found.username.isascii() == username.isascii() else None


def is_username_taken(username: str) -> bool:
    """Whether somebody has this username, in any case."""
    with database_connection():
        return bool(User.select().where(fn.lower(User.username) == username.lower()).exists())
