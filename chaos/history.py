"""What clients saw: the events that the checker judges. Plain data; times are wall-clock seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Outcome = Literal["ok", "fail", "unknown"]


class Row(NamedTuple):
    """A message of a page or catch-up; `seq` is 0 where a catch-up only reports its deletion.

    `key` is empty where it is not shown: the social dialect shows it to the sender only. `digest` is a hash of the
    visible content, 0 of a deleted message; `reactions` is one of the reactions, 0 of none.
    """

    seq: int
    id: int
    version: int
    sender: int
    key: str
    digest: int = 0
    reactions: int = 0


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
    """A live frame. `seq`, `id`, `key`, `digest` and `reactions` are 0 or empty where it carries no message.

    Attributes:
        version: the chat's version after the event.
        digest, reactions: as in a `Row`.
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
    reactions: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """What a frame or an answer says about a message beside its text: its reactions, or whether it is pinned.

    Attributes:
        device: the device that received it; 0 for the answer to a request.
        version: of the chat, after the change.
        reactions: as in a `Row`; None where it says nothing about them.
        is_pinned: None where it says nothing about that.
    """

    device: int
    chat: int
    id: int
    version: int
    reactions: int | None = None
    is_pinned: bool | None = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """A message that a person has hidden from themselves. Parameters: t: when the server answered."""

    id: int
    seq: int
    t: float


@dataclass(frozen=True, slots=True)
class PinList:
    """The pinned messages of a chat as a person reads them after recovery: id and version, the last pinned first."""

    reader: int
    chat: int
    pins: tuple[tuple[int, int], ...]


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
        hidden: what each person has hidden of each chat, by id.
        pin_lists: read after recovery; none where no one pins.
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
    marks: list[Mark] = field(default_factory=list)
    hidden: dict[tuple[int, int], dict[int, Hidden]] = field(default_factory=lambda: defaultdict(dict))
    pin_lists: list[PinList] = field(default_factory=list)

    def final_pages(self) -> Iterable[Page]:
        """The complete reads after recovery."""
        return (page for page in self.pages if page.is_final)

    def can_see(self, person: int, chat: int) -> bool:
        """Whether a person is a member of a chat."""
        return person in self.members.get(chat, frozenset())

    def has_blocked(self, person: int, chat: int, sender: int) -> bool:
        """Whether a person does not see the messages of a sender, in a chat of more than two."""
        return sender in self.blocked.get(person, frozenset()) and len(self.members.get(chat, frozenset())) > 2

    def has_hidden(self, person: int, chat: int, message: int) -> bool:
        """Whether a person has hidden a message from themselves."""
        return message in self.hidden.get((person, chat), {})

    def is_unseen(self, person: int, chat: int, row: Row) -> bool:
        """Whether a person does not see a message of a chat."""
        return self.has_blocked(person, chat, row.sender) or self.has_hidden(person, chat, row.id)

    def final_rows(self) -> dict[int, dict[int, Row]]:
        """Messages of each chat by id, over all final reads; with the key if any reader was shown it."""
        rows: dict[int, dict[int, Row]] = defaultdict(dict)
        for page in self.final_pages():
            for row in page.rows:
                known = rows[page.chat].get(row.id)
                if known is None or not known.key:
                    rows[page.chat][row.id] = row
        return rows
