"""What this process counts for `/metrics`.

Every label has a bounded set of values: an unbounded one would let a client fill the memory of whoever scrapes. Several
workers write into one folder (PROMETHEUS_MULTIPROC_DIR, set by gunicorn.conf.py before this module is imported), so
whichever of them is asked answers for all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, Self, TypeVar

import gevent
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from config import dead_workers

if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    # This module is imported after the fork, so its process never changes; asking the system at each count, as the
    # default does, took a twentieth of a worker's time.
    _PID = os.getpid()
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: _PID)

UNKNOWN = "unknown"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LOOP_PROBE = 0.5  # seconds between two looks at the event loop: a stall of a second is always seen, and costs nothing
# From less than a Redis round trip to the 5 s after which statements are cut.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_UPLOAD_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_FILE_SIZES = tuple(1024.0 * 2**power for power in range(18))  # 1 KB to 128 MB
_GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)

# `livesum` forgets the sockets of a worker that died; a plain sum would count them for ever.
_connections = Gauge("chat_websocket_connections_total", "Open sockets.", multiprocess_mode="livesum")
_frames = Counter(
    "chat_websocket_messages_total",
    "Frames by `type` (`unknown`: not in `/asyncapi.json`) and `direction` (`in`, `out`).",
    ("type", "direction"),
)
_frame_errors = Counter("chat_websocket_errors_total", "Client frames that were refused or failed.", ("type",))
_frame_latency = Histogram(
    "chat_websocket_latency_seconds", "Time from a client's frame to its answer.", ("type",), buckets=_SECONDS
)
_messages_created = Counter("chat_messages_created_total", "Messages committed.")
_messages_sent = Counter(
    "chat_messages_sent_total",
    "Messages committed, by `channel` (`http`, `websocket`); repeated sends are not counted.",
    ("channel",),
)
_messages_read = Counter("chat_messages_read_total", "Messages marked as read.")
_queries = Counter("chat_db_queries_total", "Database statements.", ("operation",))
_query_duration = Histogram(
    "chat_db_query_duration_seconds", "Duration of database statements.", ("operation",), buckets=_SECONDS
)
_query_errors = Counter("chat_db_errors_total", "Database statements that failed.", ("operation",))
# `livesum`: all workers' together, without those that died.
_pool_in_use = Gauge(
    "chat_db_pool_in_use", "Pooled connections to Postgres in use, over all workers.", multiprocess_mode="livesum"
)
_pool_size = Gauge("chat_db_pool_size", "Size of the connection pools, over all workers.", multiprocess_mode="livesum")
_requests = Counter(
    "chat_http_requests_total", "Requests answered; `route` is the template of the path.", ("method", "route", "status")
)
_request_duration = Histogram(
    "chat_http_request_duration_seconds", "Time to answer a request.", ("route",), buckets=_SECONDS
)
_refusals = Counter(
    "chat_rate_limit_refusals_total",
    "Requests and frames refused by a limit (`at_once`: `MAX_REQUESTS_AT_ONCE`).",
    ("limit",),
)
_fallbacks = Counter(
    "chat_rate_limit_fallbacks_total", "Limits checked in worker memory because Redis was unavailable."
)
_group_size = Histogram("chat_commit_group_size", "Messages per commit; grows under load.", buckets=_GROUP_SIZES)
_publish_failures = Counter(
    "chat_bus_publish_failures_total", "Events that could not be published to Redis; the relay publishes them later."
)
_cache_requests = Counter(
    "chat_cache_requests_total",
    "Cache lookups, by `cache` (`first_page`) and `result` (`hit`, `miss`).",
    ("cache", "result"),
)
_files = Counter(
    "chat_files_uploaded_total", "Files stored, by `file_type` (`image`, `video`, `audio`, `document`).", ("file_type",)
)
_file_size = Histogram("chat_file_upload_size_bytes", "Size of stored files.", buckets=_FILE_SIZES)
_file_duration = Histogram(
    "chat_file_upload_duration_seconds", "Time from the last byte of an upload to its answer.", buckets=_UPLOAD_SECONDS
)
_file_errors = Counter(
    "chat_file_upload_errors_total", "Failed uploads, by `reason` (`refused`, `infected`, `unavailable`).", ("reason",)
)
# Told by whichever worker is asked, out of Postgres: the newest is right, and a worker that ended says nothing.
_file_orphans = Gauge(
    "chat_file_orphans",
    "Objects without a row and rows without an object, at the last comparison; should be 0.",
    multiprocess_mode="livemostrecent",
)
_sandbox_lacks = Gauge(
    "chat_decoder_sandbox_missing_layers",
    "Sandbox layers of the file decoders that this kernel lacks; should be 0.",
    multiprocess_mode="livemax",
)
_loop_lag = Histogram(
    "chat_event_loop_lag_seconds", "Delay of the event loop; above 50 ms something blocks it.", buckets=_SECONDS
)

M = TypeVar("M", Counter, Histogram)

_OPERATIONS = tuple(
    (operation,)  # as `chatapp.infra.prepared_statements` names them
    for operation in ("select", "insert", "update", "delete", "begin", "commit", "rollback", "other")
)
_LIMITS = tuple(
    (limit,)
    for limit in (
        "default",
        "send",
        "upload",
        "auth",
        "connect",
        "frames_connection",
        "frames_user",
        "frames_light",
        "at_once",
    )
)


class _Labelled(Generic[M]):
    """A metric whose children are looked up once: `labels()` costs more than counting."""

    def __init__(self, metric: M) -> None:
        self._metric: M = metric
        self._children: dict[tuple[str, ...], M] = {}

    def __call__(self, *labels: str) -> M:
        child = self._children.get(labels)
        if child is None:
            child = self._children[labels] = self._metric.labels(*labels)
        return child

    def start_at_zero(self, *label_sets: tuple[str, ...]) -> Self:
        """Expose these from the start. Prometheus cannot tell that a series which begins at 3 grew by 3."""
        for labels in label_sets:
            self(*labels)
        return self


_frames_of = _Labelled(_frames)
_frame_errors_of = _Labelled(_frame_errors)
_frame_latency_of = _Labelled(_frame_latency)
_messages_sent_over = _Labelled(_messages_sent).start_at_zero(("http",), ("websocket",))
_queries_of = _Labelled(_queries).start_at_zero(*_OPERATIONS)
_query_duration_of = _Labelled(_query_duration).start_at_zero(*_OPERATIONS)
_query_errors_of = _Labelled(_query_errors).start_at_zero(*_OPERATIONS)
_requests_of = _Labelled(_requests)
_request_duration_of = _Labelled(_request_duration)
_refusals_of = _Labelled(_refusals).start_at_zero(*_LIMITS)
_cache_requests_of = _Labelled(_cache_requests).start_at_zero(("first_page", "hit"), ("first_page", "miss"))
_files_of = _Labelled(_files).start_at_zero(("image",), ("video",), ("audio",), ("document",))
_file_errors_of = _Labelled(_file_errors).start_at_zero(("refused",), ("infected",), ("unavailable",))

# Counts of the hot path, until `_write_tallies` writes them: a write to the shared files costs as much as parsing a
# frame, and there are five a message.
_tallies: dict[Counter, float] = {}

_measure_pool: Callable[[], tuple[int, int]] | None = None

_frame_types: set[str] = set()


def know_frame_types(types: Iterable[str]) -> None:
    """Add to the frame types that are counted by name; all others are counted as `unknown`."""
    for frame_type in {*types, UNKNOWN} - _frame_types:
        _frame_types.add(frame_type)
        _frames_of.start_at_zero((frame_type, "in"), (frame_type, "out"))
        _frame_errors_of.start_at_zero((frame_type,))


def socket_opened() -> None:
    """One more socket is open."""
    _connections.inc()


def socket_closed() -> None:
    """One socket less."""
    _connections.dec()


def frame_received(frame_type: str) -> None:
    """A client sent a frame."""
    _tally(_frames_of(_known(frame_type), "in"), 1)


def frame_sent(frame_type: str) -> None:
    """A frame was written to a socket. `frame_type` is what its dialect calls it."""
    _tally(_frames_of(_known(frame_type), "out"), 1)


def frame_failed(frame_type: str) -> None:
    """A client's frame was refused or could not be handled."""
    _frame_errors_of(_known(frame_type)).inc()


def frame_handled(frame_type: str, seconds: float) -> None:
    """A client's frame was handled, from its arrival to its answer."""
    _frame_latency_of(_known(frame_type)).observe(seconds)


def group_committed(over_http: int, over_sockets: int) -> None:
    """One transaction stored so many new messages, by the way they came."""
    messages = over_http + over_sockets
    _group_size.observe(messages)
    _messages_created.inc(messages)
    _tally(_messages_sent_over("http"), over_http)
    _tally(_messages_sent_over("websocket"), over_sockets)


def messages_read(count: int) -> None:
    """So many messages became read."""
    _messages_read.inc(count)


def statement_done(operation: str, seconds: float) -> None:
    """A database statement succeeded. `operation` is one of `chatapp.infra.prepared_statements`' words."""
    _queries_of(operation).inc()
    _query_duration_of(operation).observe(seconds)


def statement_failed(operation: str, seconds: float) -> None:
    """A database statement failed."""
    statement_done(operation, seconds)
    _query_errors_of(operation).inc()


def watch_pool(measure: Callable[[], tuple[int, int]]) -> None:
    """Have the connections in use, and how many there may be, measured whenever tallies are written."""
    global _measure_pool
    _measure_pool = measure


def request_done(method: str, route: str | None, status: int, seconds: float) -> None:
    """A request was answered.

    Parameters:
        route: the template such as `/chats/<id>`, never the path; None when no route matched.
    """
    known_method, known_route = method if method in _METHODS else UNKNOWN, route or UNKNOWN
    _requests_of(known_method, known_route, str(status)).inc()
    _request_duration_of(known_route).observe(seconds)


def limit_refused(limit: str) -> None:
    """Somebody was over the limit of this name (`send`, `auth`, `frames_user` ...)."""
    _refusals_of(limit).inc()


def limiter_fell_back() -> None:
    """A limit was checked in worker memory since Redis is away."""
    _fallbacks.inc()


def publish_failed(events: int) -> None:
    """Redis did not take so many events."""
    _publish_failures.inc(events)


def cache_asked(cache: str, *, is_hit: bool) -> None:
    """A cache of this process was asked, and held what was wanted, or not."""
    _tally(_cache_requests_of(cache, "hit" if is_hit else "miss"), 1)


def files_uploaded(files: Iterable[tuple[str, int]]) -> None:
    """Files were stored: the type and the bytes of each."""
    for file_type, size in files:
        _files_of(file_type).inc()
        _file_size.observe(size)


def file_upload_took(seconds: float) -> None:
    """The files of one request were taken in."""
    _file_duration.observe(seconds)


def file_upload_failed(reason: str) -> None:
    """An upload failed: `refused`, `infected` or `unavailable`."""
    _file_errors_of(reason).inc()


def file_orphans(count: int) -> None:
    """What the last comparison of bucket and rows found."""
    _file_orphans.set(count)


def decoder_sandbox_lacks(layers: int) -> None:
    """A child for files was started whose sandbox lacks so many layers."""
    _sandbox_lacks.set(layers)


def watch_event_loop() -> gevent.Greenlet[..., None]:
    """Start to measure how late this process' event loop is, and to write tallies; returns the greenlet that does."""
    return gevent.spawn(_watch_event_loop)


def exposition() -> tuple[bytes, str]:
    """All metrics of all workers in Prometheus' text format, and its content type. Other workers' counts of frames,
    sent messages and caches may be half a second old."""
    _write_tallies()
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder is None:
        return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
    # In a thread: it takes longer than a message, and the event loop goes on meanwhile.
    return gevent.get_hub().threadpool.apply(_merged_exposition, (folder,)), CONTENT_TYPE_LATEST


def _merged_exposition(folder: str) -> bytes:
    registry = CollectorRegistry()
    MultiProcessCollector(registry, folder)
    with dead_workers.reading(Path(folder)):
        return generate_latest(registry)


def _tally(counter: Counter, count: float) -> None:
    _tallies[counter] = _tallies.get(counter, 0) + count


def _write_tallies() -> None:
    for counter, count in _tallies.items():
        counter.inc(count)
    _tallies.clear()
    if _measure_pool is not None:
        in_use, size = _measure_pool()
        _pool_in_use.set(in_use)
        _pool_size.set(size)


def _known(frame_type: str) -> str:
    return frame_type if frame_type in _frame_types else UNKNOWN


def _watch_event_loop() -> None:
    while True:
        started = time.monotonic()
        gevent.sleep(_LOOP_PROBE)
        _loop_lag.observe(max(0.0, time.monotonic() - started - _LOOP_PROBE))
        _write_tallies()
