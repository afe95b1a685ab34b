"""Sign-up, log-in and refresh over HTTP, with their limits: the same for tokens in bodies and in cookies."""

from __future__ import annotations

from typing import Any

from chatapp.actions import accounts, log_ins
from chatapp.actions.log_ins import LogIn
from chatapp.auth import refresh_tokens
from chatapp.edge.http.envelopes import failure_body
from chatapp.edge.i18n.catalogue import error_text
from chatapp.edge.i18n.negotiation import preferred
from chatapp.edge.rate_limits import request_limits
from chatapp.errors import ChatError, Conflict, Unauthorised
from chatapp.models import User
from chatapp.queries import people
from chatapp.text.casing import camel_case


def sign_up(**fields: Any) -> LogIn:
    """`accounts.sign_up` for the current request, which limits how often an address finds an email address in use.

    Raises:
        RateLimited: over that limit.
        Invalid, Conflict: as `accounts.sign_up`.
    """
    address = request_limits.address()
    with request_limits.counting("taken", address, _is_email_taken):
        return accounts.sign_up(**fields, address=address)


def log_in(login: str, password: str) -> LogIn:
    """`accounts.log_in` for the current request; failed log-ins of one account are limited across all addresses.

    Raises:
        RateLimited: over that limit.
        Unauthorised, Forbidden: as `accounts.log_in`.
    """
    address, user = request_limits.address(), people.person_of_login(login)
    # One key for the username and the email address of an account: two keys would allow twice as many attempts.
    key = f"user:{user.id}" if user else f"login:{login.lower()[:64]}"

    def is_known_address() -> bool:
        return user is not None and accounts.has_logged_in_from(user.id, address)

    with request_limits.counting("account", key, _is_wrong_password, unless=is_known_address):
        return accounts.log_in(login, password, address=address)


def refresh(refresh_token: str) -> LogIn:
    """`log_ins.refresh` for the current request; refreshes of one log-in are limited.

    Raises:
        RateLimited: over that limit.
        Unauthorised: as `log_ins.refresh`.
    """
    family_id, *_ = refresh_tokens.split(refresh_token)
    with request_limits.counting("auth", f"family:{family_id}", _is_success):
        return log_ins.refresh(refresh_token, address=request_limits.address())


def account(user: User) -> dict[str, Any]:
    """An account as its owner sees it."""
    return {
        "id": user.id,
        "uuid": str(user.uuid),
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "picture_url": user.picture_url,
    }


def failure(error: ChatError, status: int) -> dict[str, Any]:
    """The body of a refusal."""
    language = preferred()
    return failure_body(error, key=error_code(error.code), message=error_text(error, language), language=language)


def error_code(code: str) -> str:
    """`token_expired` as `auth.tokenExpired`."""
    return f"auth.{camel_case(code)}"


def _is_wrong_password(error: ChatError | None) -> bool:
    return isinstance(error, Unauthorised)


def _is_email_taken(error: ChatError | None) -> bool:
    return isinstance(error, Conflict) and error.code == "email_taken"


def _is_success(error: ChatError | None) -> bool:
    """Count only requests with a valid token: session ids are not secret, so anyone could exhaust the limit of one."""
    return error is None
