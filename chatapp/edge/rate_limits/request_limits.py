"""Limits of requests, by name.

`default`, `send`, `search`, `upload`, `export`, `auth`, `account`, `taken`, `connect`; of the assistant `sessions`,
`sessions_day`, `questions_address`.

flask-limiter counts them in sliding windows in Redis, shared by all workers and dialects; in the memory of this worker
while Redis is down, and ahead of Redis while this is the only worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Literal, NoReturn, cast

import redis as redis_py
from flask import Flask, Response, current_app, g, request
from flask_limiter import Limiter, RateLimitExceeded
from limits import RateLimitItem

from chatapp import metrics
from chatapp.edge.http.middleware import current_settings
from chatapp.edge.rate_limits import concurrency
from chatapp.edge.rate_limits.frame_limits import FrameLimiter, address_key, with_burst
from chatapp.edge.rate_limits.windows import SharedWindows, limiter_pool
from chatapp.errors import ChatError, RateLimited
from chatapp.events.bus import bus
from config import Settings

View = Callable[..., Any]
Name = Literal[
    "default", "send", "search", "upload", "export", "auth", "account", "taken", "connect", "sessions", "sessions_day",
    "questions_address",
]  # fmt: skip

_BY_ADDRESS = ("auth", "connect", "sessions")  # counted before the caller is authenticated
# Failed log-ins to one account from all addresses, as a multiple of the limit of one address. High enough that a single
# attacker cannot lock the owner out, and still a bound for an attacker with many addresses.
ADDRESSES_PER_ACCOUNT = 10
_EXTENSION = "chatapp.windows"


def caller() -> str:
    """The key of the caller's windows: the user if authenticated, else the address."""
    actor = g.get("actor")
    return f"user:{actor.id}" if actor else address()


def address() -> str:
    """The key of the caller's address, as trusted proxies report it; a /64 for IPv6, since one host has that many."""
    return address_key(request.remote_addr or "local")


class _Limiter(Limiter):
    """flask-limiter without its pass over all limits before each view, which no setting turns off.

    Every limit here is counted by the decorator of its view, so that pass would only cost time.
    """

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if not in_middleware:
            super()._check_request_limit(callable_name, in_middleware)


_limiter = _Limiter(key_func=caller, strategy="moving-window")


def install(app: Flask, settings: Settings) -> None:
    """Count requests in Redis, and create the limiter of socket frames of this worker."""
    pool = limiter_pool(settings)
    app.config["RATELIMIT_STORAGE_URI"] = "one-trip+" + settings.redis_url.replace("unix://", "redis+unix://", 1)
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {
        "connection_pool": pool,
        "key_prefix": "limits",
        "sole_since": _sole_since,
    }
    _limiter.init_app(app)
    shared = SharedWindows(redis_py.Redis(connection_pool=pool), _sole_since)
    app.extensions[_EXTENSION] = shared, FrameLimiter(settings, shared)
    app.after_request(_add_headers)


def frame_limiter(app: Flask) -> FrameLimiter:
    """The limiter of socket frames of this application."""
    return cast(FrameLimiter, app.extensions[_EXTENSION][1])


def limit(name: Name) -> Callable[[View], View]:
    """Count calls of this view against a limit, and concurrent requests of the caller against MAX_REQUESTS_AT_ONCE.

    Views that share a name share its window.

    Raises:
        RateLimited: over either limit (from the view).
    """

    def decorate(view: View) -> View:
        key = address if name in _BY_ADDRESS else caller

        @wraps(view)
        def bounded(*args: Any, **path: Any) -> Any:
            concurrency.enter(caller(), current_settings().max_requests_at_once)
            return view(*args, **path)

        counted = _limiter.shared_limit(lambda: _notation(_rate(name)), scope=name, key_func=key)(bounded)

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
    """Count one attempt against a limit without `limit`, such as a refused token.

    Raises:
        RateLimited: over the limit.
    """
    wait = _shared_windows().hit(f"{name}:{key}", _rate(name))
    if wait:
        _refuse(name, wait)


@contextmanager
def counting(
    name: Name, key: str, outcome: Callable[[ChatError | None], bool], *, unless: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Count an attempt depending on its outcome.

    It is counted in advance, and uncounted afterwards if it does not count; else many concurrent attempts would pass.

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
            _shared_windows().uncount(f"{name}:{key}", _rate(name))


def _sole_since() -> float | None:
    return bus.sole_worker.sole_since


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
    current = _limiter.current_limit
    return current.reset_at - time.time() if current else 1.0


def _add_headers(response: Response) -> Response:
    """State what is left of the window."""
    current = _limiter.current_limit
    if current is not None:
        response.headers["X-RateLimit-Limit"] = str(current.limit.amount)
        response.headers["X-RateLimit-Remaining"] = str(max(0, current.remaining))
        response.headers["X-RateLimit-Reset"] = str(current.reset_at)
    return response
