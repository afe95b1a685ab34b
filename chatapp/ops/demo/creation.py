"""Create demo data through the actions, so that it obeys all rules."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chatapp.actions import accounts, chat_settings, chats, items, reactions, sending
from chatapp.actions.attachments import uploading
from chatapp.actions.attachments.ingest import Upload
from chatapp.actions.groups import creation
from chatapp.actions.groups.people import Named
from chatapp.actions.moderation import reporting, roles
from chatapp.auth.actor import Actor
from chatapp.errors import Conflict
from chatapp.events.snapshots import AttachmentSnapshot
from chatapp.infra.postgres import database_connection
from chatapp.models import Chat, ChatMember, Item, User
from chatapp.ops.demo import drawing
from chatapp.ops.demo.content import (
    CHATS,
    GROUPS,
    ITEMS,
    PASSWORD,
    PEOPLE,
    DemoChat,
    DemoGroup,
    DemoItem,
    DemoPerson,
    Line,
)


def make_demo_data() -> str:
    """Create the demo data that is missing; returns one line about it.

    Raises:
        Unavailable: Postgres or the object store is unavailable.
    """
    people = {person.username: _person(person) for person in PEOPLE}
    made = sum(_make_item(item, people) for item in ITEMS)
    sent = sum(_hold_chat(chat, people) for chat in CHATS) + sum(_hold_group(group, people) for group in GROUPS)
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
    if person.is_moderator:
        roles.set_moderator(user.id, True, moderator="demo")
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
    if said == 0:
        for name in chat.pinned_by:
            chat_settings.set_pinned(people[name], chat_id, True)
    return _say(people, chat_id, chat.lines, first=said)


def _hold_group(group: DemoGroup, people: dict[str, Actor]) -> int:
    """Create a group with its messages, unless its owner has one with its title."""
    owner = people[group.owner]
    with database_connection():
        of_owner = ChatMember.select(ChatMember.chat_id).where(ChatMember.user_id == owner.id)
        if Chat.select().where(Chat.title == group.title, Chat.id.in_(of_owner)).exists():
            return 0
    chat_id = creation.create_group(owner, group.title, Named(usernames=group.members))
    return _say(people, chat_id, group.lines, first=0)


def _say(people: dict[str, Actor], chat_id: int, lines: Sequence[Line], *, first: int) -> int:
    """Send lines from the `first` on, with their files and reactions; returns how many."""
    ids: dict[int, int] = {}
    for number, line in enumerate(lines[first:], start=first):
        sender = people[line.sender]
        message = sending.send_message(
            sender,
            chat_id,
            line.text,
            message_type="location" if line.place else "text",
            location=_location(line),
            attachment_ids=[attachment.id for attachment in _files(sender, line)],
            reply_to_id=None if line.answers is None else ids.get(line.answers),
            idempotency_key=f"demo:{chat_id}:{number + 1}",
        )
        ids[number] = message.id
        for name, emoji in line.reactions:
            reactions.add_reaction(people[name], message.id, emoji)
        if line.report is not None:
            name, reason, words = line.report
            reporting.report_message(people[name], message.id, reason, words)
    return max(0, len(lines) - first)


def _location(line: Line) -> dict[str, Any] | None:
    if line.place is None:
        return None
    address, latitude, longitude = line.place
    return {"address": address, "latitude": latitude, "longitude": longitude}


def _files(sender: Actor, line: Line) -> list[AttachmentSnapshot]:
    """Upload the files of a line."""
    if line.picture is None and not line.voice_seconds:
        return []
    with TemporaryDirectory(prefix="chatapp-demo-") as folder:
        if line.picture is not None:
            upload = Upload(Path(folder) / "picture", f"picture-{line.picture}.png")
            upload.path.write_bytes(drawing.landscape(line.picture))
        else:
            upload = Upload(Path(folder) / "voice", "voice.ogg", voice=True)
            upload.path.write_bytes(drawing.voice(line.voice_seconds))
        return uploading.upload_unattached(sender, [upload])
