"""`since` a time: everything new or changed, for clients without a cursor, continued by cursor."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from chatapp.queries.catchup import LONGEST_TRANSACTION
from tests.database import Database
from tests.people import Person


def since(person: Person, moment: str, **params: Any) -> dict[str, Any]:
    """All pages since a time, merged; each but the first by the cursor of the previous one.

    Pages overlap while older transactions are open, including those of other tests.
    """
    person.awaits_old_transactions()
    first = person.gets("/messages/since", since=moment, **params).data
    whole: dict[str, Any] = {"messages": first["messages"], "changes": first["changes"], "cursor": first["cursor"]}
    if first["has_more"]:
        rest = person.catches_up(first["cursor"], **params)
        whole["messages"] += rest["messages"]
        whole["changes"] += rest["changes"]
        whole["cursor"] = rest["cursor"]
    return whole


def changed_messages(changes: list[dict[str, Any]], kind: str) -> set[int]:
    """Ids of messages with changes of this kind."""
    return {change["message_id"] for change in changes if change["type"] == kind}


def later(message: dict[str, Any]) -> str:
    """A millisecond after a message was sent."""
    moment = dt.datetime.fromisoformat(message["created_at"]) + dt.timedelta(milliseconds=1)
    return moment.isoformat()


def test_since_returns_edits_deletions_and_reads_of_older_messages(alice: Person, bob: Person) -> None:
    edited, deleted, read = [alice.sends(text, to=bob) for text in ("one", "two", "three")]
    moment = later(read)
    alice.edits(edited, "ONE")
    alice.deletes_message(deleted)
    bob.reads(read)
    for person in (alice, bob):
        found = since(person, moment)
        assert found["messages"] == []
        assert changed_messages(found["changes"], "message_edited") == {edited["id"]}
        assert changed_messages(found["changes"], "message_deleted") == {deleted["id"]}
        assert changed_messages(found["changes"], "message_read") == {read["id"]}


def test_since_returns_removed_chats(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    alice.deletes(f"/{message['chat_id']}")
    (gone,) = [change for change in since(bob, later(message))["changes"] if change["type"] == "chat_deleted"]
    assert gone["chat_id"] == message["chat_id"]


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_pages_continue_by_cursor_over_all_chats(alice: Person, bob: Person, carol: Person, limit: int) -> None:
    old = [alice.sends("old", to=person) for person in (bob, carol)]
    sent = [alice.sends(f"{number}", chat_id=old[number % 2]["chat_id"]) for number in range(8)]
    for message in (*old, sent[3]):
        alice.edits(message, "edited")
    found = since(alice, sent[0]["created_at"], limit=limit)
    assert {message["id"] for message in found["messages"]} == {message["id"] for message in sent}
    assert len(found["messages"]) == len(sent)
    assert changed_messages(found["changes"], "message_edited") == {old[0]["id"], old[1]["id"], sent[3]["id"]}


def test_cursor_continues_where_the_page_ended(alice: Person, bob: Person) -> None:
    first = alice.sends("one", to=bob)
    cursor = since(bob, first["created_at"])["cursor"]
    second = alice.sends("two", chat_id=first["chat_id"])
    assert [message["id"] for message in bob.catches_up(cursor)["messages"]] == [second["id"]]
    bob.awaits_old_transactions()
    ahead = bob.gets("/messages/since", since="2100-01-01T00:00:00Z").data
    assert (ahead["messages"], ahead["has_more"], ahead["full_sync"]) == ([], False, False)
    third = alice.sends("three", chat_id=first["chat_id"])
    assert third["id"] in [message["id"] for message in bob.catches_up(ahead["cursor"])["messages"]]


def test_since_omits_older_changes(alice: Person, bob: Person, carol: Person, database: Database) -> None:
    """Two minutes pass in between: longer than any transaction."""
    quiet, lively = alice.sends("quiet", to=bob), alice.sends("lively", to=carol)
    alice.edits(quiet, "edited long ago")
    earlier = 120_000 << 12
    for message in (quiet, lively):
        database.change("UPDATE messages SET id = id - %s WHERE id = %s", earlier, message["id"])
        database.change(
            "UPDATE chats SET first_message_id = first_message_id - %s, last_message_id = last_message_id - %s"
            " WHERE id = %s",
            earlier,
            earlier,
            message["chat_id"],
        )
    # Only the message of another chat, sent in between, maps the time to a transaction.
    between = bob.sends("between", to=carol)
    new = alice.sends("new", chat_id=lively["chat_id"])
    # It must be the newest one that is old enough: other tests write to the same database.
    just_settled = new["id"] - ((LONGEST_TRANSACTION + 1) << 12)
    database.change("UPDATE messages SET id = %s WHERE id = %s", just_settled, between["id"])
    alice.awaits_old_transactions()
    found = alice.gets("/messages/since", since=new["created_at"]).data
    assert [message["id"] for message in found["messages"]] == [new["id"]]
    assert [chat["id"] for chat in found["chats"]] == [lively["chat_id"]]
    assert changed_messages(found["changes"], "message_edited") == set()


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2024-01-01T00:00:00Z"])
def test_since_the_epoch_returns_everything(alice: Person, bob: Person, moment: str) -> None:
    sent = [alice.sends(text, to=bob)["id"] for text in "123"]
    assert [message["id"] for message in since(bob, moment, limit=2)["messages"]] == sent


def test_since_omits_chats_of_others(alice: Person, bob: Person, database: Database) -> None:
    sent = [alice.sends(text, to=bob) for text in "123"]
    database.change("UPDATE chat_members SET cleared_seq = 2 WHERE user_id = %s", bob.id)
    for moment in ("1970-01-01T00:00:00Z", sent[0]["created_at"]):
        assert [message["id"] for message in since(bob, moment)["messages"]] == [sent[2]["id"]]
