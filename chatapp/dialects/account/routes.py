"""The account routes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp.actions import accounts, log_ins
from chatapp.auth import refresh_tokens
from chatapp.dialects.account import replies, schemas
from chatapp.edge.http.authentication import requires_actor
from chatapp.edge.http.validation import gives, takes
from chatapp.edge.rate_limits import request_limits
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.errors import ChatError, Conflict, NotFound, Unauthorised
from chatapp.models import User
from chatapp.queries import people

bp = Blueprint("account", __name__)


@bp.post("/signup")
@limit("auth")
@takes(schemas.SignUp)
@gives(schemas.TokensAndUser, 201)
def sign_up(args: dict[str, Any]) -> dict[str, Any]:
    """Create an account and log in.

    An email address already in use gives 409 `auth.emailTaken`; after a few of those, further sign-ups get 429.
    """
    address = request_limits.address()
    with request_limits.counting("taken", address, _is_email_taken):
        return replies.tokens(accounts.sign_up(**args, address=address))


@bp.post("/login")
@limit("auth")
@takes(schemas.LogIn)
@gives(schemas.TokensAndUser)
def log_in(args: dict[str, Any]) -> dict[str, Any]:
    """Log in with a username or email address.

    Failed log-ins of one account are limited across all network addresses; successful ones do not count.
    """
    address, user = request_limits.address(), people.person_of_login(args["login"])
    # One key for the username and the email address of an account: two keys would allow twice as many attempts.
    key = f"user:{user.id}" if user else f"login:{args['login'].lower()[:64]}"

    def is_known_address() -> bool:
        return user is not None and accounts.has_logged_in_from(user.id, address)

    with request_limits.counting("account", key, _is_wrong_password, unless=is_known_address):
        return replies.tokens(accounts.log_in(args["login"], args["password"], address=address))


@bp.post("/refresh")
@limit("auth")
@takes(schemas.Refresh)
@gives(schemas.Tokens)
def refresh(args: dict[str, Any]) -> dict[str, Any]:
    """Exchange a refresh token for new tokens.

    The request can be repeated for ten seconds, or until the new refresh token is used, and returns the same refresh
    token, so a lost response does no harm. Reusing a refresh token after that revokes the session.
    """
    family_id, *_ = refresh_tokens.split(args["refresh_token"])
    with request_limits.counting("auth", f"family:{family_id}", _is_success):
        return replies.tokens(log_ins.refresh(args["refresh_token"], address=request_limits.address()))


@bp.post("/logout")
@requires_actor
@limit("default")
@gives(schemas.Confirmation)
def log_out() -> dict[str, str]:
    """Log out: end this session and close its sockets."""
    accounts.log_out(g.actor)
    return {"message": "auth.loggedOut"}


@bp.get("/me")
@requires_actor
@limit("default")
@gives(schemas.Account)
def me() -> dict[str, Any]:
    """Get my account."""
    return replies.account(_require_user(people.person(g.actor.id)))


def _is_wrong_password(error: ChatError | None) -> bool:
    return isinstance(error, Unauthorised)


def _is_email_taken(error: ChatError | None) -> bool:
    return isinstance(error, Conflict) and error.code == "email_taken"


def _is_success(error: ChatError | None) -> bool:
    """Count only requests with a valid token: session ids are not secret, so anyone could exhaust the limit of one."""
    return error is None


def _require_user(user: User | None) -> User:
    if user is None:
        raise NotFound("user_not_found")
    return user
