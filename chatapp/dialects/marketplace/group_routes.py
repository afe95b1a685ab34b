"""REST routes of the marketplace for groups."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g

from chatapp import errors
from chatapp.actions.groups import creation, membership, profile
from chatapp.actions.groups.people import Named
from chatapp.actions.groups.rules import access_group
from chatapp.dialects.marketplace import group_schemas, replies, reply_schemas
from chatapp.dialects.marketplace.catchup import render_chats
from chatapp.edge.http import authentication
from chatapp.edge.http.middleware import current_settings, idempotency_key
from chatapp.edge.http.validation import gives, refuses, takes
from chatapp.edge.rate_limits.request_limits import limit
from chatapp.infra.postgres import database_connection
from chatapp.queries import chats as chat_queries
from chatapp.queries import groups as group_queries

bp = Blueprint("marketplace_groups", __name__)
authentication.protect(bp)


@bp.post("/groups")
@limit("default")
@refuses(errors.Forbidden, errors.NotFound, errors.Conflict)
@takes(group_schemas.CreateGroup)
@gives(group_schemas.Group)
def create_group(args: dict[str, Any]) -> dict[str, Any]:
    """Create a group. Repeating the request with the same `Idempotency-Key` creates it only once."""
    named = Named(args["member_ids"], args["usernames"])
    return _shown(creation.create_group(g.actor, args["title"], named, idempotency_key=idempotency_key()))


@bp.get("/groups/<int:chat_id>")
@limit("default")
@gives(group_schemas.Group)
def show_group(chat_id: int) -> dict[str, Any]:
    """Get a group with its first members."""
    return _shown(chat_id)


@bp.patch("/groups/<int:chat_id>")
@limit("default")
@refuses(errors.Forbidden)
@takes(group_schemas.ChangeGroup)
@gives(group_schemas.Group)
def change_group(args: dict[str, Any], chat_id: int) -> dict[str, Any]:
    """Change the title or the picture of a group, as an owner or admin."""
    profile.change_profile(g.actor, chat_id, **args)
    return _shown(chat_id)


@bp.get("/groups/<int:chat_id>/members")
@limit("default")
@takes(group_schemas.MembersQuery, "query")
@gives(group_schemas.MemberPage)
def list_members(args: dict[str, Any], chat_id: int) -> dict[str, Any]:
    """List the members of a group."""
    with database_connection():
        found = access_group(g.actor, chat_id)
        offset = (args["page"] - 1) * args["limit"]
        members = group_queries.members(found, limit=args["limit"] + 1, offset=offset)
    return {
        "members": [replies.group_member(member) for member in members[: args["limit"]]],
        "total": found.chat.member_count,
        "page": args["page"],
        "limit": args["limit"],
        "has_more": len(members) > args["limit"],
    }


@bp.post("/groups/<int:chat_id>/members")
@limit("default")
@refuses(errors.Forbidden, errors.Conflict)
@takes(group_schemas.AddMembers)
@gives(group_schemas.Group)
def add_members(args: dict[str, Any], chat_id: int) -> dict[str, Any]:
    """Add users to a group, as an owner or admin. They see what is written from now on."""
    membership.add_members(g.actor, chat_id, Named(args.get("user_ids", ()), args.get("usernames", ())))
    return _shown(chat_id)


@bp.delete("/groups/<int:chat_id>/members/<int:user_id>")
@limit("default")
@refuses(errors.Forbidden)
@gives(reply_schemas.Confirmation)
def remove_member(chat_id: int, user_id: int) -> dict[str, str]:
    """Remove a member from a group: owners remove everyone, admins those without a role. Removing myself is leaving."""
    membership.remove_member(g.actor, chat_id, user_id)
    return {"message": "marketplace.memberRemoved"}


@bp.patch("/groups/<int:chat_id>/members/<int:user_id>")
@limit("default")
@refuses(errors.Forbidden, errors.Conflict)
@takes(group_schemas.ChangeRole)
@gives(group_schemas.Group)
def change_role(args: dict[str, Any], chat_id: int, user_id: int) -> dict[str, Any]:
    """Give a member another role, as an owner."""
    membership.change_role(g.actor, chat_id, user_id, args["role"])
    return _shown(chat_id)


@bp.post("/groups/<int:chat_id>/leave")
@limit("default")
@gives(reply_schemas.Confirmation)
def leave_group(chat_id: int) -> dict[str, str]:
    """Leave a group. Afterwards I see nothing of it. If I am its last owner, the oldest admin or member owns it."""
    membership.leave_group(g.actor, chat_id)
    return {"message": "marketplace.groupLeft"}


def _shown(chat_id: int) -> dict[str, Any]:
    with database_connection():
        members = group_queries.members(access_group(g.actor, chat_id), limit=group_schemas.MEMBERS_SHOWN)
        entries = chat_queries.by_ids(g.actor, [chat_id])
    if not entries:  # deleted, or left over another device, in the meantime
        raise errors.NotFound("chat_not_found")
    (chat,) = render_chats(g.actor, entries, current_settings())
    return {**chat, "members": [replies.group_member(member) for member in members]}
