"""Replies, mentions and forwards in a batch: what each refers to is read under the locks, or refused."""

from __future__ import annotations

import pytest

from chatapp.actions import group_commit
from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.events.encoding import from_json
from chatapp.events.snapshots import MessageSnapshot
from chatapp.events.types import MessageSent
from chatapp.infra.postgres import database_connection
from chatapp.queries import messages
from tests.actions.drafts import described, draft
from tests.database import Database
from tests.flows.members.larger_chats import make_larger_chat
from tests.query_counter import QueryCounter


def committed(*drafts: group_commit.Draft) -> list[group_commit.Outcome]:
    """What became of the drafts of one batch."""
    return group_commit.commit(list(drafts))


def test_a_batch_without_references_takes_two_round_trips(core: Database, actors: list[Actor], chat_id: int) -> None:
    first = send_message(actors[0], chat_id, "first")
    committed(draft(actors[0], chat_id, reply_to_id=first.id))  # prepares the statements
    costs = []
    for extras in ({}, {"mention_ids": (actors[1].id,)}, {"reply_to_id": first.id}):
        with QueryCounter() as counter:
            committed(*[draft(actors[0], chat_id, **extras) for _ in range(20)])  # type: ignore[arg-type]
        costs.append(len(counter.queries))
    assert costs == [2, 2, 3]


def test_what_is_published_is_what_is_stored(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    first = send_message(alice, chat_id, "first")
    (sent,) = committed(draft(bob, chat_id, "answer", reply_to_id=first.id, mention_ids=(alice.id, bob.id)))
    assert isinstance(sent, MessageSnapshot)
    assert sent.extras is not None
    assert sent.quote is not None
    assert (sent.quote.id, sent.quote.content) == (first.id, "first")
    assert [person.id for person in sent.extras.mentions] == [alice.id, bob.id]
    ((text,),) = core.rows("SELECT events FROM outbox ORDER BY id DESC LIMIT 1")
    (event,) = from_json(text)
    assert isinstance(event, MessageSent)
    assert event.message == sent
    with database_connection():
        assert messages.snapshots_by_id([sent.id])[0].extras == sent.extras


def test_refused_references_take_no_number(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    foreign = send_message(bob, find_or_create_chat(bob, other_id=carol.id), "foreign")
    outcomes = committed(
        draft(alice, chat_id, "one"),
        draft(alice, chat_id, reply_to_id=foreign.id),
        draft(alice, chat_id, reply_to_id=1 << 40),
        draft(alice, chat_id, mention_ids=(bob.id, carol.id)),
        draft(carol, chat_id, reply_to_id=foreign.id),
        draft(bob, chat_id, "two"),
    )
    assert [described(outcome) for outcome in outcomes] == [
        ("one", 1), "reply_not_in_chat", "reply_not_in_chat", "mention_not_in_chat", "chat_not_found", ("two", 2),
    ]  # fmt: skip


def test_members_of_a_larger_chat_can_be_mentioned(core: Database, actors: list[Actor]) -> None:
    alice, bob, carol = actors
    chat_id = make_larger_chat(core, [alice.id, bob.id])
    outcomes = committed(draft(alice, chat_id, mention_ids=(bob.id,)), draft(alice, chat_id, mention_ids=(carol.id,)))
    assert [described(outcome) for outcome in outcomes] == [("hi", 1), "mention_not_in_chat"]
    assert core.rows("SELECT last_read_seq FROM chat_members WHERE user_id = %s", bob.id) == [(0,)]


def test_a_reply_can_be_repeated_after_a_block(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, _ = actors
    first = send_message(alice, chat_id, "first")
    answer = draft(bob, chat_id, "answer", key="k", reply_to_id=first.id)
    (sent,) = committed(answer)
    core.change("UPDATE chats SET blocked = true WHERE id = %s", chat_id)
    (again,) = committed(answer)
    assert isinstance(sent, MessageSnapshot)
    assert isinstance(again, MessageSnapshot)
    assert (again.id, again.extras) == (sent.id, sent.extras)


@pytest.mark.parametrize("has_chat", [True, False])
def test_a_locked_chat_is_skipped_with_its_references(
    core: Database, actors: list[Actor], chat_id: int, has_chat: bool
) -> None:
    first = send_message(actors[0], chat_id, "first")
    with core.holding("SELECT 1 FROM chats WHERE id = %s FOR NO KEY UPDATE", chat_id):
        (outcome,) = committed(draft(actors[0], chat_id if has_chat else 1 << 40, reply_to_id=first.id))
    assert described(outcome) == ("contended" if has_chat else "chat_not_found")
