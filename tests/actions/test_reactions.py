"""Who may react, how often, and what is stored of it."""

from __future__ import annotations

import itertools

import pytest
from emoji import EMOJI_DATA, STATUS

from chatapp.actions import blocking, editing, reactions, removal, sending
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict, Forbidden, Invalid, NotFound
from chatapp.events.snapshots import MessageSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages as message_queries
from chatapp.queries.reactions import NAMED
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat

THUMB, HEART = "👍", "❤️"
_EMOJI = (text for text, data in EMOJI_DATA.items() if data["status"] == STATUS["fully_qualified"])
KINDS = list(itertools.islice(_EMOJI, reactions.MAX_KINDS))


@pytest.fixture
def message(actors: list[Actor], chat_id: int) -> MessageSnapshot:
    """The first user's message to the second."""
    return sending.send_message(actors[0], chat_id, "react to this")


def shown(message: MessageSnapshot) -> list[tuple[str, int, tuple[int, ...], bool | None]]:
    """The reactions of a message."""
    return [(kind.emoji, kind.count, kind.user_ids, kind.is_mine) for kind in message.reactions]


def read(message: MessageSnapshot, viewer: Actor) -> MessageSnapshot:
    """The message as a user reads it now."""
    with database_connection():
        return message_queries.snapshots_by_id([message.id], viewer.id)[0]


def test_each_user_reacts_once_with_each_emoji(actors: list[Actor], message: MessageSnapshot, core: Database) -> None:
    alice, bob, _ = actors
    reactions.add_reaction(bob, message.id, THUMB)
    reactions.add_reaction(bob, message.id, HEART)
    reactions.add_reaction(alice, message.id, THUMB)
    reactions.add_reaction(bob, message.id, THUMB)
    changed = reactions.add_reaction(bob, message.id, HEART.replace("\ufe0f", ""))  # another spelling
    assert shown(changed) == [(THUMB, 2, (bob.id, alice.id), True), (HEART, 1, (bob.id,), True)]
    assert shown(read(message, alice)) == [(THUMB, 2, (bob.id, alice.id), True), (HEART, 1, (bob.id,), False)]
    assert changed.version == 4
    assert core.rows("SELECT kind FROM message_changes ORDER BY version") == [("reaction_added",)] * 3


def test_a_reaction_is_taken_back_once(actors: list[Actor], message: MessageSnapshot, core: Database) -> None:
    alice, bob, _ = actors
    for actor in (alice, bob):
        reactions.add_reaction(actor, message.id, THUMB)
    assert shown(reactions.remove_reaction(alice, message.id, THUMB)) == [(THUMB, 1, (bob.id,), False)]
    assert shown(reactions.remove_reaction(alice, message.id, THUMB)) == [(THUMB, 1, (bob.id,), False)]
    assert shown(reactions.remove_reaction(bob, message.id, THUMB)) == []
    assert core.rows("SELECT reactions FROM messages") == [(None,)]
    assert core.rows("SELECT count(*) FROM message_changes") == [(4,)]


def test_the_first_ten_are_named_and_others_move_up(core: Database, actors: list[Actor]) -> None:
    core.change("INSERT INTO users (subject, username) SELECT n, n FROM generate_series(100, 111) n")
    users = [Actor(id, str(uuid), name, False, None) for id, uuid, name in
             core.rows("SELECT id, uuid, username FROM users ORDER BY id")]  # fmt: skip
    chat_id = make_larger_chat(core, [user.id for user in users])
    message = sending.send_message(users[0], chat_id, "react to this")
    for user in users:
        reactions.add_reaction(user, message.id, THUMB)
    ids = tuple(user.id for user in users)
    assert shown(read(message, users[-1])) == [(THUMB, len(users), ids[:NAMED], True)]
    changed = reactions.remove_reaction(users[2], message.id, THUMB)
    assert shown(changed) == [(THUMB, len(users) - 1, (*ids[:2], *ids[3 : NAMED + 1]), False)]
    assert shown(read(message, users[-1]))[0][3] is True
    (kind,) = changed.reactions
    assert kind.user_uuids == tuple(user.uuid for user in users if user.id in kind.user_ids)


def test_the_21st_kind_is_refused_and_known_kinds_are_not(actors: list[Actor], message: MessageSnapshot) -> None:
    alice, bob, _ = actors
    for kind in KINDS:
        reactions.add_reaction(alice, message.id, kind)
    with pytest.raises(Conflict, match="too_many_reactions"):
        reactions.add_reaction(bob, message.id, "🦖")
    assert len(reactions.add_reaction(bob, message.id, KINDS[-1]).reactions) == reactions.MAX_KINDS
    reactions.remove_reaction(alice, message.id, KINDS[0])
    assert reactions.add_reaction(bob, message.id, "🦖").reactions[-1].emoji == "🦖"


@pytest.mark.parametrize("text", ["", "x", THUMB * 2, "🇷🇸🇷🇸"])
def test_what_is_not_one_emoji_is_refused(actors: list[Actor], message: MessageSnapshot, text: str) -> None:
    for act in (reactions.add_reaction, reactions.remove_reaction):
        with pytest.raises(Invalid, match="not_an_emoji"):
            act(actors[1], message.id, text)


def test_others_and_the_deleted_are_out_of_reach(actors: list[Actor], message: MessageSnapshot) -> None:
    alice, bob, carol = actors
    for act in (reactions.add_reaction, reactions.remove_reaction):
        with pytest.raises(NotFound):
            act(carol, message.id, THUMB)
    reactions.add_reaction(bob, message.id, THUMB)
    editing.delete_message(alice, message.id)
    with pytest.raises(Conflict, match="message_deleted"):
        reactions.add_reaction(bob, message.id, THUMB)
    assert read(message, bob).reactions == reactions.remove_reaction(bob, message.id, THUMB).reactions == ()


def test_during_a_block_reactions_are_only_taken_back(actors: list[Actor], message: MessageSnapshot) -> None:
    alice, bob, _ = actors
    reactions.add_reaction(bob, message.id, THUMB)
    blocking.block(alice, bob.username)
    with pytest.raises(Forbidden, match="blocked"):
        reactions.add_reaction(bob, message.id, HEART)
    assert reactions.remove_reaction(bob, message.id, THUMB).reactions == ()


def test_deleting_leaves_no_reaction(core: Database, actors: list[Actor], message: MessageSnapshot) -> None:
    alice, bob, _ = actors
    second = sending.send_message(bob, message.chat_id, "another")
    for each in (message, second):
        reactions.add_reaction(bob, each.id, THUMB)
    editing.delete_message(alice, message.id)
    assert core.rows("SELECT message_id FROM reactions") == [(second.id,)]
    removal.delete_chat(alice, message.chat_id)
    assert core.rows("SELECT message_id FROM reactions") == []


def test_an_edit_does_not_mind_reactions_since(actors: list[Actor], message: MessageSnapshot) -> None:
    alice, bob, _ = actors
    reactions.add_reaction(bob, message.id, THUMB)
    edited = editing.edit_message(alice, message.id, "better", expected_version=message.version)
    for seen in (message.version, edited.version + 1, 0):
        with pytest.raises(Conflict, match="stale_edit"):
            editing.edit_message(alice, message.id, "worse", expected_version=seen)
    assert editing.edit_message(alice, message.id, "best", expected_version=edited.version).content == "best"
