"""Schemas of the service routes of the assistant."""

from __future__ import annotations

from marshmallow import fields

from chatapp.assistant.bot_answers import MAX_CHOICE, MAX_CHOICES, MAX_INDEX, MAX_ITEMS, MAX_REASON, MAX_TEXT, MAX_WISH
from chatapp.edge.http.fields import Boolean, Id, Integer, Items, ReplySchema, RequestSchema, Text


class ItemReference(RequestSchema):
    """An item of the catalogue."""

    kind = Text(50, 1, required=True)
    id = Id(required=True)


class BotAnswer(RequestSchema):
    """A part of the answer to a question, or all of it."""

    turn_id = Id(required=True)
    index = Integer(0, MAX_INDEX, load_default=None, allow_none=True)
    text = Text(MAX_TEXT, load_default="")
    item_ids = Items(fields.Nested(ItemReference), MAX_ITEMS, load_default=list)
    choices = Items(Text(MAX_CHOICE, 1), MAX_CHOICES, load_default=list)
    done = Boolean(load_default=False, metadata={"description": "Nothing follows."})
    hand_over = Text(
        MAX_REASON, load_default=None, allow_none=True, metadata={"description": "Why a human should take over."}
    )
    wish = fields.Dict(
        load_default=None, allow_none=True, metadata={"description": f"For the next question; {MAX_WISH} bytes."}
    )


class Accepted(ReplySchema):
    turn_id = Id(required=True)
