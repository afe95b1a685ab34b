"""Erasing a connected user leaves no trace of their presence."""

from __future__ import annotations

import redis

from deploy.embedded import RedisServer
from tests.database import Database
from tests.people import Person


def test_closing_the_sockets_of_an_erased_user_stores_nothing(
    quick_alice: Person, quick_bob: Person, service_token: str, database: Database, redis_server: RedisServer
) -> None:
    quick_bob.sends("hi", to=quick_alice)
    old, new = quick_alice.connects(), quick_alice.social.connects()
    his = quick_bob.connects()
    old.receives("user_online")
    quick_alice.server.delete(f"/api/v1/internal/users/{quick_bob.id}", token=service_token)
    assert his.close_code() == 4401
    gone = {"user_id": quick_bob.id, "status": "offline", "last_seen": None}
    assert old.receives("user_offline")["payload"] == gone
    assert new.receives("user.offline")["payload"] == {"userId": quick_bob.uuid}
    assert database.rows("SELECT last_seen_at FROM users WHERE id = %s", quick_bob.id) == [(None,)]
    (chat,) = quick_alice.chats()
    assert (chat["other_user"]["is_online"], chat["other_user"]["last_seen"]) == (False, None)
    assert "lastSeen" not in quick_alice.social.conversations()[0]["otherUser"]
    with redis.Redis.from_url(redis_server.url) as keys:
        names = [f"{name}:{quick_bob.uuid}" for name in ("last_seen", "online", "ws")]
        assert keys.exists(*names, f"connections:{quick_bob.id}") == 0


def test_last_seen_is_the_same_everywhere(
    quick_alice: Person, quick_bob: Person, database: Database, redis_server: RedisServer
) -> None:
    quick_bob.sends("hi", to=quick_alice)
    hers, his = quick_alice.connects(), quick_bob.connects()
    hers.receives("user_online")
    his.closes()
    last_seen = hers.receives("user_offline")["payload"]["last_seen"]
    ((stored,),) = database.rows("SELECT last_seen_at FROM users WHERE id = %s", quick_bob.id)
    assert quick_alice.chats()[0]["other_user"]["last_seen"] == last_seen
    with redis.Redis.from_url(redis_server.url) as keys:
        assert keys.get(f"last_seen:{quick_bob.uuid}") == str(int(stored.timestamp())).encode()
