"""F4-F6 and F16: Postgres restarts, hangs, drops connections, or its disk is full."""

from __future__ import annotations

import contextlib
import shutil
import signal
import time

import psutil

from chaos.cluster import Cluster
from chaos.machine import suspended
from chaos.scenario import Scenario

LONGEST_REPLY = 10.0


def restart_postgres(scenario: Scenario) -> None:
    """F4: restart in immediate and fast mode in turn."""
    for number in range(scenario.rounds):
        time.sleep(1.0)
        _stop_postgres(scenario.cluster, signal.SIGQUIT if number % 2 == 0 else signal.SIGINT)
        scenario.cluster.postgres.start()
        accepts = time.time()
        scenario.await_first_ok(accepts, most=2.0)
        scenario.await_normal(accepts, most=5.0)
    scenario.require_close_codes()


def restart_postgres_immediately(scenario: Scenario) -> None:
    """show-2: restart in immediate mode each time; the time of its recovery counts."""
    for _ in range(scenario.rounds):
        time.sleep(1.0)
        at = time.time()
        kill_postgres(scenario.cluster)
        scenario.cluster.postgres.start()
        scenario.record("Postgres restarted after s", time.time() - at)
        scenario.await_normal(at, most=5.0)
    scenario.require_close_codes()


def kill_postgres(cluster: Cluster) -> None:
    """Stop Postgres in immediate mode: it cleans nothing up, and recovers at the next start."""
    _stop_postgres(cluster, signal.SIGQUIT)


def _stop_postgres(cluster: Cluster, number: int) -> None:
    postmaster = psutil.Process(cluster.postgres.pid)
    postmaster.send_signal(number)
    with contextlib.suppress(psutil.TimeoutExpired):
        postmaster.wait(15)
    cluster.postgres.kill()


def hang_postgres(scenario: Scenario) -> None:
    """F5: it stops answering, without any error."""
    begun = time.time()
    for _ in range(scenario.rounds):
        time.sleep(0.5)
        with suspended(scenario.cluster.postgres):
            time.sleep(1.0)
            status, body, took = scenario.cluster.health()
            scenario.record("health answers after s", took, most=2.5)
            scenario.require(status == 503, f"health returned {status} {body} while Postgres hung")
            time.sleep(max(0.0, scenario.seconds - 1.0 - took))
        scenario.await_normal(time.time(), most=5.0)
    responses = scenario.load.call("responses", since=begun, until=time.time())
    scenario.record("slowest reply s", responses.get("max", 0.0), most=LONGEST_REPLY)
    scenario.require_close_codes()


def cut_postgres_connections(scenario: Scenario) -> None:
    """F6: terminate one connection of chatapp every 100 ms."""
    cuts, until = 0, time.time() + scenario.seconds * scenario.rounds
    while time.time() < until:
        time.sleep(0.1)
        cuts += len(
            scenario.cluster.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
            )
        )
    scenario.record("cuts", cuts)
    scenario.await_normal(time.time(), most=5.0)
    scenario.require_close_codes()


def fill_disk(scenario: Scenario) -> None:
    """F16: the disk of Postgres, a small file system, is full. Nothing is acknowledged."""
    folder = scenario.cluster.postgres.folder.path
    if shutil.disk_usage(folder).total > 2**31:
        scenario.report.measurements["skipped"] = "needs root, for a small tmpfs"
        return
    for _ in range(scenario.rounds):
        time.sleep(0.5)
        filler = folder / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 65536)
        time.sleep(scenario.seconds)
        filler.unlink()
        if not psutil.pid_exists(scenario.cluster.postgres.pid) or not scenario.cluster.postgres.answers():
            scenario.cluster.postgres.kill()
            scenario.cluster.postgres.start()  # it exits when it cannot write WAL; a supervisor would restart it
        scenario.await_normal(time.time(), most=10.0)
