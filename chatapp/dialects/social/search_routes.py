"""REST routes of the social dialect for search."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import clock, errors
from chatapp.dialects.social import search_schemas
from chatapp.dialects.social.catchup import render_conversations, render_found
from chatapp.edge.http import authentication
from chatapp.edge.http.middleware import current_settings
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.edge.search import SearchRequest, load_page, shown_fragments
from chatapp.ids.public import chat_id_or_missing, encode_chat
from chatapp.infra.postgres import database_connection
from chatapp.queries.search_suggestions import Suggestion, suggestions

bp = Blueprint("social_search", __name__)
authentication.protect(bp)


@bp.get("/search")
@limit("search")
@refuses(errors.Unreadable)
@takes(search_schemas.SearchQuery, "query")
@gives(search_schemas.SearchPage, rendered=True)
def search(args: dict[str, Any]) -> dict[str, Any]:
    """Search in the messages of my conversations: the best matches first, or the newest."""
    chat_id = chat_id_or_missing(args["conversationId"]) if "conversationId" in args else None
    request = SearchRequest(
        args["q"], chat_id, args["sender"], args.get("has"), args["before"], args["after"], args["sort"]
    )
    secret_key = current_settings().secret_key
    page = load_page(g.actor, request, args["cursor"], limit=args["limit"], secret_key=secret_key)
    shown = render_conversations(g.actor, [*page.chats.values()])
    conversations = {conversation["id"]: conversation for conversation in shown}
    messages = render_found(g.actor, [found.message for found in page.found], page.chats)
    meta: dict[str, Any] = {"hasMore": page.next_cursor is not None}
    if page.next_cursor is not None:
        meta["nextCursor"] = page.next_cursor
    return {
        "results": [
            {
                "message": message,
                "conversation": conversations.get(message["conversationId"]),
                "fragments": shown_fragments(found),
            }
            for message, found in zip(messages, page.found, strict=True)
        ],
        "meta": {**meta, "ignored": list(page.ignored), "indexedUntil": clock.rfc3339(page.indexed_until)},
    }


@bp.get("/search/suggestions")
@limit("default")
@takes(search_schemas.SuggestionsQuery, "query")
@gives(search_schemas.Suggestions, rendered=True)
def suggest_searches(args: dict[str, Any]) -> dict[str, Any]:
    """Suggest what to search for: my recent queries, names of my conversations and titles of their items."""
    with database_connection():
        found = suggestions(g.actor, args["q"])
    return {"suggestions": [_suggestion(each) for each in found]}


def _suggestion(each: Suggestion) -> dict[str, Any]:
    conversation = {} if each.chat_id is None else {"conversationId": encode_chat(each.chat_id)}
    return {"type": each.kind, "text": each.text, **conversation}
