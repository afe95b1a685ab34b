"""F1-F3: processes of chatapp are killed at random moments, at the worst moments, or terminated."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable

import psutil

from chaos.scenario import Scenario
from chaos.toxics import Direction

BETWEEN_KILLS = 2.0
NORMAL_AGAIN = 5.0  # seconds after the kill, or after a server is up again if none was left
# Under the full load of show-1 and show-3 recovery is reported but not judged: it depends on the clients' back-off.
LONGEST_DELAY = 5.0  # seconds until a device on a surviving worker has the message
_COMMITTED = b"COMMIT\x00"  # the tag of the reply to COMMIT
# The reply to a call of one of these functions names it, and ends with the status of a session without a transaction.
_STORED, _IDLE = b"store_message", b"Z\x00\x00\x00\x05I"
_PUBLISHES = b"PUBLISH"


def kill_web(scenario: Scenario) -> None:
    """F1: kill a random web worker."""
    for _ in range(scenario.rounds):
        _kill_processes(scenario, web=True, ops=False)
    scenario.record_delays(0, most=LONGEST_DELAY)


def kill_any(scenario: Scenario) -> None:
    """show-1: kill a random web worker, `worker`, and both, in turn."""
    begun = time.time()
    for number in range(scenario.rounds):
        _kill_processes(scenario, web=number % 3 != 1, ops=number % 3 != 0, normal_again=None)
    scenario.record_rate(begun, time.time())
    scenario.record_delays(0, most=LONGEST_DELAY)


def _kill_processes(scenario: Scenario, *, web: bool, ops: bool, normal_again: float | None = NORMAL_AGAIN) -> None:
    time.sleep(random.uniform(0.3, 0.7) * BETWEEN_KILLS)
    at = time.time()
    if web:
        random.choice(scenario.cluster.workers()).kill()
    if ops:
        scenario.cluster.ops.kill()
        scenario.cluster.ops.start()  # as the platform does
    scenario.await_first_ok(at, most=3.0)
    scenario.await_normal(at, most=normal_again)


def kill_after_commit(scenario: Scenario) -> None:
    """F2: kill the worker after the commit, before it receives the reply: neither ack nor publish is sent."""
    _kill_at(scenario, "postgres", lambda direction, data: direction == "down" and _says_committed(data))


def _says_committed(data: bytes) -> bool:
    return _COMMITTED in data or (_STORED in data and data.endswith(_IDLE))


def kill_before_publish(scenario: Scenario) -> None:
    """F2: kill the worker before Redis receives the event; the ack may have been sent."""
    _kill_at(scenario, "redis", lambda direction, data: direction == "up" and _PUBLISHES in data)


def _kill_at(scenario: Scenario, before: str, is_the_moment: Callable[[Direction, bytes], bool]) -> None:
    relay = scenario.cluster.relays[before]
    for _ in range(scenario.rounds):
        time.sleep(random.uniform(0.1, 0.5))
        killed_at: list[float] = []

        def watch(direction: Direction, data: bytes, port: int, killed_at: list[float] = killed_at) -> None:
            if not killed_at and is_the_moment(direction, data):
                victim = _web_worker_at(scenario, port)
                if victim is not None:
                    victim.kill()
                    killed_at.append(time.time())

        relay.watch = watch
        deadline = time.time() + scenario.patience(10.0)
        while not killed_at and time.time() < deadline:
            time.sleep(0.01)
        relay.watch = None
        scenario.require(bool(killed_at), "the moment to kill never occurred")
        if killed_at:
            scenario.await_normal(killed_at[0], most=NORMAL_AGAIN)
    scenario.record_delays(0, most=LONGEST_DELAY)


def _web_worker_at(scenario: Scenario, port: int) -> psutil.Process | None:
    """The web worker that owns this local port; None for `worker`, which commits and publishes as well."""
    for worker in scenario.cluster.workers():
        if any(connection.laddr.port == port for connection in worker.net_connections("tcp4")):
            return worker
    return None


def terminate_twice(scenario: Scenario) -> None:
    """F3: SIGTERM to the master and its workers, twice; then the server restarts on the same port."""
    web = scenario.cluster.webs[0]
    for _ in range(scenario.rounds):
        time.sleep(1.0)
        assert web.process is not None
        before, at, family = scenario.load.call("snapshot"), time.time(), web.children()
        for _ in range(2):
            for process in [psutil.Process(web.process.pid), *family]:
                if process.is_running():
                    process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
        web.process.wait(30)
        scenario.record("gone after s", time.time() - at, most=25.0)
        closed = scenario.load.call("snapshot")["closes"].get("1001", 0) - before["closes"].get("1001", 0)
        scenario.require(
            closed == before["connected"], f"{closed} of {before['connected']} sockets were closed with 1001"
        )
        web.start()
        scenario.await_normal(time.time(), most=NORMAL_AGAIN)
    scenario.require_close_codes(1001)


def rolling_restart(scenario: Scenario) -> None:
    """show-3: restart one web server after the other, while the other one serves."""
    for _ in range(scenario.rounds):
        for web in scenario.cluster.webs:
            before, at = scenario.load.call("snapshot"), time.time()
            scenario.record("gone after s", web.stop(), most=25.0)
            closed = scenario.load.call("snapshot")["closes"].get("1001", 0) - before["closes"].get("1001", 0)
            expected = before["by_port"][str(web.port)]
            scenario.require(closed >= expected, f"{closed} of {expected} sockets were closed with 1001")
            scenario.await_normal(at)
            web.start()
            time.sleep(1.0)
    scenario.require_close_codes(1001)
