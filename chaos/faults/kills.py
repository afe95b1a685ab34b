"""F1-F3: processes of chatapp that die, at any moment, at the worst moment, or when told to."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable

import psutil

from chaos.scenario import Scene
from chaos.toxics import Direction

BETWEEN_KILLS = 2.0
NORMAL_AGAIN = 5.0  # seconds after the harm; where nobody is left to serve, after somebody serves again
# Under the full load of shows 1 and 3 the time to normal is told, and not judged: it is the clients' back-off.
LONGEST_DELAY = 5.0  # seconds until somebody whose worker survived has the message
_COMMITTED = b"COMMIT\x00"  # the tag with which Postgres answers COMMIT
_PUBLISHES = b"PUBLISH"


def kill_web(scene: Scene) -> None:
    """F1: a random web worker."""
    for _ in range(scene.rounds):
        _strike(scene, web=True, ops=False)
    scene.note_delays(0, most=LONGEST_DELAY)


def kill_any(scene: Scene) -> None:
    """Shows 1: a random web worker, `worker`, and both, in turn."""
    begun = time.time()
    for number in range(scene.rounds):
        _strike(scene, web=number % 3 != 1, ops=number % 3 != 0, normal_again=None)
    scene.note_rate(begun, time.time())
    scene.note_delays(0, most=LONGEST_DELAY)


def _strike(scene: Scene, *, web: bool, ops: bool, normal_again: float | None = NORMAL_AGAIN) -> None:
    time.sleep(random.uniform(0.3, 0.7) * BETWEEN_KILLS)
    at = time.time()
    if web:
        random.choice(scene.cluster.workers()).kill()
    if ops:
        scene.cluster.ops.kill()
        scene.cluster.ops.start()  # as the platform would
    scene.await_first_ok(at, most=3.0)
    scene.await_normal(at, most=normal_again)


def kill_after_commit(scene: Scene) -> None:
    """F2: Postgres has committed, and the worker dies before it hears of it: neither ack nor publish leaves."""
    _kill_at(scene, "postgres", lambda direction, data: direction == "down" and _COMMITTED in data)


def kill_before_publish(scene: Scene) -> None:
    """F2: the ack may have left, and the worker dies before Redis hears of the message."""
    _kill_at(scene, "redis", lambda direction, data: direction == "up" and _PUBLISHES in data)


def _kill_at(scene: Scene, before: str, is_the_moment: Callable[[Direction, bytes], bool]) -> None:
    relay = scene.cluster.relays[before]
    for _ in range(scene.rounds):
        time.sleep(random.uniform(0.1, 0.5))
        struck: list[float] = []

        def watch(direction: Direction, data: bytes, port: int, struck: list[float] = struck) -> None:
            if not struck and is_the_moment(direction, data):
                victim = _web_worker_at(scene, port)
                if victim is not None:
                    victim.kill()
                    struck.append(time.time())

        relay.watch = watch
        deadline = time.time() + 10
        while not struck and time.time() < deadline:
            time.sleep(0.01)
        relay.watch = None
        scene.require(bool(struck), "the moment to kill at never came")
        if struck:
            scene.await_normal(struck[0], most=NORMAL_AGAIN)
    scene.note_delays(0, most=LONGEST_DELAY)


def _web_worker_at(scene: Scene, port: int) -> psutil.Process | None:
    """Whose connection this port is; `worker` commits and publishes, too, and is not meant."""
    for worker in scene.cluster.workers():
        if any(connection.laddr.port == port for connection in worker.net_connections("tcp4")):
            return worker
    return None


def terminate_twice(scene: Scene) -> None:
    """F3: SIGTERM to the master and to its workers, and again; then the server comes back on the same port."""
    web = scene.cluster.webs[0]
    for _ in range(scene.rounds):
        time.sleep(1.0)
        assert web.process is not None
        before, at, family = scene.load.ask("now"), time.time(), web.children()
        for _ in range(2):
            for process in [psutil.Process(web.process.pid), *family]:
                if process.is_running():
                    process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        web.process.wait(30)
        scene.note("gone after s", time.time() - at, most=25.0)
        told = scene.load.ask("now")["closes"].get("1001", 0) - before["closes"].get("1001", 0)
        scene.require(told == before["connected"], f"{told} of {before['connected']} sockets were told 1001")
        web.start()
        scene.await_normal(time.time(), most=NORMAL_AGAIN)
    scene.require_only(1001)


def rolling_restart(scene: Scene) -> None:
    """Shows 3: one web server after the other is told to go, while the other serves."""
    for _ in range(scene.rounds):
        for web in scene.cluster.webs:
            before, at = scene.load.ask("now"), time.time()
            scene.note("gone after s", web.stop(), most=25.0)
            told = scene.load.ask("now")["closes"].get("1001", 0) - before["closes"].get("1001", 0)
            expected = before["by_port"][str(web.port)]
            scene.require(told >= expected, f"{told} of {expected} sockets were told 1001")
            scene.await_normal(at)
            web.start()
            time.sleep(1.0)
    scene.require_only(1001)
