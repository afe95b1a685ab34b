"""Log-ins: beginning, refreshing and revoking them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from chatapp import clock
from chatapp.auth import refresh_tokens, tokens
from chatapp.errors import Unauthorised
from chatapp.events.types import AccessRevoked
from chatapp.models import TokenFamily, User
from chatapp.transaction import UnitOfWork, unit_of_work

# Seconds in which a refresh may be repeated, because its response was lost or several tabs refreshed at once. About as
# long as clients wait for a response; a longer grace would delay the detection of a stolen token.
REFRESH_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class LogIn:
    """The tokens of a log-in. `user` is None after a refresh."""

    access_token: str
    refresh_token: str
    user: User | None


def begin(user: User, address: str | None) -> LogIn:
    """Begin a log-in of a user, in a running unit of work.

    Parameters:
        address: the network address of the client, stored as a keyed hash; None if there is none.
    """
    family_id, seed = str(uuid.uuid4()), str(uuid.uuid4())
    refresh_token, refresh_hash = refresh_tokens.make(family_id, seed, 0)
    TokenFamily.insert(
        id=family_id,
        user_id=user.id,
        seed=seed,
        refresh_hash=refresh_hash,
        address_hash=_hash_or_none(address),
        expires_at=_refresh_expiry(),
    ).execute()
    return LogIn(tokens.issue_access(user, family_id), refresh_token, user)


def refresh(refresh_token: str, *, address: str | None = None) -> LogIn:
    """Exchange a refresh token for new tokens.

    The same token yields the same successor for `REFRESH_GRACE` seconds, or until the successor is used. After that,
    using an earlier token revokes the log-in: two parties hold it, so it was stolen. A token that was never issued
    changes nothing, because the id of a log-in is no secret.

    Parameters:
        address: the network address of the client.

    Raises:
        Unauthorised: `token_invalid`, `token_expired`, `access_revoked`.
    """
    family_id, given_hash, generation = refresh_tokens.split(refresh_token)
    with unit_of_work() as work:
        family = TokenFamily.select().where(TokenFamily.id == family_id).for_update().first()
        if family is None:
            raise Unauthorised("token_invalid")
        is_newest = bytes(family.refresh_hash) == given_hash
        if not is_newest and not _was_issued(family, given_hash, generation):
            raise Unauthorised("token_invalid")
        if family.expires_at <= clock.now():
            raise Unauthorised("token_expired")
        if family.revoked_at is None:
            if is_newest:
                return _rotate(family, address)
            successor = _repeatable_successor(family, given_hash)
            if successor is not None:
                return _log_in(family, successor)
            revoke(work, family.user_id, family_id)
    raise Unauthorised("access_revoked")


def end(refresh_token: str) -> None:
    """End the log-in of a refresh token, which may be an earlier one: its sockets close.

    Raises:
        Unauthorised: `token_invalid`.
    """
    family_id, given_hash, generation = refresh_tokens.split(refresh_token)
    with unit_of_work() as work:
        family = TokenFamily.select().where(TokenFamily.id == family_id).for_update().first()
        if family is None:
            raise Unauthorised("token_invalid")
        if bytes(family.refresh_hash) != given_hash and not _was_issued(family, given_hash, generation):
            raise Unauthorised("token_invalid")
        revoke(work, family.user_id, family_id)


def revoke(work: UnitOfWork, user_id: int, family_id: str) -> None:
    """End a log-in in a running unit of work; its sockets close after the commit."""
    active = (TokenFamily.id == family_id) & TokenFamily.revoked_at.is_null()
    if TokenFamily.update(revoked_at=clock.now()).where(active).execute():
        work.publish_after_commit(AccessRevoked(recipients=(user_id,), family_id=family_id))


def _rotate(family: TokenFamily, address: str | None) -> LogIn:
    generation = family.generation + 1
    refresh_token, refresh_hash = refresh_tokens.make(str(family.id), str(family.seed), generation)
    TokenFamily.update(
        refresh_hash=refresh_hash,
        previous_hash=family.refresh_hash,
        generation=generation,
        address_hash=_hash_or_none(address),
        rotated_at=clock.now(),
        expires_at=_refresh_expiry(),
    ).where(TokenFamily.id == family.id).execute()
    return _log_in(family, refresh_token)


def _was_issued(family: TokenFamily, given_hash: bytes, generation: int | None) -> bool:
    """Whether a token that is not the newest one was issued for this log-in earlier."""
    if family.previous_hash is not None and bytes(family.previous_hash) == given_hash:
        return True
    if generation is None or generation > family.generation:
        return False
    return refresh_tokens.make(str(family.id), str(family.seed), generation)[1] == given_hash


def _repeatable_successor(family: TokenFamily, given_hash: bytes) -> str | None:
    """The newest token if the given one was exchanged for it within the grace period, else None."""
    age = (clock.now() - family.rotated_at).total_seconds()
    if family.previous_hash is None or bytes(family.previous_hash) != given_hash or age > REFRESH_GRACE:
        return None
    newest, newest_hash = refresh_tokens.make(str(family.id), str(family.seed), family.generation)
    # The hashes differ if SECRET_KEY has changed, or if a process of an older release issued the newest token.
    return newest if newest_hash == bytes(family.refresh_hash) else None


def _log_in(family: TokenFamily, refresh_token: str) -> LogIn:
    return LogIn(tokens.issue_access(User.get_by_id(family.user_id), str(family.id)), refresh_token, None)


def _hash_or_none(address: str | None) -> bytes | None:
    return None if address is None else tokens.hash_of_address(address)


def _refresh_expiry() -> dt.datetime:
    return clock.now() + dt.timedelta(seconds=tokens.refresh_token_seconds())
