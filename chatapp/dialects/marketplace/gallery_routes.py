"""REST routes of the marketplace for the files and links shared in a chat."""

from __future__ import annotations

import re
from typing import Any, Literal

from flask import Blueprint, g

from chatapp import errors
from chatapp.access import access_chat
from chatapp.dialects.marketplace import gallery_schemas, replies
from chatapp.edge.http import authentication
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.mark_fields import mark_cursor, parse_mark_cursor
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.events.snapshots import MessageSnapshot
from chatapp.ids.snowflake import MAX_ID
from chatapp.infra.fair_scheduling import yield_to_loop
from chatapp.infra.postgres import database_connection
from chatapp.queries import attachments as attachment_queries
from chatapp.queries import messages as message_queries
from chatapp.text.links import find_links

bp = Blueprint("marketplace_gallery", __name__)
authentication.protect(bp)

_FILE_CURSOR = re.compile("([0-9]{1,16})[.]([0-9]{1,16})", re.ASCII)  # ids of a message and of its file


@bp.get("/<int:chat_id>/media")
@limit("default")
@refuses(errors.Unreadable)
@takes(gallery_schemas.GalleryQuery, "query")
@gives(gallery_schemas.SharedFilePage)
def list_media(args: dict[str, Any], chat_id: int) -> dict[str, Any]:
    """List images, videos and audio shared in a chat, newest first."""
    return _shared(chat_id, "media", args)


@bp.get("/<int:chat_id>/files")
@limit("default")
@refuses(errors.Unreadable)
@takes(gallery_schemas.GalleryQuery, "query")
@gives(gallery_schemas.SharedFilePage)
def list_documents(args: dict[str, Any], chat_id: int) -> dict[str, Any]:
    """List documents shared in a chat, newest first."""
    return _shared(chat_id, "files", args)


@bp.get("/<int:chat_id>/links")
@limit("default")
@refuses(errors.Unreadable)
@takes(gallery_schemas.GalleryQuery, "query")
@gives(gallery_schemas.SharedLinkPage)
def list_links(args: dict[str, Any], chat_id: int) -> dict[str, Any]:
    """List links shared in a chat. A page never splits a message's links, so it may exceed `limit`."""
    before_id = parse_mark_cursor(args["cursor"])
    with database_connection():
        membership = access_chat(g.actor, chat_id)
        messages, has_more = message_queries.with_links(membership, limit=args["limit"], before_id=before_id)
    links: list[dict[str, Any]] = []
    last = None
    for message in messages:
        if len(links) >= args["limit"]:
            has_more = True
            break
        links += _links(message)
        last = message
        yield_to_loop()  # a text of 10,000 characters takes milliseconds
    return {"entries": links, "has_more": has_more, "next_cursor": mark_cursor(last.id) if last and has_more else None}


def _links(message: MessageSnapshot) -> list[dict[str, Any]]:
    of_message = {"message_id": message.id, "sender_id": message.sender.id, "created_at": message.created_at}
    urls = dict.fromkeys(link.url for link in find_links(message.content))
    return [{"url": url, **of_message} for url in urls]


def _shared(chat_id: int, kind: Literal["media", "files"], args: dict[str, Any]) -> dict[str, Any]:
    before = _parse_file_cursor(args["cursor"]) if args["cursor"] else None
    with database_connection():
        membership = access_chat(g.actor, chat_id)
        found, has_more = attachment_queries.shared(membership, kind, limit=args["limit"], before=before)
    entries = [
        {**replies.attachment(file.attachment), "sender_id": file.sender.id, "sender": replies.person(file.sender)}
        for file in found
    ]
    last = found[-1].attachment if found and has_more else None
    return {"entries": entries, "has_more": has_more, "next_cursor": last and f"{last.message_id}.{last.id}"}


def _parse_file_cursor(text: str) -> tuple[int, int]:
    """The ids of a message and its file; the file may have been deleted since.

    Raises:
        Unreadable: `bad_cursor`.
    """
    match = _FILE_CURSOR.fullmatch(text)
    if match is None or max(int(match[1]), int(match[2])) > MAX_ID:
        raise errors.Unreadable("bad_cursor")
    return int(match[1]), int(match[2])
