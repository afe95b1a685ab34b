"""What clients saw: the events that the checker judges. Pure data; times are wall-clock seconds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Outcome = Literal["ok", "fail", "unknown"]


class Row(NamedTuple):
    """A message as a page or a catch-up shows it; `seq` is 0 where a catch-up tells of its deletion alone.

    `key` is empty where it is not shown: the social dialect shows it to the sender only. `digest` is of what is to be
    read in the message.
    """

    seq: int
    id: int
    version: int
    sender: int
    key: str
    digest: int = 0


@dataclass(frozen=True, slots=True)
class Send:
    """One attempt to send; the same key again is another attempt at the same message.

    Attributes:
        outcome: `ok` acknowledged, `fail` refused for good (4xx), `unknown` time-out, reset or 5xx.
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
    """A live frame. `seq`, `id` and `key` are 0 and empty where the frame is about no message.

    Attributes:
        version: the chat's version after what the frame tells.
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


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of one chat that a person read.

    Attributes:
        device: whose catch-up it was; None for a read over REST.
        is_final: read after everything healed, complete from the first message on.
        dialect: that it was read in.
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
    """Who a device was told to be on- or offline."""

    device: int
    person: int


@dataclass(frozen=True, slots=True)
class Fault:
    """A reply that no client should get, or a line that no log should hold."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Gauge:
    """A resource before the fault and after it healed. `most` is what it may be at most."""

    name: str
    before: float
    after: float
    most: float


@dataclass
class History:
    """Everything that happened.

    Attributes:
        members: people of each chat.
        owners: person of each device.
        versions: all versions that a chat's messages and changes carry in the end, as stored.
        caught_up: devices that claim to know everything.
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

    def final_pages(self) -> Iterable[Page]:
        """The complete reads at the end."""
        return (page for page in self.pages if page.is_final)

    def seen_by(self, person: int, chat: int) -> bool:
        """Whether a person may see a chat."""
        return person in self.members.get(chat, frozenset())
