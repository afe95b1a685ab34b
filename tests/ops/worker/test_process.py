"""The worker process: one leader, succeeded when it dies; it outlives its servers and ends when it is asked to."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from peewee import PostgresqlDatabase

from deploy.embedded import PostgresServer
from tests.commands import PASSED_ON, WORKER, Command
from tests.servers import ROOT, TIMEOUT, await_true


class WorkerProcess:
    """`python -m chatapp.ops worker`, and what it logged."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                WORKER,
                cwd=ROOT,
                env={**PASSED_ON, **environment},
                stdout=file,
                stderr=file,
            )

    def lines(self) -> list[dict[str, Any]]:
        """Each line is JSON."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def said(self, message: str, **fields: Any) -> int:
        """How often it logged this."""
        return sum(
            line["message"] == message and all(line.get(name) == value for name, value in fields.items())
            for line in self.lines()
        )

    def says(self, message: str, times: int = 1, within: float = TIMEOUT, **fields: Any) -> None:
        """It logs this so often, soon."""
        await_true(lambda: self.said(message, **fields) >= times, within=within, what=self._log.read_text)

    def ends(self, number: int) -> None:
        """Signal it, and wait until it has ended."""
        self.process.send_signal(number)
        self.process.wait(TIMEOUT)


Start = Callable[..., WorkerProcess]


@pytest.fixture
def start_worker(ops_environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Starts a worker; killed with the test."""
    started: list[WorkerProcess] = []

    def start(**changed: str) -> WorkerProcess:
        started.append(WorkerProcess({**ops_environment, **changed}, tmp_path / f"worker-{len(started)}.log"))
        return started[-1]

    yield start
    for worker in started:
        worker.process.kill()
        worker.process.wait()


def test_one_leads_and_runs_the_jobs_and_another_succeeds_it(start_worker: Start) -> None:
    first = start_worker()
    first.says("leading")
    first.says("job finished", job="partitions")
    second = start_worker()
    second.says("worker started")
    first.process.kill()
    second.says("leading")
    assert second.said("job finished", job="partitions") == 0
    second.ends(signal.SIGTERM)
    assert second.process.returncode == 0
    assert second.said("worker stopped") == 1


def test_a_leader_whose_connection_was_cut_leads_no_more(start_worker: Start, db: PostgresqlDatabase) -> None:
    worker = start_worker()
    worker.says("leading")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chatapp leader'"
    cut += " AND datname = current_database()"
    # Another process may take the lock now; the leader whose connection was cut must notice.
    assert db.execute_sql(cut).fetchall()
    worker.says("lost leadership")
    worker.says("leading", times=2)
    worker.ends(signal.SIGINT)


def test_it_outlives_postgres(start_worker: Start, tmp_path: Path, ops: Command) -> None:
    with PostgresServer(tmp_path / "pg", is_durable=False) as server:
        url = server.url
        server.stop()
        worker = start_worker(DATABASE_URL=url)
        worker.says("worker started")
        server.start()
        assert ops("migrate", DATABASE_URL=url).code == 0
        worker.says("leading")
        worker.says("job finished", job="partitions")
        server.kill()
        worker.says("lost leadership")
        server.start()
        worker.says("leading", times=2)
        worker.ends(signal.SIGTERM)


def test_it_runs_without_redis(start_worker: Start) -> None:
    worker = start_worker(REDIS_URL="redis://127.0.0.1:1")
    worker.says("service failed, will retry", service="presence")
    worker.says("job finished", job="partitions")
    assert worker.process.poll() is None
