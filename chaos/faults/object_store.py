"""F9 and shows D3: a store that is away, hangs, refuses or crawls, while people send files and take them back."""

from __future__ import annotations

import http.server
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import requests
from minio import Minio

from bench.environment import token_for
from bench.files import noisy_document, noisy_picture
from chaos.cluster import Cluster
from chaos.machine import standing_still
from chaos.scenario import Scene
from chaos.toxics import Bandwidth

CHAT = "/api/v1/marketplace/chat"
SENDER, RECEIVER = 700_001, 700_002  # people apart from those who chat
HANDS = 6  # uploads and deletes at once
LONGEST_REPLY = 10.0  # seconds until an upload is told that the store is away
CRAWL = 10_000  # bytes a second
CHAT_SHARE, CHAT_NOISE = 1.2, 0.01  # of the latency before, or so many seconds more, whichever is longer
LAST = 0.5  # seconds: what was sent later is still on its way when the figures are taken
CHANGES = 1000  # uploads and deletes of shows D3 that were carried out
# Seconds in which bucket and rows must agree: a row stays for as long as bytes may still arrive from an upload that was
# given up (two minutes), and S3 is asked again each second.
AGREED_WITHIN = 180.0


class Hands:
    """People who send files and take them back, and what they were answered.

    Attributes:
        replies: status and seconds of each upload.
        faults: answers that should never be.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._url = f"http://127.0.0.1:{cluster.webs[0].port}{CHAT}"
        self._mine: list[int] = []
        self.replies: list[tuple[int, float]] = []
        self.faults: list[str] = []
        self.done: Counter[str] = Counter()
        self._ask("GET", "/unread-count", RECEIVER)
        self._kinds = {"a.jpg": noisy_picture(100_000), "a.pdf": noisy_document(50_000)}

    def upload(self) -> int:
        """Send a file with a message, in one of the two ways; returns the status."""
        name, content = random.choice(list(self._kinds.items()))
        if random.random() < 0.3:
            return self._send("/attachments", name, content)
        sent = self._ask("POST", "/messages", SENDER, json={"receiver_id": RECEIVER, "content": name})
        if sent is None or sent.status_code != 200:
            return 0 if sent is None else sent.status_code
        return self._send(f"/messages/{sent.json()['data']['id']}/attachments", name, content)

    def take_back(self) -> None:
        """Remove a file, or all of a message where it has one."""
        if not self._mine:
            return
        path = f"/attachments/{self._mine.pop(random.randrange(len(self._mine)))}"
        answer = self._ask("DELETE", path, SENDER)
        if answer is not None and answer.status_code == 200:
            self.done["delete"] += 1

    def change(self) -> None:
        """The one or the other."""
        if random.random() < 0.4:
            self.take_back()
        else:
            self.upload()

    def _send(self, path: str, name: str, content: bytes) -> int:
        began = time.monotonic()
        answer = self._ask("POST", path, SENDER, files={"files": (name, content)})
        status = 0 if answer is None else answer.status_code
        self.replies.append((status, time.monotonic() - began))
        if answer is not None and status == 200:
            self._mine.extend(file["id"] for file in answer.json()["data"])
            self.done["upload"] += 1
        return status

    def _ask(self, method: str, path: str, person: int, **options: Any) -> requests.Response | None:
        headers = {"Authorization": f"Bearer {token_for(person)}"}
        try:
            answer = requests.request(method, self._url + path, headers=headers, timeout=30, **options)
        except requests.RequestException as error:
            self.faults.append(f"{method} {path}: {type(error).__name__}")
            return None
        if answer.status_code not in (200, 409, 503):
            self.faults.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return answer


def hurt_store(scene: Scene) -> None:
    """F9: down, hanging, refusing and crawling, in turn; chat goes on as before, uploads are told in time."""
    hands = Hands(scene.cluster)
    scene.require(hands.upload() == 200, "no upload worked before the harm")
    for _ in range(scene.rounds):
        for name, harm in _HARMS.items():
            _, before = _uploads_and_chat(scene, hands)
            _harm_once(scene, hands, name, harm, before)
    _require_agreement(scene)
    scene.require(not hands.faults, f"answers that should never be: {hands.faults[:3]}")
    scene.require_only()


def _harm_once(scene: Scene, hands: Hands, name: str, harm: Callable[[Cluster], Any], before: dict[str, float]) -> None:
    replies = len(hands.replies)
    with harm(scene.cluster):
        statuses, during = _uploads_and_chat(scene, hands)
    told = [seconds for _, seconds in hands.replies[replies:]]
    scene.note(f"uploads told after s, {name}", max(told, default=0.0), most=LONGEST_REPLY)
    # What is small enough crawls through in time.
    allowed = {200, 503} if harm is _crawling else {503}
    scene.require(503 in statuses and statuses <= allowed, f"{name}: uploads were answered with {statuses}")
    most = max(CHAT_SHARE * before["p95"], before["p95"] + CHAT_NOISE)
    scene.report.numbers[f"ack p95 before s, {name}"] = before["p95"]
    scene.note(f"ack p95 s, {name}", during["p95"], most=most)
    scene.require(during["share"] == 1, f"{name}: messages were not acknowledged: {during}")
    deadline = time.time() + LONGEST_REPLY
    while hands.upload() != 200 and time.time() < deadline:
        time.sleep(0.1)
    scene.require(time.time() < deadline, f"{name}: uploads do not work again")


def _uploads_and_chat(scene: Scene, hands: Hands) -> tuple[set[int], dict[str, float]]:
    """What some uploads at once were answered with, and how messages fared in the scene's seconds."""
    since = time.time()
    with ThreadPoolExecutor(HANDS) as several:
        statuses = set(several.map(lambda _: hands.upload(), range(HANDS)))
    time.sleep(max(LAST, scene.seconds - (time.time() - since)))
    sends = scene.load.ask("sends", since=since, until=time.time() - LAST, within=LONGEST_REPLY)
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
    with standing_still(cluster.s3):
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
        """Be quiet."""


@contextmanager
def _crawling(cluster: Cluster) -> Iterator[None]:
    relay = cluster.relays["s3"]
    relay.poison(Bandwidth(CRAWL))
    try:
        yield
    finally:
        relay.heal()
        relay.cut()


_HARMS: dict[str, Callable[[Cluster], Any]] = {
    "down": _down,
    "hanging": _hanging,
    "refusing": _refusing,
    "crawling": _crawling,
}


def change_with_kills(scene: Scene) -> None:
    """Shows D3: a thousand uploads and deletes, the store killed twice meanwhile; then bucket and rows agree."""
    hands = Hands(scene.cluster)
    with ThreadPoolExecutor(HANDS) as several:
        workers = [several.submit(_change_until, hands, CHANGES) for _ in range(HANDS)]
        for third in (1, 2):
            while sum(hands.done.values()) < CHANGES * third // 3:
                time.sleep(0.05)
            with _down(scene.cluster):
                time.sleep(scene.seconds / 2)
        for worker in workers:
            worker.result()
    scene.report.numbers |= {f"{kind}s": count for kind, count in hands.done.items()}
    refused = sum(status == 503 for status, _ in hands.replies)
    scene.note("uploads refused", refused)
    scene.require(refused > 0, "no upload met the store when it was away")
    _require_agreement(scene)
    scene.require(not hands.faults, f"answers that should never be: {hands.faults[:3]}")


def _change_until(hands: Hands, count: int) -> None:
    while sum(hands.done.values()) < count:
        hands.change()


def _require_agreement(scene: Scene) -> None:
    """What is in the bucket, what has a row, and what attachments refer to are the same objects."""
    began = time.time()
    while (differences := _differences(scene.cluster)) and time.time() - began < AGREED_WITHIN:
        time.sleep(0.5)
    scene.note("bucket and rows agree after s", time.time() - began, most=AGREED_WITHIN)
    scene.require(not differences, f"bucket and rows do not agree: {differences}")
    found = scene.cluster.sql("SELECT count(*) FROM attachments WHERE state = 'checking'")
    scene.require(found[0][0] == 0, f"{found[0][0]} attachments were never finished")


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
