"""The demo users, items and chats, in four languages with different scripts and word separation."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "demo-password"


@dataclass(frozen=True)
class DemoPerson:
    """A demo user."""

    username: str
    name: str

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"


@dataclass(frozen=True)
class DemoItem:
    """An item that chats are about. `kind` is `listing` or `storefront_product`."""

    kind: str
    id: int
    title: str
    price: str
    currency: str
    seller: str

    @property
    def image_url(self) -> str:
        return f"https://example.com/images/{self.kind}-{self.id}.jpg"


@dataclass(frozen=True)
class DemoChat:
    """A chat that `starter` starts with `other`, about `item` if given. Lines are (sender, text)."""

    starter: str
    other: str
    lines: tuple[tuple[str, str], ...]
    item: tuple[str, int] | None = None


PEOPLE = (
    DemoPerson("alice", "Alice Brown"),
    DemoPerson("bob", "Bob Carter"),
    DemoPerson("carol", "Carol Jovanović"),
    DemoPerson("dmitri", "Дмитрий Орлов"),
    DemoPerson("somchai", "สมชาย ใจดี"),
)

ITEMS = (
    DemoItem("listing", 1001, "City bicycle, 7 gears", "120.00", "EUR", "alice"),
    DemoItem("listing", 1002, "Oak desk", "85.00", "EUR", "bob"),
    DemoItem("listing", 1003, "Gradski bicikl", "14000.00", "RSD", "carol"),
    DemoItem("listing", 1004, "Зимняя куртка, 48 размер", "4500.00", "RUB", "dmitri"),
    DemoItem("listing", 1005, "กล้องฟิล์มมือสอง", "3200.00", "THB", "somchai"),
    DemoItem("storefront_product", 2001, "Coffee beans, 1 kg", "18.50", "EUR", "alice"),
    DemoItem("storefront_product", 2002, "Desk lamp", "32.00", "EUR", "bob"),
    DemoItem("storefront_product", 2003, "Domaći med, 500 g", "900.00", "RSD", "carol"),
    DemoItem("storefront_product", 2004, "Чай чёрный, 250 г", "350.00", "RUB", "dmitri"),
    DemoItem("storefront_product", 2005, "ชาเขียวมะลิ 200 กรัม", "180.00", "THB", "somchai"),
)

CHATS = (
    DemoChat(
        "bob",
        "alice",
        (
            ("bob", "Hi! Is the bicycle still available?"),
            ("alice", "Yes, it is. Would you like to see it?"),
            ("bob", "Tomorrow after six would be perfect."),
        ),
        item=("listing", 1001),
    ),
    DemoChat(
        "alice",
        "dmitri",
        (
            ("alice", "Здравствуйте! Куртка ещё продаётся?"),
            ("dmitri", "Добрый день! Да, конечно."),
            ("alice", "Отлично, а какой рост?"),
        ),
        item=("listing", 1004),
    ),
    DemoChat(
        "dmitri",
        "carol",
        (
            ("dmitri", "Dobar dan! Da li šaljete med poštom?"),
            ("carol", "Dobar dan! Šaljemo, stiže za dva dana."),
        ),
        item=("storefront_product", 2003),
    ),
    DemoChat(
        "carol",
        "somchai",
        (
            ("carol", "สวัสดีค่ะ กล้องยังใช้งานได้ดีไหมคะ"),
            ("somchai", "สวัสดีครับ ใช้งานได้ปกติทุกอย่างครับ"),
        ),
        item=("listing", 1005),
    ),
    DemoChat(
        "somchai",
        "alice",
        (("somchai", "Hello Alice, do you ship coffee to Thailand?"),),
    ),
)
