"""A client that polls `/messages/since` and must end up with every message."""

from __future__ import annotations

import threading
import time
from typing import Any

import requests

from bench.environment import token_for
from chaos.load.dialects import Dialect

TRIES = 10  # each after the Retry-After of a 503


class Poller:
    """Follows a cursor over REST, and records what it receives. Parameters: dialect: which one it uses.

    Attributes:
        known: message ids by chat.
        seconds: duration of each page.
    """

    def __init__(self, port: int, person: int, dialect: Dialect) -> None:
        self._dialect = dialect
        self._url = f"http://127.0.0.1:{port}{dialect.base}"
        self._person = person
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {token_for(person)}"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self.known: dict[int, set[int]] = {}
        self.seconds: list[float] = []
        self.cursor = ""

    def take_baseline(self, *chats: int) -> None:
        """Take the current cursor, then read some chats completely: in this order nothing is skipped."""
        self.cursor = self._dialect.since(self._get("/messages/since", **self._dialect.cursor_params))["cursor"]
        for chat in chats:
            position: Any = None
            has_started = False
            while position is not None or not has_started:
                has_started = True
                _, path, options = self._dialect.history(chat, position)
                messages, position = self._dialect.page(self._get(path, **options["params"]))
                self._learn(messages)

    def await_known(self, chat: int, messages: set[int], within: float = 5.0) -> None:
        """Wait until a started poller has received these messages, at most `within` seconds."""
        deadline = time.monotonic() + within
        while not messages <= self.known.get(chat, set()) and time.monotonic() < deadline:
            time.sleep(0.05)

    def start(self, every: float) -> None:
        """Poll every so many seconds until `stop`."""
        self._every = every
        self._thread.start()

    def stop(self) -> None:
        """Stop polling, and catch up one last time."""
        self._stopped.set()
        self._thread.join()
        self.catch_up()

    def catch_up(self) -> None:
        """Request pages until there are no more."""
        has_more = True
        while has_more:
            started = time.perf_counter()
            received = self._get("/messages/since", cursor=self.cursor, limit=100)
            self.seconds.append(time.perf_counter() - started)
            found = self._dialect.since(received)
            self._learn(found["messages"])
            self.cursor, has_more = found["cursor"], found["has_more"]

    def _poll(self) -> None:
        while not self._stopped.wait(self._every):
            self.catch_up()

    def _learn(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            self.known.setdefault(message["chat_id"], set()).add(message["id"])

    def _get(self, path: str, **params: Any) -> Any:
        for _ in range(TRIES):
            try:
                answer = self._http.get(self._url + path, params=params, timeout=15)
            except requests.ConnectionError:  # the server closed a kept-alive connection
                continue
            if answer.status_code != 503:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        answer.raise_for_status()
        return answer.json()["data"]
