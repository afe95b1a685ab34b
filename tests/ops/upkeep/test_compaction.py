"""`erase_compact`: what it rewrites, what it leaves, and how long it locks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatapp.actions.chats import find_or_create_chat
from chatapp.actions.erasure.columns import CHANGED_TABLES
from chatapp.actions.erasure.requests import erase_person
from chatapp.actions.sending import send_message
from chatapp.auth.actor import Actor
from chatapp.infra.postgres import database_connection
from chatapp.ops.upkeep import compaction, online_rewrite
from chatapp.ops.upkeep.compaction import compact
from config import Settings, load
from tests.database import Database
from tests.servers import await_true

CANARY = "qzcompactcanary"


@pytest.fixture
def settings(environment: dict[str, str], core: Database) -> Settings:
    """The settings of this process, which lets a rewrite take long."""
    return replace(load({**environment, "DATABASE_URL": core.url}), erase_compact_lock=60.0)


@pytest.fixture
def erased(actors: list[Actor], core: Database) -> Actor:
    """A user who wrote something, and was erased."""
    send_message(actors[0], find_or_create_chat(actors[0], other_id=actors[1].id), CANARY, idempotency_key="key")
    erase_person(actors[0].id)
    return actors[0]


def run(settings: Settings) -> str:
    with database_connection():
        return compact(settings)


def run_until_nothing_is_left(settings: Settings) -> None:
    """A table that another transaction may read meanwhile, such as an autovacuum, is left for the next run."""
    await_true(lambda: "left" not in run(settings))


def nodes(core: Database) -> dict[str, int]:
    """The files of tables, by name."""
    return dict(core.rows("SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r'"))


def test_without_erasures_nothing_is_rewritten(core: Database, actors: list[Actor], settings: Settings) -> None:
    before = nodes(core)
    assert run(settings) == "nothing was erased"
    assert nodes(core) == before


def test_tables_and_touched_partitions_are_rewritten(core: Database, erased: Actor, settings: Settings) -> None:
    before = nodes(core)
    assert run(settings).startswith("1 erasures compacted, ")
    run_until_nothing_is_left(settings)
    after = nodes(core)
    changed = {name for name in before if after[name] != before[name]}
    partitions = {name for name in changed if name.startswith("messages_chat_")}
    assert len(partitions) == 1 and set(CHANGED_TABLES) <= changed
    assert core.rows("SELECT 1 FROM erased_partitions") == []
    assert core.rows("SELECT 1 FROM erasures WHERE compacted_at IS NULL") == []
    assert run(settings) == "nothing was erased"


def test_a_table_that_is_in_use_is_left_for_the_next_run(core: Database, erased: Actor, settings: Settings) -> None:
    with core.holding("SELECT 1 FROM client_keys"):
        outcome = run(replace(settings, erase_compact_lock=0.2))
    assert "client_keys" in outcome.partition("left for the next run: ")[2].split(", ")
    assert core.rows("SELECT compacted_at FROM erasures") == [(None,)]
    run_until_nothing_is_left(settings)


def test_rows_that_a_transaction_may_still_read_are_noticed(
    core: Database, actors: list[Actor], settings: Settings
) -> None:
    with core.autocommitting() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM job_runs")
        send_message(actors[0], find_or_create_chat(actors[0], other_id=actors[1].id), CANARY, idempotency_key="key")
        erase_person(actors[0].id)
        assert "client_keys" in run(settings)
        cursor.execute("COMMIT")
    run_until_nothing_is_left(settings)


def test_a_partition_that_takes_long_is_rewritten_beside_its_use(
    core: Database, erased: Actor, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewritten: list[str] = []
    vacuum = compaction._rewrite
    online = online_rewrite.rewrite
    monkeypatch.setattr(
        compaction, "_rewrite", lambda name, bound: not name.startswith("messages_chat_") and vacuum(name, bound)
    )

    def rewrite(name: str, bound: float) -> bool:
        rewritten.append(name)
        return online(name, bound)

    monkeypatch.setattr(online_rewrite, "rewrite", rewrite)
    run_until_nothing_is_left(settings)
    assert len(set(rewritten)) == 1 and rewritten[0].startswith("messages_chat_")


def test_what_was_stored_while_it_ran_is_erased(core: Database, erased: Actor, settings: Settings) -> None:
    core.change("INSERT INTO client_keys VALUES (%s, 'late', '', 1, 1)", erased.id)
    run(settings)
    assert core.rows("SELECT 1 FROM client_keys WHERE sender_id = %s", erased.id) == []


def test_statistics_are_collected_again(core: Database, actors: list[Actor], settings: Settings) -> None:
    core.change("UPDATE users SET name = %s", CANARY)
    with core.autocommitting() as cursor:
        cursor.execute("ANALYZE users")
    shown = "SELECT 1 FROM pg_stats WHERE tablename = 'users' AND most_common_vals::text LIKE %s"
    assert core.rows(shown, f"%{CANARY}%")
    for actor in actors:
        erase_person(actor.id)
    run(settings)
    assert core.rows(shown, f"%{CANARY}%") == []
