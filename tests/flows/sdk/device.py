"""Clients of the SDK in a Node process, driven by a test."""

from __future__ import annotations

import itertools
import json
import subprocess
import threading
from typing import Any

from chaos.node import find_node
from tests.flows.sdk.node import WEB
from tests.servers import TIMEOUT, await_true

# Milliseconds; the defaults with shorter delays.
QUICK = {
    "reconnectFirst": 100,
    "reconnectMost": 400,
    "retryFirst": 100,
    "retryMost": 400,
    "pollEvery": 200,
    "answerWait": 3000,
}


class SdkError(Exception):
    """A method rejected. Attributes: name, code, status: of the error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['name']}: {error.get('code')} {error['message']}")
        self.name, self.code, self.status = error["name"], error.get("code"), error.get("status")


class Call:
    """The future answer of a method."""

    def __init__(self) -> None:
        self._is_done = threading.Event()
        self._reply: dict[str, Any] = {}

    @property
    def is_done(self) -> bool:
        return self._is_done.is_set()

    def finish(self, reply: dict[str, Any]) -> None:
        self._reply = reply
        self._is_done.set()

    def wait(self) -> Any:
        """The value.

        Raises:
            SdkError: the method rejected.
        """
        assert self._is_done.wait(TIMEOUT), "no answer of the SDK"
        if "error" in self._reply:
            raise SdkError(self._reply["error"])
        return self._reply["value"]


class SdkProcess:
    """A Node process with clients."""

    def __init__(self) -> None:
        node = find_node()
        assert node is not None
        self._process = subprocess.Popen(
            [node, "tests/device.mjs"], cwd=WEB, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._calls: dict[int, Call] = {}
        self._ids = itertools.count(1)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def client(self, url: str, token: str | list[str], *, pace: dict[str, int] | None = None) -> SdkClient:
        """Open a client, and wait until nothing is missing."""
        client = self.start_client(url, token, pace=pace)
        client.awaits("live")
        return client

    def start_client(self, url: str, token: str | list[str], *, pace: dict[str, int] | None = None) -> SdkClient:
        """Open a client."""
        return self._open(url, token, pace, is_core=False)

    def core(self, url: str, token: str) -> SdkClient:
        """Open a client that is the core alone, and wait until nothing is missing."""
        client = self._open(url, token, None, is_core=True)
        client.awaits("live")
        return client

    def _open(self, url: str, token: str | list[str], pace: dict[str, int] | None, *, is_core: bool) -> SdkClient:
        name = f"client {next(self._ids)}"
        options = {"baseUrl": url, "token": token, "isCore": is_core, "pace": {**QUICK, **(pace or {})}}
        self.ask(open=name, options=options).wait()
        return SdkClient(self, name, is_core)

    def ask(self, **command: Any) -> Call:
        """Send a command."""
        number = next(self._ids)
        call = self._calls[number] = Call()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"id": number, **command}) + "\n")
        self._process.stdin.flush()
        return call

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._reader.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            reply = json.loads(line)
            self._calls.pop(reply.pop("id")).finish(reply)


class SdkClient:
    """One client in the process."""

    def __init__(self, process: SdkProcess, name: str, is_core: bool) -> None:
        self._process = process
        self._name = name
        self._is_core = is_core

    def begin(self, method: str, *arguments: Any) -> Call:
        """Call a method without waiting."""
        return self._process.ask(on=self._name, call=method, args=list(arguments))

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method, or read a property."""
        return self.begin(method, *arguments).wait()

    def send(self, **draft: Any) -> str:
        """Send a message; returns its key."""
        key: str = self.call("send", draft)["key"]
        return key

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of this kind so far."""
        found: list[dict[str, Any]] = self._process.ask(on=self._name, events=kind).wait()
        return found

    def texts(self, chat_id: int) -> list[str]:
        """The known messages of a chat."""
        method = "messages" if self._is_core else "state.messages"
        return [message["content"] for message in self.call(method, chat_id)]

    def awaits(self, state: str) -> None:
        """Wait for a state of the connection."""
        await_true(lambda: self.call("connection")["state"] == state, what=lambda: str(self.call("connection")))

    def awaits_texts(self, chat_id: int, texts: list[str]) -> None:
        """Wait until the known messages of a chat are these."""
        await_true(lambda: self.texts(chat_id) == texts, what=lambda: f"{self.texts(chat_id)} instead of {texts}")
