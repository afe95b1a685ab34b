"""Adding and removing members of groups, their roles, and leaving."""

from __future__ import annotations

from typing import Any

from chatapp.access import Membership
from chatapp.actions import system_messages
from chatapp.actions.groups.people import Named
from chatapp.actions.groups.rules import MANAGERS, MEMBER, OWNER, access_group, check_role, max_members
from chatapp.actions.removal import remove_chat
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, NotFound
from chatapp.events.snapshots import Person, SystemNote
from chatapp.events.types import ChatJoined, ChatLeft
from chatapp.infra.postgres import database_connection, db
from chatapp.models import Chat
from chatapp.models.chats import GROUP
from chatapp.queries import fragments
from chatapp.queries.catchup_extras import LEFT
from chatapp.queries.groups import RANK
from chatapp.queries.rows import person_list
from chatapp.transaction import UnitOfWork, unit_of_work

_INSERT = f"""
INSERT INTO chat_members (chat_id, user_id, role, joined_seq, joined_message_id, last_read_seq)
SELECT %(chat)s, id, '{MEMBER}', %(seq)s, %(message)s, %(seq)s FROM unnest(%(members)s::bigint[]) id
ON CONFLICT DO NOTHING RETURNING user_id
"""
_SET_COUNT = "UPDATE chats SET member_count = %s WHERE id = %s"


def add_members(actor: Actor, chat_id: int, named: Named) -> None:
    """Add users to a group. They see what is written from now on. Those who are members already stay as they are.

    Raises:
        NotFound: `chat_not_found`; as in `Named.find`.
        Forbidden: `role_too_low`; as in `Named.find`.
        Conflict: `group_full`: then none of them is added.
    """
    with unit_of_work() as work:
        membership = access_group(actor, chat_id, lock=True)
        check_role(membership, *MANAGERS)
        chat, people = membership.chat, named.find(actor)
        values = {"chat": chat_id, "seq": chat.last_seq, "message": chat.last_message_id}
        rows = db.execute_sql(_INSERT, {**values, "members": [person.id for person in people]}).fetchall()
        added = {user_id for (user_id,) in rows}
        if not added:
            return
        count = _change_count(chat, len(added))
        if count > max_members():
            raise Conflict("group_full")
        users = tuple(person for person in people if person.id in added)
        work.publish_after_commit(ChatJoined(tuple(sorted(added)), chat_id, chat.last_version + 1))
        system_messages.write(work, chat, actor, SystemNote("member_added", users, len(users), count))


def remove_member(actor: Actor, chat_id: int, user_id: int) -> None:
    """Remove a user from a group, who sees nothing of it any more. To remove oneself is to leave.

    Raises:
        NotFound: `chat_not_found`, `member_not_found`.
        Forbidden: `role_too_low`.
    """
    with unit_of_work() as work:
        membership = access_group(actor, chat_id, lock=True)
        if user_id == actor.id:
            _leave(work, membership, actor)
            return
        check_role(membership, *MANAGERS)
        person, role = _member(chat_id, user_id)
        if role != MEMBER:
            check_role(membership, OWNER)
        note = SystemNote("member_removed", (person,), 1, remove_from(work, membership.chat, user_id, actor))
        system_messages.write(work, membership.chat, actor, note)


def leave_group(actor: Actor, chat_id: int) -> None:
    """Leave a group. When its last owner leaves, the oldest admin owns it, or else the oldest member.

    The last member who leaves takes the group along: it is deleted.

    Raises:
        NotFound: `chat_not_found`.
    """
    with unit_of_work() as work:
        _leave(work, access_group(actor, chat_id, lock=True), actor)


def leave_all_groups(actor: Actor) -> int:
    """Leave every group, as for a user whose account ends; returns how many there were."""
    with database_connection():
        rows = db.execute_sql(
            "SELECT c.id FROM chat_members m JOIN chats c ON c.id = m.chat_id"
            f" WHERE m.user_id = %s AND {fragments.is_in_larger_chat('m')} AND c.kind = '{GROUP}' ORDER BY c.id",
            (actor.id,),
        ).fetchall()
    for (chat_id,) in rows:
        leave_group(actor, chat_id)
    return len(rows)


def change_role(actor: Actor, chat_id: int, user_id: int, role: str) -> None:
    """Give a member another role. A group always has an owner.

    Raises:
        NotFound: `chat_not_found`, `member_not_found`.
        Forbidden: `role_too_low`.
        Conflict: `last_owner`: the actor is the only owner, and would not be one any more.
    """
    with unit_of_work() as work:
        membership = access_group(actor, chat_id, lock=True)
        check_role(membership, OWNER)
        person, before = _member(chat_id, user_id)
        if role == before:
            return
        if user_id == actor.id and not _has_other_owner(chat_id, user_id):
            raise Conflict("last_owner")
        _set_role(work, membership.chat, actor, person, role)


def _leave(work: UnitOfWork, membership: Membership, actor: Actor) -> None:
    chat, chat_id = membership.chat, membership.chat.id
    is_last = chat.member_count == 1
    must_hand_over = membership.member.role == OWNER and not _has_other_owner(chat_id, actor.id)
    count = remove_from(work, chat, actor.id, actor)
    if is_last:
        remove_chat(chat)
        return
    system_messages.write(work, chat, actor, SystemNote("left", member_count=count))
    heir = _heir(chat_id) if must_hand_over else None
    if heir is not None:
        _set_role(work, chat, actor, heir, OWNER)


_DELETE = "DELETE FROM chat_members WHERE chat_id = %s AND user_id = %s"
# A user who was a member before, and joined again, has one already.
_LEAVE_TOMBSTONE = f"""
INSERT INTO chat_tombstones (user_id, chat_id, version, deleted_by, kind)
VALUES (%s, %s, %s, %s, '{LEFT}')
ON CONFLICT (user_id, chat_id) DO UPDATE SET version = excluded.version, deleted_by = excluded.deleted_by,
    deleted_at = now(), created_in = transaction_stamp(), kind = excluded.kind
"""


def remove_from(work: UnitOfWork, chat: Chat, user_id: int, actor: Actor) -> int:
    """Delete a membership of a locked larger chat, for all devices of the user; returns how many members are left."""
    db.execute_sql(_DELETE, (chat.id, user_id))
    version = int(chat.last_version) + 1  # of the system message that follows
    db.execute_sql(_LEAVE_TOMBSTONE, (user_id, chat.id, version, actor.id))
    removed_by = (None, "") if user_id == actor.id else (actor.id, actor.uuid)
    work.publish_after_commit(ChatLeft((user_id,), chat.id, version, *removed_by))
    return _change_count(chat, -1)


def _change_count(chat: Chat, change: int) -> int:
    chat.member_count = count = int(chat.member_count) + change
    db.execute_sql(_SET_COUNT, (count, chat.id))
    return count


def _member(chat_id: int, user_id: int) -> tuple[Person, str]:
    """A member of a locked group, and their role."""
    row: Any = db.execute_sql(
        f"SELECT {person_list('u')}, m.role FROM chat_members m JOIN users u ON u.id = m.user_id"
        " WHERE m.chat_id = %s AND m.user_id = %s",
        (chat_id, user_id),
    ).fetchone()
    if row is None:
        raise NotFound("member_not_found")
    *profile, role = row
    return Person(*profile), role


def _has_other_owner(chat_id: int, user_id: int) -> bool:
    found = db.execute_sql(
        f"SELECT 1 FROM chat_members WHERE chat_id = %s AND user_id <> %s AND role = '{OWNER}' LIMIT 1",
        (chat_id, user_id),
    )
    return found.fetchone() is not None


def _heir(chat_id: int) -> Person | None:
    """The member who is to own a group: the oldest admin, or else the oldest member. Erased and banned users last."""
    row = db.execute_sql(
        f"SELECT {person_list('u')} FROM chat_members m JOIN users u ON u.id = m.user_id WHERE m.chat_id = %s"
        f" ORDER BY u.erased_at IS NOT NULL, u.banned_at IS NOT NULL, {RANK}, m.joined_seq, m.user_id LIMIT 1",
        (chat_id,),
    ).fetchone()
    return None if row is None else Person(*row)


def _set_role(work: UnitOfWork, chat: Chat, actor: Actor, person: Person, role: str) -> None:
    db.execute_sql(
        "UPDATE chat_members SET role = %s, changed_in = transaction_stamp() WHERE chat_id = %s AND user_id = %s",
        (role, chat.id, person.id),
    )
    system_messages.write(work, chat, actor, SystemNote("role_changed", (person,), 1, role=role))
