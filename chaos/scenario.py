"""One fault under load: the servers, the clients, and what is measured beside the invariants."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chaos.cluster import Cluster
from chaos.load_process import LoadProcess, Report, gather

WARM_UP = 1.5  # seconds of load before the first look at resources
OFFERED_SHARE = 0.9  # of the rate; clients with nobody to talk to hold their messages back for a while
PATIENCE = 30.0  # seconds after which something is not slow but broken
BUSY_FACTOR = 4  # how much longer to wait on a machine that does other work beside it


@dataclass
class Scene:
    """What a fault gets to work with.

    Attributes:
        rounds: how often to do harm.
        seconds: how long each time, where that is a matter of choice.
        rate: messages a second. plan: fields of `chaos.load.plan.Plan`.
        judges_time: whether durations that are over their bound count as failures. On a machine that does other work
            beside it they say nothing, and waiting takes longer.
    """

    cluster: Cluster
    load: LoadProcess
    report: Report
    rounds: int
    seconds: float
    rate: float
    plan: Mapping[str, Any] = field(default_factory=dict)
    judges_time: bool = True

    def note(self, name: str, value: float, *, most: float | None = None) -> None:
        """Keep the largest value of a number; more than `most` is a failure. Names of durations end with `s`."""
        value = round(value, 4)
        self.report.numbers[name] = max(value, self.report.numbers.get(name, value))
        is_judged = self.judges_time or not name.endswith(" s")
        if most is not None and value > most and is_judged:
            self.report.broken.append(f"{name}: {value:g}, at most {most:g}")

    def require(self, holds: bool, otherwise: str) -> None:
        """A failure unless it holds."""
        if not holds:
            self.report.broken.append(otherwise)

    def await_normal(
        self, since: float, name: str = "normal after s", *, most: float | None = None, within: float = PATIENCE
    ) -> None:
        """Wait until every client is connected, caught up and answered, and note how long that took from `since`.

        Parameters:
            most: seconds that it may take.
            within: seconds after which there is no point in waiting on.
        """
        deadline = time.time() + within * (1 if self.judges_time else BUSY_FACTOR)
        while (took := self.load.ask("normal_since", moment=since)) is None:
            if time.time() > deadline:
                self.report.broken.append(f"{name}: not within {within:g} s: {self.load.ask('now')}")
                return
            time.sleep(0.1)
        self.note(name, took, most=most)
        if most is not None and took > most and self.judges_time:
            course = self.load.ask("course", since=since)
            self.report.broken.append(f"{name}: (after s, devices behind, longest wait s) {course}")

    def await_first_ok(self, since: float, *, most: float | None = None) -> None:
        """Note when the first message was acknowledged after `since`."""
        deadline = time.time() + PATIENCE
        while (took := self.load.ask("first_ok_since", moment=since)) is None and time.time() < deadline:
            time.sleep(0.05)
        self.note("first ok after s", PATIENCE if took is None else took, most=most)

    def compare(self, name: str, before: float, during: float, *, most: float) -> None:
        """Note two latencies in seconds; the second may be at most so many times the first."""
        self.report.numbers[f"{name} before s"], self.report.numbers[f"{name} during s"] = before, during
        if during > most * before and self.judges_time:
            self.report.broken.append(f"{name}: {during:g} s, at most {most:g} times the {before:g} s before")

    def note_rate(self, since: float, until: float) -> None:
        """Note how much was really sent: a load that falls behind proves less than it says."""
        offered = self.load.ask("sends", since=since, until=until, within=PATIENCE)["offered"]
        per_second = offered / (until - since)
        self.note("sent a second", per_second)
        is_enough = per_second >= OFFERED_SHARE * self.rate or not self.judges_time
        self.require(is_enough, f"only {per_second:.0f} of {self.rate:g} sent a second")

    def require_only(self, *codes: int) -> None:
        """A failure where a socket was closed with any other code."""
        closes = self.load.ask("now")["closes"]
        others = {code: n for code, n in closes.items() if int(code) not in codes}
        self.require(not others, f"sockets were closed: {others}")

    def note_delays(self, since: float, *, most: float | None) -> None:
        """Note the longest time that a message took to a device whose connection lived on."""
        found = self.load.ask("delays", since=since, until=time.time())
        if found["count"]:
            self.note("longest delay s", found["max"], most=most)
            self.report.numbers["delay p99 s"] = found["p99"]


@dataclass(frozen=True)
class Fault:
    """A fault by its name.

    Attributes:
        run: does the harm, heals it and measures; the invariants are checked after it.
        cluster: arguments of `Cluster`. plan: fields of `chaos.load.plan.Plan`.
        rate: messages a second.
        full: rounds and seconds of the long form.
        within: seconds after which everything must be known when the load has stopped.
    """

    name: str
    what: str
    run: Callable[[Scene], None]
    cluster: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    rate: float = 200.0
    full: tuple[int, float] = (10, 60.0)
    within: float = 8.0


def perform(fault: Fault, *, rounds: int, seconds: float, rate: float | None = None) -> Report:
    """Start everything, do the harm so many times, and judge.

    Parameters:
        rate: messages a second, where it is not the fault's own.
    """
    with Cluster(**fault.cluster) as cluster:
        return perform_on(cluster, fault, rounds=rounds, seconds=seconds, rate=rate)


def perform_on(
    cluster: Cluster,
    fault: Fault,
    *,
    rounds: int,
    seconds: float,
    rate: float | None = None,
    judges_time: bool = True,
    **plan: Any,
) -> Report:
    """The same on servers that run already.

    Parameters:
        rate, plan: what differs from the fault's own.
        judges_time: see `Scene`.
    """
    rate = rate or fault.rate
    report = Report(fault.name, rounds=rounds)
    cluster.forget_logs()
    planned = {**fault.plan, **plan}
    with _loaded(cluster, planned, rate) as load:
        before = cluster.gauges()
        fault.run(Scene(cluster, load, report, rounds, seconds, rate, planned, judges_time))
        return gather(report, cluster, load, before, fault.within * (1 if judges_time else BUSY_FACTOR))


@contextmanager
def _loaded(cluster: Cluster, plan: Mapping[str, Any], rate: float) -> Iterator[LoadProcess]:
    with LoadProcess(cluster, **plan) as load:
        load.ask("rate", per_second=rate)
        time.sleep(WARM_UP)
        yield load
