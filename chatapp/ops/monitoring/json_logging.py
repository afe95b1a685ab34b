"""Logs as lines of JSON on standard output, with the id of the request; never a token, a ticket or message text.

Messages are fixed texts, and variable values are passed by name in `extra`, so that no user content is logged by
accident. Exceptions are logged by class and location, since their texts may quote the data that caused them.
"""

from __future__ import annotations

import datetime as dt
import logging
import logging.config
import sys
import time
import traceback
from types import TracebackType
from typing import Any

import orjson
from flask import Flask, Response, g, has_app_context, request

from chatapp import metrics
from chatapp.clock import rfc3339
from chatapp.edge import handshake_facts
from config.redaction import redact

log = logging.getLogger("chatapp.requests")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}
_LONGEST_TEXT = 2000  # characters of one value; a line stays within what log routers take (10 kB on Heroku)
_FRAMES = 12  # innermost frames of a traceback
# Their texts quote the data that they could not take.
_QUOTING = (ValueError, LookupError, TypeError)
_QUIET_ROUTES = frozenset({"/health", "/metrics"})  # asked every few seconds by machines


class JsonFormatter(logging.Formatter):
    """A log record as one line of JSON: time, level, logger, message, request_id, then its extras."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line end."""
        line: dict[str, Any] = {
            "time": rfc3339(dt.datetime.fromtimestamp(record.created, dt.UTC)),
            "level": record.levelname,
            "logger": record.name,
            "message": loggable(record.getMessage()),
        }
        if (request_id := _request_id()) is not None:
            line["request_id"] = request_id
        line.update((key, _safe(value)) for key, value in vars(record).items() if key not in _STANDARD)
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _exception_lines(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()


def _request_id() -> str | None:
    """The id of the current request, or of the handshake of the current socket."""
    if has_app_context():
        found: str | None = g.get("request_id")
        return found
    socket = handshake_facts.current.get()
    return None if socket is None else socket.request_id


def loggable(text: str) -> str:
    """The text without credentials, and without its middle if it is very long: the end of a stack says most."""
    text = redact(text)
    half = _LONGEST_TEXT // 2
    return text if len(text) <= _LONGEST_TEXT else f"{text[:half]} [...] {text[-half:]}"


def configure(level: str) -> None:
    """Write all logs of this process, including gunicorn's, as JSON lines.

    Parameters:
        level: least severe level that is written, such as `INFO`.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in ("gunicorn.error", "gunicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # These log every request or connection, with its URL.
    for name in ("urllib3", "peewee"):
        logging.getLogger(name).setLevel(logging.ERROR)


def log_requests(app: Flask) -> None:
    """Log and count each request but those that open sockets, which have their own metrics."""
    app.before_request(_record_start)
    app.after_request(_log_request)


def _record_start() -> None:
    g.started_at = time.perf_counter()


def _log_request(response: Response) -> Response:
    started_at = g.get("started_at")
    if started_at is None or request.environ.get("HTTP_UPGRADE", "").lower() == "websocket":
        return response
    seconds = time.perf_counter() - started_at
    route = request.url_rule.rule if request.url_rule else None
    metrics.request_done(request.method, route, response.status_code, seconds)
    log.log(
        logging.DEBUG if route in _QUIET_ROUTES else logging.INFO,
        "request",
        extra={
            "method": request.method,
            "route": route,
            "status": response.status_code,
            "duration_ms": round(seconds * 1000, 2),
        },
    )
    return response


def _safe(value: Any) -> Any:
    if isinstance(value, (int, float)) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): _safe(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_safe(item) for item in value]
    return loggable(str(value))


def _exception_lines(error: BaseException) -> list[str]:
    """Class, harmless text and innermost frames of an error and of what caused it, outermost error first."""
    lines = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        lines.append(_headline(current))
        lines += _places(current.__traceback__)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return lines


def _headline(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")
    if hasattr(error, "pgcode") or type(error).__module__ == "peewee":
        return f"{name} {getattr(error, 'pgcode', None) or ''}".strip()
    return name if isinstance(error, _QUOTING) else f"{name}: {loggable(str(error))[:300]}"


def _places(trace: TracebackType | None) -> list[str]:
    return [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace, limit=-_FRAMES)]
