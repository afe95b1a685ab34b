"""What clients saw: the events that the checker judges. Plain data; times are wall-clock seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Outcome = Literal["ok", "fail", "unknown"]


class Row(NamedTuple):
    """A message of a page or catch-up; `seq` is 0 where a catch-up only reports its deletion.

    `key` is empty where it is not shown: the social dialect shows it to the sender only. `digest` is a hash of the
    visible content, 0 of a deleted message.
    """

    seq: int
    id: int
    version: int
    sender: int
    key: str
    digest: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """One attempt to send; several attempts at one message share its key.

    Attributes:
        outcome: `ok` acknowledged, `fail` refused permanently (4xx), `unknown` timeout, reset or 5xx.
    """

    key: str
    chat: int
    sender: int
    t0: float
    t1: float
    outcome: Outcome
    id: int = 0
    seq: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """A live frame. `seq`, `id`, `key` and `digest` are 0 or empty where it carries no message.

    Attributes:
        version: the chat's version after the event.
        digest: as in a `Row`.
    """

    connection: int
    device: int
    chat: int
    kind: str
    version: int
    t: float
    seq: int = 0
    id: int = 0
    key: str = ""
    digest: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of one chat that a person read.

    Attributes:
        device: the device that caught up; None for a read over REST.
        is_final: read after recovery, complete from the first message on.
        dialect: the one it was read in.
    """

    reader: int
    chat: int
    rows: tuple[Row, ...]
    t: float = 0.0
    device: int | None = None
    is_final: bool = False
    dialect: str = "marketplace"


@dataclass(frozen=True, slots=True)
class Presence:
    """A presence frame that a device received."""

    device: int
    person: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A response that no client should get, or a line that no log should contain."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A resource before the fault and after recovery. `most` is the upper bound."""

    name: str
    before: float
    after: float
    most: float


@dataclass
class History:
    """Everything that the clients recorded.

    Attributes:
        members: members of each chat.
        owners: the person of each device.
        versions: the stored versions of all messages and changes of each chat.
        caught_up: devices that consider themselves complete.
        blocked: those that each person blocks, from before the first message on.
    """

    members: dict[int, frozenset[int]] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    sends: list[Send] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    presence: list[Presence] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    gauges: list[Gauge] = field(default_factory=list)
    versions: dict[int, list[int]] = field(default_factory=dict)
    caught_up: set[int] = field(default_factory=set)
    blocked: dict[int, frozenset[int]] = field(default_factory=dict)

    def final_pages(self) -> Iterable[Page]:
        """The complete reads after recovery."""
        return (page for page in self.pages if page.is_final)

    def can_see(self, person: int, chat: int) -> bool:
        """Whether a person is a member of a chat."""
        return person in self.members.get(chat, frozenset())

    def is_hidden(self, person: int, chat: int, sender: int) -> bool:
        """Whether a person does not see the messages of a sender, in a chat of more than two."""
        return sender in self.blocked.get(person, frozenset()) and len(self.members.get(chat, frozenset())) > 2
