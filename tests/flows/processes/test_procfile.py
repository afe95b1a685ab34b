"""The Procfile as a platform runs it: honcho, servers started elsewhere, two web workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import requests

from deploy.embedded import EmbeddedServers
from tests.people import CHAT, Person, PersonMaker, Socket
from tests.servers import ROOT, SECRET_KEY, SERVICE_TOKEN, TIMEOUT, ChatServer, await_true

STATS = "/api/v1/internal/chat/ws/stats"


class ProcfileServer(ChatServer):
    """`release` once, then `web` and `worker` until stopped."""

    def start(self) -> None:
        """Migrate, start, and wait until it answers."""
        subprocess.run([*self._honcho(), "release"], cwd=ROOT, env=self._variables(), check=True, timeout=TIMEOUT)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self._honcho(), "web", "worker"], cwd=ROOT, env=self._variables(), stdout=log, stderr=log
            )
        try:
            await_true(self._is_healthy, what=lambda: self.log.read_text()[-3000:])
        except BaseException:
            self.stop(signal.SIGTERM)
            raise

    def web_workers(self) -> list[psutil.Process]:
        """gunicorn's two, by the ids in their reports."""
        found = self.get(STATS, token=SERVICE_TOKEN).data["workers"]
        return [psutil.Process(int(worker["worker"].partition("-")[0])) for worker in found]

    def connections_of(self, worker: psutil.Process) -> int:
        """Sockets open on one of them, as it reported last."""
        found = self.get(STATS, token=SERVICE_TOKEN).data["workers"]
        return sum(entry["connections"] for entry in found if entry["worker"].startswith(f"{worker.pid}-"))

    def _honcho(self) -> list[str]:
        # An empty file instead of a developer's own .env, whose lines would win over the environment.
        return [sys.executable, "-m", "honcho", "start", "-e", os.devnull, "-p", str(self.port)]

    def _variables(self) -> dict[str, str]:
        programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        return {**os.environ, **self.environment, "PATH": programs}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Servers that chatapp's processes know by their addresses alone."""
    with EmbeddedServers(tmp_path_factory.mktemp("services")) as servers:
        yield servers.services.environment()


@pytest.fixture(scope="module")
def deployed(services: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcfileServer]:
    """The Procfile's processes with default limits; none is left after SIGTERM."""
    environment = {
        **services,
        "AUTH_MODE": "builtin",
        "SECRET_KEY": SECRET_KEY,
        "SERVICE_TOKEN": SERVICE_TOKEN,
        "WEB_CONCURRENCY": "2",
        "SHUTDOWN_SPREAD": "0.2s",
    }
    server = ProcfileServer(environment, log=tmp_path_factory.mktemp("log") / "honcho.log")
    family = []
    try:
        await_true(lambda: len(server.web_workers()) == 2)
        family = psutil.Process(server.process.pid).children(recursive=True)
        yield server
    finally:
        server.stop(signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=30)
        for process in alive:
            process.kill()
    assert not alive, f"left behind after SIGTERM: {alive}"


@pytest.fixture(scope="module")
def couple(deployed: ProcfileServer) -> Iterator[tuple[Person, Person]]:
    """Two people; made once, since few tries are allowed."""
    maker = PersonMaker(deployed)
    yield maker("alice"), maker("bob")
    maker.close_sockets()


def test_smoke(deployed: ProcfileServer) -> None:
    """It passes, and removes what it made: with the token of services also the people."""
    command = ["sh", "tests/smoke.sh", deployed.url]
    environment = {**os.environ, "SERVICE_TOKEN": SERVICE_TOKEN}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    with closing(psycopg2.connect(deployed.environment["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM users WHERE name LIKE 'Smoke %'), (SELECT count(*) FROM attachments),"
            " (SELECT count(*) FROM chats c JOIN users u ON u.id = c.buyer_id WHERE u.username LIKE 'smoke-%')"
        )
        assert cursor.fetchone() == (0, 0, 0)


def test_a_message_over_the_socket_of_one_worker_reaches_the_other(
    deployed: ProcfileServer, couple: tuple[Person, Person]
) -> None:
    (alice, bob), (first, second) = couple, deployed.web_workers()
    near = connected_to(first, deployed, alice, but=second)
    far = connected_to(second, deployed, bob, but=first)
    near.sends({"receiver_id": bob.id, "content": "over to you"})
    sent = near.receives("message_ack")["message"]
    assert far.receives("new_message")["message"] == sent
    far.sends({"type": "mark_read", "message_id": sent["id"]})
    assert near.receives("message_read", read_by=bob.id)["message_id"] == sent["id"]


def test_a_message_over_the_rest_of_one_worker_reaches_the_other(
    deployed: ProcfileServer, couple: tuple[Person, Person]
) -> None:
    (alice, bob), (first, second) = couple, deployed.web_workers()
    far = connected_to(second, deployed, bob, but=first)
    with suspended(second):
        sent = post_message(deployed, alice, {"receiver_id": bob.id, "content": "from REST"})
    assert far.receives("new_message", message=sent)


def connected_to(worker: psutil.Process, server: ProcfileServer, person: Person, *, but: psutil.Process) -> Socket:
    """A socket of a person on this worker, since the other cannot accept it."""
    ticket = person.ticket()
    with suspended(but):
        socket = Socket(server, query=f"?ticket={ticket}")
        person.sockets.append(socket)
        socket.receives("connected")
    # It can be nowhere else. The number is not compared with one from before, which may count sockets that have left:
    # workers report every two seconds.
    await_true(lambda: server.connections_of(worker) >= 1)
    return socket


def post_message(server: ProcfileServer, person: Person, body: dict[str, Any]) -> dict[str, Any]:
    """Send over a connection of its own: one that is kept alive may belong to a suspended worker."""
    headers = {"Authorization": f"Bearer {person.token}"}
    answer = requests.post(f"{server.url}{CHAT}/messages", json=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    message: dict[str, Any] = answer.json()["data"]
    return message


@contextmanager
def suspended(worker: psutil.Process) -> Iterator[None]:
    """The worker is suspended: it accepts and receives nothing, and continues afterwards."""
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()
