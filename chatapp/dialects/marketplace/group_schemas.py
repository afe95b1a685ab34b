"""Schemas of the marketplace's routes and frames for groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields, validates_schema

from chatapp.actions.groups.rules import MAX_NAMED, MAX_TITLE, MAX_USERNAME, ROLES
from chatapp.dialects.marketplace import reply_schemas
from chatapp.dialects.marketplace.request_schemas import MAX_LIMIT, MAX_PAGE
from chatapp.edge.http.fields import Boolean, Id, Integer, Items, Limit, ReplySchema, RequestSchema, Text
from chatapp.edge.http.validators import OneOf
from chatapp.errors import Reason
from chatapp.text import sanitizing

MEMBERS_SHOWN = 100  # members that a group itself shows; all of them are on the pages of its members


class Title(Text):
    """The title of a group."""

    def __init__(self, **options: Any) -> None:
        description = "One line of plain text. Characters that change the direction of text are removed."
        metadata = {"description": description, "pattern": sanitizing.VISIBLE_NAME}
        super().__init__(MAX_TITLE, 1, metadata=metadata, **options)


class CreateGroup(RequestSchema):
    """A new group. I own it."""

    example: ClassVar[Mapping[str, Any]] = {"title": "Neighbours", "member_ids": [2, 3]}

    title = Title(required=True)
    member_ids = Items(
        Id(), MAX_NAMED, load_default=(), metadata={"description": "The other members; further ones can be added."}
    )
    usernames = Items(
        Text(MAX_USERNAME), MAX_NAMED, load_default=(), metadata={"description": "Members whose ids are not known."}
    )


class ChangeGroup(RequestSchema):
    """What to change of a group."""

    example: ClassVar[Mapping[str, Any]] = {"title": "Neighbours"}

    title = Title()
    picture_attachment_id = Id(
        allow_none=True,
        metadata={"description": "An image that I uploaded and have not sent; null removes the picture."},
    )


class AddMembers(RequestSchema):
    """Users to add to a group."""

    together: ClassVar[Mapping[str, Any]] = {"anyOf": [{"required": ["user_ids"]}, {"required": ["usernames"]}]}
    example: ClassVar[Mapping[str, Any]] = {"user_ids": [4]}

    user_ids = Items(Id(), MAX_NAMED, 1)
    usernames = Items(Text(MAX_USERNAME), MAX_NAMED, 1)

    @validates_schema
    def someone(self, data: dict[str, Any], **kwargs: Any) -> None:
        """Require at least one user."""
        if not (data.get("user_ids") or data.get("usernames")):
            raise ValidationError(Reason("required"), "user_ids")


class ChangeRole(RequestSchema):
    """The new role of a member."""

    example: ClassVar[Mapping[str, Any]] = {"role": "admin"}

    role = Text(required=True, validate=OneOf(ROLES), metadata={"enum": list(ROLES)})


class MembersQuery(RequestSchema):
    """Which page of the members."""

    page = Integer(1, MAX_PAGE, load_default=1)
    limit = Limit(MAX_LIMIT)


class Member(reply_schemas.Person):
    """A member of a group."""

    role = Text(metadata={"enum": list(ROLES)})


class Group(reply_schemas.Chat):
    """A group, as in my list, with its first members."""

    members = fields.List(
        fields.Nested(Member),
        metadata={"description": f"At most {MEMBERS_SHOWN}: owners, admins, then all others, in the order of joining."},
    )


class MemberPage(ReplySchema):
    """A page of the members: owners, admins, then all others, each in the order of joining."""

    members = fields.List(fields.Nested(Member))
    total = Integer(1)
    page = Integer(1)
    limit = Integer(1)
    has_more = Boolean()


class ChatJoinedEvent(ReplySchema):
    """I am a member of a group now. Changes with the versions after `version` follow as live frames."""

    chat_id = Id(required=True)
    chat = fields.Nested(
        reply_schemas.Chat,
        required=True,
        metadata={"description": "Its entry in my list, which may include changes that follow."},
    )
    version = Integer(0, required=True)


class ChatLeftEvent(ReplySchema):
    """I left a group, or was removed: I see nothing of it any more, up to this version.

    I may join it again later, with a higher version.
    """

    chat_id = Id(required=True)
    removed_by = Id(required=True, allow_none=True, metadata={"description": "Who removed me; null if I left."})
    version = Integer(1, required=True)
