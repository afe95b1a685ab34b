"""What pages need besides the routes of other dialects: CSRF tokens, the way to a socket, and who is logged in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g

from chatapp.actions.content import MAX_FILES
from chatapp.auth import tickets, tokens
from chatapp.dialects.browser import cookies, csrf, schemas
from chatapp.edge import accounts
from chatapp.edge.http.authentication import requires_actor
from chatapp.edge.http.envelopes import json_response
from chatapp.edge.http.middleware import current_settings
from chatapp.edge.http.validation import gives
from chatapp.edge.i18n.negotiation import preferred
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.errors import NotFound
from chatapp.queries import people
from config import Settings

SOCKET_PATH = "/ws/chat"

bp = Blueprint("browser", __name__)


@bp.get("/csrf")
@limit("default")
@gives(schemas.CsrfToken)
def csrf_token() -> Response:
    """Get the CSRF token that writes send as `X-CSRF-Token`. It ends with the log-in, and after twelve hours."""
    seed = csrf.seed_to_set()
    response = json_response({"csrf_token": csrf.issue_for_request(seed)})
    if seed is not None:
        cookies.set_seed(response, seed)
    return response


@bp.get("/auth/me")
@requires_actor
@limit("default")
@gives(schemas.Me)
def me() -> dict[str, Any]:
    """Get my account, and what a page must know of the server."""
    user = people.person(g.actor.id)
    if user is None:
        raise NotFound("user_not_found")
    return {
        "user": accounts.account(user),
        "roles": ["moderator"] if user.is_moderator else [],
        "language": preferred(),
        "limits": _limits(current_settings()),
        "socket_path": SOCKET_PATH,
        "csrf_token": csrf.issue_for_request(),
    }


@bp.get("/ws-token")
@requires_actor
@limit("default")
@gives(schemas.SocketToken)
def ws_token() -> dict[str, str]:
    """Issue a token that opens sockets for five minutes."""
    return {"token": tokens.issue_socket_token(g.actor, g.actor.family_id, g.actor.expires_at)}


@bp.post("/ws-ticket")
@requires_actor
@limit("default")
@gives(schemas.Ticket)
def ws_ticket() -> dict[str, str]:
    """Issue a single-use ticket that opens one socket of any dialect within 30 seconds."""
    return {"ticket": tickets.issue(g.actor)}


def _limits(settings: Settings) -> dict[str, int]:
    return {
        "max_content_length": settings.max_content_length,
        "max_file_bytes": settings.max_file_mb << 20,
        "max_files": MAX_FILES,
        "max_group_members": settings.max_group_members,
        "edit_window": int(settings.edit_window),
        "delete_window": int(settings.delete_window),
    }
