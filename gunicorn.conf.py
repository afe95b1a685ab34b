"""gunicorn of the web process: `gunicorn wsgi:app`.

Nothing of chatapp is imported before the fork: gevent must have patched the standard library by then.
"""

import gc
import os
import resource
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from gunicorn.workers.ggevent import GeventWorker

from config import ConfigError, load
from config.redaction import RedactingFilter
from config.secrecy import hide_from_same_user

sys.path.insert(0, str(Path(__file__).resolve().parent))

try:
    _settings = load(os.environ)
except ConfigError as error:
    sys.exit("\n".join(error.problems))

# A fresh folder at each start, or the counts of an earlier run would be added to this one's. prometheus_client decides
# while it is imported whether its values live in files that all workers share.
_owns_metrics_folder = not os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _owns_metrics_folder:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="chatapp-metrics-")
METRICS_FOLDER = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
METRICS_FOLDER.mkdir(parents=True, exist_ok=True)

REQUESTS_BESIDE_SOCKETS = 1000  # connections of one worker that are left for REST when every socket is taken
CLIENT_SIDE_GRACE = 1.0  # seconds after the server's own statement time-out
BODY_BYTES_AHEAD = 64 * 1024  # received at once; what lies ready is copied again with every piece that is read of it
# Of all header fields together; one field may have 8 KB. Browsers send some two, a token has at most eight.
HEADER_BYTES = 32 * 1024
SMALL_CHUNKS = 1000  # of a chunked body that may be of any size; the first megabyte of a client that sends 1 KB each
SMALL_CHUNK_BYTES = 1024  # that further chunks have on the average; clients send 4 to 64 KB
GARBAGE_OBJECTS = 20_000  # new ones after which cycles are looked for: at most a few megabytes that wait


class Worker(GeventWorker):
    """gunicorn's gevent worker, whose connections give every response a minimum rate."""

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection until it ends."""
        from chatapp.infra.write_pacing import ResponseSocket

        super().handle(listener, ResponseSocket(client, deadline=_settings.rest_write_deadline), addr)


_address = f"[{_settings.bind_address}]" if ":" in _settings.bind_address else _settings.bind_address
bind = [f"{_address}:{_settings.port}"]
workers = _settings.web_concurrency
worker_class = Worker
worker_connections = _settings.ws_max_connections + REQUESTS_BESIDE_SOCKETS
preload_app = False  # ssl and sockets would be imported, and connections opened, before the fork
timeout = 30  # a worker whose event loop stands still for so long is killed
graceful_timeout = 20  # requests in flight; with the spread of the sockets it stays below the 30 s of the platform
keepalive = 2  # also cuts slow request headers; longer ones would let 50 slow clients hold all connections
limit_request_line = 8190  # a token in the URL may have 8 KB
control_socket_disable = True  # nobody uses it, and it would lie in the home folder
accesslog = None  # URLs carry tokens and tickets; the application writes its own line for each request
forwarded_allow_ips = ""  # proxies are trusted in one place, ProxyFix, by PROXY_HOPS


def _raise_file_limit() -> None:
    """A socket is a file descriptor, and the usual soft limit is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = worker_connections + REQUESTS_BESIDE_SOCKETS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def on_starting(server: Any) -> None:
    """In the master, once."""
    if _settings.app_env != "test":
        hide_from_same_user()  # workers are forked from here and inherit it
    _raise_file_limit()
    server.log.error_log.addFilter(RedactingFilter())


def pre_fork(server: Any, worker: Any) -> None:
    """In the master, right before it forks a worker, which would inherit the master's signal handlers.

    These only queue the signal for the master: a SIGTERM that reached the new worker before it installed its own
    handlers would be lost, and the worker would go on accepting sockets until it was killed. So SIGTERM is held back
    by the kernel across the fork. The master releases it as soon as it has forked, the worker in `post_fork`.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _release_sigterm() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


os.register_at_fork(after_in_parent=_release_sigterm)


def post_fork(server: Any, worker: Any) -> None:
    """In the worker, before the application is loaded.

    Until gunicorn installs its handlers, SIGTERM ends the worker at once: it serves nobody yet. From then on the worker
    finishes its start, sees that it was told to leave, and accepts nothing.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _release_sigterm()
    from gevent import monkey

    monkey.patch_all()
    from chatapp.infra.gevent_psycopg import patch_psycopg

    patch_psycopg(_settings.statement_timeout + CLIENT_SIDE_GRACE)


def post_worker_init(worker: Any) -> None:
    """In the worker, with the application loaded and gunicorn's own signal handlers installed."""
    from gunicorn.http.unreader import SocketUnreader

    from chatapp.edge.http import unparsable_requests
    from chatapp.infra.gevent_psycopg import assert_cooperative
    from chatapp.realtime import draining
    from chatapp.realtime.roster import roster

    assert_cooperative()
    unparsable_requests.install()
    draining.install(roster, spread=_settings.shutdown_spread)
    SocketUnreader.max_body_chunk = BODY_BYTES_AHEAD
    _bound_headers()
    _bound_chunks()
    # What is loaded stays, and messages leave hardly any cycles: looking for these after every 700 objects took 8 % of
    # a busy worker's time (`python -m bench closed`).
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)


def _bound_headers() -> None:
    """Bound the header fields of a request, and the trailers of a body, in all.

    gunicorn bounds their number and the size of each, which allows 800 KB, and joins fields of one name.
    """
    from gunicorn.http.message import Message

    Message.max_buffer_headers = property(lambda message: HEADER_BYTES, lambda message, value: None)


def _bound_chunks() -> None:
    """Refuse bodies that come in very many small chunks: each costs as much as a kilobyte in one piece."""
    from gunicorn.http.body import ChunkedReader
    from gunicorn.http.errors import InvalidChunkSize

    parse = ChunkedReader.parse_chunk_size

    def parse_counted(reader: Any, *args: Any, **options: Any) -> Any:
        size, rest = parse(reader, *args, **options)
        reader.chunks = getattr(reader, "chunks", 0) + 1
        reader.chunk_bytes = getattr(reader, "chunk_bytes", 0) + size
        if reader.chunks > SMALL_CHUNKS and reader.chunk_bytes < reader.chunks * SMALL_CHUNK_BYTES:
            raise InvalidChunkSize(b"too many small chunks")
        return size, rest

    ChunkedReader.parse_chunk_size = parse_counted


def child_exit(server: Any, worker: Any) -> None:
    """In the master: the sockets of a worker that ended are no longer open, and what it counted is kept."""
    from config import dead_workers

    dead_workers.merge(METRICS_FOLDER, worker.pid)


def on_exit(server: Any) -> None:
    """In the master, at the very end."""
    if _owns_metrics_folder:
        shutil.rmtree(METRICS_FOLDER, ignore_errors=True)
