"""Quotes and people of messages: one more query for a page that has some, none for others."""

from __future__ import annotations

import pytest

from chatapp.access import access_chat
from chatapp.actions.blocking import block
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.editing import delete_message, edit_message
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.snapshots import Quote, ViewedMessage
from chatapp.infra.postgres import database_connection
from chatapp.queries import message_parts, messages
from chatapp.queries.message_parts import Answer, Wanted
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.query_counter import QueryCounter


@pytest.fixture
def chat_id(actors: list[Actor]) -> int:
    """A chat of the first two actors."""
    return find_or_create_chat(actors[0], other_id=actors[1].id)


@pytest.fixture
def larger_chat(core: Database, actors: list[Actor]) -> int:
    """A chat of three."""
    return make_larger_chat(core, [actor.id for actor in actors])


def page(viewer: Actor, chat_id: int) -> list[ViewedMessage]:
    """The messages of a chat, oldest first."""
    with database_connection():
        return messages.page(access_chat(viewer, chat_id), limit=50).messages[::-1]


def quote(message: ViewedMessage) -> Quote:
    """What the message quotes."""
    assert message.quote is not None
    return message.quote


def test_a_page_costs_one_query_more_only_with_extras(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    first = send_message(alice, chat_id, "first")
    costs = []
    for extras in ({}, {"reply_to_id": first.id}, {"mention_ids": [bob.id]}):
        send_message(bob, chat_id, "next", **extras)  # type: ignore[arg-type]
        with database_connection():
            membership = access_chat(alice, chat_id)
            with QueryCounter() as counter:
                messages.page(membership, limit=50)
        costs.append(len(counter.queries))
    assert costs == [costs[0], costs[0] + 1, costs[0] + 1]


def test_nothing_is_read_for_nothing(core: Database) -> None:
    with database_connection(), QueryCounter() as counter:
        assert not message_parts.load(Wanted(), None).people
        assert message_parts.quotable([]) == {}
    assert counter.queries == []


def test_a_quote_is_the_message_as_it_is_now(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    first = send_message(alice, chat_id, "x" * 600)
    send_message(bob, chat_id, "answer", reply_to_id=first.id)
    expected = Quote(first.id, alice.id, alice.uuid, "text", "x" * 499 + "…")
    assert quote(page(bob, chat_id)[1]) == expected
    edit_message(alice, first.id, "edited")
    assert quote(page(bob, chat_id)[1]).content == "edited"
    delete_message(alice, first.id)
    assert quote(page(bob, chat_id)[1]) == Quote(first.id, alice.id, alice.uuid, "text", "", is_deleted=True)


def test_a_deleted_answer_quotes_nothing(actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    first = send_message(alice, chat_id, "first")
    answer = send_message(bob, chat_id, "answer", reply_to_id=first.id, mention_ids=[alice.id])
    delete_message(bob, answer.id)
    assert page(alice, chat_id)[1].extras is None


def test_who_blocks_the_author_sees_no_quote(actors: list[Actor], larger_chat: int) -> None:
    alice, bob, carol = actors
    hidden = send_message(bob, larger_chat, "from bob")
    send_message(carol, larger_chat, "answer", reply_to_id=hidden.id)
    block(alice, bob.username)
    assert [message.quote for message in page(alice, larger_chat)] == [None]
    assert quote(page(carol, larger_chat)[1]).content == "from bob"


def test_only_what_the_sender_sees_can_be_answered(
    core: Database, actors: list[Actor], chat_id: int, larger_chat: int
) -> None:
    alice, bob, carol = actors
    elsewhere = send_message(alice, chat_id, "elsewhere")
    early = send_message(bob, larger_chat, "early")
    late = send_message(bob, larger_chat, "late")
    core.change("UPDATE chat_members SET joined_seq = 1 WHERE user_id = %s AND chat_id = %s", carol.id, larger_chat)
    block(alice, bob.username)
    wanted = [
        Answer(0, carol.id, larger_chat, early.id),
        Answer(1, carol.id, larger_chat, late.id),
        Answer(2, alice.id, larger_chat, late.id),
        Answer(3, alice.id, larger_chat, elsewhere.id),
        Answer(4, bob.id, larger_chat, early.id),
        Answer(5, bob.id, larger_chat, 1 << 40),
    ]
    with database_connection():
        found = message_parts.quotable(wanted)
    assert {index: quoted.content for index, quoted in found.items()} == {1: "late", 4: "early"}
