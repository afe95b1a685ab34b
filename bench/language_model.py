"""A server with the API of OpenAI for benches and faults: it streams as many words as the visitor asks for.

`python -m bench.language_model` serves on PORT. The visitor asks by `question`; the answer follows from it, so the
client can check each of its characters. A GET returns how many answers are being streamed.
"""

from __future__ import annotations

import os
import re
import sys
import time
from typing import Any

import gevent
import orjson
from gevent.pywsgi import WSGIServer

BACKLOG = 1024  # connections that wait to be accepted
_QUESTION = re.compile(r"words (\d+) (\d+) (\w+)")
_EVENT = b"data: %b\n\n"
_streams: set[object] = set()  # that are open
_USAGE = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}


def question(words: int, milliseconds: int, key: str) -> str:
    """Asks for so many words, one in so many milliseconds. Parameters: key: letters and digits, part of each word."""
    return f"words {words} {milliseconds} {key}"


def answer(words: int, key: str) -> str:
    """The whole answer to that question."""
    return "".join(f"{key}n{number} " for number in range(words)).rstrip()


def serve(port: int) -> None:
    """Serve until the process ends."""
    WSGIServer(("127.0.0.1", port), _respond, log=None, backlog=BACKLOG, error_log=sys.stderr).serve_forever()


def _respond(environ: dict[str, Any], start_response: Any) -> Any:
    if environ["REQUEST_METHOD"] == "GET":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(len(_streams)).encode()]
    asked = orjson.loads(environ["wsgi.input"].read())
    said = " ".join(str(message["content"]) for message in asked["messages"] if message["role"] == "user")
    found = _QUESTION.findall(said)
    if not found:
        start_response("400 Bad Request", [("Content-Type", "application/json")])
        return [b'{"error": {"message": "no question"}}']
    count, milliseconds, key = found[-1]
    start_response("200 OK", [("Content-Type", "text/event-stream")])
    return _stream(answer(int(count), key).split(" "), int(milliseconds) / 1000)


def _stream(words: list[str], pause: float) -> Any:
    due = time.monotonic()
    stream = object()
    _streams.add(stream)
    try:
        for number, word in enumerate(words):
            yield _chunk(content=word if number == len(words) - 1 else word + " ")
            due += pause
            gevent.sleep(max(0.0, due - time.monotonic()))
    finally:
        _streams.discard(stream)
    yield _chunk("stop")
    yield _EVENT % orjson.dumps({"choices": [], "usage": _USAGE})
    yield _EVENT % b"[DONE]"


def _chunk(finish: str | None = None, **delta: str) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _EVENT % orjson.dumps({"object": "chat.completion.chunk", "choices": [choice]})


if __name__ == "__main__":
    serve(int(os.environ["PORT"]))
