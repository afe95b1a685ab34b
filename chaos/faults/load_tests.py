"""L1, L4, L6: nothing breaks; it is only much, or long."""

from __future__ import annotations

import time
from statistics import linear_regression, median

import requests

from chaos.cluster import SERVICE_TOKEN
from chaos.load_process import DESCRIPTOR_SLACK, RSS_SLACK_MB, LoadProcess
from chaos.scenario import PATIENCE, Scene

REQUESTS_PER_MINUTE = 1000
LOST_SHARE = 0.05  # of the connections, each second
WARM_UP = 300.0  # seconds of a soak that count for nothing: caches and allocators fill
JUDGED_FOR = 300.0  # seconds; over less, a slope is the allocator's mood
SLOPE_MB_PER_MINUTE = 0.2
FAN_OUT_PERSON = 500_001
FAN_OUT_PER_SECOND = 2.0


def many_sockets(scene: Scene) -> None:
    """L1: a thousand sockets, some messages, people who look around."""
    scene.load.ask("browse", per_minute=REQUESTS_PER_MINUTE)
    time.sleep(1.0)
    since = time.time()
    time.sleep(scene.seconds)
    until = time.time()
    sends = scene.load.ask("sends", since=since, until=until, within=PATIENCE)
    pushes = scene.load.ask("delays", since=since, until=until)
    replies = scene.load.ask("replies", since=since, until=until)
    scene.note("sockets", scene.load.ask("now")["connected"])
    scene.note("send p95 s", sends["p95"], most=0.1)
    scene.note("push p95 s", pushes["p95"], most=0.05)
    scene.note("request p95 s", replies["p95"])
    scene.note("requests a minute", replies["count"] / (until - since) * 60)
    scene.require(sends["share"] == 1 and replies["failed"] == 0, f"errors: {sends}, {replies}")
    scene.require(replies["count"] >= 0.9 * REQUESTS_PER_MINUTE * (until - since) / 60, f"too few requests: {replies}")
    scene.note_rate(since, until)
    scene.require_only()


def soak(scene: Scene) -> None:
    """L4: connections come and go for long, and nothing grows."""
    scene.load.ask("lose", share=LOST_SHARE)
    warm, ends = time.time() + min(WARM_UP, scene.seconds / 4), time.time() + scene.seconds
    moments: list[float] = []
    memory: dict[int, list[float]] = {worker.pid: [] for worker in scene.cluster.workers()}
    descriptors: list[float] = []
    while time.time() < ends:
        time.sleep(min(5.0, scene.seconds / 40))
        if time.time() < warm:
            continue
        moments.append(time.time() / 60)
        descriptors.append(scene.cluster.gauges()["descriptors"])
        for worker in scene.cluster.workers():
            memory[worker.pid].append(worker.memory_info().rss / 2**20)
    is_judged = ends - warm >= JUDGED_FOR
    for found in memory.values():
        slope = linear_regression(moments, found).slope
        scene.note("RSS MB a minute", slope, most=SLOPE_MB_PER_MINUTE if is_judged else None)
        scene.note("RSS growth MB", found[-1] - found[0], most=RSS_SLACK_MB)
    quarter = max(1, len(descriptors) // 4)
    growth = median(descriptors[-quarter:]) - median(descriptors[:quarter])
    scene.note("descriptors more at the end", growth, most=DESCRIPTOR_SLACK * len(memory))
    scene.load.ask("lose", share=0)
    scene.await_normal(time.time())
    _require_served_only(scene, scene.load.ask("now")["connected"])


def _require_served_only(scene: Scene, connected: int) -> None:
    """Each serving greenlet has a connection that the workers report: none is left of those who went."""
    url = f"http://127.0.0.1:{scene.cluster.webs[0].port}/api/v1/internal/chat/ws/stats"
    deadline = time.time() + PATIENCE
    while True:
        answer = requests.get(url, headers={"Authorization": f"Bearer {SERVICE_TOKEN}"}, timeout=15)
        answer.raise_for_status()
        served = answer.json()["data"]["connections"]
        if served == connected or time.time() > deadline:
            break
        time.sleep(0.5)
    scene.require(served == connected, f"{served} connections are served, {connected} are there")


def fan_out(scene: Scene) -> None:
    """L6: each message of one chat goes to 500 sockets; the others' delays must not double.

    Chats have two members yet, so it is one person with many devices: the same frames to as many sockets.
    """
    crowd = {"chats": 1, "is_star": True, "seller_devices": 500, "devices": 1, "stranger": False}
    with LoadProcess(scene.cluster, **crowd, first_person=FAN_OUT_PERSON) as fan:
        time.sleep(scene.seconds / 2)
        at = time.time()
        time.sleep(scene.seconds)
        before = scene.load.ask("delays", since=at, until=time.time())
        at = time.time()
        fan.ask("rate", per_second=FAN_OUT_PER_SECOND)
        time.sleep(scene.seconds)
        during = scene.load.ask("delays", since=at, until=time.time())
        reached = fan.ask("delays", since=at, until=time.time())
        fan.ask("settle")
        for invariant, found in fan.ask("finish")["violations"].items():
            scene.require(not found, f"fan-out, {invariant}: {found[:3]}")
    scene.report.numbers["delay of the fan-out p99 s"] = reached["p99"]
    scene.require(reached["count"] >= 0.8 * FAN_OUT_PER_SECOND * scene.seconds * 500, f"too little reached: {reached}")
    scene.compare("others' p99", before["p99"], during["p99"], most=2.0)
    scene.require_only()
