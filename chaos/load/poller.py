"""A person who asks `since` again and again and must end up with everything."""

from __future__ import annotations

import threading
import time
from typing import Any

import requests

from bench.environment import token_for
from chaos.load.dialects import Dialect

TRIES = 10  # each as late as a 503 asks


class Walker:
    """Walks a cursor over REST, and keeps what it was told. Parameters: dialect: that it reads in.

    Attributes:
        known: message ids by chat.
        seconds: how long each page took.
    """

    def __init__(self, port: int, person: int, dialect: Dialect) -> None:
        self._dialect = dialect
        self._url = f"http://127.0.0.1:{port}{dialect.base}"
        self._person = person
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {token_for(person)}"
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._walk, daemon=True)
        self.known: dict[int, set[int]] = {}
        self.seconds: list[float] = []
        self.cursor = ""

    def begin(self, *chats: int) -> None:
        """Take the cursor of now, then all of some chats, so nothing lies between."""
        self.cursor = self._dialect.since(self._get("/messages/since", **self._dialect.from_now))["cursor"]
        for chat in chats:
            place: Any = None
            is_begun = False
            while place is not None or not is_begun:
                is_begun = True
                _, path, options = self._dialect.history(chat, place)
                messages, place = self._dialect.page(self._get(path, **options["params"]))
                self._learn(messages)

    def await_known(self, chat: int, messages: set[int], within: float = 5.0) -> None:
        """Wait until a walker that was started has been told of these messages, or for so many seconds."""
        deadline = time.monotonic() + within
        while not messages <= self.known.get(chat, set()) and time.monotonic() < deadline:
            time.sleep(0.05)

    def start(self, every: float) -> None:
        """Ask for what is new, every so many seconds, until `stop`."""
        self._every = every
        self._thread.start()

    def stop(self) -> None:
        """Ask once more, and end."""
        self._stopped.set()
        self._thread.join()
        self.catch_up()

    def catch_up(self) -> None:
        """Ask until there is no more."""
        has_more = True
        while has_more:
            started = time.perf_counter()
            told = self._get("/messages/since", cursor=self.cursor, limit=100)
            self.seconds.append(time.perf_counter() - started)
            found = self._dialect.since(told)
            self._learn(found["messages"])
            self.cursor, has_more = found["cursor"], found["has_more"]

    def _walk(self) -> None:
        while not self._stopped.wait(self._every):
            self.catch_up()

    def _learn(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            self.known.setdefault(message["chat_id"], set()).add(message["id"])

    def _get(self, path: str, **params: Any) -> Any:
        for _ in range(TRIES):
            try:
                answer = self._http.get(self._url + path, params=params, timeout=15)
            except requests.ConnectionError:  # a connection that was kept alive just too long
                continue
            if answer.status_code != 503:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        answer.raise_for_status()
        return answer.json()["data"]
