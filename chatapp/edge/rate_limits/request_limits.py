"""Limits of requests, by name: `default`, `send`, `upload`, `auth`, `account`, `taken`, `connect`.

flask-limiter counts them in moving windows in Redis, shared by all workers and dialects, and goes on in this worker's
memory while Redis is away.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Literal, NoReturn, cast

import redis as redis_py
from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter, RateLimitExceeded
from limits import RateLimitItem
from redis.exceptions import RedisError

from chatapp import metrics
from chatapp.edge.http.middleware import current_settings
from chatapp.edge.rate_limits import concurrency
from chatapp.edge.rate_limits.frame_limits import FrameLimiter, with_burst
from chatapp.edge.rate_limits.windows import SharedWindows, limiter_pool
from chatapp.errors import ChatError, RateLimited
from config import Settings

View = Callable[..., Any]
Name = Literal["default", "send", "upload", "auth", "account", "taken", "connect"]

_BY_ADDRESS = ("auth", "connect")  # counted before anybody is known
# Failed log-ins of one account from all addresses, as a multiple of what one address may try. High enough that a
# single attacker cannot lock the owner out; still a bound for an attacker with many addresses.
ADDRESSES_PER_ACCOUNT = 10
_EXTENSION = "chatapp.windows"


def caller() -> str:
    """Whose requests are counted: the person's where one is known, else the address's."""
    actor = g.get("actor")
    return f"user:{actor.id}" if actor else address()


def address() -> str:
    """The caller's address as the trusted proxies told it; a /64 for IPv6, since one host has that many addresses."""
    given = request.remote_addr or "local"
    try:
        ip = ipaddress.ip_address(given)
    except ValueError:
        return f"ip:{given[:64]}"
    if ip.version == 6 and ip.ipv4_mapped is None:
        return f"ip:{ipaddress.ip_network((ip, 64), strict=False).network_address}"
    return f"ip:{ip}"


class _Limiter(Limiter):
    """flask-limiter falls back to memory for the first request that Redis fails, and fails those beside it.

    It also looks at each request before its view, where nothing is counted: every limit here is a view's own.
    """

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if in_middleware:
            return
        try:
            super()._check_request_limit(callable_name, in_middleware)
        except RedisError:
            if not self._storage_dead:
                raise
            self.context.seen_limits.clear()
            super()._check_request_limit(callable_name, in_middleware)


limiter = _Limiter(key_func=caller, strategy="moving-window", in_memory_fallback_enabled=True)


def install(app: Flask, settings: Settings) -> None:
    """Count in Redis; make the frame limiter of this worker (`frame_limiter`)."""
    pool = limiter_pool(settings)
    app.config["RATELIMIT_STORAGE_URI"] = "one-trip+" + settings.redis_url.replace("unix://", "redis+unix://", 1)
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"connection_pool": pool, "key_prefix": "limits"}
    limiter.init_app(app)
    shared = SharedWindows(redis_py.Redis(connection_pool=pool))
    app.extensions[_EXTENSION] = shared, FrameLimiter(settings, shared)
    app.after_request(_tell)


def frame_limiter(app: Flask) -> FrameLimiter:
    """The limiter of socket frames of this application."""
    return cast(FrameLimiter, app.extensions[_EXTENSION][1])


def limit(name: Name) -> Callable[[View], View]:
    """Count calls of this view against a limit, and those at the same time against MAX_REQUESTS_AT_ONCE.

    Views that share a name share its window.

    Raises:
        RateLimited: over either (from the view).
    """

    def decorate(view: View) -> View:
        key = address if name in _BY_ADDRESS else caller

        @wraps(view)
        def bounded(*args: Any, **path: Any) -> Any:
            concurrency.enter(caller(), current_settings().max_requests_at_once)
            return view(*args, **path)

        counted = limiter.shared_limit(lambda: _notation(_rate(name)), scope=name, key_func=key)(bounded)

        @wraps(view)
        def wrapper(*args: Any, **path: Any) -> Any:
            try:
                return counted(*args, **path)
            except RateLimitExceeded as error:
                metrics.limit_refused(name)
                raise RateLimited(_seconds_to_reset()) from error

        wrapper.limit = name  # type: ignore[attr-defined]
        return wrapper

    return decorate


def check(name: Name, key: str) -> None:
    """Count one try against a limit outside of `limit`, such as a refused token.

    Raises:
        RateLimited: over it.
    """
    wait = _shared_windows().hit(f"{name}:{key}", _rate(name))
    if wait:
        _refuse(name, wait)


@contextmanager
def counting(
    name: Name, key: str, outcome: Callable[[ChatError | None], bool], *, unless: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Count an attempt depending on its outcome.

    It is counted in advance and uncounted afterwards; otherwise many concurrent attempts would all pass.

    Parameters:
        outcome: whether an attempt that ended with this error (None: success) counts.
        unless: called when the window is full; True lets the attempt through without counting it.

    Raises:
        RateLimited: over the limit.
    """
    wait = _shared_windows().hit(f"{name}:{key}", _rate(name))
    if wait:
        if not unless():
            _refuse(name, wait)
        yield
        return
    counts = False
    try:
        yield
        counts = outcome(None)
    except ChatError as error:
        counts = outcome(error)
        raise
    finally:
        if not counts:
            _shared_windows().take_back(f"{name}:{key}", _rate(name))


def _refuse(name: Name, wait: float) -> NoReturn:
    metrics.limit_refused(name)
    raise RateLimited(wait)


def _shared_windows() -> SharedWindows:
    shared: SharedWindows = current_app.extensions[_EXTENSION][0]
    return shared


def _rate(name: Name) -> RateLimitItem:
    settings = current_settings()
    if name == "send":
        actor = g.get("actor")
        factor = settings.limit_verified_factor if actor and actor.is_verified else 1
        return with_burst(settings.limit_send, settings.limit_send_burst, factor)
    if name == "account":
        return with_burst(settings.limit_auth, 0, ADDRESSES_PER_ACCOUNT)
    return cast(RateLimitItem, getattr(settings, f"limit_{name}"))


def _notation(rate: RateLimitItem) -> str:
    return f"{rate.amount} per {rate.multiples} {rate.GRANULARITY.name}"


def _seconds_to_reset() -> float:
    current = limiter.current_limit
    try:
        return current.reset_at - time.time() if current else 1.0
    except RedisError:
        return 1.0


def _tell(response: Response) -> Response:
    """Tell what is left. Redis may go between counting and telling: then the headers are left out."""
    current = limiter.current_limit
    if current is None:
        return response
    if limiter.limiter.storage is not limiter.storage:
        metrics.limiter_fell_back()
    try:
        remaining, reset_at = max(0, current.remaining), current.reset_at
    except RedisError:
        return response
    response.headers["X-RateLimit-Limit"] = str(current.limit.amount)
    response.headers["X-RateLimit-Remaining"] = str(remaining)
    response.headers["X-RateLimit-Reset"] = str(reset_at)
    return response
