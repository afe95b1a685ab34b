"""Configuration of gunicorn for the web process: `gunicorn wsgi:app`.

Imports nothing of chatapp before the fork: gevent must patch the standard library first.
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

# A new folder at each start, since counts of an earlier run would be added. prometheus_client decides at import whether
# its values are in files that all workers share.
_owns_metrics_folder = not os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _owns_metrics_folder:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="chatapp-metrics-")
METRICS_FOLDER = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
METRICS_FOLDER.mkdir(parents=True, exist_ok=True)

REQUESTS_BESIDE_HANDSHAKES = 1000  # HTTP connections of one worker reserved for REST when all sockets open at once
OTHER_FILES = 1000  # of one worker: connections to the other servers, uploads, child processes
CLIENT_SIDE_GRACE = 1.0  # seconds after the server's own statement time-out
BODY_BYTES_AHEAD = 64 * 1024  # received at once; unread bytes are copied again with every piece that is read
# All header fields together, each of at most 8 KB. Browsers send about 2 KB; a token has at most 8 KB.
HEADER_BYTES = 32 * 1024
SMALL_CHUNKS = 1000  # chunks of a body that may have any size; one megabyte of a client that sends 1 KB each
SMALL_CHUNK_BYTES = 1024  # least average size of further chunks; clients send 4 to 64 KB
GARBAGE_OBJECTS = 20_000  # new objects between two searches for cycles: a few megabytes at most


class Worker(GeventWorker):
    """gunicorn's gevent worker, whose clients must read responses at a minimum rate, and whose end waits for sockets.

    A socket is no longer one of gunicorn's connections once its handshake is done.
    """

    def run(self) -> None:
        """Serve until SIGTERM, then finish the requests and answers in progress, and close the sockets."""
        import gevent

        from chatapp.actions.assistant.answering import answering
        from chatapp.realtime import draining
        from chatapp.realtime.roster import roster

        super().run()
        within = self.cfg.graceful_timeout
        answers = gevent.spawn(answering.stop, within)
        draining.wait_for_sockets(roster, spread=_settings.shutdown_spread, within=within, notify=self.notify)
        while not answers.dead:
            self.notify()
            answers.join(1.0)

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve a connection until it ends."""
        from chatapp.infra.write_pacing import ResponseSocket

        super().handle(listener, ResponseSocket(client, deadline=_settings.rest_write_deadline), addr)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Serve a request, unless it would open a socket for a client that has left.

        When many reconnect at once, some wait in the kernel's queue for longer than they are willing to, and come
        again. Served in vain, they would keep the queue as long as it is, and no one would be served in time any more.
        """
        if any(name == "UPGRADE" for name, _ in req.headers) and sock.has_been_left():
            return
        super().handle_request(listener_name, req, sock, addr)


_address = f"[{_settings.bind_address}]" if ":" in _settings.bind_address else _settings.bind_address
bind = [f"{_address}:{_settings.port}"]
workers = _settings.web_concurrency
worker_class = Worker
worker_connections = _settings.ws_max_connections + REQUESTS_BESIDE_HANDSHAKES  # without open sockets
preload_app = False  # it would import ssl and open connections before the fork
timeout = 30  # seconds after which a worker with a blocked event loop is killed
graceful_timeout = 20  # seconds for requests in progress; below the platform's 30 s, including the spread of sockets
keepalive = 2  # seconds; also bounds slow request headers, with which a few clients could occupy all connections
limit_request_line = 8190  # a URL may contain a token of 8 KB
control_socket_disable = True  # unused, and it would be created in the home folder
accesslog = None  # URLs contain tokens and tickets; the application logs requests itself
forwarded_allow_ips = ""  # only ProxyFix trusts proxies, according to PROXY_HOPS


def _raise_file_limit() -> None:
    """Raise the limit of open files: each socket is one, and the usual soft limit is 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = worker_connections + 2 * _settings.ws_max_connections + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def on_starting(server: Any) -> None:
    """Runs once in the master."""
    if _settings.app_env != "test":
        hide_from_same_user()  # workers inherit it by fork
    _raise_file_limit()
    server.log.error_log.addFilter(RedactingFilter())


def pre_fork(server: Any, worker: Any) -> None:
    """Block SIGTERM across the fork. Runs in the master, right before it forks a worker.

    A new worker inherits the master's signal handlers, which only queue the signal for the master: a SIGTERM before the
    worker has installed its own handlers would be lost, and the worker would accept sockets until it is killed. The
    master unblocks SIGTERM right after the fork, the worker in `post_fork`.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def _unblock_sigterm() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


os.register_at_fork(after_in_parent=_unblock_sigterm)


def post_fork(server: Any, worker: Any) -> None:
    """Patch the standard library and psycopg2. Runs in the worker, before the application is loaded.

    Until gunicorn installs its handlers, SIGTERM ends the worker at once, since it has no clients yet. After that, the
    worker finishes its start, finds that it was terminated, and accepts nothing.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _unblock_sigterm()
    from gevent import monkey

    monkey.patch_all()
    from chatapp.infra.gevent_psycopg import patch_psycopg

    patch_psycopg(_settings.statement_timeout + CLIENT_SIDE_GRACE)


def post_worker_init(worker: Any) -> None:
    """Runs in the worker, after the application is loaded and gunicorn has installed its signal handlers."""
    from gunicorn.http.unreader import SocketUnreader

    from chatapp.actions.assistant.answering import answering
    from chatapp.edge.http import unparsable_requests
    from chatapp.infra.gevent_psycopg import assert_cooperative
    from chatapp.realtime import draining
    from chatapp.realtime.roster import roster

    assert_cooperative()
    unparsable_requests.install()
    draining.install(roster, spread=_settings.shutdown_spread, on_begin=answering.take_no_more)
    SocketUnreader.max_body_chunk = BODY_BYTES_AHEAD
    _bound_headers()
    _bound_chunks()
    # What is loaded stays, and messages leave hardly any cycles: searching after every 700 objects took 8 % of a busy
    # worker's time (`python -m bench closed`).
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS)


def _bound_headers() -> None:
    """Bound the total size of the header fields of a request, and of the trailers of a body.

    gunicorn bounds their number and the size of each, which allows 800 KB, and joins fields of the same name.
    """
    from gunicorn.http.message import Message

    Message.max_buffer_headers = property(lambda message: HEADER_BYTES, lambda message, value: None)


def _bound_chunks() -> None:
    """Refuse bodies in very many small chunks: each chunk costs as much as a kilobyte in one piece."""
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
    """Merge the metrics of a worker that ended: its gauges are dropped, its counts kept. Runs in the master."""
    from config import dead_workers

    dead_workers.merge(METRICS_FOLDER, worker.pid)


def on_exit(server: Any) -> None:
    """Runs in the master, at the very end."""
    if _owns_metrics_folder:
        shutil.rmtree(METRICS_FOLDER, ignore_errors=True)
