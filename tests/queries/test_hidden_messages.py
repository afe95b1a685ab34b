"""What lists and counts leave out for who blocks a member, and that others do not pay for it."""

from __future__ import annotations

import pytest

from chatapp.access import access_chat
from chatapp.actions import editing, reading, sending
from chatapp.actions.blocking import block, unblock
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.queries import catchup, chats, hidden_messages, messages, redis_export
from chatapp.queries.chat_summaries import ChatSummary
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.queries.conftest import rows_read
from tests.query_counter import QueryCounter

MEMBERS = 1000


@pytest.fixture
def chat_id(core: Database, actors: list[Actor]) -> int:
    """A chat of alice, bob, carol and 997 others."""
    return make_larger_chat(core, [actor.id for actor in actors], members=MEMBERS)


def summary(actor: Actor, chat_id: int) -> ChatSummary:
    """The chat as a user's list has it."""
    with database_connection():
        (found,) = chats.by_ids(actor, [chat_id])
    return found


def unread(actor: Actor) -> int:
    """Unread messages of a user over all chats."""
    with database_connection():
        return chats.unread_counts([actor.id])[actor.id]


def test_a_list_shows_the_newest_visible_message(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    block(alice, bob.username)
    sending.send_message(bob, chat_id, "hidden")
    seen = summary(alice, chat_id)
    assert (seen.last_message_id, seen.last_message_text, seen.unread_count, seen.last_seq) == (0, "", 0, 1)
    visible = sending.send_message(carol, chat_id, "x" * 600)
    newest = sending.send_message(bob, chat_id, "hidden")
    seen = summary(alice, chat_id)
    assert (seen.last_message_id, seen.last_message_sender_id) == (visible.id, carol.id)
    assert (seen.last_message_text, seen.last_message_is_read) == ("x" * 499 + "…", False)
    assert seen.shown_message_at is not None and seen.last_message_at is not None
    assert seen.shown_message_at < seen.last_message_at == seen.active_at, "the order of the list is that of the chat"
    reading.mark_read(alice, chat_id, [visible.id])
    assert summary(alice, chat_id).last_message_is_read
    editing.delete_message(carol, visible.id)
    seen = summary(alice, chat_id)
    assert (seen.last_message_deleted, seen.last_message_text) == (True, "")
    of_carol = summary(carol, chat_id)
    assert (of_carol.last_message_id, of_carol.last_message_text) == (newest.id, "hidden")
    unblock(alice, bob.username)
    assert summary(alice, chat_id).last_message_id == newest.id


def test_counts_leave_hidden_messages_out(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    block(alice, bob.username)
    for sender in (bob, carol, bob, bob, carol, bob):
        sending.send_message(sender, chat_id, "x")
    assert (unread(alice), summary(alice, chat_id).unread_count) == (2, 2)
    (exported,) = redis_export.load_unread([(alice.id, chat_id)])
    assert exported.unread == 2
    assert [entry.unread for entry in redis_export.load_unread_chats([alice.id])] == [2]
    (state,) = redis_export.load_current_users([alice.id]).values()
    assert state.unread == 2
    with database_connection():
        second = messages.page(access_chat(alice, chat_id), limit=1, page=2).messages[0]
    assert reading.mark_read(alice, chat_id, [second.id]) == 1
    assert unread(alice) == 1
    assert reading.mark_read(alice, chat_id) == 1
    assert unread(alice) == 0


def test_messages_of_a_member_who_left_stay_hidden(actors: list[Actor], chat_id: int, core: Database) -> None:
    alice, bob, carol = actors
    block(alice, bob.username)
    visible = sending.send_message(carol, chat_id, "visible")
    sending.send_message(bob, chat_id, "hidden")
    core.change("DELETE FROM chat_members WHERE user_id = %s", bob.id)
    assert summary(alice, chat_id).last_message_id == visible.id
    assert unread(alice) == 1
    with database_connection():
        page = messages.page(access_chat(alice, chat_id), limit=20)
    assert [message.id for message in page.messages] == [visible.id]


def test_of_very_many_messages_only_the_newest_are_examined(
    actors: list[Actor], chat_id: int, core: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob, carol = actors
    block(alice, bob.username)
    sending.send_message(carol, chat_id, "visible")
    core.change(
        "INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at)"
        " SELECT id + n, chat_id, 1 + n, 1 + n, %s, '', now() FROM messages, generate_series(1, 12000) n",
        bob.id,
    )
    core.change(
        "UPDATE chats SET last_seq = 12001, last_version = 12001, last_message_id = last_message_id + 12000,"
        " last_message_sender_id = %s",
        bob.id,
    )
    core.change("ANALYZE")
    with database_connection():
        with QueryCounter() as asked:
            (found,) = chats.by_ids(alice, [chat_id])
            total = chats.unread_counts([alice.id])[alice.id]
            page = messages.page(access_chat(alice, chat_id), limit=20)
        read = rows_read(asked)
    assert (found.unread_count, found.last_message_id, total) == (2001, 0, 2001)
    assert [message.content for message in page.messages] == ["visible"], "pages are exact"
    # A list looks for the count and for the newest, the total and the page for a count; the page finds its messages and
    # the versions between them.
    assert read < 4 * hidden_messages.EXAMINED + 3 * 12_001


def test_others_pay_nothing(actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    block(alice, bob.username)
    sending.send_message(bob, chat_id, "x")
    costs = {}
    for actor in (alice, carol):
        with database_connection():
            cursor = catchup.cursor_of_now(actor.id)
            with QueryCounter() as asked:
                chats.by_ids(actor, [chat_id])
                chats.unread_counts([actor.id])
                messages.page(access_chat(actor, chat_id), limit=20)
                catchup.page(actor, cursor, limit=20)
            costs[actor.username] = len(asked.queries), rows_read(asked)
    assert costs["alice"][0] > costs["carol"][0]
    assert costs["carol"][1] < 30
