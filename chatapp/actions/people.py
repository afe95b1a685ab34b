"""Users of other services: created from their tokens, and updated from their profiles."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from peewee import IntegrityError

from chatapp import clock
from chatapp.auth import tokens
from chatapp.errors import Conflict, NotFound, Unauthorised
from chatapp.events.types import AccessRevoked
from chatapp.ids.snowflake import MAX_ID
from chatapp.ids.user_reference import UserReference, parse_user_reference
from chatapp.infra.postgres import db
from chatapp.models import TokenFamily, User
from chatapp.queries import people
from chatapp.queries.people import AccountStatus
from chatapp.text import sanitizing
from chatapp.transaction import UnitOfWork, unit_of_work

MAX_SUBJECT = 255
MAX_USERNAME = 64
MAX_NAME = 100
MAX_URL = 2048
MAX_EMAIL = 254
_ATTEMPTS = 8  # a random suffix makes the second username unique; more are for ids that the host has taken


def account_status_of_claims(values: Mapping[str, Any]) -> AccountStatus | None:
    """The account of a token of another service; created if it is unknown.

    Raises:
        Unauthorised: `token_invalid`: the claim names no user.
    """
    reference = reference_of(values.get(tokens.user_claim()))
    status = _account_status(reference)
    if status is None:
        _create(reference, _profile(values))
        status = _account_status(reference)
    return status


def reference_of(value: Any) -> UserReference | tuple[str]:
    """The user that a claim names: by integer id, by UUID, or (in a tuple) by a subject of the other service.

    Raises:
        Unauthorised: `token_invalid`: it names no user.
    """
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_ID:
        return value
    if not isinstance(value, str) or not 0 < len(value) <= MAX_SUBJECT or sanitizing.has_forbidden_characters(value):
        raise Unauthorised("token_invalid")
    reference = parse_user_reference(value)
    return (value,) if reference is None else reference


def sync_person(reference: UserReference, profile: Mapping[str, Any]) -> User:
    """Create a user or update their profile.

    Parameters:
        reference: integer id or UUID.
        profile: `username`, `name`, `email`, `picture_url`, `is_verified`; missing fields stay unchanged.

    Raises:
        Conflict: `username_taken`, `email_taken`; `user_erased`.
    """
    if people.person_of_reference(reference) is None:
        _create(reference, profile, is_strict="username" in profile)
    with unit_of_work():
        user: User | None = User.select().where(is_(reference)).for_update().first()
        if user is None:
            raise NotFound("user_not_found")
        if user.erased_at is not None:
            raise Conflict("user_erased")
        try:
            User.update(**profile, updated_at=clock.now()).where(User.id == user.id).execute()
        except IntegrityError as error:
            raise _conflict(error) from error
        return User.get_by_id(user.id)


def revoke_all(work: UnitOfWork, user_id: int) -> None:
    """End all log-ins of a user, in a running unit of work; their sockets close after its commit."""
    active = (TokenFamily.user_id == user_id) & TokenFamily.revoked_at.is_null()
    TokenFamily.update(revoked_at=clock.now()).where(active).execute()
    work.publish_after_commit(AccessRevoked(recipients=(user_id,), family_id=None))


def insert(**columns: Any) -> User | None:
    """Insert a user in a running unit of work; None if the username, e-mail address, id or UUID is taken."""
    rows = list(User.insert(**columns).on_conflict_ignore().returning(User).execute())
    if not rows and "id" not in columns and _skip_taken_ids():
        rows = list(User.insert(**columns).on_conflict_ignore().returning(User).execute())
    return rows[0] if rows else None


def _skip_taken_ids() -> bool:
    """Advance the sequence of ids past those that the host chose; False if none was in the way.

    Ids from 2^52 on are ignored, so that a single large id does not exhaust the sequence.
    """
    cursor = db.execute_sql(
        """
        SELECT setval('users_id_seq', taken.last)
        FROM (SELECT max(id) AS last FROM users WHERE id < (1::bigint << 52)) taken
        WHERE taken.last >= (SELECT last_value FROM users_id_seq)
        """
    )
    return cursor.fetchone() is not None


def _create(reference: UserReference | tuple[str], profile: Mapping[str, Any], *, is_strict: bool = False) -> None:
    """Insert a user, unless a concurrent request did. If the username is taken, a suffix is added.

    Parameters:
        is_strict: refuse instead of adding a suffix.

    Raises:
        Conflict: `username_taken`.
    """
    columns = {"issuer": tokens.issuer(), **_identifying_columns(reference), **profile}
    wanted = columns.get("username") or f"user-{secrets.token_hex(4)}"
    for attempt in range(_ATTEMPTS):
        columns["username"] = wanted if attempt == 0 else f"{wanted[: MAX_USERNAME - 9]}-{secrets.token_hex(4)}"
        with unit_of_work():
            if insert(**columns) is not None:
                return
        if _account_status(reference) is not None:
            return
        if is_strict:
            raise Conflict("username_taken")


def _identifying_columns(reference: UserReference | tuple[str]) -> dict[str, Any]:
    if isinstance(reference, tuple):
        return {"subject": reference[0]}
    return {"id" if isinstance(reference, int) else "uuid": reference, "subject": str(reference)}


def _account_status(reference: UserReference | tuple[str]) -> AccountStatus | None:
    if isinstance(reference, tuple):
        return people.account_status_of_subject(tokens.issuer(), reference[0])
    if isinstance(reference, int):
        return people.account_status_of_id(reference, None)
    return people.account_status_of_uuid(reference)


def is_(reference: UserReference) -> Any:
    """The condition that a row is that of a user."""
    return User.id == reference if isinstance(reference, int) else User.uuid == reference


def _conflict(error: IntegrityError) -> Conflict:
    return Conflict("email_taken" if "users_login_email" in str(error) else "username_taken")


def _profile(values: Mapping[str, Any]) -> dict[str, Any]:
    """The profile in the claims of another service. Values that are not allowed are left out, not refused."""
    email = _clean_text(values.get("email"), MAX_EMAIL)
    picture = _clean_text(values.get("picture"), MAX_URL)
    return {
        "username": _username(values, email),
        "name": _clean_text(values.get("name"), MAX_NAME),
        "email": email if "@" in email else None,
        "picture_url": picture if picture.startswith(("https://", "http://")) else None,
        "is_verified": values.get("verified") is True,
    }


def _username(values: Mapping[str, Any], email: str) -> str:
    for candidate in (values.get("username"), values.get("preferred_username"), email.rpartition("@")[0]):
        name = "".join(_clean_text(candidate, MAX_USERNAME).split())
        if name and "@" not in name and "/" not in name:
            return name
    return ""


def _clean_text(value: Any, longest: int) -> str:
    if not isinstance(value, str) or sanitizing.has_forbidden_characters(value):
        return ""
    return sanitizing.without_controls(value).strip()[:longest]
