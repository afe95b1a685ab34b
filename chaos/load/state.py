"""State shared by all clients of a load: server ports, people, the recorded history and measurements."""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter

from bench.environment import token_for
from chaos.history import Fault, History, Send
from chaos.load.dialects import MARKETPLACE, Dialect, Social

CHAT = MARKETPLACE.base  # for requests that exist in one dialect only
REST_SECONDS = 15.0  # request timeout; longer than the server may take
RECENT = 30  # messages of a chat that people act on


class Recent(NamedTuple):
    """A message that was acknowledged a moment ago."""

    id: int
    seq: int
    sender: int


@dataclass
class Measurements:
    """Measurements beside the history.

    Attributes:
        delays: when a device received a message stored while it was connected, after how long, and its number.
        latencies: when a message was acknowledged, and after how long.
        sent_at: when each message was first sent.
        responses: when a REST call was answered, after how long, and with which status (0 for none).
        before_greeting: live frames received before `connected`.
    """

    delays: list[tuple[float, float, int]] = field(default_factory=list)
    latencies: list[tuple[float, float]] = field(default_factory=list)
    sent_at: list[float] = field(default_factory=list)
    responses: list[tuple[float, float, int]] = field(default_factory=list)
    closes: Counter[int] = field(default_factory=Counter)
    gaps: int = 0
    before_greeting: int = 0


class LoadState:
    """Parameters: ports: of the web servers; clients use them in turn.

    Attributes:
        people: integer ids by UUID; filled by the load.
        dialects: those of the devices, in turn.
        expected_refusals: ends of error codes that a frame may get.
        recent: the latest acknowledged messages, by chat.
        hiding: who hides which message from themselves, from before the request on.
        named: messages that a device answers or copies; no one hides or deletes them from then on.
        deleted: messages that a device has deleted, from before the request on.
    """

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.history = History()
        self.measurements = Measurements()
        self.has_ended = False
        self.connection_ids = itertools.count(1)
        self.people: dict[str, int] = {}
        self.expected_refusals = ["Unavailable", "messageDeleted", "messageNotFound"]
        self.dialects: tuple[Dialect, Dialect] = (MARKETPLACE, Social(self._person_of))
        self.recent: dict[int, deque[Recent]] = defaultdict(lambda: deque(maxlen=RECENT))
        self.hiding: set[tuple[int, int]] = set()
        self.named: set[int] = set()
        self.deleted: set[int] = set()
        self._turns = itertools.count()
        self._tokens: dict[int, str] = {}
        self._http = requests.Session()
        self._http.mount("http://", HTTPAdapter(pool_maxsize=64))

    def token(self, person: int) -> str:
        """An access token."""
        return self._tokens.setdefault(person, token_for(person))

    def next_port(self) -> int:
        """Port of the next web server, in turn."""
        return self.ports[next(self._turns) % len(self.ports)]

    def fault(self, where: str, text: object) -> None:
        """Record a fault that a client saw."""
        self.history.faults.append(Fault(where, str(text)[:300]))

    def record(self, send: Send) -> None:
        """Record an attempt to send."""
        self.history.sends.append(send)
        if send.outcome == "ok":
            self.recent[send.chat].append(Recent(send.id, send.seq, send.sender))

    def name_recent(self, chat: int, person: int) -> int:
        """A recent message of a chat that a person can answer or copy without being refused; 0 if there is none."""
        ids = (message.id for message in self.recent[chat])
        seen = [id for id in ids if (person, id) not in self.hiding and id not in self.deleted]
        if not seen:
            return 0
        found = random.choice(seen)
        self.named.add(found)
        return found

    def other_dialect(self, dialect: Dialect) -> Dialect:
        """Return the other dialect."""
        return self.dialects[dialect is self.dialects[0]]

    def _person_of(self, uuid: str) -> int:
        # A person outside the load shares no chat: id 0 makes the checker report it.
        return self.people.get(uuid, 0)

    def ask(
        self, method: str, path: str, person: int, *, dialect: Dialect = MARKETPLACE, **options: Any
    ) -> tuple[int, Any]:
        """Make a REST call; returns status and parsed body, 0 and None without a response."""
        started, status = time.monotonic(), 0
        headers = {"Authorization": f"Bearer {self.token(person)}", **options.pop("headers", {})}
        url = f"http://127.0.0.1:{self.next_port()}{dialect.base}{path}"
        try:
            answer = self._http.request(method, url, headers=headers, timeout=REST_SECONDS, **options)
            status = answer.status_code
        except requests.RequestException:
            return 0, None
        finally:
            self.measurements.responses.append((time.time(), time.monotonic() - started, status))
        return status, self._body(f"{method} {dialect.base}{path.partition('?')[0]}", answer, dialect)

    def _body(self, where: str, answer: requests.Response, dialect: Dialect) -> Any:
        """Parse the body; record a fault unless it has the dialect's envelope."""
        try:
            body = answer.json()
        except ValueError:
            self.fault(where, f"{answer.status_code} without JSON: {answer.text}")
            return None
        if not dialect.has_envelope(body, is_success=answer.status_code < 400):
            self.fault(where, f"{answer.status_code} with another envelope: {answer.text}")
        if answer.status_code >= 500 and answer.status_code != 503:
            self.fault(where, f"{answer.status_code}: {answer.text}")
        if answer.status_code == 503 and "Retry-After" not in answer.headers:
            self.fault(where, "503 without Retry-After")
        return body
