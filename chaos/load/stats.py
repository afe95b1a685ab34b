"""Figures of a load: how soon, how many, and since when all is well. Times are seconds, moments wall-clock ones."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chaos.load.device import Device
from chaos.load.plan import percentiles
from chaos.load.state import World

SAMPLE_SECONDS = 0.05
NORMAL_FOR = 0.5  # seconds that all must be well before it counts as normal again


@dataclass(frozen=True)
class Sample:
    """How things were at a moment.

    Attributes:
        behind: devices that were not caught up.
        waiting: seconds since the message that waited longest for its answer was first sent.
    """

    t: float
    behind: int
    waiting: float

    @property
    def is_well(self) -> bool:
        """Whether nobody noticed anything."""
        return not self.behind and self.waiting < NORMAL_FOR


class Figures:
    """Answers questions about a load; each method but `sample` may be asked by its name.

    Parameters: devices: filled by the load.
    """

    def __init__(self, world: World, devices: Sequence[Device]) -> None:
        self._world = world
        self._devices = devices
        self._samples: list[Sample] = []

    def sample(self, now: float) -> None:
        """Look whether all who read are caught up and nobody waits for long."""
        oldest = min((p.first_at for device in self._devices for p in device.outgoing.pending.values()), default=now)
        behind = sum(not device.is_caught_up and device.bytes_per_second is None for device in self._devices)
        self._samples.append(Sample(now, behind, now - oldest))

    def now(self) -> dict[str, Any]:
        """Figures of this moment."""
        numbers = self._world.numbers
        return {
            "connected": sum(device.is_connected for device in self._devices),
            "caught_up": sum(device.is_caught_up for device in self._devices),
            "pending": sum(len(device.outgoing.pending) for device in self._devices),
            "sent": len(numbers.sent_at),
            "closes": {str(code): n for code, n in numbers.closes.items()},
            "by_port": {str(port): sum(d.port == port for d in self._devices) for port in self._world.ports},
        }

    def normal_since(self, moment: float) -> float | None:
        """Seconds from a moment until all were connected, caught up and answered; None when they are not yet."""
        since: float | None = None
        # Asked many times a second, of runs that last for minutes: what was before the moment is not looked at.
        for index in range(bisect_left(self._samples, moment, key=lambda sample: sample.t), len(self._samples)):
            sample = self._samples[index]
            if not sample.is_well:
                since = None
            else:
                since = sample.t if since is None else since
                if sample.t - since >= NORMAL_FOR:
                    return since - moment
        return None

    def course(self, since: float) -> list[tuple[float, int, float]]:
        """How it went from a moment on, twice a second: seconds since then, devices behind, longest wait."""
        found = [sample for sample in self._samples if sample.t >= since]
        step = int(NORMAL_FOR / SAMPLE_SECONDS)
        return [(round(each.t - since, 1), each.behind, round(each.waiting, 1)) for each in found[::step]]

    def first_ok_since(self, moment: float) -> float | None:
        """Seconds from a moment until the first acknowledgement after it."""
        latencies = self._world.numbers.latencies
        index = bisect_right(latencies, moment, key=lambda latency: latency[0])
        return latencies[index][0] - moment if index < len(latencies) else None

    def delays(self, since: float, until: float) -> dict[str, float]:
        """How long messages took to reach devices that were connected all the while and read as fast as they can."""
        return percentiles(sorted(delay for at, delay, _ in self._world.numbers.delays if since <= at <= until))

    def sends(self, since: float, until: float, within: float) -> dict[str, float]:
        """Messages that were first sent in a time, how long their acknowledgement took, and which `share` was in time.

        Parameters:
            within: what counts as in time, repeats included.
        """
        numbers = self._world.numbers
        offered = sum(since <= at <= until for at in numbers.sent_at)
        took = sorted(took for at, took in numbers.latencies if since <= at - took <= until)
        share = sum(each <= within for each in took) / offered if offered else 1.0
        return {"offered": offered, "share": round(share, 4), **percentiles(took)}

    def own_pushes(self, since: float, until: float) -> dict[str, int]:
        """Messages that were first sent in a time and acknowledged by now, and live frames that told their senders'
        own sockets of them: whatever becomes of the bus, those hang on one worker alone. Without those that speak a
        dialect in which the answer stands for that frame."""
        sent = [send for send in self._world.history.sends if since <= send.t0 <= until and send.outcome == "ok"]
        echoing = {str(device.number) for device in self._devices if device.dialect.echoes}
        numbers = {send.key: send.key.partition("-")[0] for send in sent}
        senders = {key: number for key, number in numbers.items() if number in echoing}
        heard = {
            frame.key
            for frame in self._world.history.frames
            if frame.kind == "new_message" and senders.get(frame.key) == str(frame.device)
        }
        return {"acknowledged": len(senders), "heard": len(heard)}

    def replies(self, since: float, until: float) -> dict[str, float]:
        """How long REST calls took that were answered in a time; how many of them were not answered with 200 or 201."""
        found = [(took, status) for at, took, status in self._world.numbers.replies if since <= at <= until]
        return {
            "failed": sum(status not in (200, 201) for _, status in found),
            **percentiles(sorted(took for took, _ in found)),
        }
