"""L1, L6: load without faults: many sockets, large fan-out."""

from __future__ import annotations

import time

from chaos.load_process import LoadProcess
from chaos.scenario import TIMEOUT, Scenario

REQUESTS_PER_MINUTE = 1000
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
