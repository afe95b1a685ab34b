"""The account routes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import tokens
from chatapp.actions import accounts
from chatapp.dialects.account import replies, schemas
from chatapp.dialects.edge import envelopes, limits
from chatapp.dialects.edge.identity import requires_actor
from chatapp.dialects.edge.limits import limit
from chatapp.dialects.edge.validation import gives, takes
from chatapp.errors import NotFound
from chatapp.models import User
from chatapp.queries import people

PREFIX = "/api/v1/auth"

bp = Blueprint("account", __name__, url_prefix=PREFIX)
envelopes.register(PREFIX, success=replies.success, failure=replies.failure)


def account_blueprint() -> Blueprint:
    """The routes; not registered where another service keeps the accounts (AUTH_MODE=external)."""
    return bp


@bp.post("/signup")
@limit("auth")
@takes(schemas.SignUp)
@gives(schemas.TokensAndUser, 201)
def sign_up(args: dict[str, Any]) -> dict[str, Any]:
    """Make an account and log in."""
    limits.check("auth", f"account:{args['username'].lower()[:64]}")
    return replies.tokens(accounts.sign_up(**args))


@bp.post("/login")
@limit("auth")
@takes(schemas.LogIn)
@gives(schemas.TokensAndUser)
def log_in(args: dict[str, Any]) -> dict[str, Any]:
    """Log in with a username or an e-mail address."""
    limits.check("auth", f"account:{_account_key(args['login'])}")
    return replies.tokens(accounts.log_in(args["login"], args["password"]))


@bp.post("/refresh")
@limit("auth")
@takes(schemas.Refresh)
@gives(schemas.Tokens)
def refresh(args: dict[str, Any]) -> dict[str, Any]:
    """Exchange a refresh token, once, for new tokens."""
    limits.check("auth", f"family:{tokens.split_refresh_token(args['refresh_token'])[0]}")
    return replies.tokens(accounts.refresh(args["refresh_token"]))


@bp.post("/logout")
@requires_actor
@limit("default")
@gives(schemas.Said)
def log_out() -> dict[str, str]:
    """End this log-in; its sockets are closed."""
    accounts.log_out(g.actor)
    return {"message": "auth.loggedOut"}


@bp.get("/me")
@requires_actor
@limit("default")
@gives(schemas.Account)
def me() -> dict[str, Any]:
    """Who I am."""
    return replies.account(_present(people.person(g.actor.id)))


def _account_key(login: str) -> str:
    """One key for the username and the address of the same account: else there were twice as many tries."""
    user = people.person_of_login(login)
    return str(user.username if user else login).lower()[:64]


def _present(user: User | None) -> User:
    if user is None:
        raise NotFound("user_not_found")
    return user
