"""Runs one fault under load: the cluster, the clients, and what is measured beside the invariants."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chaos.cluster import Cluster
from chaos.load_process import REST_SECONDS, LoadProcess, Report, gather

WARM_UP = 1.5  # seconds of load before resources are measured
ACTION_SHARE = 0.15  # actions besides sending, for each message
OFFERED_SHARE = 0.9  # of the rate; clients without a connection hold messages back
TIMEOUT = 30.0  # seconds after which something is broken, not slow
HEARTBEAT_TIMEOUT = 4408  # close code
MOST_PADDING = 9000  # characters; a message has 10,000 at most
BUSY_FACTOR = 4  # how much longer to wait on a busy machine


@dataclass
class Scenario:
    """What a fault works with.

    Attributes:
        rounds: how often to inject the fault.
        seconds: duration of each injection, where the fault allows one.
        rate: messages a second. plan: fields of `chaos.load.plan.Plan`.
        judges_time: whether exceeded durations count as failures. On a busy machine they mean nothing, and waits are
            longer.
    """

    cluster: Cluster
    load: LoadProcess
    report: Report
    rounds: int
    seconds: float
    rate: float
    plan: Mapping[str, Any] = field(default_factory=dict)
    judges_time: bool = True

    def record(self, name: str, value: float, *, most: float | None = None) -> None:
        """Record the largest value of a measurement; above `most` it is a failure. Names of durations end with ` s`."""
        value = round(value, 4)
        self.report.measurements[name] = max(value, self.report.measurements.get(name, value))
        is_judged = self.judges_time or not name.endswith(" s")
        if most is not None and value > most and is_judged:
            self.report.failures.append(f"{name}: {value:g}, at most {most:g}")

    def require(self, holds: bool, problem: str) -> None:
        """Record a failure unless the condition holds."""
        if not holds:
            self.report.failures.append(problem)

    def patience(self, seconds: float = TIMEOUT) -> float:
        """After how many seconds something is broken, not slow; longer on a busy machine."""
        return seconds if self.judges_time else seconds * BUSY_FACTOR

    def await_normal(
        self, since: float, name: str = "normal after s", *, most: float | None = None, within: float = TIMEOUT
    ) -> None:
        """Wait until every client is connected, caught up and answered, and record how long that took from `since`.

        Parameters:
            most: upper bound in seconds.
            within: seconds after which to stop waiting; on a busy machine, to pause the load and wait on.
        """
        begun, is_paused = time.time(), False
        while (took := self.load.call("normal_since", moment=since)) is None:
            waited = time.time() - begun
            if waited > self.patience(within):
                self.report.failures.append(
                    f"{name}: not within {self.patience(within):g} s: {self.load.call('snapshot')}"
                )
                break
            if waited > within and not is_paused:  # a busy machine may not be able to store so many a second
                self.load.call("set_rate", per_second=0)
                is_paused = True
            time.sleep(0.1)
        if is_paused:
            self.load.call("set_rate", per_second=self.rate)
        if took is None:
            return
        self.record(name, took, most=most)
        if most is not None and took > most and self.judges_time:
            course = self.load.call("timeline", since=since)
            self.report.failures.append(f"{name}: (after s, devices behind, longest wait s) {course}")

    def await_first_ok(self, since: float, *, most: float | None = None) -> None:
        """Record when the first message was acknowledged after `since`."""
        deadline = time.time() + self.patience()
        while (took := self.load.call("first_ok_since", moment=since)) is None and time.time() < deadline:
            time.sleep(0.05)
        self.require(took is not None, "no message was acknowledged any more")
        if took is not None:
            self.record("first ok after s", took, most=most)

    def compare(self, name: str, before: float, during: float, *, most: float) -> None:
        """Record two latencies in seconds; the second may be at most `most` times the first."""
        self.report.measurements[f"{name} before s"], self.report.measurements[f"{name} during s"] = before, during
        if during > most * before and self.judges_time:
            self.report.failures.append(f"{name}: {during:g} s, at most {most:g} times the {before:g} s before")

    def record_rate(self, since: float, until: float) -> None:
        """Record the actual rate: a load that falls behind proves less."""
        offered = self.load.call("sends", since=since, until=until, within=TIMEOUT)["offered"]
        per_second = offered / (until - since)
        self.record("sent a second", per_second)
        is_enough = per_second >= OFFERED_SHARE * self.rate or not self.judges_time
        self.require(is_enough, f"only {per_second:.0f} of {self.rate:g} sent a second")

    def require_close_codes(self, *codes: int) -> None:
        """Record a failure if a socket was closed with another code.

        On a busy machine a client may also answer a ping too late.
        """
        closes = self.load.call("snapshot")["closes"]
        codes += () if self.judges_time else (HEARTBEAT_TIMEOUT,)
        others = {code: n for code, n in closes.items() if int(code) not in codes}
        self.require(not others, f"sockets were closed: {others}")

    def record_delays(self, since: float, *, most: float | None) -> None:
        """Record the longest delivery delay to a device that stayed connected."""
        found = self.load.call("delays", since=since, until=time.time())
        if found["count"]:
            self.record("longest delay s", found["max"], most=most)
            self.report.measurements["delay p99 s"] = found["p99"]


@dataclass(frozen=True)
class Fault:
    """A named fault.

    Attributes:
        run: injects the fault, repairs it and measures; the invariants are checked afterwards.
        cluster: arguments of `Cluster`. plan: fields of `chaos.load.plan.Plan`.
        rate: messages a second.
        full: rounds and seconds with `--full`.
        within: seconds after the load stops within which every device must be complete.
        prepare: what the cluster needs before there is a load.
        has_actions: whether people also react, pin, search and so on. Not where a release has no such routes, nor where
            a load test measures something else.
    """

    name: str
    what: str
    run: Callable[[Scenario], None]
    cluster: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    rate: float = 200.0
    full: tuple[int, float] = (10, 60.0)
    within: float = 8.0
    prepare: Callable[[Cluster], None] | None = None
    has_actions: bool = True


def run_fault(fault: Fault, *, rounds: int, seconds: float, rate: float | None = None, **plan: Any) -> Report:
    """Start a cluster, inject the fault, and report.

    Parameters:
        rate: messages a second; None for that of the fault.
        plan: what differs from the fault.
    """
    with Cluster(**fault.cluster) as cluster:
        return run_on(cluster, fault, rounds=rounds, seconds=seconds, rate=rate, **plan)


def run_on(
    cluster: Cluster,
    fault: Fault,
    *,
    rounds: int,
    seconds: float,
    rate: float | None = None,
    judges_time: bool = True,
    **plan: Any,
) -> Report:
    """The same on a running cluster.

    Parameters:
        rate, plan: what differs from the fault.
        judges_time: see `Scene`.
    """
    rate = rate or fault.rate
    report = Report(fault.name, rounds=rounds)
    cluster.truncate_logs()
    planned = {**fault.plan, **plan}
    if "padding" in fault.plan:  # as many bytes a second as at the fault's own rate: slow readers fall behind as fast
        planned["padding"] = min(MOST_PADDING, round(fault.plan["padding"] * fault.rate / rate))
    if fault.prepare is not None:
        fault.prepare(cluster)
    with _running_load(cluster, planned, rate, ACTION_SHARE if fault.has_actions else 0.0) as load:
        before = cluster.gauges()
        scenario = Scenario(cluster, load, report, rounds, seconds, rate, planned, judges_time)
        fault.run(scenario)
        drain, rest = scenario.patience(fault.within), scenario.patience(REST_SECONDS)
        return gather(report, cluster, load, before, drain_seconds=drain, rest_seconds=rest)


@contextmanager
def _running_load(cluster: Cluster, plan: Mapping[str, Any], rate: float, action_share: float) -> Iterator[LoadProcess]:
    with LoadProcess(cluster, **plan) as load:
        load.call("set_action_share", share=action_share)
        load.call("set_rate", per_second=rate)
        time.sleep(WARM_UP)
        yield load
