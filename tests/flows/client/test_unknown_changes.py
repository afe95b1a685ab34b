"""Changes of a kind that only a later release knows are skipped, and clients recover from the gap in versions."""

from __future__ import annotations

from typing import Any

from tests.chatapp_client.conftest import ClientMaker
from tests.database import Database
from tests.people import Person
from tests.servers import await_true


def changes_in_a_later_release(database: Database, message: dict[str, Any], times: int = 1) -> None:
    """What a worker of a later release stores for a message; this one cannot read its events."""
    database.change(
        "WITH moved AS (UPDATE chats SET last_version = last_version + %s, changed_in = transaction_stamp()"
        " WHERE id = %s RETURNING last_version)"
        " INSERT INTO message_changes (message_id, chat_id, version, actor_id, kind)"
        " SELECT %s, %s, last_version - n, %s, 'of a later release' FROM moved, generate_series(0, %s - 1) n",
        times,
        message["chat_id"],
        message["id"],
        message["chat_id"],
        message["sender_id"],
        times,
    )


def test_whoever_catches_up_is_told_everything_else(alice: Person, bob: Person, database: Database) -> None:
    message = alice.sends("stays", to=bob)
    cursor = bob.cursor(message["chat_id"])
    (conversation,) = bob.social.conversations()
    changes_in_a_later_release(database, message, times=5)
    alice.edits(message, "edited")
    changes_in_a_later_release(database, message, times=5)
    second = alice.sends("new", chat_id=message["chat_id"])
    for limit in (1, 2, 100):
        missed = bob.catches_up(cursor, limit=limit)
        told = [change["type"] for change in missed["changes"] if change["type"] != "message_read"]
        assert told == ["message_edited"]
        assert [new["id"] for new in missed["messages"]] == [second["id"]]
        assert missed["chats"][message["chat_id"]]["version"] == second["version"] == 13
    social = bob.social.gets("/messages/since", cursor=cursor).data
    assert "message.deleted" not in [change["type"] for change in social["changes"]]
    assert [new["content"] for new in social["messages"]] == ["new"]
    assert bob.social.history(conversation["id"])[-1]["content"] == "edited"


def test_a_live_gap_is_no_deletion_and_heals(
    alice: Person, bob: Person, database: Database, make_client: ClientMaker
) -> None:
    message = alice.sends("stays", to=bob)
    device, socket, social = make_client(bob), bob.connects(), bob.social.connects()
    second = alice.sends("second", chat_id=message["chat_id"])
    for ear, kind in ((socket, "new_message"), (social, "message.new")):
        ear.receives(kind)
    changes_in_a_later_release(database, message)
    third = alice.sends("third", chat_id=message["chat_id"])
    assert third["version"] == second["version"] + 2
    assert socket.receives("new_message")["version"] == third["version"]
    assert social.receives("message.new")["payload"]["version"] == third["version"]
    socket.receives_no("message_deleted", until=socket.pings)
    social.receives_no("message.deleted", until=social.pings)

    def has_all_and_asks_no_more() -> bool:
        texts = [message["content"] for message in device.messages(message["chat_id"])]
        return texts[-2:] == ["second", "third"] and not device.state.needs_resume

    await_true(has_all_and_asks_no_more)
    fourth = alice.sends("fourth", chat_id=message["chat_id"])
    assert socket.receives("new_message")["version"] == fourth["version"] == third["version"] + 1
    await_true(lambda: len(device.messages(message["chat_id"])) >= 3 and not device.state.needs_resume)
