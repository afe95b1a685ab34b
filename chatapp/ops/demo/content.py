"""The demo users, items and chats, in four languages with different scripts and word separation."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

PASSWORD = "demo-password"


@dataclass(frozen=True)
class DemoPerson:
    """A demo user; a moderator may use `/admin`."""

    username: str
    name: str
    is_moderator: bool = False

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"


@dataclass(frozen=True)
class DemoItem:
    """An item that chats are about. `kind` is `listing` or `storefront_product`; its picture shows an emoji."""

    kind: str
    id: int
    title: str
    price: str
    currency: str
    seller: str
    emoji: str

    @property
    def image_url(self) -> str:
        """The picture in the URL itself, so that pages load nothing from other origins."""
        hue = self.id * 47 % 360
        drawing = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
            f'<rect width="96" height="96" fill="hsl({hue},32%,84%)"/>'
            f'<text x="48" y="68" font-size="56" text-anchor="middle">{self.emoji}</text></svg>'
        )
        return f"data:image/svg+xml,{quote(drawing)}"


@dataclass(frozen=True)
class Line:
    """A message of a demo chat.

    Attributes:
        picture: the seed of a drawn landscape that is attached; None without one.
        voice_seconds: length of an attached voice message; 0 without one.
        place: address, latitude and longitude of a shared location.
        answers: number of the line that it answers, from 0.
        reactions: (username, emoji).
        report: who reports the message to the moderators, for which reason and in which words; None if it is fine.
    """

    sender: str
    text: str = ""
    picture: int | None = None
    voice_seconds: float = 0.0
    place: tuple[str, float, float] | None = None
    answers: int | None = None
    reactions: tuple[tuple[str, str], ...] = ()
    report: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class DemoChat:
    """A chat that `starter` starts with `other`, about `item` if given. `pinned_by` have pinned it."""

    starter: str
    other: str
    lines: tuple[Line, ...]
    item: tuple[str, int] | None = None
    pinned_by: tuple[str, ...] = ()


@dataclass(frozen=True)
class DemoGroup:
    """A group that `owner` creates."""

    owner: str
    title: str
    members: tuple[str, ...]
    lines: tuple[Line, ...]


PEOPLE = (
    DemoPerson("alice", "Alice Brown"),
    DemoPerson("bob", "Bob Carter"),
    DemoPerson("carol", "Carol Jovanović", is_moderator=True),
    DemoPerson("dmitri", "Дмитрий Орлов"),
    DemoPerson("somchai", "สมชาย ใจดี"),
)

ITEMS = (
    DemoItem("listing", 1001, "City bicycle, 7 gears", "120.00", "EUR", "alice", "🚲"),
    DemoItem("listing", 1002, "Oak desk", "85.00", "EUR", "bob", "🪑"),
    DemoItem("listing", 1003, "Gradski bicikl", "14000.00", "RSD", "carol", "🚴"),
    DemoItem("listing", 1004, "Зимняя куртка, 48 размер", "4500.00", "RUB", "dmitri", "🧥"),
    DemoItem("listing", 1005, "กล้องฟิล์มมือสอง", "3200.00", "THB", "somchai", "📷"),
    DemoItem("storefront_product", 2001, "Coffee beans, 1 kg", "18.50", "EUR", "alice", "☕"),
    DemoItem("storefront_product", 2002, "Desk lamp", "32.00", "EUR", "bob", "💡"),
    DemoItem("storefront_product", 2003, "Domaći med, 500 g", "900.00", "RSD", "carol", "🍯"),
    DemoItem("storefront_product", 2004, "Чай чёрный, 250 г", "350.00", "RUB", "dmitri", "🫖"),
    DemoItem("storefront_product", 2005, "ชาเขียวมะลิ 200 กรัม", "180.00", "THB", "somchai", "🍵"),
)

CHATS = (
    DemoChat(
        "carol",
        "somchai",
        (
            Line("carol", "สวัสดีค่ะ กล้องยังใช้งานได้ดีไหมคะ"),
            Line("somchai", "สวัสดีครับ ใช้งานได้ปกติทุกอย่างครับ", reactions=(("carol", "🙏"),)),
            Line("somchai", "ตัวอย่างภาพจากกล้องครับ", picture=3),
        ),
        item=("listing", 1005),
    ),
    DemoChat(
        "dmitri",
        "carol",
        (
            Line("dmitri", "Dobar dan! Da li šaljete med poštom?"),
            Line("carol", "Dobar dan! Šaljemo, stiže za dva dana.", reactions=(("dmitri", "👍"),)),
        ),
        item=("storefront_product", 2003),
    ),
    DemoChat(
        "alice",
        "bob",
        (
            Line("alice", "Hi Bob, does the lamp come with a bulb?"),
            Line("bob", "It does, a warm one. I can show it to you at the workshop."),
            Line("bob", "We are here until six.", place=("Bulevar oslobođenja 92, Novi Sad", 45.2517, 19.8369)),
            Line("alice", "Great, I will come by on Friday.", reactions=(("bob", "👌"),)),
        ),
        item=("storefront_product", 2002),
    ),
    DemoChat(
        "alice",
        "dmitri",
        (
            Line("alice", "Здравствуйте! Куртка ещё продаётся?"),
            Line("dmitri", "Добрый день! Да, конечно."),
            Line("alice", "Отлично, а какой рост?"),
            Line("dmitri", "На 175–180 см. Вот как она выглядит на свету.", picture=5),
        ),
        item=("listing", 1004),
    ),
    DemoChat(
        "alice",
        "somchai",
        (
            Line("alice", "สวัสดีค่ะ กล้องมีรอยไหมคะ"),
            Line("somchai", "มีรอยเล็กน้อยที่มุมครับ ราคาลดให้ได้"),
            Line("alice", "ขอบคุณค่ะ ขอคิดดูก่อนนะคะ"),
        ),
        item=("listing", 1005),
    ),
    DemoChat(
        "carol",
        "alice",
        (
            Line("carol", "Zdravo Alice! Imaš li još onu kafu od jednog kilograma?"),
            Line("alice", "Imam, stigla je jutros. Da ti ostavim jednu kesu?"),
            Line("carol", "Ostavi dve, molim te 😊", reactions=(("alice", "❤️"),)),
        ),
        item=("storefront_product", 2001),
    ),
    DemoChat(
        "dmitri",
        "bob",
        (
            Line("dmitri", "Hi Bob! I take the desk."),
            Line("bob", "Good! When do you come for it?"),
            Line(
                "dmitri",
                "My courier does. Send him 20 euros first, by card, not here: it is cheaper.",
                report=("bob", "fraud", "He asks for money outside the shop."),
            ),
        ),
        item=("listing", 1002),
    ),
    DemoChat(
        "somchai",
        "alice",
        (Line("somchai", "Hello Alice, do you ship coffee to Thailand?"),),
    ),
    DemoChat(
        "bob",
        "alice",
        (
            Line("bob", "Hi! Is the bicycle still available?"),
            Line("alice", "Yes, it is. Would you like to see it?"),
            Line("alice", "This is where I ride it on Sundays.", picture=1, reactions=(("bob", "😍"),)),
            Line("bob", "Lovely! Does it need anything? Brakes, tyres?"),
            Line("alice", "New tyres this spring, the brakes are fine. Listen to the bell:", answers=3),
            Line("alice", voice_seconds=6.5, reactions=(("bob", "🔔"), ("bob", "👍"))),
            Line("bob", "Sold 🙂 Would you take 110 if I pick it up tomorrow?"),
            Line("alice", "Deal. I am at home after five, near the old bridge.", answers=6, reactions=(("bob", "🎉"),)),
            Line("bob", "Perfect, then tomorrow at six by the bridge?"),
            Line("bob", "I will bring cash."),
        ),
        item=("listing", 1001),
        pinned_by=("alice",),
    ),
)

GROUPS = (
    DemoGroup(
        "carol",
        "Bicycle tours",
        ("alice", "bob", "dmitri", "somchai"),
        (
            Line("carol", "Who comes along on Sunday? We start at the bridge."),
            Line(
                "carol",
                "The view from last time:",
                picture=2,
                reactions=(("alice", "😍"), ("bob", "😍"), ("dmitri", "🔥")),
            ),
            Line("bob", "I do, if the bicycle arrives in time."),
            Line("dmitri", "Я тоже с вами!", reactions=(("carol", "💪"),)),
            Line("somchai", "ผมไปด้วยครับ"),
            Line("alice", "Then it is five of us: https://example.com/route", answers=0),
            Line("carol", "Bring water, it will be warm ☀️"),
        ),
    ),
)
