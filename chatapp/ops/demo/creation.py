"""Create demo data through the actions, so that it obeys all rules."""

from __future__ import annotations

import contextlib

from chatapp.actions import accounts, chats, items, sending
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict
from chatapp.infra.postgres import database_connection
from chatapp.models import Chat, Item, User
from chatapp.ops.demo.content import CHATS, ITEMS, PASSWORD, PEOPLE, DemoChat, DemoItem, DemoPerson


def make_demo_data() -> str:
    """Create the demo data that is missing; returns one line about it.

    Raises:
        Unavailable: Postgres is unavailable.
    """
    people = {person.username: _person(person) for person in PEOPLE}
    made = sum(_make_item(item, people) for item in ITEMS)
    sent = sum(_hold_chat(chat, people) for chat in CHATS)
    names = ", ".join(people)
    return f"demo: {names} (password {PASSWORD}); {made} items and {sent} messages created"


def _person(person: DemoPerson) -> Actor:
    user = _find(person)
    if user is None:
        with contextlib.suppress(Conflict):  # two demos at once
            accounts.sign_up(person.username, person.email, PASSWORD, person.name)
        user = _find(person)
    if user is None:
        raise Conflict("demo_email_taken")
    return Actor(id=user.id, uuid=str(user.uuid), username=user.username)


def _find(person: DemoPerson) -> User | None:
    with database_connection():
        user: User | None = User.select().where(User.username == person.username).first()
        return user


def _make_item(item: DemoItem, people: dict[str, Actor]) -> int:
    with database_connection():
        if Item.select().where(Item.kind == item.kind, Item.id == item.id).exists():
            return 0
    description = {name: getattr(item, name) for name in ("title", "image_url", "price", "currency")}
    items.put_item(item.kind, item.id, {**description, "seller": people[item.seller].id})
    return 1


def _hold_chat(chat: DemoChat, people: dict[str, Actor]) -> int:
    """Send the lines that the chat lacks, judged by its last `seq`: idempotency keys expire after a week."""
    kind, item_id = chat.item or (None, None)
    chat_id = chats.find_or_create_chat(
        people[chat.starter],
        other_id=people[chat.other].id,
        listing_id=item_id if kind == "listing" else None,
        storefront_product_id=item_id if kind == "storefront_product" else None,
    )
    with database_connection():
        said = Chat.get_by_id(chat_id).last_seq
    for number, (who, line) in enumerate(chat.lines[said:], start=said + 1):
        sending.send_message(people[who], chat_id, line, idempotency_key=f"demo:{number}")
    return max(0, len(chat.lines) - said)
