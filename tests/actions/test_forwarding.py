"""Copies of messages: to all chats or to none, once per key, with the first origin of a chain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chatapp.actions import editing
from chatapp.actions.blocking import block
from chatapp.actions.chats import Target, find_or_create_chat
from chatapp.actions.forwarding import MAX_TARGETS, check_alone, forward_message, forward_to
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.errors import ChatError, Conflict, Invalid, NotFound
from chatapp.events.snapshots import MessageSnapshot, Origin
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.servers import await_true


@pytest.fixture
def other_chat(actors: list[Actor]) -> int:
    """A chat of the first and the third actor."""
    return find_or_create_chat(actors[0], other_id=actors[2].id)


@pytest.fixture
def message(actors: list[Actor], chat_id: int) -> MessageSnapshot:
    """A message of the second actor to the first."""
    return send_message(actors[1], chat_id, "Is it still available?")


def origin(message: MessageSnapshot) -> Origin:
    """Where the message was forwarded from."""
    assert message.extras is not None
    assert message.extras.forwarded_from is not None
    return message.extras.forwarded_from


def test_each_chat_gets_a_copy(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, message: MessageSnapshot
) -> None:
    alice = actors[0]
    copies = forward_message(alice, message.id, [other_chat, chat_id, other_chat])
    assert [(copy.chat_id, copy.seq, copy.sender.id) for copy in copies] == [
        (other_chat, 1, alice.id), (chat_id, 2, alice.id),
    ]  # fmt: skip
    for copy in copies:
        assert (copy.content, copy.original_language) == (message.content, "en")
        assert origin(copy) == Origin(message.id, message.sender, message.created_at)


def test_a_forward_of_a_forward_keeps_the_first_origin(
    actors: list[Actor], chat_id: int, other_chat: int, message: MessageSnapshot
) -> None:
    alice, _, carol = actors
    (first,) = forward_message(alice, message.id, [other_chat])
    (back,) = forward_message(alice, first.id, [chat_id])
    (around,) = forward_message(alice, back.id, [other_chat])
    again = forward_to(carol, Target(other_id=actors[1].id), around.id, strict_items=True)
    assert {origin(copy).message_id for copy in (first, back, around, again)} == {message.id}
    assert again.seq == 1, "in a new chat"


def test_a_repeated_request_sends_nothing(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, message: MessageSnapshot
) -> None:
    alice, bob, _ = actors
    targets = [chat_id, other_chat]
    sent = forward_message(alice, message.id, targets, idempotency_key="k")
    editing.edit_message(bob, message.id, "edited")
    assert [copy.id for copy in forward_message(alice, message.id, targets, idempotency_key="k")] == [
        copy.id for copy in sent
    ]
    assert core.rows("SELECT count(*) FROM messages") == [(3,)]
    with pytest.raises(Conflict, match="client_key_reused"):
        forward_message(alice, sent[0].id, targets, idempotency_key="k")


def test_a_message_that_is_deleted_while_it_is_read_is_refused_as_deleted(
    core: Database, actors: list[Actor], other_chat: int, message: MessageSnapshot
) -> None:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with ThreadPoolExecutor() as pool, core.holding("LOCK TABLE users IN ACCESS EXCLUSIVE MODE") as cursor:
        forwarding = pool.submit(forward_message, actors[0], message.id, [other_chat])
        await_true(lambda: core.rows(waiting))
        cursor.execute("UPDATE messages SET content = '', deleted_at = now() WHERE id = %s", [message.id])
    with pytest.raises(Conflict, match="message_deleted"):
        forwarding.result()


def test_repeating_a_forward_returns_the_copies_also_after_the_message_was_deleted(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, message: MessageSnapshot
) -> None:
    alice, bob, carol = actors
    copies = forward_message(alice, message.id, [chat_id, other_chat], idempotency_key="k")
    sent = forward_to(alice, Target(chat_id), message.id, strict_items=True, idempotency_key="one")
    editing.delete_message(bob, message.id)
    block(carol, alice.username)
    before = core.counts()
    again = forward_message(alice, message.id, [other_chat, chat_id], idempotency_key="k")
    assert [copy.id for copy in again] == [copies[1].id, copies[0].id]
    assert forward_to(alice, Target(chat_id), message.id, strict_items=True, idempotency_key="one").id == sent.id
    for key in (None, "another"):
        with pytest.raises(Conflict, match="message_deleted"):
            forward_to(alice, Target(chat_id), message.id, strict_items=True, idempotency_key=key)
    with pytest.raises(Conflict, match="client_key_reused"):
        forward_to(alice, Target(chat_id), sent.id + 1, strict_items=True, idempotency_key="one")
    assert core.counts() == before


def test_a_copy_in_a_chat_that_was_left_is_not_returned_again(
    core: Database, actors: list[Actor], message: MessageSnapshot
) -> None:
    alice, bob, _ = actors
    larger = make_larger_chat(core, [actor.id for actor in actors])
    forward_message(alice, message.id, [larger], idempotency_key="k")
    editing.delete_message(bob, message.id)
    core.change("DELETE FROM chat_members WHERE user_id = %s AND chat_id = %s", alice.id, larger)
    with pytest.raises(NotFound, match="chat_not_found"):
        forward_message(alice, message.id, [larger], idempotency_key="k")


def test_a_copy_whose_chat_was_deleted_is_not_found(
    actors: list[Actor], chat_id: int, message: MessageSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here it is deleted between two reads."""
    alice, bob, _ = actors
    forward_message(alice, message.id, [chat_id], idempotency_key="k")
    editing.delete_message(bob, message.id)
    monkeypatch.setattr("chatapp.queries.messages.snapshots_by_id", lambda ids, viewer_id: [])
    with pytest.raises(NotFound, match="message_not_found"):
        forward_message(alice, message.id, [chat_id], idempotency_key="k")


def test_one_refused_chat_refuses_all(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, message: MessageSnapshot
) -> None:
    alice, bob, carol = actors
    foreign = find_or_create_chat(bob, other_id=carol.id)
    block(carol, alice.username)
    before = core.counts()
    for target, code in ((foreign, "chat_not_found"), (1 << 40, "chat_not_found"), (other_chat, "blocked")):
        with pytest.raises(ChatError, match=code):
            forward_message(alice, message.id, [chat_id, target])
    for targets in ([], list(range(1, MAX_TARGETS + 2))):
        with pytest.raises(Invalid):
            forward_message(alice, message.id, targets)
    assert core.counts() == before


def test_what_changes_at_the_same_moment_refuses_only_itself(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, message: MessageSnapshot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The chats are checked before: here a block comes in between."""
    alice, _, carol = actors
    monkeypatch.setattr("chatapp.actions.forwarding.access_chats", lambda actor, chat_ids: [])
    block(carol, alice.username)
    with pytest.raises(ChatError, match="blocked"):
        forward_message(alice, message.id, [chat_id, other_chat], idempotency_key="k")
    assert core.rows("SELECT count(*) FROM messages WHERE chat_id = %s", chat_id) == [(2,)]


def test_only_what_one_sees_can_be_forwarded(
    core: Database, actors: list[Actor], chat_id: int, other_chat: int, message: MessageSnapshot
) -> None:
    alice, bob, carol = actors
    larger = make_larger_chat(core, [alice.id, bob.id, carol.id])
    early = send_message(bob, larger, "before she came")
    core.change("UPDATE chat_members SET joined_seq = 1 WHERE user_id = %s AND chat_id = %s", carol.id, larger)
    for hidden in (message, early):
        with pytest.raises(NotFound, match="message_not_found"):
            forward_message(carol, hidden.id, [other_chat])
    editing.delete_message(bob, message.id)
    with pytest.raises(Conflict, match="message_deleted"):
        forward_message(alice, message.id, [other_chat])
    core.change("UPDATE messages SET message_type = 'system' WHERE id = %s", early.id)
    with pytest.raises(Invalid, match="not_forwardable"):
        forward_message(alice, early.id, [other_chat])


def test_a_message_whose_chat_goes_meanwhile_is_not_found(
    actors: list[Actor], other_chat: int, message: MessageSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.queries.messages.snapshots_by_id", lambda ids, viewer_id: [])
    with pytest.raises(NotFound, match="message_not_found"):
        forward_message(actors[0], message.id, [other_chat])


def test_a_copy_has_nothing_of_its_own() -> None:
    check_alone(content="", attachment_ids=(), reply_to_id=None)
    with pytest.raises(Invalid) as refused:
        check_alone(content="hi", attachment_ids=(), reply_to_id=5)
    assert list(refused.value.fields) == ["content", "reply_to_id"]
