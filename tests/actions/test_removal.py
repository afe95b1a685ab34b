"""Large deleted chats disappear at once; a job deletes their messages."""

from __future__ import annotations

from chatapp.actions import removal
from tests.commands import Command
from tests.database import Database
from tests.people import Person

MANY = removal.BATCH + removal.AT_ONCE

# Older messages of a chat; every tenth was edited.
FILL = f"""
WITH chat AS (SELECT * FROM chats WHERE id = %s), filled AS (
    INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at)
    SELECT chat.last_message_id + n, chat.id, chat.last_seq + n, chat.last_version + n, chat.buyer_id, 'old', now()
    FROM chat, generate_series(1, {MANY}) n RETURNING id, chat_id, version
), edited AS (
    INSERT INTO message_changes (message_id, chat_id, version, actor_id, kind, old_content)
    SELECT filled.id, chat_id, version, 1, 'edited', 'older' FROM filled WHERE filled.id %% 10 = 0
)
UPDATE chats SET last_seq = chat.last_seq + {MANY}, last_version = chat.last_version + {MANY},
    last_message_id = chat.last_message_id + {MANY} FROM chat WHERE chats.id = chat.id
"""


def left_of(database: Database, chat_id: int) -> list[int]:
    """The numbers of stored messages, changes, and queue entries of a chat."""
    tables = ("messages", "message_changes", "chat_remains")
    return [database.rows(f"SELECT count(*) FROM {table} WHERE chat_id = %s", chat_id)[0][0] for table in tables]


def test_a_large_chat_disappears_at_once_and_is_purged_by_the_job(
    alice: Person, bob: Person, environment: dict[str, str], database: Database, ops: Command
) -> None:
    message = alice.sends("first", to=bob)
    alice.sends("second", to=bob)
    database.change(FILL, message["chat_id"])
    his = bob.connects()
    assert alice.deletes(f"/{message['chat_id']}").status == 200
    assert his.receives("chat_deleted")["version"] == MANY + 3
    for person in (alice, bob):
        assert person.chats() == []
        assert person.gets(f"/messages/{message['id']}/history").status == 404
    assert left_of(database, message["chat_id"])[::2] == [MANY + 2, 1]

    done = ops("jobs", "run", "chat_purge", DATABASE_URL=environment["DATABASE_URL"])
    assert done.out.splitlines()[-1] == f"chat_purge: {MANY + 2} messages deleted", done.err
    assert left_of(database, message["chat_id"]) == [0, 0, 0]
    again = ops("jobs", "run", "chat_purge", DATABASE_URL=environment["DATABASE_URL"])
    assert again.out.splitlines()[-1] == "chat_purge: 0 messages deleted"
