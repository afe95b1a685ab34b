"""The marketplace lists the files and links that were shared in a chat, in pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flows.attachments.conftest import Message
from tests.flows.attachments.words import PDF, PNG, adds, named
from tests.people import Person


def pages(person: Person, path: str, limit: int) -> list[list[dict[str, Any]]]:
    """All pages of a list."""
    found, cursor = [], ""
    while True:
        page = person.gets(path, limit=limit, **({"cursor": cursor} if cursor else {})).data
        found.append(page["entries"])
        assert page["has_more"] is (page["next_cursor"] is not None)
        if not page["has_more"]:
            return found
        cursor = page["next_cursor"]


def test_files_are_listed_by_kind_newest_first(alice: Person, bob: Person, message: Message) -> None:
    media, documents = [], []
    for number in range(3):
        sent = alice.sends(str(number), to=bob)
        added = adds(alice, sent, named(f"{number}.png", PNG), named(f"{number}.pdf", PDF))
        media.append(added[0])
        documents.append(added[1])
    chat = f"/{message['chat_id']}"
    found = pages(bob, f"{chat}/media", 2)
    assert [len(page) for page in found] == [2, 1]
    shown = [file for page in found for file in page]
    assert [file["id"] for file in shown] == [file["id"] for file in reversed(media)]
    assert shown[0]["file_name"] == "2.png" and shown[0]["public_url"] and shown[0]["message_id"]
    assert (shown[0]["sender_id"], shown[0]["sender"]["name"]) == (alice.id, "alice")
    assert [file["id"] for file in pages(bob, f"{chat}/files", 20)[0]] == [file["id"] for file in reversed(documents)]


def test_deleted_file_leaves_the_list_and_its_cursor_works(alice: Person, bob: Person, message: Message) -> None:
    added = [adds(alice, alice.sends(str(number), to=bob), named("a.png", PNG))[0] for number in range(3)]
    path = f"/{message['chat_id']}/media"
    cursor = bob.gets(path, limit=1).data["next_cursor"]
    assert alice.deletes(f"/attachments/{added[2]['id']}").status == 200
    assert [file["id"] for file in bob.gets(path, limit=9, cursor=cursor).data["entries"]] == [
        added[1]["id"],
        added[0]["id"],
    ]
    assert len(bob.gets(path).data["entries"]) == 2


def test_links_are_listed_and_not_split(alice: Person, bob: Person, message: Message) -> None:
    alice.sends("https://a.example/1 and https://a.example/2", to=bob)
    alice.sends("no link", to=bob)
    sent = bob.sends("see https://b.example", to=alice)
    found = pages(bob, f"/{message['chat_id']}/links", 1)
    assert [[link["url"] for link in page] for page in found] == [
        ["https://b.example"],
        ["https://a.example/1", "https://a.example/2"],
    ]
    assert found[0][0] | {"created_at": ""} == {
        "url": "https://b.example", "message_id": sent["id"], "sender_id": bob.id, "created_at": "",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["media", "files", "links"])
def test_others_see_nothing_and_bad_cursors_are_refused(
    kind: str, carol: Person, bob: Person, message: Message
) -> None:
    path = f"/{message['chat_id']}/{kind}"
    assert (carol.gets(path).status, carol.gets(path).error) == (404, "marketplace.chatNotFound")
    for cursor in ("x", "1.2.3", "9" * 16 + "." + "9" * 16, "-1.5"):
        reply = bob.gets(path, cursor=cursor)
        assert (reply.status, reply.error) == (400, "marketplace.badCursor"), cursor
    assert bob.gets(path, limit=0).status == 422
