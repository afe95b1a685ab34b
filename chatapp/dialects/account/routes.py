"""The account routes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp.actions import accounts
from chatapp.dialects.account import replies, schemas
from chatapp.edge import accounts as limited_accounts
from chatapp.edge.http.authentication import requires_actor
from chatapp.edge.http.validation import gives, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.errors import NotFound
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
    return replies.tokens(limited_accounts.sign_up(**args))


@bp.post("/login")
@limit("auth")
@takes(schemas.LogIn)
@gives(schemas.TokensAndUser)
def log_in(args: dict[str, Any]) -> dict[str, Any]:
    """Log in with a username or email address.

    Failed log-ins of one account are limited across all network addresses; successful ones do not count.
    """
    return replies.tokens(limited_accounts.log_in(**args))


@bp.post("/refresh")
@limit("auth")
@takes(schemas.Refresh)
@gives(schemas.Tokens)
def refresh(args: dict[str, Any]) -> dict[str, Any]:
    """Exchange a refresh token for new tokens.

    The request can be repeated for ten seconds, or until the new refresh token is used, and returns the same refresh
    token, so a lost response does no harm. Reusing a refresh token after that revokes the session.
    """
    return replies.tokens(limited_accounts.refresh(args["refresh_token"]))


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
    return limited_accounts.account(_require_user(people.person(g.actor.id)))


def _require_user(user: User | None) -> User:
    if user is None:
        raise NotFound("user_not_found")
    return user
