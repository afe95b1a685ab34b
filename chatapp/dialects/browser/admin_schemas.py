"""Request and response schemas of the routes for moderators."""

from __future__ import annotations

from marshmallow import fields

from chatapp.edge.http.fields import Boolean, Id, Limit, ReplySchema, RequestSchema, Text, Timestamp
from chatapp.edge.moderation.schemas import MAX_PAGE
from chatapp.edge.statistics import SocketStats, Stats

MAX_SEARCH = 254  # the longest email address


class PeopleQuery(RequestSchema):
    """Who to find."""

    q = Text(
        MAX_SEARCH,
        load_default="",
        metadata={
            "description": "An id, UUID or email address, or the beginning of a username or name. Empty: who is banned."
        },
    )
    limit = Limit(MAX_PAGE)


class CurrentBan(ReplySchema):
    is_shadow = Boolean()
    reason = Text()
    until = Timestamp(allow_none=True)
    created_at = Timestamp()


class Person(ReplySchema):
    """A user, as moderators see them."""

    id = Id()
    uuid = Text()
    username = Text()
    name = Text()
    email = Text(allow_none=True)
    picture_url = Text(allow_none=True)
    is_moderator = Boolean()
    created_at = Timestamp()
    ban = fields.Nested(CurrentBan, allow_none=True)


class PeoplePage(ReplySchema):
    people = fields.List(fields.Nested(Person))
    has_more = Boolean(metadata={"description": "Whether a longer text is needed to see all."})


class Statistics(ReplySchema):
    sockets = fields.Nested(SocketStats)
    assistant = fields.Nested(Stats)
