"""SIGTERM at any moment of a web worker's start: no worker continues to accept sockets."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

import psutil
import pytest

from tests.realtime.conftest import EchoServer, run_echo_server
from tests.realtime.raw_client import RawClient
from tests.servers import await_true


@pytest.mark.parametrize("cpu_seconds", [0.0, 0.0, 0.0, 0.1, 0.3])
def test_sigterm_while_a_replacement_worker_starts_ends_every_socket_with_1001(cpu_seconds: float) -> None:
    """The platform sends SIGTERM to the master and to all workers at once, twice.

    Parameters:
        cpu_seconds: CPU time of the replacement at that moment, as a measure of its progress.
    """
    with run_echo_server(WEB_CONCURRENCY="2", SHUTDOWN_SPREAD="0.2") as server:
        master = psutil.Process(server.process.pid)
        victim, survivor = await_two_workers(master)
        clients = join_worker(server, survivor)
        victim.kill()
        replacement = await_replacement(master, {victim.pid, survivor.pid})
        await_cpu_time(replacement, cpu_seconds)
        for _ in range(2):
            terminate(master, survivor, replacement)
        late = join_until_gone(server)
        assert [client.read_close() for client in [*clients, *late]] == [1001] * (len(clients) + len(late))
        log = server.process.communicate()[1]
        killed = [line for line in log.splitlines() if "SIGKILL" in line]
        assert len(killed) == 1, "only the victim may have been killed: " + log
        assert not psutil.pid_exists(replacement.pid)


def await_two_workers(master: psutil.Process) -> list[psutil.Process]:
    await_true(lambda: len(master.children()) == 2)
    return master.children()


def join_worker(server: EchoServer, worker: psutil.Process) -> list[RawClient]:
    """Three sockets on this worker; others are closed again."""
    joined: list[RawClient] = []
    while len(joined) < 3:
        client = server.join("alice")
        if any(link.raddr and link.raddr.port == client.sock.getsockname()[1] for link in worker.net_connections()):
            joined.append(client)
        else:
            client.close()
    return joined


def await_replacement(master: psutil.Process, known: set[int]) -> psutil.Process:
    found: list[psutil.Process] = []

    def has_come() -> bool:
        found[:] = [child for child in master.children() if child.pid not in known]
        return bool(found)

    await_true(has_come)
    return found[0]


def await_cpu_time(process: psutil.Process, seconds: float) -> None:
    def has_come_so_far() -> bool:
        times = process.cpu_times()
        return times.user + times.system >= seconds

    await_true(has_come_so_far)


def terminate(*processes: psutil.Process) -> None:
    for process in processes:
        try:
            os.kill(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            continue  # it has left already


def join_until_gone(server: EchoServer) -> list[RawClient]:
    """Reconnect repeatedly, as clients do after 1001. Returns the connections that were still admitted."""
    joined = []
    while server.process.poll() is None:
        try:
            joined.append(server.join("alice"))
        except (EOFError, OSError, AssertionError):  # no worker listens, or it is shutting down
            with suppress(subprocess.TimeoutExpired):
                server.process.wait(timeout=0.05)
    return joined
