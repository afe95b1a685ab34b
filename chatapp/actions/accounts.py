"""The built-in accounts: sign-up, log-in and log-out; and the users that tokens and tickets belong to."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import replace

from chatapp.actions import log_ins
from chatapp.actions import people as people_actions
from chatapp.actions.log_ins import LogIn
from chatapp.auth import passwords, tickets, tokens
from chatapp.auth.actor import Actor
from chatapp.auth.item_claim import item_of
from chatapp.auth.tokens import Claims
from chatapp.errors import Conflict, Forbidden, Invalid, Reason, Unauthorised
from chatapp.ids.visitors import is_visitor
from chatapp.queries import people
from chatapp.transaction import unit_of_work

# ASCII only: look-alike letters of other scripts must not impersonate a user.
USERNAME = re.compile(r"[A-Za-z0-9_.-]{3,32}")
EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@(?:[^@\s.\x00-\x1f\x7f]{1,63}\.)+[^@\s.\x00-\x1f\x7f]{2,63}")
MAX_EMAIL = 254  # the longest that SMTP carries
MIN_PASSWORD, MAX_PASSWORD = 8, 128
MAX_NAME = 100


def sign_up(username: str, email: str, password: str, name: str = "", *, address: str | None = None) -> LogIn:
    """Create an account and log in.

    Parameters:
        address: the network address of the client.

    Raises:
        Invalid: some fields are invalid.
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
        return log_ins.begin(user, address)


def log_in(login: str, password: str, *, address: str | None = None) -> LogIn:
    """Log in by username or e-mail address. An unknown login and a wrong password get the same error in the same time.

    Parameters:
        address: the network address of the client.

    Raises:
        Unauthorised: `invalid_credentials`.
        Forbidden: `account_suspended`; only after the right password.
    """
    user = people.person_of_login(login)
    if not passwords.matches(password, user.password_hash if user else None) or user is None:
        raise Unauthorised("invalid_credentials")
    if user.banned_at is not None:
        raise Forbidden("account_suspended")
    with unit_of_work():
        return log_ins.begin(user, address)


def has_logged_in_from(user_id: int, address: str) -> bool:
    """Whether a stored log-in of this user was begun or last refreshed from this network address."""
    return people.has_log_in_from(user_id, tokens.hash_of_address(address))


def log_out(actor: Actor) -> None:
    """End the log-in of the actor's token: its tokens are refused from now on, and its sockets close."""
    if actor.family_id is None:
        return
    with unit_of_work() as work:
        log_ins.revoke(work, actor.id, actor.family_id)


def actor_of(claims: Claims) -> Actor:
    """The user of a valid token. A user who is unknown is created, if another service issued the token.

    Raises:
        Unauthorised: `token_invalid`: it names no user; `access_revoked` after log-out, ban and erasure.
    """
    if claims.is_own:
        status = people.account_status_of_id(_own_id(claims), claims.family_id)
    else:
        status = people_actions.account_status_of_claims(claims.values)
    if status is None:
        raise Unauthorised("token_invalid")
    if status.is_revoked:
        raise Unauthorised("access_revoked")
    actor = _with_expiry(claims.expires_at, status.actor)
    item = item_of(claims.values)
    return actor if item is None else replace(actor, item=item)


def actor_of_token(text: str, types: tuple[str, ...] = ("access", "socket")) -> Actor:
    """The user of a token, for sockets.

    Raises:
        Unauthorised: as `tokens.verify` and `actor_of`.
    """
    return actor_of(tokens.verify(text, types=types))


def actor_of_ticket(text: str) -> Actor:
    """Redeem a ticket; returns its user.

    Raises:
        Unauthorised: as `tickets.redeem`; `access_revoked` after log-out, ban and erasure.
    """
    ticket = tickets.redeem(text)
    status = people.account_status_of_id(ticket.id, ticket.family_id)
    if status is None or status.is_revoked:
        raise Unauthorised("access_revoked")
    return _with_expiry(ticket.expires_at, status.actor)


def _with_expiry(expires_at: float | None, actor: Actor) -> Actor:
    """The actor, with the time at which their sockets close: when the token of the other service expires.

    Raises:
        Unauthorised: `token_expired`: it expired after the ticket or socket token was issued.
    """
    if expires_at is None:
        return actor
    if expires_at <= time.time():
        raise Unauthorised("token_expired")
    return replace(actor, expires_at=expires_at)


def check_account_active(actor: Actor) -> None:
    """Check again that a connected user may use the service. A visitor has no row before the first message.

    Raises:
        Unauthorised: `access_revoked` after log-out, ban and erasure.
    """
    status = people.account_status_of_id(actor.id, actor.family_id)
    if status.is_revoked if status is not None else not is_visitor(actor.id):
        raise Unauthorised("access_revoked")


def _check_sign_up(username: str, email: str, password: str, name: str) -> None:
    wrong: dict[str, list[Reason]] = {}
    if not USERNAME.fullmatch(username):
        wrong["username"] = [Reason("bad_username")]
    if len(email) > MAX_EMAIL or not EMAIL.fullmatch(email):
        wrong["email"] = [Reason("not_an_email")]
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        wrong["password"] = [Reason("bad_password_length", min=MIN_PASSWORD, max=MAX_PASSWORD)]
    if len(name) > MAX_NAME:
        wrong["name"] = [Reason("name_too_long", max=MAX_NAME)]
    if wrong:
        raise Invalid(wrong)


def _own_id(claims: Claims) -> int:
    subject = claims.values.get("sub")
    if not isinstance(subject, str) or not re.fullmatch("[1-9][0-9]{0,15}", subject):
        raise Unauthorised("token_invalid")
    return int(subject)
