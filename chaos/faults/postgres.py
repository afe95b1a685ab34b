"""F4-F6 and F16: a Postgres that ends, hangs, cuts its connections or has no room."""

from __future__ import annotations

import contextlib
import shutil
import signal
import time

import psutil

from chaos.cluster import Cluster
from chaos.machine import standing_still
from chaos.scenario import Scene

LONGEST_REPLY = 10.0


def restart_postgres(scene: Scene) -> None:
    """F4: immediate mode, and fast mode, in turn."""
    for number in range(scene.rounds):
        time.sleep(1.0)
        _end_postgres(scene.cluster, signal.SIGQUIT if number % 2 == 0 else signal.SIGINT)
        scene.cluster.postgres.start()
        accepts = time.time()
        scene.await_first_ok(accepts, most=2.0)
        scene.await_normal(accepts, most=5.0)
    scene.require_only()


def restart_postgres_immediately(scene: Scene) -> None:
    """Shows 2: immediate mode each time. Its own recovery counts."""
    for _ in range(scene.rounds):
        time.sleep(1.0)
        at = time.time()
        kill_postgres(scene.cluster)
        scene.cluster.postgres.start()
        scene.note("Postgres itself back after s", time.time() - at)
        scene.await_normal(at, most=5.0)
    scene.require_only()


def kill_postgres(cluster: Cluster) -> None:
    """End Postgres in immediate mode: it cleans nothing up, and recovers when it is started."""
    _end_postgres(cluster, signal.SIGQUIT)


def _end_postgres(cluster: Cluster, number: int) -> None:
    postmaster = psutil.Process(cluster.postgres.pid)
    postmaster.send_signal(number)
    with contextlib.suppress(psutil.TimeoutExpired):
        postmaster.wait(15)
    cluster.postgres.kill()


def hang_postgres(scene: Scene) -> None:
    """F5: it answers nothing, and nobody is told."""
    begun = time.time()
    for _ in range(scene.rounds):
        time.sleep(0.5)
        with standing_still(scene.cluster.postgres):
            time.sleep(1.0)
            status, body, took = scene.cluster.health()
            scene.note("health answers after s", took, most=2.5)
            scene.require(status == 503, f"health said {status} {body} while Postgres hung")
            time.sleep(max(0.0, scene.seconds - 1.0 - took))
        scene.await_normal(time.time(), most=5.0)
    replies = scene.load.ask("replies", since=begun, until=time.time())
    scene.note("slowest reply s", replies.get("max", 0.0), most=LONGEST_REPLY)
    scene.require_only()


def cut_postgres_connections(scene: Scene) -> None:
    """F6: one connection of chatapp's every 100 ms."""
    cuts, until = 0, time.time() + scene.seconds * scene.rounds
    while time.time() < until:
        time.sleep(0.1)
        cuts += len(
            scene.cluster.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
            )
        )
    scene.note("cuts", cuts)
    scene.await_normal(time.time(), most=5.0)
    scene.require_only()


def fill_disk(scene: Scene) -> None:
    """F16: no room where Postgres lives, which has to be a small file system of its own. Nothing is acknowledged."""
    folder = scene.cluster.postgres.folder.path
    if shutil.disk_usage(folder).total > 2**31:
        scene.report.numbers["skipped"] = "needs DATA on a small tmpfs: run as root"
        return
    for _ in range(scene.rounds):
        time.sleep(0.5)
        filler = folder / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"x" * 65536)
        time.sleep(scene.seconds)
        filler.unlink()
        if not psutil.pid_exists(scene.cluster.postgres.pid) or not scene.cluster.postgres.answers():
            scene.cluster.postgres.kill()
            scene.cluster.postgres.start()  # it gives up when it cannot write its log; its supervisor does this
        scene.await_normal(time.time(), most=10.0)
