"""REST routes of the marketplace dialect for blocks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp.actions import blocking
from chatapp.dialects.marketplace import block_schemas, replies, reply_schemas
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.infra.postgres import database_connection
from chatapp.queries import blocks as block_queries

bp = Blueprint("marketplace_blocks", __name__)
authentication.protect(bp)

LISTED = 1000  # the newest blocks; a list that a person reads has no pages


@bp.get("/blocks")
@limit("default")
@gives(reply_schemas.Person, many=True)
def list_blocks() -> list[dict[str, Any]]:
    """List the users I block, newest block first: at most 1,000."""
    with database_connection():
        found, _ = block_queries.page(g.actor, limit=LISTED)
    return [replies.person(block.person) for block in found]


@bp.post("/blocks")
@limit("default")
@takes(block_schemas.BlockUser)
@gives(reply_schemas.Person)
def block(args: dict[str, Any]) -> dict[str, Any]:
    """Block a user: messages, typing and presence stop in both directions. Past messages stay readable."""
    return replies.person(blocking.block(g.actor, args["user_id"]).person)


@bp.get("/blocks/<int:user_id>")
@limit("default")
@gives(block_schemas.BlockStatus)
def block_status(user_id: int) -> dict[str, bool]:
    """Get the block status between me and a user, and whether I can message them."""
    with database_connection():
        status = block_queries.status(g.actor, user_id)
    return replies.block_status(status, is_oneself=user_id == g.actor.id)


@bp.delete("/blocks/<int:user_id>")
@limit("default")
@gives(reply_schemas.Confirmation)
def unblock(user_id: int) -> dict[str, str]:
    """Unblock a user."""
    blocking.unblock(g.actor, user_id)
    return {"message": "marketplace.unblocked"}
