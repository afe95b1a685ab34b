"""REST routes of the marketplace for search."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import clock, errors
from chatapp.dialects.marketplace import replies, search_schemas
from chatapp.dialects.marketplace.catchup import render_chats
from chatapp.edge.http import authentication
from chatapp.edge.http.middleware import current_settings
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.edge.search import SearchRequest, load_page, shown_fragments
from chatapp.infra.postgres import database_connection
from chatapp.queries.search_suggestions import suggestions

bp = Blueprint("marketplace_search", __name__)
authentication.protect(bp)


@bp.get("/search")
@limit("search")
@refuses(errors.Unreadable)
@takes(search_schemas.SearchQuery, "query")
@gives(search_schemas.SearchPage, rendered=True)
def search(args: dict[str, Any]) -> dict[str, Any]:
    """Search in the messages of my chats: the best matches first, or the newest."""
    settings = current_settings()
    request = SearchRequest(
        args["q"], args["chat_id"], args["sender"], args.get("has"), args["before"], args["after"], args["sort"]
    )
    page = load_page(g.actor, request, args["cursor"], limit=args["limit"], secret_key=settings.secret_key)
    chats = {chat["id"]: chat for chat in render_chats(g.actor, [*page.chats.values()], settings)}
    return {
        "results": [
            {
                "message": replies.message(found.message),
                "chat": chats.get(found.message.chat_id),
                "fragments": shown_fragments(found),
            }
            for found in page.found
        ],
        "has_more": page.next_cursor is not None,
        "next_cursor": page.next_cursor,
        "ignored": list(page.ignored),
        "indexed_until": clock.rfc3339(page.indexed_until),
    }


@bp.get("/search/suggestions")
@limit("default")
@takes(search_schemas.SuggestionsQuery, "query")
@gives(search_schemas.Suggestions, rendered=True)
def suggest_searches(args: dict[str, Any]) -> dict[str, Any]:
    """Suggest what to search for: my recent queries, names of my chats and titles of their items."""
    with database_connection():
        found = suggestions(g.actor, args["q"])
    return {"suggestions": [{"type": each.kind, "text": each.text, "chat_id": each.chat_id or 0} for each in found]}
