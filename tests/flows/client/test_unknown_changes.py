"""Changes of an unknown kind, stored by a later release, are skipped; clients recover from the version gap."""

from __future__ import annotations

from typing import Any

from tests.chatapp_client.conftest import ClientMaker
from tests.database import Database
from tests.people import Person
from tests.servers import await_true


def store_unknown_changes(database: Database, message: dict[str, Any], times: int = 1) -> None:
    """Store changes of a message as a later release does; this release cannot read them."""
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


def test_catch_up_contains_all_other_changes(alice: Person, bob: Person, database: Database) -> None:
    message = alice.sends("stays", to=bob)
    cursor = bob.cursor(message["chat_id"])
    (conversation,) = bob.social.conversations()
    store_unknown_changes(database, message, times=5)
    alice.edits(message, "edited")
    store_unknown_changes(database, message, times=5)
    second = alice.sends("new", chat_id=message["chat_id"])
    for limit in (1, 2, 100):
        missed = bob.catches_up(cursor, limit=limit)
        kinds = [change["type"] for change in missed["changes"] if change["type"] != "message_read"]
        assert kinds == ["message_edited"]
        assert [new["id"] for new in missed["messages"]] == [second["id"]]
        assert missed["chats"][message["chat_id"]]["version"] == second["version"] == 13
    social = bob.social.gets("/messages/since", cursor=cursor).data
    assert "message.deleted" not in [change["type"] for change in social["changes"]]
    assert [new["content"] for new in social["messages"]] == ["new"]
    assert bob.social.history(conversation["id"])[-1]["content"] == "edited"


def test_live_gap_is_closed_without_deletions(
    alice: Person, bob: Person, database: Database, make_client: ClientMaker
) -> None:
    message = alice.sends("stays", to=bob)
    device, socket, social = make_client(bob), bob.connects(), bob.social.connects()
    second = alice.sends("second", chat_id=message["chat_id"])
    for events, kind in ((socket, "new_message"), (social, "message.new")):
        events.receives(kind)
    store_unknown_changes(database, message)
    third = alice.sends("third", chat_id=message["chat_id"])
    assert third["version"] == second["version"] + 2
    assert socket.receives("new_message")["version"] == third["version"]
    assert social.receives("message.new")["payload"]["version"] == third["version"]
    socket.receives_no("message_deleted", until=socket.pings)
    social.receives_no("message.deleted", until=social.pings)

    def is_complete_and_idle() -> bool:
        texts = [message["content"] for message in device.messages(message["chat_id"])]
        return texts[-2:] == ["second", "third"] and not device.state.needs_resume

    await_true(is_complete_and_idle)
    fourth = alice.sends("fourth", chat_id=message["chat_id"])
    assert socket.receives("new_message")["version"] == fourth["version"] == third["version"] + 1
    await_true(lambda: len(device.messages(message["chat_id"])) >= 3 and not device.state.needs_resume)
