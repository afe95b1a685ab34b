"""Schemas of the social dialect's routes and frames for groups, named as on the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import fields

from chatapp.actions.groups.rules import MAX_NAMED, MAX_TITLE, MAX_USERNAME, ROLES
from chatapp.dialects.social import reply_schemas
from chatapp.edge.http.fields import Integer, Items, ReplySchema, RequestSchema, Text, Uuid
from chatapp.edge.http.validators import OneOf
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

    example: ClassVar[Mapping[str, Any]] = {"title": "Neighbours", "usernames": ["bob", "carol"]}

    title = Title(required=True)
    usernames = Items(
        Text(MAX_USERNAME),
        MAX_NAMED,
        load_default=(),
        metadata={"description": "The other members; further ones can be added."},
    )


class ChangeGroup(RequestSchema):
    """What to change of a group."""

    example: ClassVar[Mapping[str, Any]] = {"title": "Neighbours"}

    title = Title()
    pictureAttachmentId = Uuid(
        allow_none=True,
        metadata={"description": "An image that I uploaded and have not sent; null removes the picture."},
    )


class AddMembers(RequestSchema):
    """Users to add to a group."""

    example: ClassVar[Mapping[str, Any]] = {"usernames": ["dave"]}

    usernames = Items(Text(MAX_USERNAME), MAX_NAMED, 1, required=True)


class ChangeRole(RequestSchema):
    """The new role of a member."""

    example: ClassVar[Mapping[str, Any]] = {"role": "admin"}

    role = Text(required=True, validate=OneOf(ROLES), metadata={"enum": list(ROLES)})


class Member(reply_schemas.Person):
    """A member of a group."""

    role = Text(required=True, metadata={"enum": list(ROLES)})


class Group(reply_schemas.Conversation):
    """A group, as in my list, with its first members."""

    members = fields.List(
        fields.Nested(Member),
        required=True,
        metadata={"description": f"At most {MEMBERS_SHOWN}: owners, admins, then all others, in the order of joining."},
    )


class MemberPage(ReplySchema):
    """A page of the members: owners, admins, then all others, each in the order of joining."""

    members = fields.List(fields.Nested(Member), required=True)
    meta = fields.Nested(reply_schemas.Meta, required=True)


class ConversationJoined(ReplySchema):
    """I am a member of a group now. Changes with the versions after `version` follow as live frames."""

    conversationId = Uuid(required=True)
    conversation = fields.Nested(
        reply_schemas.Conversation,
        required=True,
        metadata={"description": "Its entry in my list, which may include changes that follow."},
    )
    version = Integer(0, required=True)


class ConversationLeft(ReplySchema):
    """I left a group, or was removed: I see nothing of it any more, up to this version.

    I may join it again later, with a higher version.
    """

    conversationId = Uuid(required=True)
    removedBy = Uuid(metadata={"description": "Who removed me; absent if I left."})
    version = Integer(1, required=True)
