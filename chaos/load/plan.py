"""The people, chats and devices of a load; and percentiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """The people, chats and devices of a load.

    Attributes:
        chats: number of chats.
        devices: number of devices of each person.
        is_star: one seller is in all chats, instead of a separate pair in each.
        seller_devices: number of devices of that seller.
        stranger: whether a person without chats is connected as well.
        group_size: members of a group, which one member of each chat of two joins; 0 for no group.
        padding: extra characters in each message.
        client: `load`, this process' own client in both dialects, or `sdk`, the JavaScript SDK in Node.
    """

    ports: list[int]
    database_url: str
    chats: int = 50
    devices: int = 2
    is_star: bool = False
    seller_devices: int = 4
    first_person: int = 1
    stranger: bool = True
    group_size: int = 0
    padding: int = 120
    client: str = "load"

    def pairs(self) -> list[tuple[int, int]]:
        """Buyer and seller of each chat."""
        first = self.first_person
        return [(first if self.is_star else first + 2 * n, first + 2 * n + 1) for n in range(self.chats)]

    def group(self) -> list[int]:
        """The members of the group. No two of them share a chat of two, so none blocks another."""
        return list(dict.fromkeys(buyer for buyer, _ in self.pairs()))[: self.group_size]

    def people(self) -> Iterator[tuple[int, int]]:
        """Each member of a chat with the number of their devices."""
        for person in dict.fromkeys(person for pair in self.pairs() for person in pair):
            yield person, self.seller_devices if self.is_star and person == self.first_person else self.devices


def percentiles(ordered: list[float]) -> dict[str, float]:
    """Count, p50, p95, p99 and maximum of sorted values."""
    if not ordered:
        return {"count": 0}
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    at = {name: ordered[min(len(ordered) - 1, int(share * len(ordered)))] for name, share in shares.items()}
    return {"count": len(ordered), **{name: round(value, 4) for name, value in at.items()}}
