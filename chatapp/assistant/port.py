"""The port of the assistant: what an adapter is asked, and the steps of its answer.

An adapter keeps nothing between two turns and writes nothing: whatever it needs is in the `Turn`, and whatever is kept
is in its steps. So any worker can answer any turn, and answer it again after a crash.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Protocol

Role = Literal["visitor", "assistant", "human"]
Reason = Literal["stop", "length", "timeout", "error", "refused", "budget", "stopped"]


@dataclass(frozen=True, slots=True)
class ItemRef:
    """The key of an item of the host."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class ItemCard:
    """An item as an answer shows it.

    Attributes:
        price: None if the host gave none; then `currency` is None, too.
        url: the page of the item in the shop.
        description: for adapters, not shown.
    """

    kind: str
    id: int
    title: str
    price: Decimal | None = None
    currency: str | None = None
    image_url: str | None = None
    url: str | None = None
    is_deleted: bool = False
    description: str = ""

    @property
    def ref(self) -> ItemRef:
        """The key of this item."""
        return ItemRef(self.kind, self.id)


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a search in the catalogue.

    Attributes:
        items: the best ones first, at most as many as were asked for.
        found: how many there are in all.
        is_exact: they meet every wish; otherwise nothing does, and these come near.
    """

    items: tuple[ItemCard, ...]
    found: int
    is_exact: bool = True


class Catalogue(Protocol):
    """The items of the shop: those that visitors may see, and nothing else."""

    def search(
        self,
        text: str,
        *,
        category: str | None = None,
        max_price: Decimal | None = None,
        min_price: Decimal | None = None,
        limit: int = 8,
    ) -> Found:
        """Find items by a wish in any language. Prices are in the currency of the shop."""
        ...

    def get(self, refs: Sequence[ItemRef]) -> tuple[ItemCard, ...]:
        """The items with these keys, in their order; unknown ones are left out, deleted ones are marked."""
        ...


@dataclass(frozen=True, slots=True)
class Line:
    """A message of the session."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What to answer.

    Attributes:
        id: of the turn.
        session_id: public id of the session.
        language: of what the visitor has said last, as a tag such as `sr-Cyrl`; the answer has the same.
        history: oldest first; the last lines are what the visitor has said since the last answer. Lines from before the
            latest hand-over are left out.
        wish: what the answer before this one returned in `Done.wish`.
        shown: the items that the answers before this one showed, the latest first.
        place: the item whose page the visitor is on.
        deadline: on the clock of `time.monotonic`.
        catalogue: the items.
        attempt: 1 at first; more after a worker that was answering this turn ended.
    """

    id: int
    session_id: str
    language: str
    history: tuple[Line, ...]
    wish: Mapping[str, Any] | None
    shown: tuple[ItemRef, ...]
    place: ItemRef | None
    deadline: float
    catalogue: Catalogue = field(repr=False)
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the text. The text of an answer is all its pieces in order."""

    text: str


@dataclass(frozen=True, slots=True)
class State:
    """What the assistant is doing, for the visitor to see; it lasts until the next step."""

    state: Literal["thinking", "searching", "generating"]


@dataclass(frozen=True, slots=True)
class Cards:
    """Items to show below the text; see `Found`. Later cards of an answer replace earlier ones."""

    items: tuple[ItemCard, ...]
    found: int
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """Replies that the visitor may tap."""

    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandOver:
    """A human should take over.

    Attributes:
        reason: why, for that human to read.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an answer.

    Attributes:
        reason: `stop` ends a whole answer; `length`, `timeout`, `error` and `refused` (by a model's provider) end with
            what was said until then, which may be nothing. `budget`: no tokens are left. `stopped`: by the visitor.
        wish: what the visitor wants so far, in JSON, for the next turn.
        prompt_tokens, completion_tokens: used for all requests to a model; None if there was none, or it did not count.
    """

    reason: Reason
    wish: Mapping[str, Any] | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


Step = Delta | State | Cards | Choices | HandOver | Done


class Adapter(Protocol):
    """A kind of assistant."""

    @property
    def name(self) -> str:
        """As in the setting ASSISTANT."""
        ...

    def answer(self, turn: Turn) -> Generator[Step, None, None]:
        """Answer a turn.

        There is exactly one `Done`, at the end. Nothing is raised but what kills the caller: `GreenletExit`, or a
        `Timeout` of its own. A caller that needs no more closes the generator, which ends the requests of the adapter.
        """
        ...
