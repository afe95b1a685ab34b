"""State shared by all clients of a load: server ports, people, the recorded history and measurements."""

from __future__ import annotations

import itertools
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bench.environment import token_for
from chaos.history import Fault, History, Row
from chaos.load.dialects import MARKETPLACE, Dialect, Social
from chatapp.ids import snowflake

CHAT = MARKETPLACE.base  # for requests that exist in one dialect only
DELETED = "[deleted]"  # the content of a deleted message in every dialect
REST_SECONDS = 15.0  # request timeout; longer than the server may take


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
        headers = {"Authorization": f"Bearer {self.token(person)}"}
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


def row_of(message: dict[str, Any]) -> Row:
    """Convert a message to a row of the history."""
    key = message["client_message_id"] or ""
    return Row(message["seq"], message["id"], message["version"], message["sender_id"], key, _digest(message))


def _digest(message: dict[str, Any]) -> int:
    """A hash of what a client shows; 0 of a deleted message, of which a change may carry nothing else."""
    if message["is_deleted"] and message["content"] == DELETED:
        return 0
    files = tuple(sorted((file["file_name"], file["file_size"]) for file in message["attachments"]))
    return hash((message["content"], message["is_edited"], message["is_deleted"], message["created_at"], files))


def rows_of(page: dict[str, Any]) -> dict[int, list[Row]]:
    """Convert a page of a catch-up to rows, by chat."""
    rows: dict[int, list[Row]] = defaultdict(list)
    for message in page["messages"]:
        rows[message["chat_id"]].append(row_of(message))
    for change in page["changes"]:
        if change["type"] in ("message_edited", "attachments_updated"):
            rows[change["chat_id"]].append(row_of(change["message"])._replace(version=change["version"]))
        elif change["type"] == "message_deleted":
            rows[change["chat_id"]].append(Row(0, change["message_id"], change["version"], 0, ""))
    return rows


def hidden_of(page: dict[str, Any]) -> dict[int, int]:
    """The last version of each chat that a page of a catch-up does not show."""
    return {change["chat_id"]: change["version"] for change in page["changes"] if change["type"] == "chat_advanced"}


def stored_at(message_id: int) -> float:
    """Wall-clock seconds at which a message got its id."""
    return snowflake.moment_of(message_id).timestamp()
