"""Which session a request is about, and who acts in it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request

from chatapp.actions.assistant.visits import Visit, visit
from chatapp.auth.actor import Actor
from chatapp.edge.http import credentials
from chatapp.edge.http.authentication import authenticate
from chatapp.errors import Invalid, Reason

HEADER = "X-Session-ID"


def open_to_visitors(blueprint: Blueprint) -> None:
    """Accept requests with and without an access token: a session id identifies a visitor without an account."""
    blueprint.before_request(_identify)
    blueprint.security = "visitor"  # type: ignore[attr-defined]


def _identify() -> None:
    """Set `g.actor` if there is an access token.

    Raises:
        Unauthorised: there is one, and it is not accepted.
    """
    if credentials.current().are_given():
        authenticate()


def account() -> Actor | None:
    """The account that the request is authenticated as."""
    actor: Actor | None = g.get("actor")
    return actor


def visit_of(args: dict[str, Any]) -> Visit:
    """The session that a request names in its body, its query or a header.

    Raises:
        Invalid: it names none.
        Unauthorised, NotFound: as in `visits.visit`.
    """
    text = request.headers.get(HEADER) or args["session_id"]
    if not text:
        raise Invalid({"session_id": [Reason("missing")]})
    return visit(text, account())


def visit_of_path(text: str, *, needs_signature: bool | None = None) -> Visit:
    """The session that a path names; the signed id may be in a header.

    Raises:
        Unauthorised, NotFound: as in `visits.visit`.
    """
    return visit(signed_of_path(text), account(), needs_signature=needs_signature)


def signed_of_path(text: str) -> str:
    """The id of a session that a path names; the signed form of it, if that is in the header."""
    signed = request.headers.get(HEADER, "")
    return signed if signed.startswith(f"{text}.") else text
