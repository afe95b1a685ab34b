"""A message moves its chat up in both lists, and updates the receiver's membership only if needed."""

from __future__ import annotations

import pytest

from chatapp.actions import chat_hints
from chatapp.actions.chats import Target, find_or_create_chat
from chatapp.actions.sending import send_message, send_to
from chatapp.auth.actor import Actor
from chatapp.errors import Invalid
from chatapp.infra.postgres import database_connection
from chatapp.queries import chats
from tests.database import Database

STALE = (
    "SELECT count(*) FROM chat_members JOIN chats c ON c.id = chat_id"
    " WHERE active_bucket <> floor(extract(epoch FROM coalesce(last_message_at, c.created_at)) / 300)"
    " AND (c.last_seq > 0 OR active_bucket > 0)"
)


def move(core: Database, chat_id: int, hours: int) -> None:
    """Move the last activity of a chat back in time."""
    core.change(
        "UPDATE chats SET created_at = created_at - make_interval(hours => %s),"
        " last_message_at = last_message_at - make_interval(hours => %s) WHERE id = %s",
        hours,
        hours,
        chat_id,
    )
    core.change("UPDATE chat_members SET active_bucket = active_bucket - 12 * %s WHERE chat_id = %s", hours, chat_id)


def listed(actor: Actor) -> list[int]:
    """The user's chats, the most recently active first."""
    with database_connection():
        return [chat.id for chat in chats.recent(actor, limit=10)]


def test_the_chat_moves_up_in_both_lists(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    elsewhere = find_or_create_chat(alice, other_id=carol.id)
    with_carol = find_or_create_chat(carol, other_id=bob.id)
    assert (listed(alice), listed(bob)) == ([elsewhere, chat_id], []), "empty chats are their openers'"
    for actor, chat in ((alice, chat_id), (alice, elsewhere), (carol, with_carol)):
        send_message(actor, chat, "first")
    move(core, chat_id, 2)
    assert (listed(alice), listed(bob)) == ([elsewhere, chat_id], [with_carol, chat_id])
    send_message(alice, chat_id, "hi")
    assert (listed(alice), listed(bob)) == ([chat_id, elsewhere], [chat_id, with_carol])
    assert core.rows(STALE) == [(0,)]


def test_a_clock_that_went_back_leaves_no_outdated_bucket(core: Database, actors: list[Actor], chat_id: int) -> None:
    send_message(actors[0], chat_id, "hi")
    move(core, chat_id, -2)
    send_message(actors[0], chat_id, "again")
    assert core.rows(STALE) == [(0,)]


def test_an_active_chat_updates_the_receiver_once(core: Database, actors: list[Actor], chat_id: int) -> None:
    """Twice if an activity bucket ends during the test."""
    membership = "SELECT xmin::text, active_bucket FROM chat_members WHERE user_id = %s"
    send_message(actors[0], chat_id, "first")
    ((version, bucket),) = core.rows(membership, actors[1].id)
    for number in range(5):
        send_message(actors[0], chat_id, str(number))
    ((version_after, bucket_after),) = core.rows(membership, actors[1].id)
    assert version_after == version or bucket_after != bucket


@pytest.mark.parametrize("target", [{"listing_id": 7}, {"storefront_product_id": 8}, {"other_id": 2}])
def test_a_first_message_may_mention_its_recipient_only(
    core: Database, actors: list[Actor], target: dict[str, int]
) -> None:
    alice, bob, carol = actors
    items = "INSERT INTO items (kind, id, seller_id) VALUES ('listing', 7, %s), ('storefront_product', 8, %s)"
    core.change(items, bob.id, bob.id)
    wanted = Target(**{name: bob.id if name == "other_id" else id for name, id in target.items()})
    for mentions in ([carol.id], [bob.id, carol.id]):
        with pytest.raises(Invalid, match="mention_not_in_chat"):
            send_to(alice, wanted, "hi", strict_items=True, mention_ids=mentions)
    assert core.rows("SELECT count(*) FROM chats") == [(0,)], "no chat begins"
    sent = send_to(alice, wanted, "hi", strict_items=True, mention_ids=[bob.id, alice.id, bob.id])
    assert sent.extras is not None
    assert [person.id for person in sent.extras.mentions] == [bob.id, alice.id]


def test_an_unknown_item_has_no_recipient_to_mention(core: Database, actors: list[Actor]) -> None:
    with pytest.raises(Invalid, match="mention_not_in_chat"):
        send_to(actors[0], Target(listing_id=7), "hi", strict_items=True, mention_ids=[actors[1].id])


def test_a_reply_needs_its_chat(core: Database, actors: list[Actor], chat_id: int) -> None:
    alice, bob, carol = actors
    first = send_message(alice, chat_id, "first")
    with pytest.raises(Invalid, match="reply_not_in_chat"):
        send_to(alice, Target(other_id=carol.id), "hi", strict_items=True, reply_to_id=first.id)
    chat_hints.hints().clear()
    answer = send_to(bob, Target(other_id=alice.id), "hi", strict_items=True, reply_to_id=first.id)
    assert (answer.chat_id, answer.quote and answer.quote.id) == (chat_id, first.id), "in the chat that is found"
