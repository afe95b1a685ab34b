"""Creating, listing and organising chats."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.database import Database
from tests.host import Host
from tests.people import Person, PersonMaker
from tests.servers import ChatServer

KINDS = {"listing": "listing_id", "storefront_product": "storefront_product_id"}
kinds = pytest.mark.parametrize(("kind", "field"), KINDS.items())


@kinds
def test_first_message_about_an_item_creates_its_chat(
    alice: Person, bob: Person, host: Host, kind: str, field: str
) -> None:
    item = host.lists(
        "Red bicycle", seller=bob, kind=kind, price=120.5, currency="EUR", image_url="https://x.example/a"
    )
    message = alice.sends("Is it still there?", to=bob, **{field: item})
    again = alice.sends("Hello?", **{field: item})
    back = bob.sends("Yes", to=alice, **{field: item})
    assert message["chat_id"] == again["chat_id"] == back["chat_id"]
    chat = alice.chat(message["chat_id"])
    assert {name: chat[name] for name in KINDS.values()} == dict.fromkeys(KINDS.values(), 0) | {field: item}
    assert (chat["buyer_id"], chat["seller_id"]) == (alice.id, bob.id)
    assert chat["item"] == {
        "title": "Red bicycle",
        "image_url": "https://x.example/a",
        "price": 120.5,
        "currency": "EUR",
        "is_deleted": False,
    }


def test_seller_who_writes_first_is_the_seller(alice: Person, bob: Person, host: Host) -> None:
    item = host.lists("Lamp", seller=bob)
    chat = bob.chat(bob.sends("You asked about it", to=alice, listing_id=item)["chat_id"])
    assert (chat["buyer_id"], chat["seller_id"]) == (alice.id, bob.id)
    assert chat["other_user"]["id"] == alice.id


def test_listing_and_product_with_the_same_id_are_two_chats(alice: Person, bob: Person, host: Host) -> None:
    item = host.lists("Chair", seller=bob)
    host.changes("storefront_product", item, title="Table", seller_id=bob.id)
    chats = {
        alice.sends("a", to=bob)["chat_id"],
        alice.sends("b", listing_id=item)["chat_id"],
        alice.sends("c", storefront_product_id=item)["chat_id"],
    }
    assert len(chats) == 3


def test_direct_chat_is_the_same_for_both(alice: Person, bob: Person) -> None:
    assert alice.sends("hi", to=bob)["chat_id"] == bob.sends("hi", to=alice)["chat_id"]
    (chat,) = alice.chats()
    assert (chat["listing_id"], chat["storefront_product_id"], chat["item"]) == (0, 0, None)


def test_zero_and_null_mean_absent(alice: Person, bob: Person) -> None:
    first = alice.sends("hi", to=bob, listing_id=0, storefront_product_id=0, chat_id=0)
    second = alice.sends("hi", to=bob, listing_id=None, storefront_product_id=None, chat_id=None)
    assert first["chat_id"] == second["chat_id"]


@pytest.mark.parametrize("about", ["direct", "listing", "storefront_product"])
def test_twenty_concurrent_first_messages_create_one_chat(
    alice: Person, bob: Person, host: Host, database: Database, about: str
) -> None:
    target = {} if about == "direct" else {KINDS[about]: host.lists("Vase", seller=bob, kind=about)}
    with ThreadPoolExecutor(20) as pool:
        pairs = [(alice, bob), (bob, alice)] * 10
        sent = list(pool.map(lambda pair: pair[0].sends("first!", to=pair[1], **target), pairs))
    assert len({message["chat_id"] for message in sent}) == 1
    assert sorted(message["seq"] for message in sent) == list(range(1, 21))
    found = database.rows("SELECT count(*) FROM chats WHERE %s IN (buyer_id, seller_id)", alice.id)
    assert found == [(1,)]


def test_two_contradictory_targets_are_refused(alice: Person, bob: Person, host: Host) -> None:
    body = {"content": "hi", "receiver_id": bob.id, "listing_id": 1, "storefront_product_id": 1}
    reply = alice.posts("/messages", body)
    assert (reply.status, reply.error) == (422, "marketplace.contradictoryTargets")
    assert set(reply.json["details"]) == {"listing_id", "storefront_product_id"}


def test_chat_with_another_target_is_refused(alice: Person, bob: Person, carol: Person, host: Host) -> None:
    item = host.lists("Vase", seller=bob)
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    wrong = [{"receiver_id": carol.id}, {"listing_id": item}, {"storefront_product_id": item}]
    replies = [alice.posts("/messages", {"chat_id": chat_id, "content": "hi", **target}) for target in wrong]
    assert [reply.status for reply in replies] == [422] * 3
    assert [reply.error for reply in replies] == ["marketplace.receiverNotInChat"] + [
        "marketplace.contradictoryTargets"
    ] * 2
    assert len(alice.history(chat_id)) == 1


def test_users_cannot_write_to_themselves(alice: Person, host: Host) -> None:
    item = host.lists("Mirror", seller=alice)
    for body in ({"receiver_id": alice.id}, {"receiver_id": alice.id, "listing_id": item}):
        reply = alice.posts("/messages", {"content": "me", **body})
        assert (reply.status, reply.error) == (422, "marketplace.cannotMessageSelf"), body


@kinds
def test_seller_must_name_the_recipient(alice: Person, bob: Person, host: Host, kind: str, field: str) -> None:
    item = host.lists("Mirror", seller=alice, kind=kind)
    target = {field: item}
    chosen = {"receiver_id": bob.id, **target}
    for _ in range(2):  # before and after a message of the other
        sent = alice.posts("/messages", {"content": "hello", **target})
        read = alice.gets("/messages", **target)
        error = alice.connects().requests({"content": "hello", **target}, "error")
        assert (sent.status, read.status) == (422, 422)
        assert sent.error == read.error == error["error"] == "marketplace.chooseReceiver"
        assert sent.json["message"] == read.json["message"] == error["message"] == "Choose a recipient."
        assert list(sent.json["details"]) == ["receiver_id"]
        asked = bob.sends("still there?", **target)
    assert alice.posts("/messages", {"content": "yes", **chosen}).data["chat_id"] == asked["chat_id"]
    texts = [message["content"] for message in alice.gets("/messages", **chosen).data["messages"]]
    assert texts == ["yes", "still there?", "still there?"]
    assert alice.gets("/messages", **target, chat_id=asked["chat_id"]).status == 200


def test_used_key_creates_no_chat(alice: Person, bob: Person, carol: Person, database: Database) -> None:
    old = alice.sends("hi", to=bob, client_message_id="once")
    before = database.counts()
    reply = alice.posts("/messages", {"content": "hi", "receiver_id": carol.id, "client_message_id": "once"})
    assert (reply.status, reply.error) == (409, "marketplace.clientKeyReused")
    assert database.counts() == before
    assert alice.deletes(f"/{old['chat_id']}").status == 200
    late = alice.posts("/messages", {"content": "hi", "receiver_id": bob.id, "client_message_id": "once"})
    assert late.status == 409
    assert (alice.chats(), bob.chats()) == ([], []), "a late repetition does not bring a removed chat back"


def test_only_the_seller_can_write_to_others_about_an_item(
    alice: Person, bob: Person, carol: Person, host: Host, database: Database
) -> None:
    item = host.lists("Lamp", seller=bob)
    before = database.counts()
    reply = alice.posts("/messages", {"content": "hi", "receiver_id": carol.id, "listing_id": item})
    assert (reply.status, reply.error) == (404, "marketplace.receiverNotFound")
    assert database.counts() == before


def test_recipient_must_be_named_and_exist(alice: Person, bob: Person, host: Host) -> None:
    assert alice.posts("/messages", {"content": "hi"}).error == "marketplace.receiverRequired"
    unknown = alice.posts("/messages", {"content": "hi", "receiver_id": 2**53 - 1})
    assert (unknown.status, unknown.error) == (404, "marketplace.receiverNotFound")
    host.erases(bob)
    erased = alice.posts("/messages", {"content": "hi", "receiver_id": bob.id})
    assert (erased.status, erased.error) == (404, "marketplace.receiverNotFound")


@kinds
def test_unknown_item_is_not_found(alice: Person, bob: Person, kind: str, field: str) -> None:
    reply = alice.posts("/messages", {"content": "hi", "receiver_id": bob.id, field: 9_000_000})
    assert reply.status == 404
    assert reply.error == {"listing": "marketplace.listingNotFound"}.get(kind, "marketplace.storefrontProductNotFound")


@kinds
def test_without_strict_items_an_unknown_item_gets_a_placeholder(
    make_person: PersonMaker, lenient_server: ChatServer, kind: str, field: str
) -> None:
    alice, bob = make_person("alice", server=lenient_server), make_person("bob", server=lenient_server)
    item = 7_000_000 + alice.id
    assert alice.posts("/messages", {"content": "whose?", field: item}).error == "marketplace.receiverRequired"
    chat = alice.chat(alice.sends("hi", to=bob, **{field: item})["chat_id"])
    assert (chat[field], chat["seller_id"]) == (item, bob.id)
    assert chat["item"] == {"title": "", "image_url": "", "price": None, "currency": "", "is_deleted": False}


def test_deleted_item_keeps_its_chats(alice: Person, bob: Person, carol: Person, host: Host) -> None:
    item = host.lists("Sold lamp", seller=bob, price=10, currency="EUR")
    chat_id = alice.sends("hi", listing_id=item)["chat_id"]
    host.deletes("listing", item)
    shown = alice.chat(chat_id)["item"]
    assert (shown["title"], shown["is_deleted"], shown["price"]) == ("Sold lamp", True, None)
    assert bob.sends("It is sold", chat_id=chat_id)["seq"] == 2
    assert alice.sends("A pity", listing_id=item)["chat_id"] == chat_id
    late = carol.posts("/messages", {"content": "hi", "listing_id": item})
    assert (late.status, late.error) == (404, "marketplace.listingNotFound")


def test_archiving_affects_only_oneself(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    assert alice.posts(f"/{chat_id}/archive").data == {"message": "marketplace.chatArchived"}
    assert alice.chats() == []
    assert [chat["id"] for chat in alice.chats(archived="true")] == [chat_id]
    assert alice.chats(archived="1")[0]["is_archived"] is True
    assert bob.chat(chat_id)["is_archived"] is False
    assert bob.chats(archived="true") == []


@pytest.mark.parametrize("writer", ["alice", "bob"])
def test_new_message_unarchives_a_chat(alice: Person, bob: Person, writer: str) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    alice.posts(f"/{chat_id}/archive")
    {"alice": alice, "bob": bob}[writer].sends("again", chat_id=chat_id)
    assert alice.chat(chat_id)["is_archived"] is False


def test_unarchiving_restores_a_chat(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    alice.posts(f"/{chat_id}/archive")
    assert alice.posts(f"/{chat_id}/unarchive").data == {"message": "marketplace.chatUnarchived"}
    assert alice.chat(chat_id)["is_archived"] is False


def test_muting_lasts_until_unmuted(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    assert alice.chat(chat_id)["is_muted"] is False
    assert alice.posts(f"/{chat_id}/mute").data == {"message": "marketplace.chatMuted"}
    assert alice.chat(chat_id)["is_muted"] is True
    assert bob.chat(chat_id)["is_muted"] is False
    assert alice.posts(f"/{chat_id}/unmute").data == {"message": "marketplace.chatUnmuted"}
    assert alice.chat(chat_id)["is_muted"] is False


@pytest.mark.parametrize(("until", "muted"), [("2199-01-01T00:00:00Z", True), ("2020-01-01T00:00:00+02:00", False)])
def test_muting_can_expire(alice: Person, bob: Person, until: str, muted: bool) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    assert alice.posts(f"/{chat_id}/mute", {"until": until}).status == 200
    assert alice.chat(chat_id)["is_muted"] is muted


def test_pinned_chats_come_first(alice: Person, make_person: PersonMaker) -> None:
    first, second, third = (alice.sends("hi", to=make_person())["chat_id"] for _ in range(3))
    assert [chat["id"] for chat in alice.chats()] == [third, second, first]
    assert alice.posts(f"/{first}/pin").data == {"message": "marketplace.chatPinned"}
    assert [(chat["id"], chat["is_pinned"]) for chat in alice.chats()] == [
        (first, True), (third, False), (second, False)]  # fmt: skip
    assert alice.posts(f"/{first}/unpin").data == {"message": "marketplace.chatUnpinned"}
    assert [chat["id"] for chat in alice.chats()] == [third, second, first]


def test_new_message_moves_its_chat_up(alice: Person, bob: Person, carol: Person) -> None:
    with_bob, with_carol = alice.sends("1", to=bob), alice.sends("2", to=carol)
    bob.sends("3", to=alice)
    assert [chat["id"] for chat in alice.chats()] == [with_bob["chat_id"], with_carol["chat_id"]]
    last = alice.chats()[0]["last_message"]
    assert set(last) == {"id", "content", "created_at", "sender_id", "is_deleted"}
    assert (last["content"], last["sender_id"], last["is_deleted"]) == ("3", bob.id, False)


def test_chats_are_paginated(alice: Person, make_person: PersonMaker) -> None:
    made = [alice.sends("hi", to=make_person())["chat_id"] for _ in range(5)][::-1]
    pages = [[chat["id"] for chat in alice.chats(page=page, limit=2)] for page in (1, 2, 3, 4)]
    assert pages == [made[:2], made[2:4], made[4:], []]
    assert [chat["id"] for chat in alice.chats(limit=1000)] == made


@pytest.mark.parametrize("params", [{"limit": 0}, {"limit": -1}, {"limit": "x"}, {"page": 0}, {"page": "1.5"},
                                    {"archived": "maybe"}, {"q": "x" * 101}, {"sort": "id"}])  # fmt: skip
def test_invalid_page_parameters_are_refused(alice: Person, params: dict[str, object]) -> None:
    reply = alice.gets("", **params)
    assert (reply.status, list(reply.json["details"])) == (422, list(params))


def test_search_finds_names_and_titles(alice: Person, bob: Person, carol: Person, host: Host) -> None:
    item = host.lists("Велосипед 100%_чистый", seller=bob)
    about, with_carol = alice.sends("a", listing_id=item)["chat_id"], alice.sends("b", to=carol)["chat_id"]

    def found(q: str) -> list[int]:
        return [chat["id"] for chat in alice.chats(q=q)]

    assert found("велосипед") == found("100%_") == [about]
    assert found(carol.username.upper()) == [with_carol]
    assert found("%") == [about]
    assert found("nothing of this") == []


def test_email_is_visible_only_to_its_owner(alice: Person, bob: Person) -> None:
    chat = bob.chat(alice.sends("hi", to=bob)["chat_id"])
    assert chat["seller"]["email"] == f"{bob.username}@example.com"
    assert chat["buyer"]["email"] == chat["other_user"]["email"] == ""
    message = bob.history(chat["id"])[0]
    assert message["sender"]["email"] == message["receiver"]["email"] == ""


def test_email_is_visible_to_partners_if_configured(make_person: PersonMaker, lenient_server: ChatServer) -> None:
    alice, bob = make_person("alice", server=lenient_server), make_person("bob", server=lenient_server)
    chat = bob.chat(alice.sends("hi", to=bob)["chat_id"])
    assert chat["other_user"]["email"] == f"{alice.username}@example.com"


def test_list_answers_without_a_redirect(alice: Person) -> None:
    assert alice.gets("").data == alice.gets("/").data == []


def test_partners_are_shown_online(alice: Person, bob: Person) -> None:
    chat_id = alice.sends("hi", to=bob)["chat_id"]
    assert alice.chat(chat_id)["other_user"]["is_online"] is False
    bob.connects()
    assert alice.chat(chat_id)["other_user"]["is_online"] is True


def test_long_messages_are_cut_only_in_the_list(alice: Person, bob: Person) -> None:
    message = alice.sends("я" * 10_000, to=bob)
    shown = bob.chat(message["chat_id"])["last_message"]["content"]
    assert shown == "я" * 499 + "…"
    assert bob.history(message["chat_id"])[0]["content"] == "я" * 10_000


@pytest.fixture(scope="module")
def lenient_server(start_server: Callable[..., ChatServer]) -> ChatServer:
    """chatapp that accepts unknown items, and shows email addresses to partners."""
    return start_server(ITEMS_STRICT="0", SHOW_EMAILS="1")
