"""Built-in accounts with cookies, `/api/v2/auth`. Not served with AUTH_MODE=external."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response

from chatapp.actions import accounts, log_ins
from chatapp.actions.log_ins import LogIn
from chatapp.auth import tokens
from chatapp.dialects.browser import cookies, csrf, schemas
from chatapp.edge import accounts as limited_accounts
from chatapp.edge.http.envelopes import json_response
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.errors import Unauthorised

bp = Blueprint("browser_account", __name__)


@bp.post("/signup")
@limit("auth")
@takes(schemas.SignUp)
@gives(schemas.LoggedIn, 201)
def sign_up(args: dict[str, Any]) -> Response:
    """Create an account and log in: sets the cookies.

    An email address already in use gives 409 `auth.emailTaken`; after a few of those, further sign-ups get 429.
    """
    cookies.check_can_be_kept()
    return _logged_in(limited_accounts.sign_up(**args), 201)


@bp.post("/login")
@limit("auth")
@takes(schemas.LogIn)
@gives(schemas.LoggedIn)
def log_in(args: dict[str, Any]) -> Response:
    """Log in with a username or email address: sets the cookies. An earlier log-in of this browser ends.

    Failed log-ins of one account are limited across all network addresses; successful ones do not count.
    """
    cookies.check_can_be_kept()
    return _logged_in(limited_accounts.log_in(**args), 200)


@bp.post("/refresh")
@limit("auth")
@refuses(Unauthorised)
@gives(schemas.Refreshed)
def refresh() -> Response:
    """Exchange the refresh token in the cookie for new tokens: sets both cookies.

    Tabs that refresh at once, and repetitions within ten seconds, get the same refresh token, each with its cookie.
    Reusing a refresh token after that ends the log-in.
    """
    refresh_token = cookies.read(cookies.REFRESH)
    if refresh_token is None:
        raise Unauthorised("token_missing")
    log_in = limited_accounts.refresh(refresh_token)
    # When this is refused, the cookies stay: another tab may have logged in meanwhile, and its cookies would be lost.
    return _with_cookies(log_in, {}, 200)


@bp.post("/logout")
@limit("default")
@gives(schemas.Confirmation)
def log_out() -> Response:
    """Log out: end this session, close its sockets and delete the cookies. Without a session, only the latter."""
    _end_log_in()
    response = json_response({"message": "auth.loggedOut"})
    cookies.delete_log_in(response)
    return response


def _logged_in(log_in: LogIn, status: int) -> Response:
    assert log_in.user is not None, "the log-in is new"
    _end_log_in()
    return _with_cookies(log_in, {"user": limited_accounts.account(log_in.user)}, status)


def _with_cookies(log_in: LogIn, body: dict[str, Any], status: int) -> Response:
    csrf_token = csrf.issue(csrf.holder_of_log_in(log_in.access_token))
    body |= {"csrf_token": csrf_token, "expires_in": tokens.access_token_seconds()}
    response = json_response(body, status)
    cookies.set_log_in(response, log_in)
    return response


def _end_log_in() -> None:
    """End the log-in that the cookies of the request belong to, if there is one; the access token may have expired."""
    refresh_token, access_token = cookies.read(cookies.REFRESH), cookies.read(cookies.ACCESS)
    if refresh_token is not None:
        with suppress(Unauthorised):
            log_ins.end(refresh_token)
    if access_token is not None:
        with suppress(Unauthorised):
            accounts.log_out(accounts.actor_of(tokens.verify(access_token)))
