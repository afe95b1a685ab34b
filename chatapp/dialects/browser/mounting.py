"""Mounts of other dialects below `/api/v2`: the same views and shapes, with cookies instead of bearer tokens."""

from __future__ import annotations

from dataclasses import replace

from chatapp.dialects.browser import cookies, csrf
from chatapp.edge.dialect import Dialect
from chatapp.edge.http.credentials import Credentials

COOKIES = Credentials(
    token=cookies.access_token,
    are_given=cookies.has_access_token,
    check_request=csrf.check_request,
    scheme=("cookieAuth", {"type": "apiKey", "in": "cookie", "name": cookies.ACCESS}),
    write_scheme=("csrfToken", {"type": "apiKey", "in": "header", "name": csrf.HEADER}),
)


def mount(dialect: Dialect, path: str) -> Dialect:
    """Another way into a dialect.

    Parameters:
        path: below `cookies.PREFIX`, with a slash at its start and none at its end.
    """
    return replace(
        dialect,
        name=f"browser_{dialect.name}",
        prefix=f"{cookies.PREFIX}{path}",
        socket=None,  # sockets are opened with tickets, at the paths of the dialects
        credentials=COOKIES,
        blueprint_prefix="browser_",
    )
