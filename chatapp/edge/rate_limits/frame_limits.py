"""Limits of socket frames: per connection, and per user over all devices and workers."""

from __future__ import annotations

import ipaddress
import time

from limits import RateLimitItem

from chatapp import metrics
from chatapp.edge.rate_limits.windows import MemoryWindows, SharedWindows
from chatapp.errors import RateLimited
from config import Settings

# For a user with a high limit, a worker leases room for several messages at once from Redis: a round trip per message
# would cost more than the message. It holds one lease at a time, for as long as the window. So a worker can be wrong by
# one lease, a hundredth of the limit; at the default limit of 60 that is less than one message, so each is counted
# separately, by a copy of the window while this worker is the only one.
LEASE_DIVISOR = 100
LEASE_MAX = 100
_SWEEP_SIZE = 4096


class FrameLimiter:
    """Counts the frames of sockets. One per worker: a connection lives on one worker, a user may be on several."""

    def __init__(self, settings: Settings, shared: SharedWindows) -> None:
        self._connection_rate = with_burst(settings.limit_frames_connection, settings.limit_frames_connection_burst)
        self._user_rate = with_burst(settings.limit_frames_user, settings.limit_frames_user_burst)
        self._light_rate = settings.limit_frames_light
        self._address_rate = settings.limit_questions_address
        self._block = settings.limit_frames_block
        self._lease = max(1, min(LEASE_MAX, self._user_rate.amount // LEASE_DIVISOR))
        self._connections, self._light, self._shared = MemoryWindows(), MemoryWindows(), shared
        self._blocked: dict[str, float] = {}  # connection id or user key to the end of the block
        self._leases: dict[int, tuple[int, float]] = {}  # user id to messages left and the end of the lease

    def check_send(self, connection_id: str, user_id: int) -> None:
        """Count one message, edit or reaction.

        Raises:
            RateLimited: over a limit. For LIMIT_FRAMES_BLOCK nothing more is accepted from this connection, or from any
                of the user if it is the user's limit.
        """
        now, user_key = time.monotonic(), f"frames:{user_id}"
        if self._blocked:
            self._refuse_blocked(connection_id, now)
            self._refuse_blocked(user_key, now)
        if self._connections.hit(connection_id, self._connection_rate):
            self._begin_block(connection_id, now, self._block, "frames_connection")
        left, expires_at = self._leases.get(user_id, (0, 0.0))
        if left > 0 and now < expires_at:
            self._leases[user_id] = (left - 1, expires_at)
            return
        wait = self._take_lease(user_id, user_key)
        if wait:
            self._begin_block(user_key, now, wait, "frames_user")

    def check_question(self, remote_addr: str) -> None:
        """Count one question to the assistant without an account, of its address.

        Raises:
            RateLimited: over the limit.
        """
        wait = self._shared.hit(f"questions_address:{address_key(remote_addr)}", self._address_rate)
        if wait:
            metrics.limit_refused("questions_address")
            raise RateLimited(wait)

    def allow_light(self, connection_id: str) -> bool:
        """Count one typing, read or query frame. Returns False if it is over the limit and must be dropped."""
        if self._light.hit(connection_id, self._light_rate):
            metrics.limit_refused("frames_light")
            return False
        return True

    def forget(self, connection_id: str) -> None:
        """Drop the counters of a closed connection."""
        self._connections.forget(connection_id)
        self._light.forget(connection_id)
        self._blocked.pop(connection_id, None)

    def _take_lease(self, user_id: int, user_key: str) -> float:
        if self._lease > 1 and not self._shared.hit(user_key, self._user_rate, cost=self._lease):
            now = time.monotonic()
            if len(self._leases) > _SWEEP_SIZE:
                self._leases = {key: lease for key, lease in self._leases.items() if lease[1] > now}
            self._leases[user_id] = (self._lease - 1, now + self._user_rate.get_expiry())
            return 0.0
        return self._shared.hit(user_key, self._user_rate, block=self._block, is_copied=self._lease == 1)

    def _refuse_blocked(self, key: str, now: float) -> None:
        until = self._blocked.get(key)
        if until is None:
            return
        if until > now:
            raise RateLimited(until - now)
        del self._blocked[key]

    def _begin_block(self, key: str, now: float, seconds: float, limit: str) -> None:
        if len(self._blocked) > _SWEEP_SIZE:
            self._blocked = {key: until for key, until in self._blocked.items() if until > now}
        self._blocked[key] = now + seconds
        metrics.limit_refused(limit)
        raise RateLimited(seconds)


def address_key(given: str) -> str:
    """The key of a network address; a /64 for IPv6, since one host has that many."""
    try:
        ip = ipaddress.ip_address(given)
    except ValueError:
        return f"ip:{given[:64]}"
    if ip.version == 6 and ip.ipv4_mapped is None:
        return f"ip:{ipaddress.ip_network((ip, 64), strict=False).network_address}"
    return f"ip:{ip}"


def with_burst(rate: RateLimitItem, burst: int, factor: int = 1) -> RateLimitItem:
    """The same window with room for a burst: 10 per minute with a burst of 5 are 15 in any minute."""
    return type(rate)((rate.amount + burst) * factor, rate.multiples, rate.namespace)
