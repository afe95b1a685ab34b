"""What waits between servers and clients, and whether it grows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from statistics import median

_ESTABLISHED = "01"


def queued_bytes(ports: Collection[int]) -> int:
    """Bytes that the kernel holds on connections to these ports: sent by a server, and not read by its client.

    A queue of the application fills only once the kernel accepts nothing more.
    """
    total = 0
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        _, local, remote, state, queues, *_ = line.split()
        sending, receiving = (int(size, 16) for size in queues.split(":"))
        if state == _ESTABLISHED:
            total += sending * (_port(local) in ports) + receiving * (_port(remote) in ports)
    return total


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def has_grown(samples: Sequence[float], *, slack: float) -> bool:
    """Whether the last third of samples in time is usually above twice the first, and above what is in flight anyway.

    Parameters:
        slack: of one message.
    """
    third = len(samples) // 3
    if not third:
        return False
    return median(samples[-third:]) > max(2 * median(samples[:third]), slack)
