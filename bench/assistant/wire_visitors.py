"""Visitors of a running server, over REST and over a socket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import requests
import websocket

from bench.assistant.judging import Said

TIMEOUT = 30.0  # seconds
POLL_SECONDS = 0.005  # between two requests for the answer: the worker that makes it serves them, too


class RestVisitor:
    """Sends over REST, and asks for what follows until the answer is there."""

    def __init__(self, http: requests.Session, url: str) -> None:
        self._http = http
        self._url = url
        self._session = _open(http, url)

    def asks(self, text: str) -> Said:
        """Say something, and receive the answer."""
        started = time.perf_counter()
        body = {"session_id": self._session, "content": text}
        sent = _json(self._http.post(f"{self._url}/api/chat/messages", json=body, timeout=TIMEOUT))["message"]
        following = {"session_id": self._session, "after_id": sent["id"]}
        while time.perf_counter() < started + TIMEOUT:
            page = _json(self._http.get(f"{self._url}/api/chat/messages/after", params=following, timeout=TIMEOUT))
            for message in page["messages"]:
                if message["role"] == "assistant":
                    return said(message, time.perf_counter() - started)
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"no answer to {text!r}")

    def leaves(self) -> None:
        """Nothing is left open."""


class SocketVisitor:
    """Sends over a socket, where the answer arrives."""

    def __init__(self, http: requests.Session, url: str) -> None:
        query = urlencode({"session_id": _open(http, url)})
        self._socket = websocket.create_connection(
            f"{url.replace('http', 'ws', 1)}/api/chat/ws?{query}", timeout=TIMEOUT, suppress_origin=True
        )
        self._receive("connected")

    def asks(self, text: str) -> Said:
        """Say something, and receive the answer."""
        started = time.perf_counter()
        self._socket.send(json.dumps({"type": "message", "content": text}))
        message = self._receive("assistant.message")["message"]
        return said(message, time.perf_counter() - started)

    def leaves(self) -> None:
        """Close the socket."""
        self._socket.close(timeout=1)

    def _receive(self, kind: str) -> dict[str, Any]:
        while True:
            frame: dict[str, Any] = json.loads(self._socket.recv())
            if frame["type"] == kind:
                return frame
            if frame["type"] == "error":
                raise ConnectionError(frame["error"])


VISITORS: dict[str, Callable[[requests.Session, str], RestVisitor | SocketVisitor]] = {
    "rest": RestVisitor,
    "socket": SocketVisitor,
}


def said(message: dict[str, Any], seconds: float) -> Said:
    """What a message of the assistant says."""
    answer = Said(message["content"], seconds=seconds)
    for part in message["parts"]:
        data = part.get("data", {})
        if part["type"] == "data-items":
            answer.ids = [item["id"] for item in data["items"]]
            answer.found, answer.is_exact = data["found"], data["exact"]
        elif part["type"] == "data-choices":
            answer.choices = tuple(data["choices"])
    return answer


def _open(http: requests.Session, url: str) -> str:
    opened = _json(http.post(f"{url}/api/sessions", json={}, timeout=TIMEOUT))
    return str(opened["signed_session_id"])


def _json(response: requests.Response) -> dict[str, Any]:
    response.raise_for_status()
    found: dict[str, Any] = response.json()
    return found
