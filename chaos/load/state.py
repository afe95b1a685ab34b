"""What the clients of a load share: where the servers are, who is in which chat, and what has happened so far."""

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

CHAT = MARKETPLACE.base  # for what is asked in no dialect in particular
REST_SECONDS = 15.0  # longest wait for an answer; more than any that the server may take


@dataclass
class Numbers:
    """Figures beside the history.

    Attributes:
        delays: when a device learnt of a message that was stored while its connection lived, and after how long.
        latencies: when a message was acknowledged, and how long that took.
        sent_at: when each message was sent for the first time.
        replies: when a REST call was answered, after how long, and with what status (0 for none).
        before_greeting: live frames that came before `connected`.
    """

    delays: list[tuple[float, float, int]] = field(default_factory=list)
    latencies: list[tuple[float, float]] = field(default_factory=list)
    sent_at: list[float] = field(default_factory=list)
    replies: list[tuple[float, float, int]] = field(default_factory=list)
    closes: Counter[int] = field(default_factory=Counter)
    jumps: int = 0
    before_greeting: int = 0


class World:
    """Parameters: ports: of the web servers; clients go from one to the next when it fails them.

    Attributes:
        people: integer ids by UUID; filled by the load.
        dialects: that devices speak, in turn.
    """

    def __init__(self, ports: list[int]) -> None:
        self.ports = ports
        self.history = History()
        self.numbers = Numbers()
        self.ended = False
        self.connection_ids = itertools.count(1)
        self.people: dict[str, int] = {}
        self.dialects: tuple[Dialect, Dialect] = (MARKETPLACE, Social(self._person_of))
        self._turns = itertools.count()
        self._tokens: dict[int, str] = {}
        self._http = requests.Session()
        self._http.mount("http://", HTTPAdapter(pool_maxsize=64))

    def token(self, person: int) -> str:
        """An access token."""
        return self._tokens.setdefault(person, token_for(person))

    def next_port(self) -> int:
        """The server to try now."""
        return self.ports[next(self._turns) % len(self.ports)]

    def fault(self, where: str, text: object) -> None:
        """Note what should not have been seen."""
        self.history.faults.append(Fault(where, str(text)[:300]))

    def other_dialect(self, dialect: Dialect) -> Dialect:
        """The one that is not this."""
        return self.dialects[dialect is self.dialects[0]]

    def _person_of(self, uuid: str) -> int:
        # Whoever is not of the load is nobody's partner there: 0 makes the checker say so.
        return self.people.get(uuid, 0)

    def ask(
        self, method: str, path: str, person: int, *, dialect: Dialect = MARKETPLACE, **options: Any
    ) -> tuple[int, Any]:
        """A REST call. Returns status and parsed body; 0 and None when no answer came."""
        started, status = time.monotonic(), 0
        headers = {"Authorization": f"Bearer {self.token(person)}"}
        url = f"http://127.0.0.1:{self.next_port()}{dialect.base}{path}"
        try:
            answer = self._http.request(method, url, headers=headers, timeout=REST_SECONDS, **options)
            status = answer.status_code
        except requests.RequestException:
            return 0, None
        finally:
            self.numbers.replies.append((time.time(), time.monotonic() - started, status))
        return status, self._body(f"{method} {dialect.base}{path.partition('?')[0]}", answer, dialect)

    def _body(self, where: str, answer: requests.Response, dialect: Dialect) -> Any:
        """The body, once it is known to have the dialect's shape."""
        try:
            body = answer.json()
        except ValueError:
            self.fault(where, f"{answer.status_code} without JSON: {answer.text}")
            return None
        if not dialect.has_shape(body, is_fine=answer.status_code < 400):
            self.fault(where, f"{answer.status_code} of another shape: {answer.text}")
        if answer.status_code >= 500 and answer.status_code != 503:
            self.fault(where, f"{answer.status_code}: {answer.text}")
        if answer.status_code == 503 and "Retry-After" not in answer.headers:
            self.fault(where, "503 without Retry-After")
        return body


def row_of(message: dict[str, Any]) -> Row:
    """A message of the wire as the checker knows it."""
    key = message["client_message_id"] or ""
    digest = hash((message["content"], message["is_edited"], message["is_deleted"], message["created_at"]))
    return Row(message["seq"], message["id"], message["version"], message["sender_id"], key, digest)


def rows_of(page: dict[str, Any]) -> dict[int, list[Row]]:
    """What a page of a catch-up tells of messages, by chat."""
    rows: dict[int, list[Row]] = defaultdict(list)
    for message in page["messages"]:
        rows[message["chat_id"]].append(row_of(message))
    for change in page["changes"]:
        if change["type"] == "message_edited":
            rows[change["chat_id"]].append(row_of(change["message"])._replace(version=change["version"]))
        elif change["type"] == "message_deleted":
            rows[change["chat_id"]].append(Row(0, change["message_id"], change["version"], 0, ""))
    return rows


def stored_at(message_id: int) -> float:
    """Wall-clock seconds at which a message was numbered, told by its id."""
    return snowflake.moment_of(message_id).timestamp()
