"""REST routes of the social dialect for groups."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import errors
from chatapp.actions.groups import creation, membership, profile
from chatapp.actions.groups.people import Named
from chatapp.actions.groups.rules import access_group
from chatapp.dialects.social import group_schemas, paging, replies, request_schemas
from chatapp.dialects.social.catchup import render_conversations
from chatapp.edge.http import authentication
from chatapp.edge.http.middleware import idempotency_key
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.ids.public import MISSING_ID, file_id_or_missing
from chatapp.infra.postgres import database_connection
from chatapp.queries import chats as chat_queries
from chatapp.queries import groups as group_queries
from chatapp.queries import people

bp = Blueprint("social_groups", __name__)
authentication.protect(bp)


@bp.post("/groups")
@limit("default")
@refuses(errors.Forbidden, errors.NotFound, errors.Conflict)
@takes(group_schemas.CreateGroup)
@gives(group_schemas.Group, 201)
def create_group(args: dict[str, Any]) -> dict[str, Any]:
    """Create a group. Repeating the request with the same `Idempotency-Key` creates it only once."""
    named = Named(usernames=args["usernames"])
    return _shown(creation.create_group(g.actor, args["title"], named, idempotency_key=idempotency_key()))


@bp.get("/groups/<chat:conversation_id>")
@limit("default")
@gives(group_schemas.Group)
def show_group(conversation_id: int) -> dict[str, Any]:
    """Get a group with its first members."""
    return _shown(conversation_id)


@bp.patch("/groups/<chat:conversation_id>")
@limit("default")
@refuses(errors.Forbidden)
@takes(group_schemas.ChangeGroup)
@gives(group_schemas.Group)
def change_group(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """Change the title or the picture of a group, as an owner or admin."""
    changed = {"title": args["title"]} if "title" in args else {}
    if "pictureAttachmentId" in args:
        id = args["pictureAttachmentId"]
        changed["picture_attachment_id"] = None if id is None else file_id_or_missing(id)
    profile.change_profile(g.actor, conversation_id, **changed)
    return _shown(conversation_id)


@bp.get("/groups/<chat:conversation_id>/members")
@limit("default")
@refuses(errors.Unreadable)
@takes(request_schemas.PageQuery, "query")
@gives(group_schemas.MemberPage)
def list_members(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """List the members of a group."""
    with database_connection():
        found = access_group(g.actor, conversation_id)
        after = paging.parse_member_cursor(args["cursor"]) if args["cursor"] else group_queries.FIRST
        members = group_queries.members(found, limit=args["limit"] + 1, after=after)
    shown = members[: args["limit"]]
    cursor = paging.member_cursor(shown[-1].position) if shown else None
    return {
        "members": [replies.group_member(member) for member in shown],
        "meta": paging.meta(len(members) > len(shown), cursor),
    }


@bp.post("/groups/<chat:conversation_id>/members")
@limit("default")
@refuses(errors.Forbidden, errors.Conflict)
@takes(group_schemas.AddMembers)
@gives(group_schemas.Group)
def add_members(args: dict[str, Any], conversation_id: int) -> dict[str, Any]:
    """Add users to a group, as an owner or admin. They see what is written from now on."""
    membership.add_members(g.actor, conversation_id, Named(usernames=args["usernames"]))
    return _shown(conversation_id)


@bp.delete("/groups/<chat:conversation_id>/members/<user>")
@limit("default")
@refuses(errors.Forbidden)
@gives(None)
def remove_member(conversation_id: int, user: str) -> None:
    """Remove a member, by UUID or username: owners remove everyone, admins those without a role. Myself: leave."""
    membership.remove_member(g.actor, conversation_id, _user_id(user))


@bp.patch("/groups/<chat:conversation_id>/members/<user>")
@limit("default")
@refuses(errors.Forbidden, errors.Conflict)
@takes(group_schemas.ChangeRole)
@gives(group_schemas.Group)
def change_role(args: dict[str, Any], conversation_id: int, user: str) -> dict[str, Any]:
    """Give a member another role, as an owner. The member is named by UUID or username."""
    membership.change_role(g.actor, conversation_id, _user_id(user), args["role"])
    return _shown(conversation_id)


@bp.post("/groups/<chat:conversation_id>/leave")
@limit("default")
@gives(None)
def leave_group(conversation_id: int) -> None:
    """Leave a group. Afterwards I see nothing of it. If I am its last owner, the oldest admin or member owns it."""
    membership.leave_group(g.actor, conversation_id)


def _user_id(reference: str) -> int:
    """The id of a user by UUID or username; MISSING_ID for any other text."""
    found = people.person_by_uuid(reference) or people.person_by_username(reference)
    return MISSING_ID if found is None else int(found.id)


def _shown(conversation_id: int) -> dict[str, Any]:
    with database_connection():
        members = group_queries.members(access_group(g.actor, conversation_id), limit=group_schemas.MEMBERS_SHOWN)
        entries = chat_queries.by_ids(g.actor, [conversation_id])
    if not entries:  # deleted, or left over another device, in the meantime
        raise errors.NotFound("chat_not_found")
    (conversation,) = render_conversations(g.actor, entries)
    return {**conversation, "members": [replies.group_member(member) for member in members]}
