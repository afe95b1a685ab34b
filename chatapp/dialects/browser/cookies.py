"""The cookies of the browser dialect: HttpOnly, SameSite=Strict, and Secure but for plain HTTP on this machine."""

from __future__ import annotations

import re

from flask import Response, request

from chatapp.actions.log_ins import LogIn
from chatapp.auth.tokens import refresh_token_seconds
from chatapp.errors import Forbidden, Unauthorised

PREFIX = "/api/v2"
ACCOUNT_PREFIX = f"{PREFIX}/auth"
ACCESS = "access_token"
REFRESH = "refresh_token"
SEED = "csrf_seed"

# Other paths of the origin, such as sockets and static files, never receive these cookies.
_PATHS = {ACCESS: PREFIX, REFRESH: ACCOUNT_PREFIX, SEED: PREFIX}
_LOOPBACK = re.compile(r"(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]+)?", re.IGNORECASE)


def read(name: str) -> str | None:
    """The value of a cookie of the current request.

    None if it is sent twice as well: a page of a sibling domain can add a cookie, but not replace one.
    """
    values = request.cookies.getlist(name)
    return values[0] if len(values) == 1 and values[0] else None


def access_token() -> str:
    """The access token of the current request.

    Raises:
        Unauthorised: there is none.
    """
    token = read(ACCESS)
    if token is None:
        raise Unauthorised("token_missing")
    return token


def has_access_token() -> bool:
    """Whether the current request has an access token, even an invalid one."""
    return ACCESS in request.cookies


def check_can_be_kept() -> None:
    """Refuse a log-in whose cookies the browser would drop: over plain HTTP from another machine.

    Raises:
        Forbidden: `tls_required`.
    """
    if _is_secure() and request.headers.get("Origin", "").startswith("http:"):
        raise Forbidden("tls_required")


def set_log_in(response: Response, log_in: LogIn) -> None:
    """Set both tokens of a log-in.

    The cookie of the access token lives as long as the log-in, so that after the token has expired, requests are
    refused with `token_expired` instead of passing as those of a visitor.
    """
    for name, value in ((ACCESS, log_in.access_token), (REFRESH, log_in.refresh_token)):
        _set(response, name, value, int(refresh_token_seconds()))


def set_seed(response: Response, seed: str) -> None:
    """Set what CSRF tokens are bound to before log-in. The cookie ends with the browser."""
    _set(response, SEED, seed, None)


def delete_log_in(response: Response) -> None:
    """Delete both tokens."""
    for name in (ACCESS, REFRESH):
        _set(response, name, "", 0)


def _set(response: Response, name: str, value: str, max_age: int | None) -> None:
    response.set_cookie(
        name, value, max_age=max_age, path=_PATHS[name], secure=_is_secure(), httponly=True, samesite="Strict"
    )


def _is_secure() -> bool:
    """Browsers drop Secure cookies on plain HTTP, also on this machine, where some do not count it as safe."""
    return request.is_secure or not _LOOPBACK.fullmatch(request.host)
