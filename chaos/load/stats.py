"""Statistics of a load: latencies, counts and recovery times, in seconds; points in time are wall-clock seconds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chaos.load.device import Device
from chaos.load.plan import percentiles
from chaos.load.state import LoadState

SAMPLE_SECONDS = 0.05
NORMAL_FOR = 0.5  # seconds without a problem after which the state counts as normal


@dataclass(frozen=True)
class Sample:
    """The load at one moment.

    Attributes:
        behind: number of devices that were not caught up.
        waiting: age in seconds of the oldest unanswered message.
    """

    t: float
    behind: int
    waiting: float

    @property
    def is_well(self) -> bool:
        """Whether all devices were caught up and no answer was late."""
        return not self.behind and self.waiting < NORMAL_FOR


class LoadStats:
    """Computes statistics; each public method but `sample` is a command of the load process.

    Parameters: devices: filled by the load.
    """

    def __init__(self, state: LoadState, devices: Sequence[Device]) -> None:
        self._state = state
        self._devices = devices
        self._samples: list[Sample] = []

    def sample(self, now: float) -> None:
        """Record how many devices are behind, and the age of the oldest unanswered message."""
        oldest = min((p.first_at for device in self._devices for p in device.outgoing.pending.values()), default=now)
        behind = sum(not device.is_caught_up and device.bytes_per_second is None for device in self._devices)
        self._samples.append(Sample(now, behind, now - oldest))

    def snapshot(self) -> dict[str, Any]:
        """Current counts."""
        measurements = self._state.measurements
        return {
            "connected": sum(device.is_connected for device in self._devices),
            "caught_up": sum(device.is_caught_up for device in self._devices),
            "pending": sum(len(device.outgoing.pending) for device in self._devices),
            "sent": len(measurements.sent_at),
            "closes": {str(code): n for code, n in measurements.closes.items()},
            "by_port": {str(port): sum(d.port == port for d in self._devices) for port in self._state.ports},
        }

    def normal_since(self, moment: float) -> float | None:
        """Seconds from a moment until all were connected, caught up and answered; None if they are not yet."""
        since: float | None = None
        # Called many times a second in runs of minutes: skip the samples before the moment.
        for index in range(bisect_left(self._samples, moment, key=lambda sample: sample.t), len(self._samples)):
            sample = self._samples[index]
            if not sample.is_well:
                since = None
            else:
                since = sample.t if since is None else since
                if sample.t - since >= NORMAL_FOR:
                    return since - moment
        return None

    def timeline(self, since: float) -> list[tuple[float, int, float]]:
        """Samples since a moment, two a second: seconds since then, devices behind, longest wait."""
        found = [sample for sample in self._samples if sample.t >= since]
        step = int(NORMAL_FOR / SAMPLE_SECONDS)
        return [(round(each.t - since, 1), each.behind, round(each.waiting, 1)) for each in found[::step]]

    def first_ok_since(self, moment: float) -> float | None:
        """Seconds from a moment until the first acknowledgement after it."""
        latencies = self._state.measurements.latencies
        index = bisect_right(latencies, moment, key=lambda latency: latency[0])
        return latencies[index][0] - moment if index < len(latencies) else None

    def delays(self, since: float, until: float) -> dict[str, float]:
        """Delivery delays to devices that stayed connected and read without a limit."""
        return percentiles(sorted(delay for at, delay, _ in self._state.measurements.delays if since <= at <= until))

    def sends(self, since: float, until: float, within: float) -> dict[str, float]:
        """Messages first sent in an interval: how long the acknowledgement took, and the `share` that was in time.

        Parameters:
            within: seconds that count as in time, retries included.
        """
        measurements = self._state.measurements
        offered = sum(since <= at <= until for at in measurements.sent_at)
        took = sorted(took for at, took in measurements.latencies if since <= at - took <= until)
        share = sum(each <= within for each in took) / offered if offered else 1.0
        return {"offered": offered, "share": round(share, 4), **percentiles(took)}

    def own_pushes(self, since: float, until: float) -> dict[str, int]:
        """Messages first sent in an interval and acknowledged, and how many of them their sending socket received.

        Those pushes depend on one worker alone, not on the bus. Devices whose dialect does not echo are left out.
        """
        sent = [send for send in self._state.history.sends if since <= send.t0 <= until and send.outcome == "ok"]
        echoing = {str(device.number) for device in self._devices if device.dialect.echoes_to_sender}
        measurements = {send.key: send.key.partition("-")[0] for send in sent}
        senders = {key: number for key, number in measurements.items() if number in echoing}
        received = {
            frame.key
            for frame in self._state.history.frames
            if frame.kind == "new_message" and senders.get(frame.key) == str(frame.device)
        }
        return {"acknowledged": len(senders), "received": len(received)}

    def responses(self, since: float, until: float) -> dict[str, float]:
        """Durations of REST calls answered in an interval; `failed` counts those without 200 or 201."""
        found = [(took, status) for at, took, status in self._state.measurements.responses if since <= at <= until]
        return {
            "failed": sum(status not in (200, 201) for _, status in found),
            **percentiles(sorted(took for took, _ in found)),
        }
