"""Schemas of search in the social dialect."""

from __future__ import annotations

from marshmallow import fields

from chatapp.dialects.social.reply_schemas import Conversation, Message
from chatapp.dialects.social.request_schemas import Cursor
from chatapp.edge.http.fields import Boolean, Limit, ReplySchema, RequestSchema, Text, Timestamp, Uuid
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
from chatapp.search.query import MAX_LETTERS


class SearchQuery(RequestSchema):
    """What to search for. Parameters narrow what `q` says."""

    q = Text(MAX_LETTERS, load_default="", metadata={"description": QUERY_HELP})
    conversationId = Uuid(metadata={"description": "Only this conversation."})
    sender = Text(
        MAX_VALUE, load_default="", data_key="from", metadata={"description": "Sender: username, id or `me`."}
    )
    has = Text(validate=OneOf(HAS_VALUES), metadata={"enum": list(HAS_VALUES)})
    before = Text(MAX_VALUE, load_default="", metadata={"description": "A year, month, day or time, as in `before:`."})
    after = Text(MAX_VALUE, load_default="", metadata={"description": "A year, month, day or time, as in `after:`."})
    sort = Text(load_default=RELEVANCE, validate=OneOf(SORTS), metadata={"enum": list(SORTS)})
    limit = Limit(MAX_RESULTS)
    cursor = Cursor("`nextCursor` of the previous page of the same search.")


class Fragment(ReplySchema):
    """A piece of the text of a message. Concatenated, they are its beginning or the part around the first match."""

    text = Text(required=True)
    hit = Boolean(required=True, metadata={"description": "Whether this piece matches."})


class SearchResult(ReplySchema):
    """A message that was found."""

    message = fields.Nested(Message, required=True)
    conversation = fields.Nested(
        Conversation,
        required=True,
        allow_none=True,
        metadata={"description": "Null if my list of conversations does not show it."},
    )
    fragments = fields.List(fields.Nested(Fragment), required=True)


class SearchMeta(ReplySchema):
    """Whether the results continue, and what they cover."""

    hasMore = Boolean(required=True, metadata={"description": HAS_MORE})
    nextCursor = Text(metadata={"description": "Absent on the last page."})
    ignored = fields.List(Text(), required=True, metadata={"description": IGNORED})
    indexedUntil = Timestamp(required=True, metadata={"description": INDEXED_UNTIL})


class SearchPage(ReplySchema):
    """Messages that were found."""

    results = fields.List(fields.Nested(SearchResult), required=True)
    meta = fields.Nested(SearchMeta, required=True)


class SuggestionsQuery(RequestSchema):
    """What was typed so far."""

    q = Text(MAX_VALUE, load_default="", metadata={"description": "The beginning of a word; may be empty."})


class Suggestion(ReplySchema):
    """Something to search for."""

    type = Text(required=True, metadata={"enum": list(SUGGESTION_KINDS)})
    text = Text(required=True)
    conversationId = Uuid(
        metadata={"description": "The conversation that has this name or is about this item; absent for a query."}
    )


class Suggestions(ReplySchema):
    """My recent queries, then names of my conversations and their items."""

    suggestions = fields.List(fields.Nested(Suggestion), required=True)
