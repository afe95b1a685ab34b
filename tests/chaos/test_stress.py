"""Two processes that write to the same chats leave consistent rows; the check finds what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos import pooled, stress
from chaos.pgbouncer import PACKAGE, PROGRAM, PgBouncer
from chaos.processes import migrate
from tests.database import Database
from tests.servers import database_copy
from tests.system_packages import needed_program

SENDS = 800
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


@pytest.mark.long
def test_rows_are_consistent_behind_pgbouncer(environment: dict[str, str], postgres_url: str, tmp_path: Path) -> None:
    needed_program(PROGRAM, PACKAGE)
    with (
        database_copy(postgres_url) as url,
        database_copy(postgres_url) as other_url,
        PgBouncer(tmp_path / "pgbouncer", url, pooled.MODE) as bouncer,
    ):
        behind = {**environment, **pooled.settings(bouncer, url)}
        migrate(behind)
        acknowledged = stress.write(behind, sends=SENDS)
        assert stress.violations(url, acknowledged) == []
        assert len(acknowledged.acks) > SENDS / 2
        smoke = pooled.smoke_test({**environment, **pooled.settings(bouncer, other_url)}, tmp_path)
        assert smoke.returncode == 0, smoke.stdout + smoke.stderr
