"""Where the requests of a dialect carry the access token of their user."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, current_app, request

from chatapp.errors import Unauthorised

READS = ("GET", "HEAD", "OPTIONS")  # methods that change nothing
_EXTENSION = "chatapp.credentials"


def _no_check() -> None:
    pass


@dataclass(frozen=True, kw_only=True, slots=True)
class Credentials:
    """How a dialect authenticates requests.

    Attributes:
        token: the access token of the current request; raises Unauthorised without one.
        are_given: whether the current request has any, even invalid ones.
        check_request: runs before any view of the dialect; raises what refuses the request.
        scheme: name of the security scheme in OpenAPI, and its definition.
        write_scheme: of what every request that is not one of `READS` needs besides.
    """

    token: Callable[[], str]
    are_given: Callable[[], bool]
    check_request: Callable[[], None] = _no_check
    scheme: tuple[str, Mapping[str, Any]]
    write_scheme: tuple[str, Mapping[str, Any]] | None = field(default=None)


def bearer_token() -> str:
    """The token of the Authorization header.

    Raises:
        Unauthorised: there is no such header, or it has another scheme.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise Unauthorised("token_missing")
    return token


BEARER = Credentials(
    token=bearer_token,
    are_given=lambda: "Authorization" in request.headers,
    scheme=("bearerAuth", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}),
)


def install(app: Flask, by_blueprint: Mapping[str, Credentials]) -> None:
    """Use other credentials than `BEARER` for blueprints, by the names under which they are mounted."""
    app.extensions[_EXTENSION] = dict(by_blueprint)
    app.before_request(lambda: current().check_request())


def current() -> Credentials:
    """The credentials of the current request."""
    return of_blueprint(request.blueprint or "")


def of_blueprint(name: str) -> Credentials:
    """The credentials of a mounted blueprint."""
    return cast(dict[str, Credentials], current_app.extensions[_EXTENSION]).get(name, BEARER)
