"""A leader whose Postgres hangs: it steps down in time, holds nothing up, and leads again by itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chaos.cluster import Cluster
from chaos.machine import standing_still
from deploy.embedded import PostgresServer
from tests.servers import PATIENCE, ROOT, await_true

# Gives up on a statement soon after the leader has stepped down, as a worker does after a minute.
_LEADER = """
from gevent import monkey; monkey.patch_all()
import gevent, os, signal, types
from chatapp.infra.gevent_psycopg import patch_psycopg
from chatapp.ops.worker.leadership import ANSWER_WITHIN, Leadership

patch_psycopg(ANSWER_WITHIN + 1)
leadership = Leadership(types.SimpleNamespace(database_url=os.environ["DATABASE_URL"]))
gevent.signal_handler(signal.SIGTERM, leadership.stop)
running, was_leading = gevent.spawn(leadership.run), False
while not running.ready():
    if leadership.is_leading != was_leading:
        was_leading = leadership.is_leading
        print("leads" if was_leading else "steps down", flush=True)
    gevent.sleep(0.01)
running.get()
print("ends", flush=True)
"""


def _ports(pid: int) -> set[int]:
    """Its own ends of a process' connections."""
    return {connection.laddr.port for connection in psutil.Process(pid).net_connections("tcp4")}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A `worker` process on servers of its own."""
    with Cluster(workers=1, LOG_LEVEL="INFO") as running:
        yield running


def says(cluster: Cluster, message: str, times: int, within: float = PATIENCE) -> None:
    """The worker logs this so often, soon."""
    log = cluster.ops.log
    await_true(lambda: log.read_text().count(f'"{message}"') >= times, within=within, what=log.read_text)


def test_it_steps_down_leads_again_and_ends_though_postgres_hangs(cluster: Cluster) -> None:
    says(cluster, "leading", 1)
    with standing_still(cluster.postgres):
        says(cluster, "lost leadership", 1)
    says(cluster, "leading", 2)
    with standing_still(cluster.postgres):
        says(cluster, "lost leadership", 2)
        cluster.ops.stop()


def test_a_connection_that_timed_out_is_replaced(tmp_path: Path) -> None:
    """Nobody but the greenlet that waits on a connection closes it; with two of them both would hang for good."""
    with PostgresServer(tmp_path / "pg") as postgres:
        environment = {**os.environ, "DATABASE_URL": postgres.url}
        said = tmp_path / "said"
        with said.open("wb") as file:
            leader = subprocess.Popen([sys.executable, "-c", _LEADER], cwd=ROOT, env=environment, stdout=file)
        try:
            await_true(lambda: said.read_text() == "leads\n", what=said.read_text)
            first = _ports(leader.pid)
            assert first
            with standing_still(postgres):
                await_true(lambda: "steps down" in said.read_text(), what=said.read_text)
                await_true(lambda: not first & _ports(leader.pid), what=said.read_text)
            await_true(lambda: said.read_text().count("leads") == 2, what=said.read_text)
            leader.terminate()
            assert leader.wait(10) == 0
            assert said.read_text().endswith("ends\n")
        finally:
            leader.kill()
            leader.wait()
