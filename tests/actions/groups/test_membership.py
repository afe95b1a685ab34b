"""Members of groups, their roles, and leaving: `chatapp.actions.groups.membership`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chatapp.actions import chats, sending
from chatapp.actions.groups import membership, rules
from chatapp.actions.groups.creation import create_group
from chatapp.actions.groups.people import Named
from chatapp.actions.removal import delete_chat
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, NotFound
from chatapp.events.types import ChatJoined, ChatLeft
from chatapp.queries.system_notes import USERS_SHOWN
from tests.actions.groups.words import code, events, made_users, member_count, notes, roles
from tests.database import Database


@pytest.fixture
def small_id(actors: list[Actor]) -> int:
    """A group of alice alone."""
    return create_group(actors[0], "Small", Named())


def test_who_is_added_sees_what_follows(small_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors[:3]
    sending.send_message(alice, small_id, "before")
    membership.add_members(alice, small_id, Named(ids=[bob.id]))
    assert [note.event for note in notes(bob, small_id)] == ["member_added"]
    (added,) = notes(bob, small_id)
    assert ([user.id for user in added.users], added.count, added.member_count) == ([bob.id], 1, 2)
    (joined,) = [event for event in events(core) if isinstance(event, ChatJoined) and event.version > 1]
    assert (joined.recipients, joined.version) == ((bob.id,), 3)
    assert core.rows(
        "SELECT joined_seq, last_read_seq, joined_message_id = (SELECT id FROM messages WHERE chat_id = %s AND seq = 2)"
        " FROM chat_members WHERE chat_id = %s AND user_id = %s",
        small_id, small_id, bob.id,
    ) == [(2, 2, True)]  # fmt: skip
    membership.add_members(alice, small_id, Named(ids=[bob.id, carol.id]))
    assert [user.id for user in notes(alice, small_id)[-1].users] == [carol.id], "bob was a member already"
    assert member_count(core, small_id) == 3


def test_adding_members_again_changes_nothing(group_id: int, actors: list[Actor], core: Database) -> None:
    before = core.counts()
    membership.add_members(actors[0], group_id, Named(ids=[actors[1].id, actors[0].id]))
    membership.add_members(actors[0], group_id, Named(usernames=[actors[0].username]))
    assert core.counts() == before


def test_the_first_few_of_many_are_shown(small_id: int, actors: list[Actor], core: Database) -> None:
    ids = made_users(core, 25)
    membership.add_members(actors[0], small_id, Named(ids=ids))
    note = notes(actors[0], small_id)[-1]
    assert (len(note.users), note.count, note.member_count) == (USERS_SHOWN, 25, 26)


def test_no_more_than_the_limit_however_many_are_added_at_once(
    small_id: int, actors: list[Actor], core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules.max_members, "_value", 4, raising=False)
    ids = made_users(core, 12)

    def add(user_id: int) -> str:
        try:
            membership.add_members(actors[0], small_id, Named(ids=[user_id]))
        except Conflict as refused:
            return refused.code
        return "added"

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(add, ids))
    assert sorted(found) == ["added"] * 3 + ["group_full"] * 9
    assert member_count(core, small_id) == 4
    assert core.rows("SELECT last_version FROM chats WHERE id = %s", small_id) == [(4,)]


# What members with a role may do, by the index of the actor: 0 owns the group, 1 is admin, 2 and 3 are members.
ALLOWED = {
    "add": {0, 1},
    "remove a member": {0, 1},
    "remove an admin": {0},
    "remove an owner": {0},
    "change a role": {0},
    "delete": {0},
}


@pytest.mark.parametrize("actor", [0, 1, 2])
@pytest.mark.parametrize("what", ALLOWED)
def test_roles(what: str, actor: int, actors: list[Actor], core: Database) -> None:
    plain, admin, owner = made_users(core, 3)
    people = actors[:3]
    chat_id = create_group(people[0], "Roles", Named(ids=[people[1].id, people[2].id, plain, admin, owner]))
    for user_id, role in ((people[1].id, "admin"), (admin, "admin"), (owner, "owner")):
        membership.change_role(people[0], chat_id, user_id, role)
    before = core.counts()

    def act() -> None:
        match what:
            case "add":
                membership.add_members(people[actor], chat_id, Named(ids=[plain]))
            case "delete":
                delete_chat(people[actor], chat_id)
            case "change a role":
                membership.change_role(people[actor], chat_id, plain, "admin")
            case _:
                user_id = {"remove a member": plain, "remove an admin": admin, "remove an owner": owner}[what]
                membership.remove_member(people[actor], chat_id, user_id)

    if actor in ALLOWED[what]:
        act()
    else:
        with pytest.raises(Forbidden) as refused:
            act()
        assert code(refused.value) == "role_too_low"
        assert core.counts() == before


def test_who_is_removed_is_a_stranger(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors[:3]
    membership.remove_member(alice, group_id, bob.id)
    assert set(roles(core, group_id)) == {alice.id, carol.id}
    note = notes(carol, group_id)[-1]
    assert (note.event, [user.id for user in note.users], note.member_count) == ("member_removed", [bob.id], 2)
    (left,) = [event for event in events(core) if isinstance(event, ChatLeft)]
    assert (left.recipients, left.version, left.removed_by) == ((bob.id,), 2, alice.id)
    with pytest.raises(NotFound, match="chat_not_found"):
        sending.send_message(bob, group_id, "still here?")
    with pytest.raises(NotFound, match="chat_not_found"):
        delete_chat(bob, group_id)
    for act in (membership.leave_group, lambda actor, id: membership.remove_member(actor, id, carol.id)):
        with pytest.raises(NotFound, match="chat_not_found"):
            act(bob, group_id)
    with pytest.raises(NotFound, match="member_not_found"):
        membership.remove_member(alice, group_id, bob.id)


def test_to_remove_oneself_is_to_leave(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, _ = actors[:3]
    membership.remove_member(bob, group_id, bob.id)
    assert [note.event for note in notes(alice, group_id)] == ["created", "left"]
    (left,) = [event for event in events(core) if isinstance(event, ChatLeft)]
    assert (left.recipients, left.removed_by) == ((bob.id,), None)


def test_a_member_may_come_back(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors[:3]
    membership.leave_group(bob, group_id)
    membership.add_members(alice, group_id, Named(ids=[bob.id]))
    assert [note.event for note in notes(bob, group_id)] == ["member_added"]
    membership.remove_member(alice, group_id, bob.id)
    membership.add_members(alice, group_id, Named(ids=[bob.id]))
    assert core.rows("SELECT kind, version FROM chat_tombstones WHERE user_id = %s", bob.id) == [("left", 4)]
    delete_chat(alice, group_id)
    assert core.rows(
        "SELECT user_id, kind FROM chat_tombstones WHERE chat_id = %s ORDER BY user_id", group_id
    ) == sorted((actor.id, "deleted") for actor in (alice, bob, carol))
    delete_chat(bob, group_id)  # repeated


def test_the_oldest_admin_inherits_or_else_the_oldest_member(actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors[:3]
    chat_id = create_group(alice, "Heirs", Named())
    for actor in (carol, bob):
        membership.add_members(alice, chat_id, Named(ids=[actor.id]))
    membership.change_role(alice, chat_id, bob.id, "admin")
    membership.leave_group(alice, chat_id)
    assert roles(core, chat_id) == {bob.id: "owner", carol.id: "member"}
    assert [(note.event, note.role) for note in notes(carol, chat_id)][-2:] == [
        ("left", None),
        ("role_changed", "owner"),
    ]
    membership.leave_group(bob, chat_id)
    assert roles(core, chat_id) == {carol.id: "owner"}


def test_no_one_inherits_while_there_is_another_owner(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors[:3]
    membership.change_role(alice, group_id, carol.id, "owner")
    membership.leave_group(alice, group_id)
    assert roles(core, group_id) == {bob.id: "member", carol.id: "owner"}
    membership.leave_group(bob, group_id)
    assert notes(carol, group_id)[-1].event == "left"


def test_members_whose_account_has_ended_inherit_last(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors[:3]
    membership.change_role(alice, group_id, bob.id, "admin")
    core.change("UPDATE users SET erased_at = now() WHERE id = %s", bob.id)
    membership.leave_group(alice, group_id)
    assert roles(core, group_id) == {bob.id: "admin", carol.id: "owner"}


def test_the_last_member_takes_the_group_along(small_id: int, actors: list[Actor], core: Database) -> None:
    alice = actors[0]
    sending.send_message(alice, small_id, "to myself")
    membership.leave_group(alice, small_id)
    assert core.rows("SELECT count(*) FROM chats WHERE id = %s", small_id) == [(0,)]
    assert core.rows("SELECT count(*) FROM messages WHERE chat_id = %s", small_id) == [(0,)]
    assert core.rows("SELECT user_id, kind FROM chat_tombstones WHERE chat_id = %s", small_id) == [(alice.id, "left")]
    assert [event.version for event in events(core) if isinstance(event, ChatLeft)] == [3]


def test_roles_change_and_a_group_keeps_an_owner(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, _ = actors[:3]
    membership.change_role(alice, group_id, bob.id, "admin")
    membership.change_role(alice, group_id, bob.id, "admin")
    assert [(note.event, note.role) for note in notes(alice, group_id)][1:] == [("role_changed", "admin")]
    with pytest.raises(Conflict, match="last_owner"):
        membership.change_role(alice, group_id, alice.id, "member")
    membership.change_role(alice, group_id, alice.id, "owner")
    membership.change_role(alice, group_id, bob.id, "owner")
    membership.change_role(alice, group_id, alice.id, "member")
    assert roles(core, group_id)[alice.id] == "member"
    with pytest.raises(NotFound, match="member_not_found"):
        membership.change_role(bob, group_id, 987_654_321, "admin")


def test_a_chat_of_two_is_no_group(actors: list[Actor]) -> None:
    alice, bob, carol = actors[:3]
    chat_id = chats.find_or_create_chat(alice, other_id=bob.id)
    for act in (
        lambda: membership.add_members(alice, chat_id, Named(ids=[carol.id])),
        lambda: membership.leave_group(alice, chat_id),
        lambda: membership.remove_member(alice, chat_id, bob.id),
        lambda: membership.change_role(alice, chat_id, bob.id, "owner"),
    ):
        with pytest.raises(NotFound, match="chat_not_found"):
            act()


def test_a_user_leaves_all_groups_and_no_other_chat(group_id: int, small_id: int, actors: list[Actor]) -> None:
    alice, bob, _ = actors[:3]
    chats.find_or_create_chat(alice, other_id=bob.id)
    assert membership.leave_all_groups(alice) == 2
    assert membership.leave_all_groups(alice) == 0
    assert [note.event for note in notes(bob, group_id)][-1] == "role_changed"
