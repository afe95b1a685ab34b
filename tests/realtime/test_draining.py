"""SIGTERM: every socket is closed with 1001, work in progress is finished, and the process ends soon."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.realtime.conftest import run_echo_server


def test_sigterm_closes_every_socket_and_finishes_work_in_progress() -> None:
    with run_echo_server(SHUTDOWN_SPREAD="0.5") as server, ThreadPoolExecutor() as pool:
        worker = server.state()["pid"]
        clients = [server.join("alice") for _ in range(30)]
        silent = server.join("silent")
        busy = server.join("busy")
        request = pool.submit(requests.get, f"http://127.0.0.1:{server.port}/slow", timeout=30)
        busy.send_json({"type": "sleep", "seconds": 1})
        clients[0].send_json({"type": "echo"})  # its response shows that the commands before it have begun
        clients[0].read_json()
        for process in (server.process.pid, worker, server.process.pid, worker):
            os.kill(process, signal.SIGTERM)
        assert [client.read_close() for client in clients] == [1001] * 30
        assert busy.read_json() == {"type": "sleep", "seconds": 1}
        assert busy.read_close() == 1001
        assert request.result().text == "done"
        assert silent.read().close_code == 1001
        server.process.wait(timeout=30)
        assert "Traceback" not in server.process.communicate()[1]


def test_a_worker_without_sockets_ends_at_once() -> None:
    with run_echo_server() as server:
        server.process.terminate()
        server.process.wait(timeout=30)
