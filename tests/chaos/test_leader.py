"""A leader whose Postgres hangs steps down in time, blocks nothing, and becomes leader again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chaos.cluster import Cluster
from chaos.machine import suspended
from deploy.embedded import PostgresServer
from tests.servers import ROOT, TIMEOUT, await_true

# Its statement timeout ends soon after the leader has stepped down; that of a real worker is a minute.
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
    """Local ports of a process' connections."""
    return {connection.laddr.port for connection in psutil.Process(pid).net_connections("tcp4")}


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A cluster with one `worker` process."""
    with Cluster(workers=1, LOG_LEVEL="INFO") as running:
        yield running


def await_logged(cluster: Cluster, message: str, times: int, within: float = TIMEOUT) -> None:
    """Wait until the worker has logged a message so often."""
    log = cluster.ops.log
    await_true(lambda: log.read_text().count(f'"{message}"') >= times, within=within, what=log.read_text)


def test_leader_steps_down_and_stops_while_postgres_hangs(cluster: Cluster) -> None:
    await_logged(cluster, "leading", 1)
    with suspended(cluster.postgres):
        await_logged(cluster, "lost leadership", 1)
    await_logged(cluster, "leading", 2)
    with suspended(cluster.postgres):
        await_logged(cluster, "lost leadership", 2)
        cluster.ops.stop()


def test_timed_out_connection_is_replaced(tmp_path: Path) -> None:
    """Only the greenlet that waits on a connection may close it; a second one would hang together with the first."""
    with PostgresServer(tmp_path / "pg") as postgres:
        environment = {**os.environ, "DATABASE_URL": postgres.url}
        output = tmp_path / "output"
        with output.open("wb") as file:
            leader = subprocess.Popen([sys.executable, "-c", _LEADER], cwd=ROOT, env=environment, stdout=file)
        try:
            await_true(lambda: output.read_text() == "leads\n", what=output.read_text)
            first = _ports(leader.pid)
            assert first
            with suspended(postgres):
                await_true(lambda: "steps down" in output.read_text(), what=output.read_text)
                await_true(lambda: not first & _ports(leader.pid), what=output.read_text)
            await_true(lambda: output.read_text().count("leads") == 2, what=output.read_text)
            leader.terminate()
            assert leader.wait(10) == 0
            assert output.read_text().endswith("ends\n")
        finally:
            leader.kill()
            leader.wait()
