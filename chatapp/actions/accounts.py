"""The built-in identity: signing up, logging in, staying logged in, and the end of it."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass

from chatapp import clock, passwords, tickets, tokens
from chatapp.actions import people as people_actions
from chatapp.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorised
from chatapp.events import AccessRevoked
from chatapp.models import TokenFamily, User
from chatapp.queries import people
from chatapp.tokens import Claims
from chatapp.transaction import UnitOfWork, unit_of_work

# ASCII alone: look-alikes of other scripts cannot pass as somebody else.
_USERNAME = re.compile(r"[A-Za-z0-9_.-]{3,32}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@(?:[^@\s.\x00-\x1f\x7f]{1,63}\.)+[^@\s.\x00-\x1f\x7f]{2,63}")
MAX_EMAIL = 254  # the longest that SMTP carries
MIN_PASSWORD, MAX_PASSWORD = 8, 128
MAX_NAME = 100


@dataclass(frozen=True, slots=True)
class LogIn:
    """What a person holds after entering. `user` is None after a refresh."""

    access_token: str
    refresh_token: str
    user: User | None


def sign_up(username: str, email: str, password: str, name: str = "") -> LogIn:
    """Make an account and enter it.

    Raises:
        Invalid: naming the fields that are wrong.
        Conflict: `username_taken`, `email_taken`.
    """
    _check_sign_up(username, email, password, name)
    password_hash = passwords.hash_password(password)
    new_uuid = str(uuid.uuid4())
    with unit_of_work():
        user = people_actions.insert(
            uuid=new_uuid, subject=new_uuid, username=username, name=name, email=email, password_hash=password_hash
        )
        if user is None:
            raise Conflict("username_taken" if people.is_username_taken(username) else "email_taken")
        return _enter(user)


def log_in(login: str, password: str) -> LogIn:
    """Enter an account by username or e-mail address. An unknown login and a wrong password look and last the same.

    Raises:
        Unauthorised: `invalid_credentials`.
        Forbidden: `account_suspended`, told only to who knows the password.
    """
    user = people.person_of_login(login)
    if not passwords.matches(password, user.password_hash if user else None) or user is None:
        raise Unauthorised("invalid_credentials")
    if user.banned_at is not None:
        raise Forbidden("account_suspended")
    with unit_of_work():
        return _enter(user)


def refresh(refresh_token: str) -> LogIn:
    """Exchange a refresh token for new tokens. A token that was exchanged before ends its log-in: one of the two who
    hold it has stolen it.

    Raises:
        Unauthorised: `token_invalid`, `token_expired`, `access_revoked`.
    """
    family_id, given_hash = tokens.split_refresh_token(refresh_token)
    with unit_of_work() as work:
        family = TokenFamily.select().where(TokenFamily.id == family_id).for_update().first()
        if family is None:
            raise Unauthorised("token_invalid")
        if family.revoked_at is None and family.expires_at > clock.now():
            if bytes(family.refresh_hash) == given_hash:
                return _rotate(family)
            _revoke(work, family.user_id, family_id)
    raise Unauthorised("access_revoked" if family.expires_at > clock.now() else "token_expired")


def log_out(actor: Actor) -> None:
    """End the log-in that the actor's token belongs to: its tokens are refused from now on, its sockets close."""
    if actor.family_id is None:
        return
    with unit_of_work() as work:
        _revoke(work, actor.id, actor.family_id)


def ban(user_id: int) -> None:
    """Keep a person out: all log-ins end, all sockets close.

    Raises:
        NotFound: `user_not_found`.
    """
    with unit_of_work() as work:
        if not User.update(banned_at=clock.now()).where(User.id == user_id).execute():
            raise NotFound("user_not_found")
        people_actions.revoke_all(work, user_id)


def unban(user_id: int) -> None:
    """Let a person in again.

    Raises:
        NotFound: `user_not_found`.
    """
    with unit_of_work():
        if not User.update(banned_at=None).where(User.id == user_id).execute():
            raise NotFound("user_not_found")


def actor_of(claims: Claims) -> Actor:
    """The person whom a valid token names. A person whom another service's token names for the first time is created.

    Raises:
        Unauthorised: `token_invalid` where it names nobody; `access_revoked` after log-out, ban and erasure.
    """
    if claims.is_own:
        standing = people.standing_of_id(_own_id(claims), claims.family_id)
    else:
        standing = people_actions.standing_of_claims(claims.values)
    if standing is None:
        raise Unauthorised("token_invalid")
    if standing.is_barred:
        raise Unauthorised("access_revoked")
    return standing.actor


def actor_of_token(text: str, types: tuple[str, ...] = ("access", "socket")) -> Actor:
    """The person whom a token names, for sockets.

    Raises:
        Unauthorised: as `tokens.verify` and `actor_of`.
    """
    return actor_of(tokens.verify(text, types=types))


def actor_of_ticket(text: str) -> Actor:
    """The person whom a ticket lets in; uses the ticket up.

    Raises:
        Unauthorised: as `tickets.redeem`, and `access_revoked` where the person may no longer enter.
    """
    ticket = tickets.redeem(text)
    standing = people.standing_of_id(ticket.id, ticket.family_id)
    if standing is None or standing.is_barred:
        raise Unauthorised("access_revoked")
    return standing.actor


def check_standing(actor: Actor) -> None:
    """Look again at somebody who was let in before.

    Raises:
        Unauthorised: `access_revoked` after log-out, ban and erasure.
    """
    standing = people.standing_of_id(actor.id, actor.family_id)
    if standing is None or standing.is_barred:
        raise Unauthorised("access_revoked")


def _check_sign_up(username: str, email: str, password: str, name: str) -> None:
    wrong: dict[str, list[str]] = {}
    if not _USERNAME.fullmatch(username):
        wrong["username"] = ["Must be 3 to 32 letters A-Z, digits, dots, dashes or underscores."]
    if len(email) > MAX_EMAIL or not _EMAIL.fullmatch(email):
        wrong["email"] = ["Not a valid e-mail address."]
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        wrong["password"] = [f"Must have {MIN_PASSWORD} to {MAX_PASSWORD} characters."]
    if len(name) > MAX_NAME:
        wrong["name"] = [f"Must have at most {MAX_NAME} characters."]
    if wrong:
        raise Invalid(wrong)


def _own_id(claims: Claims) -> int:
    subject = claims.values.get("sub")
    if not isinstance(subject, str) or not re.fullmatch("[1-9][0-9]{0,15}", subject):
        raise Unauthorised("token_invalid")
    return int(subject)


def _enter(user: User) -> LogIn:
    family_id = str(uuid.uuid4())
    refresh_token, refresh_hash = tokens.new_refresh_token(family_id)
    TokenFamily.insert(id=family_id, user_id=user.id, refresh_hash=refresh_hash, expires_at=_refresh_expiry()).execute()
    return LogIn(tokens.issue_access(user, family_id), refresh_token, user)


def _rotate(family: TokenFamily) -> LogIn:
    user = User.get_by_id(family.user_id)
    refresh_token, refresh_hash = tokens.new_refresh_token(str(family.id))
    TokenFamily.update(refresh_hash=refresh_hash, rotated_at=clock.now(), expires_at=_refresh_expiry()).where(
        TokenFamily.id == family.id
    ).execute()
    return LogIn(tokens.issue_access(user, str(family.id)), refresh_token, None)


def _revoke(work: UnitOfWork, user_id: int, family_id: str) -> None:
    is_live = (TokenFamily.id == family_id) & TokenFamily.revoked_at.is_null()
    if TokenFamily.update(revoked_at=clock.now()).where(is_live).execute():
        work.publish(AccessRevoked(recipients=(user_id,), family_id=family_id))


def _refresh_expiry() -> dt.datetime:
    return clock.now() + dt.timedelta(seconds=tokens.refresh_token_seconds())
