"""F4-F8 and F16: Postgres and Redis that end, hang, forget or have no room."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from bench.faults.cluster import Cluster
from bench.faults.scene import Scene
from deploy.embedded.server import Server

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
    _sockets_stayed(scene)


def restart_postgres_immediately(scene: Scene) -> None:
    """Shows 2: immediate mode each time."""
    for _ in range(scene.rounds):
        time.sleep(1.0)
        at = time.time()
        _end_postgres(scene.cluster, signal.SIGQUIT)
        scene.cluster.postgres.start()
        scene.note("Postgres itself back after s", time.time() - at)
        scene.await_normal(time.time(), most=5.0)
    _sockets_stayed(scene)


def _end_postgres(cluster: Cluster, number: int) -> None:
    postmaster = psutil.Process(cluster.postgres.pid)
    postmaster.send_signal(number)
    with contextlib.suppress(psutil.TimeoutExpired):
        postmaster.wait(15)
    cluster.postgres.kill()


def hang_postgres(scene: Scene) -> None:
    """F5: it answers nothing, and nobody is told."""
    for _ in range(scene.rounds):
        time.sleep(0.5)
        with _stopped(scene.cluster.postgres):
            time.sleep(1.0)
            status, body, took = scene.cluster.health()
            scene.note("health answers after s", took, most=2.5)
            scene.require(status == 503, f"health said {status} {body} while Postgres hung")
            time.sleep(max(0.0, scene.seconds - 1.0 - took))
        scene.await_normal(time.time(), most=10.0)
    scene.note("slowest reply s", scene.load.ask("now")["slowest_reply"], most=LONGEST_REPLY)
    _sockets_stayed(scene)


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
    _sockets_stayed(scene)


def restart_redis(scene: Scene) -> None:
    """F7: it ends without saving, stays away, and comes back with nothing; half the times nobody speaks then."""
    for number in range(scene.rounds):
        time.sleep(1.0)
        down = time.time()
        scene.cluster.redis.kill()
        time.sleep(scene.seconds)
        up = time.time()
        found = scene.load.ask("latencies", since=down + 0.5, until=up)
        scene.require(found["count"] >= 0.9 * scene.rate * (scene.seconds - 0.5), f"acks without Redis: {found}")
        if found["count"]:
            scene.note("ack p95 without Redis s", found["p95"])
        _return_quietly(scene, number, scene.cluster.redis.start)
    _sockets_stayed(scene)


def kill_redis(scene: Scene) -> None:
    """Shows 2: killed, and started again at once."""
    for number in range(scene.rounds):
        time.sleep(1.0)
        scene.cluster.redis.kill()
        _return_quietly(scene, number, scene.cluster.redis.start)
    _sockets_stayed(scene)


def _return_quietly(scene: Scene, number: int, come_back: Callable[[], object]) -> None:
    """Messages that come just before the return have no follower that would show the gap: the hardest to make up."""
    is_quiet = number % 2 == 1
    if is_quiet:
        time.sleep(random.uniform(0, 0.2))
        scene.load.ask("rate", per_second=0)
    come_back()
    back = time.time()
    if not is_quiet:
        scene.load.ask("rate", per_second=scene.rate)
    scene.await_normal(back, most=5.0)
    deadline = back + 20
    while is_quiet and scene.load.ask("missing") and time.time() < deadline:
        time.sleep(0.05)
    if is_quiet:
        scene.note("missed pushes made up after s", time.time() - back, most=5.0)
    scene.load.ask("rate", per_second=scene.rate)


def flush_redis(scene: Scene) -> None:
    """F8 and shows 2: it forgets everything but who is subscribed."""
    for _ in range(scene.rounds):
        time.sleep(1.0)
        with contextlib.closing(scene.cluster.redis_client()) as client:
            client.flushall()
        scene.await_normal(time.time(), most=5.0)
    _sockets_stayed(scene)


def disturb_redis(scene: Scene) -> None:
    """F8: asleep, hanging, and cutting its subscribers."""
    for number in range(scene.rounds):
        time.sleep(0.5)
        _return_quietly(scene, number, lambda: _cut_subscribers(scene.cluster))
        with _stopped(scene.cluster.redis):
            time.sleep(scene.seconds)
        scene.await_normal(time.time(), most=5.0)
    scene.note("slowest reply s", scene.load.ask("now")["slowest_reply"], most=2.5)
    _sockets_stayed(scene)


def _cut_subscribers(cluster: Cluster) -> None:
    with contextlib.closing(cluster.redis_client()) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")


def fill_disk(scene: Scene) -> None:
    """F16: no room where Postgres lives, which has to be a small file system of its own. Nothing is acknowledged."""
    folder = scene.cluster.postgres.folder.path
    if shutil.disk_usage(folder).total > 2**31:
        scene.report.numbers["skipped"] = "needs DATA on a small tmpfs: run as root"
        return
    for _ in range(scene.rounds):
        time.sleep(0.5)
        filler = folder / "filler"
        with filler.open("wb") as file, contextlib.suppress(OSError):
            while True:
                file.write(b"x" * 65536)
                file.flush()
        time.sleep(scene.seconds)
        filler.unlink()
        if not psutil.pid_exists(scene.cluster.postgres.pid) or not scene.cluster.postgres.answers():
            scene.cluster.postgres.kill()
            scene.cluster.postgres.start()  # it gives up when it cannot write its log; its supervisor does this
        scene.await_normal(time.time(), most=10.0)


@contextmanager
def _stopped(server: Server) -> Iterator[None]:
    """The process and its children stand still: no answer, and no error either."""
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)


def _sockets_stayed(scene: Scene) -> None:
    closes = scene.load.ask("now")["closes"]
    scene.require(not closes, f"sockets were closed: {closes}")
