"""Who has read a message and when, as far as the viewer may know."""

from __future__ import annotations

import pytest

from chatapp.access import access_message
from chatapp.actions.blocking import block, unblock
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.reading import mark_read
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages, receipts
from chatapp.queries.receipts import Receipt
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.query_counter import QueryCounter


def found(viewer: Actor, message_id: int) -> list[Receipt]:
    """The receipts of a message, as this user sees them."""
    with database_connection():
        message, _ = access_message(viewer, message_id)
        with QueryCounter() as counter:
            receipts_found = receipts.of_message(message, viewer.id)
    assert len(counter.queries) == 1
    return receipts_found


@pytest.fixture
def larger_chat(core: Database, actors: list[Actor]) -> int:
    """A chat of three."""
    return make_larger_chat(core, [actor.id for actor in actors])


def test_each_member_but_the_sender_has_a_receipt(actors: list[Actor], larger_chat: int) -> None:
    alice, bob, carol = actors
    message = send_message(alice, larger_chat, "hi")
    assert [(one.person.id, one.read_at) for one in found(alice, message.id)] == [(bob.id, None), (carol.id, None)]
    mark_read(carol, larger_chat)
    first, second = found(bob, message.id)
    assert (first.person.id, second.person.id) == (carol.id, bob.id), "who has read it is first"
    assert first.read_at is not None
    assert first.delivered_at == first.read_at
    assert second == Receipt(second.person, None, None)


def test_who_joined_later_has_none(core: Database, actors: list[Actor], larger_chat: int) -> None:
    message = send_message(actors[0], larger_chat, "hi")
    core.change("UPDATE chat_members SET joined_seq = 1 WHERE user_id = %s AND chat_id = %s", actors[2].id, larger_chat)
    assert [one.person.id for one in found(actors[0], message.id)] == [actors[1].id]


def test_what_was_read_behind_a_block_only_the_reader_knows(actors: list[Actor]) -> None:
    alice, bob, _ = actors
    message = send_message(alice, find_or_create_chat(alice, other_id=bob.id), "hi")
    block(bob, alice.username)
    mark_read(bob, message.chat_id)
    assert [one.read_at is None for one in found(alice, message.id)] == [True]
    assert [one.read_at is None for one in found(bob, message.id)] == [False]
    unblock(bob, alice.username)
    assert [one.read_at is None for one in found(alice, message.id)] == [False]


def test_in_a_larger_chat_a_message_has_the_time_when_the_viewer_read_it(actors: list[Actor], larger_chat: int) -> None:
    alice, bob, carol = actors
    message = send_message(alice, larger_chat, "hi")
    for reader in (bob, carol):
        mark_read(reader, larger_chat)
    times = {}
    for viewer in actors:
        with database_connection():
            shown = messages.snapshots_by_id([message.id], viewer.id)
        times[viewer.id] = receipts.read_at(shown, viewer.id).get(message.id)
        assert receipts.read_at(shown, viewer.id).get(message.id) == times[viewer.id], "also from the cache"
    by_reader = {one.person.id: one.read_at for one in found(alice, message.id)}
    assert times == {alice.id: None, **by_reader}
