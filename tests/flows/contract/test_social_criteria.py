"""Requirements of the social platform, one per test."""

from __future__ import annotations

import random
import re
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.host import Host
from tests.people import Person, PersonMaker, Socket
from tests.servers import ChatServer
from tests.social_api import SOCIAL, frame

MANY = 1000


def test_the_rest_endpoints_work(alice: Person, bob: Person) -> None:
    conversation = alice.social.opens(bob)
    message = alice.social.sends("hi", to=conversation["id"])
    assert [one["id"] for one in bob.social.conversations()] == [conversation["id"]]
    assert bob.social.unread() == 1
    assert bob.social.history(conversation["id"])[0]["id"] == message["id"]
    assert bob.social.gets(f"/messages/{message['id']}").data["content"] == "hi"
    assert bob.social.reads(conversation["id"], message) == 1
    assert alice.social.blocks(bob).status == 201
    assert alice.social.gets(f"/blocks/status/{bob.username}").data["isBlocked"] is True
    assert len(alice.social.gets("/blocks").data["blocks"]) == 1
    assert alice.social.unblocks(bob).status == 200


def test_messages_are_delivered_immediately(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    hers, his = alice.social.connects(), bob.social.connects()
    hers.sends(frame("message.send", conversationId=conversation_id, content="hi"))
    assert his.receives("message.new")["payload"]["content"] == "hi"


def test_pages_have_no_duplicates_or_gaps_during_writes(alice: Person, bob: Person) -> None:
    path = f"/conversations/{alice.social.opens(bob)['id']}"
    for number in range(30):
        alice.social.sends(str(number), to=alice.social.opens(bob)["id"])

    def write(person: Person) -> None:
        for number in range(40):
            assert person.social.posts(f"{path}/messages", {"content": str(number)}).status == 201

    with ThreadPoolExecutor(4) as pool:
        writers = [pool.submit(write, person) for person in (alice, bob) * 2]
        walks = 0
        while not (are_done := all(writer.done() for writer in writers)) or not walks:
            pages = bob.social.all_pages(f"{path}/messages", "messages", limit=7)
            seqs = [message["seq"] for page in pages for message in page]
            assert seqs == list(range(len(seqs), 0, -1))
            walks += 1
        for writer in writers:
            writer.result()
    assert are_done
    assert len(bob.social.all_pages(f"{path}/messages", "messages", limit=50)) == 4


def test_a_block_stops_messages(alice: Person, bob: Person) -> None:
    conversation_id = alice.social.opens(bob)["id"]
    his = bob.social.connects()
    bob.social.blocks(alice)
    hers = alice.social.connects()
    for number in range(10):
        hers.sends(frame("message.send", conversationId=conversation_id, content=str(number)))
    assert {refusal["payload"]["code"] for refusal in hers.receives_all("message.error", 10)} == {"BLOCKED"}
    his.receives_no("message.new", until=his.pings)
    assert bob.social.unread() == 0


def test_presence_is_shown(alice: Person, bob: Person) -> None:
    def is_online() -> bool:
        return bool(bob.social.opens(alice)["otherUser"]["isOnline"])

    alice.social.sends("hi", to=bob)
    assert not is_online()
    his, hers = bob.social.connects(), alice.social.connects()
    his.receives("user.online", userId=alice.uuid)
    assert is_online()
    hers.closes()
    his.receives("user.offline", userId=alice.uuid)
    assert not is_online()


def test_the_unread_count_is_pushed(alice: Person, bob: Person) -> None:
    his = bob.social.connects()
    alice.social.sends("hi", to=bob)
    his.receives("notification.unread", count=1)


@pytest.fixture
def many_files() -> Iterator[None]:
    """Raise the file limit for a thousand sockets, here and in servers started by the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 3 * MANY:
        pytest.skip("this machine lets a process open too few files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 3 * MANY), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_connections_receive_a_message(
    many_files: None, start_server: Callable[..., ChatServer], make_person: PersonMaker
) -> None:
    server = start_server(WS_MAX_CONNECTIONS_PER_USER=str(MANY))
    alice, bob = make_person("alice", server=server), make_person("bob", server=server)
    sockets = [Socket(server, query=f"?token={bob.token}", path=f"{SOCIAL}/ws") for _ in range(MANY)]
    try:
        sent = alice.social.sends("hi, all of you", to=bob)
        for socket in sockets:
            assert socket.receives("message.new")["payload"]["id"] == sent["id"]
    finally:
        for socket in sockets:
            socket.closes()
        server.stop()


def test_four_of_five_reads_hit_the_cache(alice: Person, make_person: PersonMaker) -> None:
    """Typical use: a few conversations are read often and written to occasionally."""
    chance = random.Random(2)
    conversations = [alice.social.sends("hi", to=make_person())["conversationId"] for _ in range(10)]
    weights = [1 / (rank + 1) for rank in range(len(conversations))]

    def counted() -> dict[str, float]:
        lines = re.findall(r"chat_cache_requests_total\{(.*)\} (\S+)", alice.server.get("/metrics").text)
        return {labels: float(value) for labels, value in lines if 'cache="first_page"' in labels}

    before = counted()
    for conversation_id in chance.choices(conversations, weights, k=200):
        alice.social.history(conversation_id)
        if chance.random() < 0.05:
            alice.social.sends("again", to=conversation_id)
    requests = {labels: value - before.get(labels, 0) for labels, value in counted().items()}
    hits = sum(value for labels, value in requests.items() if "hit" in labels)
    assert hits / sum(requests.values()) > 0.8


def test_metrics_and_socket_counts_are_served(server: ChatServer, host: Host) -> None:
    assert "chat_messages" in server.get("/metrics").text
    assert set(host.counts_sockets()) >= {"connections", "users"}
