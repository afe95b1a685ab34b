"""A visitor with several devices, and the questions that were asked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests

from bench import language_model
from chaos.visitors.device import Device
from chaos.visitors.view import Message

DEVICES = 2
REPEAT = 0.2  # seconds before a request that found no server is sent again
WITHIN = 60.0  # seconds for a request, with its repetitions
TIMEOUT = 10.0


@dataclass(frozen=True)
class Question:
    """A question, and the only whole answer to it."""

    words: int
    milliseconds: int
    key: str

    @property
    def text(self) -> str:
        """As it is sent."""
        return language_model.question(self.words, self.milliseconds, self.key)

    @property
    def answer(self) -> str:
        """The whole answer."""
        return language_model.answer(self.words, self.key)


class Visitor:
    """A visitor without an account.

    Parameters:
        ports: of the servers. Requests go to the first one, devices begin with different ones.

    Attributes:
        asked: the questions, in their order.
    """

    def __init__(self, ports: Sequence[int]) -> None:
        self._ports = list(ports)
        self._http = requests.Session()
        self._http.trust_env = False
        self._signed = self._request("POST", "/api/sessions", json={})["session_id"]
        self._signed = self._request("POST", "/api/sessions/sign", json={"session_id": self._signed})[
            "signed_session_id"
        ]
        self.asked: list[Question] = []
        turned = [self._ports[n % len(ports) :] + self._ports[: n % len(ports)] for n in range(DEVICES)]
        self.devices = [Device(ports, self._signed) for ports in turned]
        for device in self.devices:
            device.start()

    def ask(self, question: Question) -> None:
        """Send a question."""
        body = {"session_id": self._signed, "content": question.text, "client_message_id": question.key}
        self._request("POST", "/api/chat/messages", json=body)
        self.asked.append(question)

    def is_ready(self) -> bool:
        """Whether every device is connected and has caught up."""
        return all(device.is_caught_up.is_set() for device in self.devices)

    def has_begun(self) -> bool:
        """Whether some device shows the answer to the last question, or a part of it."""
        for device in self.devices:
            with device.lock:
                is_shown = any(pieces.text for pieces in device.view.pieces.values())
                if is_shown or len(device.view.answers) == len(self.asked):
                    return True
        return False

    def has_answers(self) -> bool:
        """Whether every device shows an answer to each question."""
        for device in self.devices:
            with device.lock:
                if len(device.view.answers) < len(self.asked):
                    return False
        return True

    def history(self) -> list[Message]:
        """All messages, as pages before one another have them."""
        found: list[Message] = []
        while True:
            before = {"before": found[0]["id"]} if found else {}
            page = self._get("/messages", limit=100, **before)
            found = page["messages"] + found
            if not page["has_more"]:
                return found

    def since(self) -> list[Message]:
        """All messages, as a catch-up by time has them."""
        found: list[Message] = []
        while True:
            since = found[-1]["created_at"] if found else "2000-01-01T00:00:00Z"
            page = self._get("/messages/since", since=since)
            found += page["messages"]
            if not page["has_more"]:
                return found

    def close(self) -> None:
        """Close all devices."""
        for device in self.devices:
            device.close()

    def _get(self, path: str, **params: Any) -> dict[str, Any]:
        return self._request("GET", f"/api/chat{path}", params={"session_id": self._signed, **params})

    def _request(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Make a request, until a server answers it.

        Raises:
            requests.RequestException: none did in time, or it was refused.
        """
        deadline = time.monotonic() + WITHIN
        while True:
            try:
                reply = self._http.request(method, f"http://127.0.0.1:{self._ports[0]}{path}", timeout=TIMEOUT, **body)
                if reply.status_code < 500 or time.monotonic() > deadline:
                    reply.raise_for_status()
                    result: dict[str, Any] = reply.json()
                    return result
            except (requests.ConnectionError, requests.Timeout):
                if time.monotonic() > deadline:
                    raise
            time.sleep(REPEAT)
