"""L1, L4, L6: load without faults: many sockets, long runs, large fan-out."""

from __future__ import annotations

import time
from statistics import linear_regression, median

import requests

from chaos.cluster import SERVICE_TOKEN
from chaos.load_process import DESCRIPTOR_SLACK, RSS_SLACK_MB, LoadProcess
from chaos.scenario import TIMEOUT, Scenario

REQUESTS_PER_MINUTE = 1000
LOST_SHARE = 0.05  # of the connections, each second
WARM_UP = 300.0  # seconds of a soak that are not measured: caches and allocators fill
JUDGED_FOR = 300.0  # seconds; over less the slope is noise of the allocator
SLOPE_MB_PER_MINUTE = 0.2
FAN_OUT_PERSON = 500_001
FAN_OUT_PER_SECOND = 2.0


def many_sockets(scenario: Scenario) -> None:
    """L1: a thousand sockets, some messages, and REST requests."""
    scenario.load.call("set_browse_rate", per_minute=REQUESTS_PER_MINUTE)
    time.sleep(1.0)
    since = time.time()
    time.sleep(scenario.seconds)
    until = time.time()
    sends = scenario.load.call("sends", since=since, until=until, within=TIMEOUT)
    pushes = scenario.load.call("delays", since=since, until=until)
    responses = scenario.load.call("responses", since=since, until=until)
    scenario.record("sockets", scenario.load.call("snapshot")["connected"])
    scenario.record("send p95 s", sends["p95"], most=0.1)
    scenario.record("push p95 s", pushes["p95"], most=0.05)
    scenario.record("request p95 s", responses["p95"])
    scenario.record("requests a minute", responses["count"] / (until - since) * 60)
    scenario.require(sends["share"] == 1 and responses["failed"] == 0, f"errors: {sends}, {responses}")
    scenario.require(
        responses["count"] >= 0.9 * REQUESTS_PER_MINUTE * (until - since) / 60, f"too few requests: {responses}"
    )
    scenario.record_rate(since, until)
    scenario.require_close_codes()


def soak(scenario: Scenario) -> None:
    """L4: connections churn for a long time, and neither memory nor descriptors grow."""
    scenario.load.call("set_drop_share", share=LOST_SHARE)
    warm, ends = time.time() + min(WARM_UP, scenario.seconds / 4), time.time() + scenario.seconds
    moments: list[float] = []
    memory: dict[int, list[float]] = {worker.pid: [] for worker in scenario.cluster.workers()}
    descriptors: list[float] = []
    while time.time() < ends:
        time.sleep(min(5.0, scenario.seconds / 40))
        if time.time() < warm:
            continue
        moments.append(time.time() / 60)
        descriptors.append(scenario.cluster.gauges()["descriptors"])
        for worker in scenario.cluster.workers():
            memory[worker.pid].append(worker.memory_info().rss / 2**20)
    is_judged = ends - warm >= JUDGED_FOR
    for found in memory.values():
        slope = linear_regression(moments, found).slope
        scenario.record("RSS MB a minute", slope, most=SLOPE_MB_PER_MINUTE if is_judged else None)
        scenario.record("RSS growth MB", found[-1] - found[0], most=RSS_SLACK_MB)
    quarter = max(1, len(descriptors) // 4)
    growth = median(descriptors[-quarter:]) - median(descriptors[:quarter])
    scenario.record("descriptor growth", growth, most=DESCRIPTOR_SLACK * len(memory))
    scenario.load.call("set_drop_share", share=0)
    scenario.await_normal(time.time())
    _require_served_only(scenario, scenario.load.call("snapshot")["connected"])


def _require_served_only(scenario: Scenario, connected: int) -> None:
    """The workers report exactly the open connections: none is left over from closed ones."""
    url = f"http://127.0.0.1:{scenario.cluster.webs[0].port}/api/v1/internal/chat/ws/stats"
    deadline = time.time() + TIMEOUT
    while True:
        answer = requests.get(url, headers={"Authorization": f"Bearer {SERVICE_TOKEN}"}, timeout=15)
        answer.raise_for_status()
        served = answer.json()["data"]["connections"]
        if served == connected or time.time() > deadline:
            break
        time.sleep(0.5)
    scenario.require(served == connected, f"{served} connections are served, but {connected} are open")


def fan_out(scenario: Scenario) -> None:
    """L6: each message of one chat goes to 500 sockets; delays of the others must not double.

    Chats have two members, so one member has many devices.
    """
    crowd = {"chats": 1, "is_star": True, "seller_devices": 500, "devices": 1, "stranger": False}
    with LoadProcess(scenario.cluster, **crowd, first_person=FAN_OUT_PERSON) as fan:
        time.sleep(scenario.seconds / 2)
        at = time.time()
        time.sleep(scenario.seconds)
        before = scenario.load.call("delays", since=at, until=time.time())
        at = time.time()
        fan.call("set_rate", per_second=FAN_OUT_PER_SECOND)
        time.sleep(scenario.seconds)
        during = scenario.load.call("delays", since=at, until=time.time())
        reached = fan.call("delays", since=at, until=time.time())
        fan.call("drain")
        for invariant, found in fan.call("judge")["violations"].items():
            scenario.require(not found, f"fan-out, {invariant}: {found[:3]}")
    scenario.report.measurements["fan-out delay p99 s"] = reached["p99"]
    scenario.require(
        reached["count"] >= 0.8 * FAN_OUT_PER_SECOND * scenario.seconds * 500, f"too few delivered: {reached}"
    )
    scenario.compare("others' p99", before["p99"], during["p99"], most=2.0)
    scenario.require_close_codes()
