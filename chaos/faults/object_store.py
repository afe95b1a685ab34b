"""F9 and show-d3: S3 is down, hangs, refuses or is slow, while people upload and delete files."""

from __future__ import annotations

import http.server
import itertools
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import requests
from minio import Minio

from bench.environment import token_for
from bench.files import noisy_document, noisy_picture
from chaos.cluster import Cluster
from chaos.machine import suspended
from chaos.scenario import Scenario
from chaos.toxics import Bandwidth

CHAT = "/api/v1/marketplace/chat"
SENDER, RECEIVER = 700_001, 700_002  # outside the ids of the load
AT_ONCE = 6  # uploads and deletes at once
LONGEST_REPLY = 10.0  # seconds until an upload fails with 503
SLOW_RATE = 10_000  # bytes a second
CHAT_SHARE, CHAT_NOISE = 1.2, 0.01  # factor on the p95 before, or seconds on top of it, whichever is longer
IN_FLIGHT = 0.5  # seconds before the measurement whose sends may still be on their way
CHANGES = 1000  # completed uploads and deletes of show-d3
# Seconds within which bucket and rows must agree: a row stays while bytes of an abandoned upload may still arrive (two
# minutes), and S3 is checked each second.
AGREED_WITHIN = 180.0


class FileUsers:
    """People who upload and delete files, and the responses they got.

    Attributes:
        responses: status and duration in seconds of each upload.
        faults: responses that must not occur.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._url = f"http://127.0.0.1:{cluster.webs[0].port}{CHAT}"
        self._mine: list[int] = []
        self.responses: list[tuple[int, float]] = []
        self.faults: list[str] = []
        self.done: Counter[str] = Counter()
        self._request("GET", "/unread-count", RECEIVER)
        kinds = {"a.jpg": noisy_picture(100_000), "a.pdf": noisy_document(50_000)}
        self._files = itertools.cycle(kinds.items())  # in turn, so that each fault meets both

    def upload(self) -> int:
        """Upload a file before or with its message; returns the status."""
        name, content = next(self._files)
        if random.random() < 0.3:
            return self._send("/attachments", name, content)
        sent = self._request("POST", "/messages", SENDER, json={"receiver_id": RECEIVER, "content": name})
        if sent is None or sent.status_code != 200:
            return 0 if sent is None else sent.status_code
        return self._send(f"/messages/{sent.json()['data']['id']}/attachments", name, content)

    def delete_file(self) -> None:
        """Delete a random file of one's own."""
        if not self._mine:
            return
        path = f"/attachments/{self._mine.pop(random.randrange(len(self._mine)))}"
        answer = self._request("DELETE", path, SENDER)
        if answer is not None and answer.status_code == 200:
            self.done["delete"] += 1

    def upload_or_delete(self) -> None:
        """Upload or delete a file."""
        if random.random() < 0.4:
            self.delete_file()
        else:
            self.upload()

    def _send(self, path: str, name: str, content: bytes) -> int:
        began = time.monotonic()
        answer = self._request("POST", path, SENDER, files={"files": (name, content)})
        status = 0 if answer is None else answer.status_code
        self.responses.append((status, time.monotonic() - began))
        if answer is not None and status == 200:
            self._mine.extend(file["id"] for file in answer.json()["data"])
            self.done["upload"] += 1
        return status

    def _request(self, method: str, path: str, person: int, **options: Any) -> requests.Response | None:
        headers = {"Authorization": f"Bearer {token_for(person)}"}
        try:
            answer = requests.request(method, self._url + path, headers=headers, timeout=30, **options)
        except requests.RequestException as error:
            self.faults.append(f"{method} {path}: {type(error).__name__}")
            return None
        if answer.status_code not in (200, 409, 503):
            self.faults.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer


def break_object_store(scenario: Scenario) -> None:
    """F9: S3 is down, hangs, refuses and is slow in turn; chat is not affected, and uploads fail in time."""
    users = FileUsers(scenario.cluster)
    scenario.require(users.upload() == 200, "uploads failed before the fault")
    before: list[float] = []
    during: dict[str, list[float]] = {name: [] for name in _FAULTS}
    for _ in range(scenario.rounds):
        for name, fault in _FAULTS.items():
            before.append(_uploads_and_chat(scenario, users)[1]["p95"])
            during[name].append(_break_once(scenario, users, name, fault))
    _judge_chat(scenario, before, during)
    _require_agreement(scenario)
    scenario.require(not users.faults, f"unexpected responses: {users.faults[:3]}")
    scenario.require_close_codes()


def _judge_chat(scenario: Scenario, before: Sequence[float], during: Mapping[str, Sequence[float]]) -> None:
    """Chat was as fast during each fault as before, by medians: the p95 of a few seconds varies by more than that."""
    normal = statistics.median(before)
    scenario.report.measurements["ack p95 before s"] = normal
    for name, found in during.items():
        most = max(CHAT_SHARE * normal, normal + CHAT_NOISE)
        scenario.record(f"ack p95 s, {name}", statistics.median(found), most=most)


def _break_once(scenario: Scenario, users: FileUsers, name: str, fault: Callable[[Cluster], Any]) -> float:
    """Inject one fault; returns the p95 of acknowledgements during it, in seconds."""
    responses = len(users.responses)
    with fault(scenario.cluster):
        statuses, during = _uploads_and_chat(scenario, users)
    durations = [seconds for _, seconds in users.responses[responses:]]
    scenario.record(f"uploads answered after s, {name}", max(durations, default=0.0), most=LONGEST_REPLY)
    # Small files get through in time.
    allowed = {200, 503} if fault is _slow else {503}
    scenario.require(503 in statuses and statuses <= allowed, f"{name}: uploads returned {statuses}")
    scenario.require(during["share"] == 1, f"{name}: messages were not acknowledged: {during}")
    deadline = time.time() + LONGEST_REPLY
    while users.upload() != 200 and time.time() < deadline:
        time.sleep(0.1)
    scenario.require(time.time() < deadline, f"{name}: uploads did not recover")
    return during["p95"]


def _uploads_and_chat(scenario: Scenario, users: FileUsers) -> tuple[set[int], dict[str, float]]:
    """Statuses of concurrent uploads, and statistics of the messages sent during the scenario's seconds."""
    since = time.time()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = set(pool.map(lambda _: users.upload(), range(AT_ONCE)))
    time.sleep(max(IN_FLIGHT, scenario.seconds - (time.time() - since)))
    sends = scenario.load.call("sends", since=since, until=time.time() - IN_FLIGHT, within=LONGEST_REPLY)
    return statuses, sends


@contextmanager
def _down(cluster: Cluster) -> Iterator[None]:
    cluster.s3.kill()
    try:
        yield
    finally:
        cluster.s3.start()


@contextmanager
def _hanging(cluster: Cluster) -> Iterator[None]:
    with suspended(cluster.s3):
        yield


@contextmanager
def _refusing(cluster: Cluster) -> Iterator[None]:
    relay = cluster.relays["s3"]
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Refusal) as refusing, ExitStack() as stack:
        threading.Thread(target=refusing.serve_forever, daemon=True).start()
        stack.callback(refusing.shutdown)
        upstream, relay.upstream = relay.upstream, refusing.server_port
        relay.cut()
        try:
            yield
        finally:
            relay.upstream = upstream
            relay.cut()


class _Refusal(http.server.BaseHTTPRequestHandler):
    def _refuse(self) -> None:
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _refuse

    def log_message(self, *arguments: Any) -> None:
        """Log nothing."""


@contextmanager
def _slow(cluster: Cluster) -> Iterator[None]:
    relay = cluster.relays["s3"]
    relay.poison(Bandwidth(SLOW_RATE))
    try:
        yield
    finally:
        relay.heal()
        relay.cut()


_FAULTS: dict[str, Callable[[Cluster], Any]] = {
    "down": _down,
    "hanging": _hanging,
    "refusing": _refusing,
    "slow": _slow,
}


def change_files_with_kills(scenario: Scenario) -> None:
    """show-d3: a thousand uploads and deletes while S3 is killed twice; afterwards bucket and rows agree."""
    users = FileUsers(scenario.cluster)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        workers = [pool.submit(_change_until, users, CHANGES) for _ in range(AT_ONCE)]
        for third in (1, 2):
            while sum(users.done.values()) < CHANGES * third // 3:
                time.sleep(0.05)
            with _down(scenario.cluster):
                time.sleep(scenario.seconds / 2)
        for worker in workers:
            worker.result()
    scenario.report.measurements |= {f"{kind}s": count for kind, count in users.done.items()}
    refused = sum(status == 503 for status, _ in users.responses)
    scenario.record("uploads refused", refused)
    scenario.require(refused > 0, "no upload happened while S3 was down")
    _require_agreement(scenario)
    scenario.require(not users.faults, f"unexpected responses: {users.faults[:3]}")


def _change_until(users: FileUsers, count: int) -> None:
    while sum(users.done.values()) < count:
        users.upload_or_delete()


def _require_agreement(scenario: Scenario) -> None:
    """The bucket, the rows and the attachments refer to the same objects."""
    began = time.time()
    while (differences := _differences(scenario.cluster)) and time.time() - began < AGREED_WITHIN:
        time.sleep(0.5)
    scenario.record("bucket and rows agree after s", time.time() - began, most=AGREED_WITHIN)
    scenario.require(not differences, f"bucket and rows do not agree: {differences}")
    found = scenario.cluster.sql("SELECT count(*) FROM attachments WHERE state = 'checking'")
    scenario.require(found[0][0] == 0, f"{found[0][0]} attachments were not finished")


def _differences(cluster: Cluster) -> dict[str, int]:
    rows = {row[0] for row in cluster.sql("SELECT name FROM objects")}
    referred = {
        row[0]
        for row in cluster.sql("SELECT unnest(array_remove(ARRAY[object_name, thumbnail_name], NULL)) FROM attachments")
    }
    services = cluster.embedded.services.environment()
    store = Minio(
        f"127.0.0.1:{cluster.s3.port}",
        access_key=services["S3_ACCESS_KEY"],
        secret_key=services["S3_SECRET_KEY"],
        secure=False,
    )
    bucket = {str(found.object_name) for found in store.list_objects("chat-files", recursive=True)}
    differences = {
        "objects without a row": len(bucket - rows),
        "rows without an object": len(rows - bucket),
        "objects that nothing refers to": len(bucket - referred),
        "files without their object": len(referred - bucket),
    }
    return {what: count for what, count in differences.items() if count}
