"""Catching up by cursor: nothing is missed, however long a client was away and however late a transaction commits."""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Any

import psycopg2
import pytest

from tests.database import Database
from tests.people import Person


def seqs(page: dict[str, Any]) -> list[int]:
    """The `seq` of the messages of a page, in order."""
    return [message["seq"] for message in page["messages"]]


def test_everything_since_the_greeting_is_returned(alice: Person, bob: Person) -> None:
    first = alice.sends("before", to=bob)
    bob.awaits_old_transactions()
    socket = bob.connects()
    cursor = socket.greeting["cursor"]
    socket.closes()
    second = alice.sends("while away", chat_id=first["chat_id"])
    alice.edits(first, "changed")
    third = alice.sends("taken back", chat_id=first["chat_id"])
    alice.deletes_message(third)
    bob.awaits_old_transactions()
    missed = bob.connects().requests({"type": "resume", "cursor": cursor}, "resumed")
    assert seqs(missed) == [second["seq"], third["seq"]]
    changes = [(change["type"], change["version"]) for change in missed["changes"]]
    assert [change for change in changes if change[0] != "message_read"] == [
        ("message_edited", 3),
        ("message_deleted", 5),
    ]
    (chat,) = missed["chats"]
    assert (chat["id"], chat["version"], chat["unread_count"]) == (first["chat_id"], 5, 3)
    assert missed["has_more"] is False
    again = bob.connects().requests({"type": "resume", "cursor": missed["cursor"]}, "resumed")
    assert (again["messages"], again["changes"], again["chats"]) == ([], [], [])


def test_pages_are_in_order_and_have_each_change_once(alice: Person, bob: Person, carol: Person) -> None:
    chats = [alice.sends("begins", to=person)["chat_id"] for person in (bob, carol)]
    cursor = alice.cursor(chats[0])
    for number in range(12):
        alice.edits(alice.sends(f"{number}", chat_id=chats[number % 2]), f"{number}, edited")
    alice.awaits_old_transactions()
    for limit in (1, 2, 3, 7, 100):
        missed = alice.catches_up(cursor, limit=limit)
        by_chat = {chat: [m["seq"] for m in missed["messages"] if m["chat_id"] == chat] for chat in chats}
        assert by_chat == {chat: [2, 3, 4, 5, 6, 7] for chat in chats}
        edited = [change for change in missed["changes"] if change["type"] == "message_edited"]
        edits = [(change["chat_id"], change["version"]) for change in edited]
        assert edits == sorted(edits) and len(edits) == len(set(edits)) == 12
        assert set(missed["chats"]) == set(chats)


def test_reading_on_another_device_is_returned(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    cursor = alice.cursor(message["chat_id"])
    bob.reads(message)
    (change,) = alice.catches_up(cursor)["changes"]
    found = {name: change[name] for name in ("type", "message_id", "read_by", "up_to_seq")}
    assert found == {"type": "message_read", "message_id": message["id"], "read_by": bob.id, "up_to_seq": 1}


def test_reading_and_then_replying_on_another_device_is_returned(alice: Person, bob: Person) -> None:
    sent = [alice.sends(text, to=bob) for text in "12"]
    cursor = alice.cursor(sent[0]["chat_id"])
    bob.reads(*sent)
    answers = [bob.sends(text, to=alice) for text in "34"]
    missed = alice.catches_up(cursor)
    assert [message["id"] for message in missed["messages"]] == [message["id"] for message in answers]
    found = [(change["message_id"], change["read_by"], change["up_to_seq"]) for change in missed["changes"]]
    assert found == [(sent[1]["id"], bob.id, 2)]


def test_archiving_on_another_device_shows_in_the_chats(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    cursor = alice.cursor(message["chat_id"])
    alice.posts(f"/{message['chat_id']}/archive")
    missed = alice.catches_up(cursor)
    assert missed["messages"] == []
    assert missed["chats"][message["chat_id"]]["is_archived"] is True


def test_a_removed_chat_leaves_a_tombstone(alice: Person, bob: Person) -> None:
    message = alice.sends("hi", to=bob)
    cursor = bob.cursor(message["chat_id"])
    alice.deletes(f"/{message['chat_id']}")
    bob.awaits_old_transactions()
    missed = bob.catches_up(cursor)
    (change,) = missed["changes"]
    assert (change["type"], change["chat_id"]) == ("chat_deleted", message["chat_id"])
    assert bob.catches_up(missed["cursor"])["changes"] == []


def test_a_transaction_that_commits_late_is_not_skipped(
    alice: Person, bob: Person, carol: Person, environment: dict[str, str]
) -> None:
    """Its ids were drawn long before cursors that are larger than all of them."""
    slow = alice.sends("slow chat", to=bob)
    quick = alice.sends("quick chat", to=carol)
    with closing(psycopg2.connect(environment["DATABASE_URL"])) as connection, connection.cursor() as hanging:
        hanging.execute("SELECT last_seq FROM chats WHERE id = %s FOR UPDATE", (slow["chat_id"],))
        hanging.execute(
            "INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at)"
            " VALUES (make_id(), %s, 2, 2, %s, 'committed late', now()) RETURNING id",
            (slow["chat_id"], bob.id),
        )
        (late_id,) = hanging.fetchone() or (0,)
        hanging.execute(
            "UPDATE chats SET last_seq = 2, last_version = 2, last_message_id = %s,"
            " changed_in = transaction_stamp() WHERE id = %s",
            (late_id, slow["chat_id"]),
        )
        newer = alice.sends("newer, committed first", chat_id=quick["chat_id"])
        assert newer["id"] > late_id
        cursor = alice.gets("/messages", chat_id=quick["chat_id"]).data["cursor"]
        assert newer["id"] in [message["id"] for message in alice.catches_up(cursor)["messages"]], "seen twice is fine"
        connection.commit()
    assert late_id in [message["id"] for message in alice.catches_up(cursor)["messages"]]


def test_ids_before_the_time_of_the_cursor_are_returned(alice: Person, bob: Person, database: Database) -> None:
    """A clock that was set back causes no gap: cursors do not depend on clocks."""
    first = alice.sends("one", to=bob)
    cursor = bob.cursor(first["chat_id"])
    second = alice.sends("two", chat_id=first["chat_id"])
    hour = 3_600_000 << 12
    for column, table in (("id", "messages"), ("last_message_id", "chats"), ("first_message_id", "chats")):
        key = "chat_id" if table == "messages" else "id"
        database.change(f"UPDATE {table} SET {column} = {column} - {hour} WHERE {key} = %s", first["chat_id"])
    assert seqs(bob.catches_up(cursor)) == [second["seq"]]


def test_reading_pages_while_others_write_misses_nothing(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("begins", to=bob)["chat_id"]
    cursor = bob.cursor(chat_id)
    writer = threading.Thread(target=lambda: [alice.sends(f"{number}", chat_id=chat_id) for number in range(40)])
    writer.start()
    received: set[int] = set()
    while writer.is_alive():
        missed = bob.catches_up(cursor, limit=3)
        received.update(seqs(missed))
        cursor = missed["cursor"]
    received.update(seqs(bob.catches_up(cursor)))
    assert received == set(range(2, 42))


def test_catching_up_can_be_limited_to_one_chat(alice: Person, bob: Person, carol: Person) -> None:
    ours, theirs = alice.sends("a", to=bob), alice.sends("b", to=carol)
    cursor = alice.cursor(ours["chat_id"])
    alice.sends("more", chat_id=ours["chat_id"])
    alice.sends("more", chat_id=theirs["chat_id"])
    missed = alice.catches_up(cursor, chat_id=ours["chat_id"])
    assert {message["chat_id"] for message in missed["messages"]} == {ours["chat_id"]}


def test_a_cursor_from_before_a_restore_requires_a_full_sync(alice: Person, bob: Person, database: Database) -> None:
    message = alice.sends("hi", to=bob)
    cursor = alice.cursor(message["chat_id"])
    database.change("UPDATE cluster_epoch SET epoch = gen_random_uuid()")
    missed = alice.catches_up(cursor)
    assert missed["full_sync"] is True
    assert alice.catches_up(missed["cursor"])["full_sync"] is False


@pytest.mark.parametrize("cursor", ["x", "", "x" * 501, "WzFd.AAAA", "null", "0", "a.b.c", "☃"])
def test_a_bad_cursor_is_refused(alice: Person, cursor: str) -> None:
    reply = alice.gets("/messages/since", cursor=cursor)
    assert reply.status in (400, 422)
    frame = alice.connects().requests({"type": "resume", "cursor": cursor}, "error")
    assert frame["error"] in ("marketplace.badCursor", "marketplace.validationFailed")


def test_a_changed_or_foreign_cursor_is_refused(alice: Person, bob: Person) -> None:
    cursor = alice.cursor(alice.sends("hi", to=bob)["chat_id"])
    for wrong in (cursor[:-1] + ("A" if cursor[-1] != "A" else "E"), "A" + cursor[1:], cursor[: len(cursor) // 2]):
        assert alice.gets("/messages/since", cursor=wrong).error == "marketplace.badCursor"
    assert bob.gets("/messages/since", cursor=cursor).error == "marketplace.badCursor"


def test_a_user_catches_up_on_their_own_chats_only(alice: Person, bob: Person, carol: Person) -> None:
    cursor = carol.cursor(carol.sends("mine", to=bob)["chat_id"])
    message = alice.sends("canary", to=bob)
    missed = carol.catches_up(cursor)
    assert (missed["messages"], missed["changes"]) == ([], [])
    assert carol.gets("/messages/since", cursor=cursor, chat_id=message["chat_id"]).status == 404
