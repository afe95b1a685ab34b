"""Request and response schemas of the service routes for moderators: they name who decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields, post_load

from chatapp.actions.moderation.filters import MAX_PATTERN, MAX_RULES
from chatapp.edge.http.fields import Boolean, Id, Items, ReplySchema, RequestSchema, Text
from chatapp.edge.http.validators import OneOf
from chatapp.edge.moderation import schemas
from chatapp.text.content_rules import ACTIONS as RULE_ACTIONS
from chatapp.text.content_rules import KINDS, Rule

MAX_MODERATOR = 100


class Moderator(Text):
    """Who decides, as the host knows them."""

    def __init__(self) -> None:
        description = "Who decides, for the log; `service` if absent."
        super().__init__(MAX_MODERATOR, 1, load_default="service", metadata={"description": description})


class Decision(schemas.Decision):
    """What to do about a reported message. The decision closes all open reports of the message.

    `dismiss` sends a message that a filter holds back; every other action discards it.
    """

    example: ClassVar[Mapping[str, Any]] = {**schemas.Decision.example, "moderator": "ana"}

    moderator = Moderator()


class BanRequest(schemas.BanRequest):
    """A ban: until when, and why."""

    moderator = Moderator()


class UnbanQuery(schemas.UnbanQuery):
    """Why a ban ends, for the log."""

    moderator = Moderator()


class RoleQuery(RequestSchema):
    """Who changes a role, for the log."""

    moderator = Moderator()


class RoleReply(ReplySchema):
    """Whether a user is a moderator."""

    user_id = Id()
    is_moderator = Boolean()


class FilterRule(RequestSchema):
    """A rule for the texts of new and edited messages."""

    kind = Text(required=True, validate=OneOf(KINDS), metadata={"enum": list(KINDS)})
    pattern = Text(
        MAX_PATTERN,
        1,
        required=True,
        metadata={"description": "Words, found as whole words in any case; or a domain, found with its subdomains."},
    )
    action = Text(
        required=True,
        validate=OneOf(RULE_ACTIONS),
        metadata={
            "enum": list(RULE_ACTIONS),
            "description": "Refuse the message, hold it until a moderator decides, replace the match by `***`, or send"
            " it and report it.",
        },
    )

    @post_load
    def as_rule(self, data: dict[str, Any], **kwargs: Any) -> Rule:
        """The rule of the core."""
        return Rule(**data)


class FilterRules(RequestSchema):
    """All rules: they replace the current ones."""

    example: ClassVar[Mapping[str, Any]] = {
        "rules": [
            {"kind": "word", "pattern": "buy followers", "action": "hold"},
            {"kind": "domain", "pattern": "bad.example", "action": "reject"},
        ]
    }

    rules = Items(fields.Nested(FilterRule), MAX_RULES, required=True)
    moderator = Moderator()


class FilterRuleReply(ReplySchema):
    """A rule as stored."""

    kind = Text()
    pattern = Text()
    action = Text()


class Filters(ReplySchema):
    """The current rules."""

    rules = fields.List(fields.Nested(FilterRuleReply))
