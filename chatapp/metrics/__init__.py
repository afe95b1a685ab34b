"""What this process counts for `/metrics`, and the functions that count it.

Every label has a bounded set of values: with an unbounded one a client could fill the memory of the scraper.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import gevent
from prometheus_client import Counter, Gauge, Histogram

from chatapp.metrics.collection import Labelled, samplers, write_counts

UNKNOWN = "unknown"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LOOP_PROBE = 0.5  # seconds between two measurements of the event loop; each stall of a second is seen
# From less than a round trip to Redis to the time-out of statements.
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_UPLOAD_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
_FILE_SIZES = tuple(1024.0 * 2**power for power in range(18))  # 1 KB to 128 MB
_GROUP_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)

# `livesum` drops the sockets of a worker that died; `sum` would count them for ever.
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
# `livesum`: the sum over the workers that are alive.
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
_policy_violations = Counter(
    "chat_policy_violations_total", "Violations of the content policy that browsers reported.", ("directive",)
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
# Every worker reads them from Postgres: the latest is right, and those of workers that ended are ignored.
_file_orphans = Gauge(
    "chat_file_orphans",
    "Objects without a row and rows without an object, at the last comparison; should be 0.",
    multiprocess_mode="livemostrecent",
)
_outbox_lag = Gauge(
    "chat_outbox_lag_seconds",
    "Age of the oldest outbox row that a consumer (`relay`, `redis_export`, `search`) has not passed; 0 if none is.",
    ("consumer",),
    multiprocess_mode="livemostrecent",
)
_outbox_failures = Gauge(
    "chat_outbox_set_aside",
    "Events that a consumer could not handle and will try again; should be 0.",
    ("consumer",),
    multiprocess_mode="livemostrecent",
)
_search_lag = Gauge(
    "chat_search_lag_seconds",
    "Time since everything that was sent until then is in the search index; below 3 s while it is up to date.",
    multiprocess_mode="livemostrecent",
)
_search_busy = Gauge(
    "chat_search_indexer_busy",
    "1 while the indexer leaves a busy machine to the senders, and falls behind; else 0.",
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

_OPERATIONS = tuple(
    (operation,)  # as `chatapp.infra.prepared_statements` names them
    for operation in ("select", "insert", "update", "delete", "begin", "commit", "rollback", "other")
)
_LIMITS = tuple(
    (limit,)
    for limit in (
        "default",
        "send",
        "search",
        "upload",
        "auth",
        "connect",
        "frames_connection",
        "frames_user",
        "frames_light",
        "at_once",
    )
)


_frames_of = Labelled(_frames)
_frame_errors_of = Labelled(_frame_errors)
_frame_latency_of = Labelled(_frame_latency)
_messages_sent_over = Labelled(_messages_sent).start_at_zero(("http",), ("websocket",))
_queries_of = Labelled(_queries).start_at_zero(*_OPERATIONS)
_query_duration_of = Labelled(_query_duration).start_at_zero(*_OPERATIONS)
_query_errors_of = Labelled(_query_errors).start_at_zero(*_OPERATIONS)
_requests_of = Labelled(_requests)
_request_duration_of = Labelled(_request_duration)
_refusals_of = Labelled(_refusals).start_at_zero(*_LIMITS)
_policy_violations_of = Labelled(_policy_violations)
_cache_requests_of = Labelled(_cache_requests).start_at_zero(("first_page", "hit"), ("first_page", "miss"))
_files_of = Labelled(_files).start_at_zero(("image",), ("video",), ("audio",), ("document",))
_file_errors_of = Labelled(_file_errors).start_at_zero(("refused",), ("infected",), ("unavailable",))

_frame_types: set[str] = set()


def register_frame_types(types: Iterable[str]) -> None:
    """Count these frame types by name; all others are counted as `unknown`."""
    for frame_type in {*types, UNKNOWN} - _frame_types:
        _frame_types.add(frame_type)
        _frames_of.start_at_zero((frame_type, "in"), (frame_type, "out"))
        _frame_errors_of.start_at_zero((frame_type,))


def socket_opened() -> None:
    """Count a socket that opened."""
    _connections.inc()


def socket_closed() -> None:
    """Count a socket that closed."""
    _connections.dec()


def frame_received(frame_type: str) -> None:
    """Count a frame that a client sent."""
    _frames_of(_known(frame_type), "in").inc()


def frame_sent(frame_type: str) -> None:
    """Count a frame written to a socket. `frame_type` is its name in the dialect."""
    _frames_of(_known(frame_type), "out").inc()


def frame_failed(frame_type: str) -> None:
    """Count a client's frame that was refused or failed."""
    _frame_errors_of(_known(frame_type)).inc()


def frame_handled(frame_type: str, seconds: float) -> None:
    """Record the time from a client's frame to its answer."""
    _frame_latency_of(_known(frame_type)).observe(seconds)


def group_committed(over_http: int, over_sockets: int) -> None:
    """Count the messages of one transaction, by channel."""
    messages = over_http + over_sockets
    _group_size.observe(messages)
    _messages_created.inc(messages)
    if over_http:
        _messages_sent_over("http").inc(over_http)
    if over_sockets:
        _messages_sent_over("websocket").inc(over_sockets)


def messages_read(count: int) -> None:
    """Count messages that were marked as read."""
    _messages_read.inc(count)


def statement_done(operation: str, seconds: float) -> None:
    """Count a database statement that succeeded. `operation` is as `prepared_statements.kind_of` returns it."""
    _queries_of(operation).inc()
    _query_duration_of(operation).observe(seconds)


def statement_failed(operation: str, seconds: float) -> None:
    """Count a database statement that failed."""
    statement_done(operation, seconds)
    _query_errors_of(operation).inc()


def watch_pool(measure: Callable[[], tuple[int, int]]) -> None:
    """Sample the pool of Postgres connections before each exposition.

    Parameters:
        measure: returns the connections in use and the size of the pool.
    """

    def sample() -> None:
        in_use, size = measure()
        _pool_in_use.set(in_use)
        _pool_size.set(size)

    samplers["pool"] = sample


def request_done(method: str, route: str | None, status: int, seconds: float) -> None:
    """Count a request that was answered.

    Parameters:
        route: the template, such as `/chats/<id>`, never the path; None if no route matched.
    """
    known_method, known_route = method if method in _METHODS else UNKNOWN, route or UNKNOWN
    _requests_of(known_method, known_route, str(status)).inc()
    _request_duration_of(known_route).observe(seconds)


def limit_refused(limit: str) -> None:
    """Count a request or frame that was refused by a limit (`send`, `auth`, `frames_user` …)."""
    _refusals_of(limit).inc()


def policy_violated(directive: str) -> None:
    """Count a violation of the content policy that a browser reported. `directive` is from a closed set."""
    _policy_violations_of(directive).inc()


def limiter_fell_back() -> None:
    """Count a limit that was checked in worker memory because Redis is away."""
    _fallbacks.inc()


def publish_failed(events: int) -> None:
    """Count events that could not be published to Redis."""
    _publish_failures.inc(events)


def cache_looked_up(cache: str, *, is_hit: bool) -> None:
    """Count a cache lookup."""
    _cache_requests_of(cache, "hit" if is_hit else "miss").inc()


def files_uploaded(files: Iterable[tuple[str, int]]) -> None:
    """Count stored files, given the type and the size in bytes of each."""
    for file_type, size in files:
        _files_of(file_type).inc()
        _file_size.observe(size)


def file_upload_took(seconds: float) -> None:
    """Record the time for storing the files of one request."""
    _file_duration.observe(seconds)


def file_upload_failed(reason: str) -> None:
    """Count an upload that failed; the reason is `refused`, `infected` or `unavailable`."""
    _file_errors_of(reason).inc()


def set_orphans(count: int) -> None:
    """Set the number of orphans that the last comparison of bucket and rows found."""
    _file_orphans.set(count)


def set_outbox_lag(consumer: str, seconds: float, set_aside: int) -> None:
    """Set how far a consumer of the outbox is behind, and how many events it has set aside."""
    _outbox_lag.labels(consumer).set(seconds)
    _outbox_failures.labels(consumer).set(set_aside)


def set_search_lag(seconds: float, *, is_busy: bool) -> None:
    """Set how far the search index is behind, and whether its indexer works with pauses."""
    _search_lag.set(seconds)
    _search_busy.set(is_busy)


def set_missing_sandbox_layers(layers: int) -> None:
    """Set the number of layers that the sandbox of an inspector process lacks."""
    _sandbox_lacks.set(layers)


def watch_event_loop() -> gevent.Greenlet[..., None]:
    """Start a greenlet that measures the delay of the event loop and writes the counts of this process."""
    return gevent.spawn(_watch_event_loop)


def _known(frame_type: str) -> str:
    return frame_type if frame_type in _frame_types else UNKNOWN


def _watch_event_loop() -> None:
    while True:
        started = time.monotonic()
        gevent.sleep(_LOOP_PROBE)
        _loop_lag.observe(max(0.0, time.monotonic() - started - _LOOP_PROBE))
        write_counts()
