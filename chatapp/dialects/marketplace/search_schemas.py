"""Schemas of search in the marketplace."""

from __future__ import annotations

from marshmallow import fields

from chatapp.dialects.marketplace.reply_schemas import Chat, Message
from chatapp.edge.http.fields import Boolean, Integer, Limit, OptionalId, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.edge.http.validators import OneOf
from chatapp.edge.search import (
    HAS_MORE,
    HAS_VALUES,
    IGNORED,
    INDEXED_UNTIL,
    MAX_RESULTS,
    MAX_VALUE,
    QUERY_HELP,
    RELEVANCE,
    SORTS,
    SUGGESTION_KINDS,
)
from chatapp.ids.search_cursor import MAX_LENGTH
from chatapp.search.query import MAX_LETTERS


class SearchQuery(RequestSchema):
    """What to search for. Parameters narrow what `q` says."""

    q = Text(MAX_LETTERS, load_default="", metadata={"description": QUERY_HELP})
    chat_id = OptionalId(metadata={"description": "Only this chat."})
    sender = Text(
        MAX_VALUE, load_default="", data_key="from", metadata={"description": "Sender: id, username or `me`."}
    )
    has = Text(validate=OneOf(HAS_VALUES), metadata={"enum": list(HAS_VALUES)})
    before = Text(MAX_VALUE, load_default="", metadata={"description": "A year, month, day or time, as in `before:`."})
    after = Text(MAX_VALUE, load_default="", metadata={"description": "A year, month, day or time, as in `after:`."})
    sort = Text(load_default=RELEVANCE, validate=OneOf(SORTS), metadata={"enum": list(SORTS)})
    limit = Limit(MAX_RESULTS)
    cursor = Text(
        MAX_LENGTH, load_default="", metadata={"description": "`next_cursor` of the previous page of the same search."}
    )


class Fragment(ReplySchema):
    """A piece of the text of a message. Concatenated, they are its beginning or the part around the first match."""

    text = Text()
    hit = Boolean(metadata={"description": "Whether this piece matches."})


class SearchResult(ReplySchema):
    """A message that was found."""

    message = fields.Nested(Message)
    chat = fields.Nested(
        Chat, allow_none=True, metadata={"description": "Null if my list of chats does not show its chat."}
    )
    fragments = fields.List(fields.Nested(Fragment))


class SearchPage(ReplySchema):
    """Messages that were found."""

    results = fields.List(fields.Nested(SearchResult))
    has_more = Boolean(metadata={"description": HAS_MORE})
    next_cursor = Text(allow_none=True)
    ignored = fields.List(Text(), metadata={"description": IGNORED})
    indexed_until = Timestamp(metadata={"description": INDEXED_UNTIL})


class SuggestionsQuery(RequestSchema):
    """What was typed so far."""

    q = Text(MAX_VALUE, load_default="", metadata={"description": "The beginning of a word; may be empty."})


class Suggestion(ReplySchema):
    """Something to search for."""

    type = Text(metadata={"enum": list(SUGGESTION_KINDS)})
    text = Text()
    chat_id = Integer(0, metadata={"description": "The chat that has this name or is about this item; 0 for a query."})


class Suggestions(ReplySchema):
    """My recent queries, then names of my chats and their items."""

    suggestions = fields.List(fields.Nested(Suggestion))
