"""Creating groups: `chatapp.actions.groups.creation`."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from chatapp.actions.groups import rules
from chatapp.actions.groups.creation import create_group
from chatapp.actions.groups.people import Named
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound
from chatapp.events.types import ChatJoined, MessageSent
from tests.actions.groups.words import events, member_count, notes, roles
from tests.database import Database


def test_a_group_has_an_owner_members_and_a_first_message(group_id: int, actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors[:3]
    assert roles(core, group_id) == {alice.id: "owner", bob.id: "member", carol.id: "member"}
    assert member_count(core, group_id) == 3
    (note,) = notes(carol, group_id)
    assert (note.event, note.title, note.member_count, note.users) == ("created", "Neighbours", 3, ())
    ((seq, version, kind, key),) = core.rows(
        "SELECT last_seq, last_version, kind, pair_key FROM chats WHERE id = %s", group_id
    )
    assert (seq, version, kind, key) == (1, 1, "group", None)


def test_a_group_may_begin_with_its_owner_alone(actors: list[Actor], core: Database) -> None:
    chat_id = create_group(actors[0], "  My \u202e notes\n ", Named(ids=[actors[0].id]))
    assert member_count(core, chat_id) == 1
    assert core.rows("SELECT title FROM chats WHERE id = %s", chat_id) == [("My notes",)]


def test_the_same_people_may_have_any_number_of_groups(actors: list[Actor]) -> None:
    alice, bob = actors[:2]
    assert len({create_group(alice, "Same", Named(ids=[bob.id])) for _ in range(3)}) == 3


def test_members_are_named_by_id_or_username(actors: list[Actor], core: Database) -> None:
    alice, bob, carol = actors[:3]
    named = Named(ids=[bob.id, bob.id], usernames=[carol.username.upper(), alice.username, carol.username])
    assert set(roles(core, create_group(alice, "Both", named))) == {alice.id, bob.id, carol.id}


@pytest.mark.parametrize(
    "named",
    [Named(ids=[987_654_321]), Named(usernames=["no-such-user"]), Named(usernames=["a\x00b"]), Named(ids=[1, 2**52])],
)
def test_unknown_users_are_refused_and_nothing_is_stored(named: Named, actors: list[Actor], core: Database) -> None:
    before = core.counts()
    with pytest.raises(NotFound, match="user_not_found"):
        create_group(actors[0], "Title", named)
    assert core.counts() == before


@pytest.mark.parametrize("column", ["banned_at", "erased_at"])
def test_users_whose_account_has_ended_are_not_added(column: str, actors: list[Actor], core: Database) -> None:
    bob = actors[1]
    core.change(f"UPDATE users SET {column} = now() WHERE id = %s", bob.id)
    with pytest.raises(NotFound, match="user_not_found"):
        create_group(actors[0], "Title", Named(ids=[bob.id]))


@pytest.mark.parametrize("blocker", [0, 1])
def test_no_one_is_added_against_a_block(blocker: int, actors: list[Actor], core: Database) -> None:
    alice, bob = actors[:2]
    pair = (alice.id, bob.id) if blocker == 0 else (bob.id, alice.id)
    core.change("INSERT INTO blocks (blocker_id, blocked_id) VALUES (%s, %s)", *pair)
    with pytest.raises(Forbidden, match="blocked"):
        create_group(alice, "Title", Named(ids=[bob.id]))


@pytest.mark.parametrize("title", ["", "  ", "\u202e\u2066", "x" * 101, "x" * 10_000, "\u200b"])
def test_titles_have_one_to_a_hundred_visible_characters(title: str, actors: list[Actor], core: Database) -> None:
    before = core.counts()
    with pytest.raises(Invalid) as refused:
        create_group(actors[0], title, Named())
    assert list(refused.value.fields) == ["title"]
    assert core.counts() == before


def test_a_full_group_is_refused(actors: list[Actor], core: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    alice, bob, carol = actors[:3]
    monkeypatch.setattr(rules.max_members, "_value", 2, raising=False)
    before = core.counts()
    with pytest.raises(Conflict, match="group_full"):
        create_group(alice, "Title", Named(ids=[bob.id, carol.id]))
    assert core.counts() == before
    assert member_count(core, create_group(alice, "Title", Named(ids=[bob.id]))) == 2


def test_the_members_are_told_on_their_own_channels(group_id: int, actors: list[Actor], core: Database) -> None:
    found = events(core)
    (joined,) = [event for event in found if isinstance(event, ChatJoined)]
    (sent,) = [event for event in found if isinstance(event, MessageSent)]
    assert (joined.recipients, joined.version) == (tuple(sorted(actor.id for actor in actors[:3])), 1)
    assert (sent.recipients, sent.audience.chat_id, sent.version) == ((), group_id, 1)
    assert found.index(joined) < found.index(sent), "so that their workers have subscribed"


def test_a_repeated_request_creates_one_group(actors: list[Actor], core: Database) -> None:
    alice, bob = actors[:2]
    key = uuid.uuid4().hex

    def create(_: int) -> int:
        return create_group(alice, "Once", Named(ids=[bob.id]), idempotency_key=key)

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(create, range(4)))
    found.add(create(4))
    assert len(found) == 1
    assert core.rows("SELECT count(*) FROM chats WHERE title = 'Once'") == [(1,)]
    with pytest.raises(Conflict, match="client_key_reused"):
        create_group(alice, "Another", Named(ids=[bob.id]), idempotency_key=key)
