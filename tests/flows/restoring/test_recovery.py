"""A base backup is recovered to a point in time: the counter continues, and transactions after the point are gone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from deploy.embedded import PostgresServer
from deploy.embedded.redis import RedisServer
from tests.database import Database
from tests.flows.restoring import tools
from tests.flows.restoring.rehearsal import Rehearsal, release
from tests.servers import ChatServer, await_true

ARCHIVED = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
POINT = "before_the_accident"

StartServer = Callable[..., ChatServer]


class Archived(PostgresServer):
    """A cluster that archives its log to a folder beside it."""

    @property
    def archive(self) -> Path:
        return self.folder.path / "archive"

    def begin_archiving(self) -> None:
        """Archive the log from now on."""
        owner = self.cluster.stat()
        self.archive.mkdir()
        shutil.chown(self.archive, owner.st_uid, owner.st_gid)
        self.configure("archive_mode = on", f"archive_command = 'cp %p {self.archive}/%f'")
        self.restart()

    def configure(self, *lines: str) -> None:
        """Add settings for the next start."""
        with (self.cluster / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{line}\n" for line in lines)

    def archive_everything(self) -> None:
        """Return when everything written so far is in the archive."""
        database = Database(self.url)
        (segment,) = database.rows("SELECT pg_walfile_name(pg_current_wal_lsn())")[0]
        with database.autocommitting() as cursor:
            cursor.execute("SELECT pg_switch_wal()")
        await_true(lambda: database.rows(ARCHIVED, segment) == [(True,)])


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[Archived]:
    """The cluster that is backed up."""
    with Archived(tmp_path / "first") as postgres:
        postgres.begin_archiving()
        yield postgres


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Redis of this service alone."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


def recovered(first: Archived, base: Path, folder: Path) -> PostgresServer:
    """A second cluster from a base backup and the archive, not started yet, that recovers to the restore point."""
    second = Archived(folder)
    second.folder.open()
    shutil.copy(first.folder.path / "password", folder / "password")
    shutil.copytree(base, second.cluster)
    second.cluster.chmod(0o700)
    second.configure(
        "archive_mode = off",
        f"restore_command = 'cp {first.archive}/%f %p'",
        f"recovery_target_name = '{POINT}'",
        "recovery_target_action = 'promote'",
    )
    (second.cluster / "recovery.signal").touch()
    return second


def is_promoted(url: str) -> bool:
    """Whether recovery has ended."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT NOT pg_is_in_recovery()")
        return bool((cursor.fetchone() or (False,))[0])


def test_to_a_point_in_time(
    archived: Archived,
    redis: RedisServer,
    environment: dict[str, str],
    start_server: StartServer,
    tmp_path: Path,
) -> None:
    changed = {**environment, "REDIS_URL": redis.url}
    release(changed, archived.url)
    server = start_server(**{**changed, "DATABASE_URL": archived.url})
    rehearsal = Rehearsal.begins(server)
    rehearsal.keep_cursors()
    base = tmp_path / "base"
    tools.run("pg_basebackup", "-D", str(base), "-X", "none", "-c", "fast", "-d", archived.url)
    rehearsal.alice.sends("after the base backup", to=rehearsal.bob)
    rehearsal.look()
    with Database(archived.url).autocommitting() as cursor:
        cursor.execute("SELECT pg_create_restore_point(%s)", (POINT,))
    rehearsal.write_after_the_backup()
    archived.archive_everything()
    server.stop()
    with recovered(archived, base, tmp_path / "second") as postgres:
        await_true(lambda: is_promoted(postgres.url))
        assert "promoted standby detected" in release(changed, postgres.url)
        database = Database(postgres.url)
        assert database.rows("SELECT stamp_offset, renewed_at IS NOT NULL FROM cluster_epoch") == [(0, True)]
        server = start_server(**{**changed, "DATABASE_URL": postgres.url})
        rehearsal.move_to(server)
        rehearsal.expect_only_what_is_new(rehearsal.expect_one_full_sync_and_the_same_data())
        assert "detected" not in release(changed, postgres.url)
        rehearsal.close_sockets()
        server.stop()
