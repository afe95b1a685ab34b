"""Two processes that write to the same chats leave consistent rows, and the check finds what is not."""

from __future__ import annotations

import pytest

from chaos import stress
from tests.database import Database

SENDS = 1_500
# By what the check reports, one after the other.
DEFECTS = {
    "the head of a chat": "UPDATE chats SET last_message_id = last_message_id + 1",
    "senders have read": "UPDATE chat_members SET last_read_seq = 0",
    "a member with unread": "UPDATE chat_members SET has_unread = false",
    "version counts": "UPDATE chats SET last_version = last_version + 1",
    "a message has one event": "INSERT INTO outbox (events) SELECT events FROM outbox",
    "a key has one message": "UPDATE messages SET client_key = 'same'",
    "seq counts": "DELETE FROM messages WHERE (chat_id, seq) = (SELECT id, 3 FROM chats ORDER BY id DESC LIMIT 1)",
    "an acknowledged message": "UPDATE messages SET seq = seq + 1",
    "ids rise": "UPDATE messages SET seq = -seq",
}


@pytest.mark.parametrize("two_trips", [(False, False), (False, True)], ids=["this release", "and the release before"])
def test_rows_are_consistent(core: Database, environment: dict[str, str], two_trips: tuple[bool, bool]) -> None:
    acknowledged = stress.write({**environment, "DATABASE_URL": core.url}, sends=SENDS, two_trips=two_trips)
    assert stress.violations(core.url, acknowledged) == []
    assert len(acknowledged.acks) > SENDS / 2
    assert {"blocked", "chat_not_found", "client_key_reused"} <= set(acknowledged.refusals)
    if two_trips == (False, False):
        for name, defect in DEFECTS.items():
            core.change(defect)
            assert any(found.startswith(name) for found in stress.violations(core.url, acknowledged)), name
