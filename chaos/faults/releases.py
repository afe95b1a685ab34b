"""migration, releases: the release before and this one, one after the other and side by side, under load."""

from __future__ import annotations

import itertools
import threading
import time
from types import TracebackType
from typing import Self

import requests

from bench.environment import token_for
from chaos.cluster import Cluster
from chaos.scenario import TIMEOUT, Scenario
from chatapp.ids import snowflake

CHATS = 100_000  # that are migrated
LONGEST_WAIT = 1.0  # seconds that a migration may delay a message
FILES_PER_SECOND, BLOCKS_PER_SECOND, LOST_SHARE = 3.0, 1.0, 0.03
FRAMES = ("message_edited", "message_deleted", "attachments_updated")
ACTIONS = (*FRAMES, "file sent", "file added", "file deleted", "block")  # each must occur

FIRST_FILLED, FILLED_PEOPLE = 100_001, 1000  # ids of the users of filled chats, and their number
LOAD_CHATS = 50  # those of the load, spread among the filled ones
_DAY_MS = 86_400_000

# In the schema of the release before. Each user has the same number of chats; some have messages, some are about an
# item, and in some one blocks the other. The load's chats are empty.
_FILL = """
INSERT INTO users (id, subject, username)
SELECT n, n, 'person-' || n FROM generate_series(1, 2 * %(load_chats)s) n
UNION ALL SELECT n, n, 'person-' || n FROM generate_series(%(first)s, %(first)s + %(people)s - 1) n;

CREATE TEMPORARY TABLE filled AS
SELECT n, (%(begin)s + n) << %(bits)s AS id, CASE n %% 10 WHEN 9 THEN 'listing' ELSE 'direct' END AS kind,
    CASE n %% 10 WHEN 9 THEN n + 1 END AS item_id, %(first)s + n %% %(people)s AS one,
    %(first)s + (n %% %(people)s + 1 + n / %(people)s) %% %(people)s AS other,
    CASE WHEN n %% 10 < 3 THEN 3 ELSE 0 END AS messages, n %% 100 = 5 AS has_block
FROM generate_series(0::bigint, %(chats)s - 1) n
UNION ALL
SELECT -1, (%(begin)s + n * %(chats)s / %(load_chats)s) << %(bits)s | 1, 'direct', NULL, 2 * n + 1, 2 * n + 2, 0, false
FROM generate_series(0::bigint, %(load_chats)s - 1) n;

INSERT INTO items (kind, id, seller_id) SELECT kind, item_id, other FROM filled WHERE item_id IS NOT NULL;
INSERT INTO blocks (blocker_id, blocked_id) SELECT one, other FROM filled WHERE has_block;
INSERT INTO chats (id, kind, item_id, buyer_id, seller_id, buyer_blocks) SELECT id, kind, item_id, one, other, has_block
FROM filled;
INSERT INTO chat_members (chat_id, user_id, last_read_seq, has_unread, active_bucket)
SELECT id, one, messages, false, extract(epoch FROM now())::integer / 300 FROM filled
UNION ALL SELECT id, other, greatest(messages - 1, 0), messages > 0,
    CASE messages WHEN 0 THEN 0 ELSE extract(epoch FROM now())::integer / 300 END FROM filled;
INSERT INTO messages (id, chat_id, seq, version, sender_id, content, created_at)
SELECT (%(begin)s + %(chats)s + 3 * n + seq) << %(bits)s, id, seq, seq, CASE seq %% 2 WHEN 0 THEN other ELSE one END,
    'message ' || seq, to_timestamp((%(begin)s + %(chats)s + 3 * n + seq + %(epoch)s) / 1000.0)
FROM filled, generate_series(1, messages) seq;
UPDATE chats c SET last_seq = 3, last_version = 3, first_message_id = m.id - (2 << %(bits)s), last_message_id = m.id,
    last_message_sender_id = m.sender_id, last_message_text = m.content, last_message_at = m.created_at
FROM messages m WHERE m.chat_id = c.id AND m.seq = 3;
DROP TABLE filled;
ANALYZE;
"""
# Migration 0009 gives roles to members of chats of two, and a block to these chats; later releases write both.
_IS_LATER = """
SELECT count(*) FROM information_schema.columns WHERE table_name = 'chats' AND column_name = 'pair_key'
"""
_FILL_MEMBERS = """
UPDATE chat_members SET role = CASE user_id WHEN buyer_id THEN 'buyer' ELSE 'seller' END FROM chats WHERE id = chat_id;
UPDATE chats SET blocked = true WHERE buyer_blocks;
"""
# What a complete migration leaves none of.
_UNMIGRATED = {
    "chats of two without a key": "SELECT count(*) FROM chats WHERE pair_key IS NULL",
    "chats with a wrong block": """
        SELECT count(*) FROM chats WHERE blocked <> EXISTS (
            SELECT FROM blocks WHERE (blocker_id, blocked_id) IN ((buyer_id, seller_id), (seller_id, buyer_id)))""",
    "members without a role": "SELECT count(*) FROM chat_members WHERE role NOT IN ('buyer', 'seller')",
    "direct chats of the same two": """
        SELECT count(*) FROM (
            SELECT FROM chats WHERE kind = 'direct' GROUP BY least(buyer_id, seller_id), greatest(buyer_id, seller_id)
            HAVING count(*) > 1
        ) doubled""",
}


def fill(cluster: Cluster, chats: int = CHATS) -> None:
    """Fill the empty database of the release before with chats, a day old. Parameters: chats: at most 400,000."""
    begin = int(time.time() * 1000) - snowflake.EPOCH_MS - _DAY_MS
    cluster.sql(
        _FILL,
        begin=begin,
        bits=snowflake.SEQUENCE_BITS,
        epoch=snowflake.EPOCH_MS,
        chats=chats,
        first=FIRST_FILLED,
        people=FILLED_PEOPLE,
        load_chats=LOAD_CHATS,
    )
    if cluster.sql(_IS_LATER) == [(1,)]:
        cluster.sql(_FILL_MEMBERS)


def migrate_under_load(scenario: Scenario) -> None:
    """migration: the release before serves while its database is migrated; then its processes are replaced in turn."""
    cluster = scenario.cluster
    begun = time.time()
    with FirstMessages(cluster.webs[0].port) as first_messages:
        time.sleep(scenario.seconds)
        started = time.time()
        scenario.record("migration took s", cluster.release())
        ended = time.time()
        time.sleep(LONGEST_WAIT)
    for program in (cluster.webs[1], cluster.ops, cluster.webs[0]):
        at = time.time()
        cluster.upgrade(program)
        scenario.await_normal(at, "normal after an upgrade s")
        scenario.load.call("set_drop_share", share=LOST_SHARE)  # so that devices spread over both releases
        time.sleep(scenario.seconds / 3)
        scenario.load.call("set_drop_share", share=0)
    scenario.await_normal(time.time(), "normal at the end s")
    _record_waits(scenario, "before the migration", begun, started, most=None)
    _record_waits(scenario, "during the migration", started, ended, most=LONGEST_WAIT)
    scenario.record("longest first message s", first_messages.longest, most=LONGEST_WAIT)
    scenario.record("first messages", first_messages.count)
    scenario.require(not first_messages.faults, f"first messages were refused: {first_messages.faults[:3]}")
    for what, query in _UNMIGRATED.items():
        ((count,),) = cluster.sql(query)
        scenario.require(count == 0, f"{count} {what}")


def _record_waits(scenario: Scenario, when: str, since: float, until: float, *, most: float | None) -> None:
    """Record how long the messages first sent in an interval waited for their acknowledgement, repetitions included."""
    sends = scenario.load.call("sends", since=since, until=until, within=LONGEST_WAIT)
    scenario.record(f"messages sent {when}", sends["offered"])
    scenario.require(sends["count"] > 0, f"nothing was acknowledged {when}")
    if sends["count"]:
        scenario.record(f"longest wait {when} s", sends["max"], most=most)
        scenario.report.measurements[f"p99 {when} s"] = sends["p99"]
    scenario.require(sends["offered"] == sends["count"], f"{when}, not all were acknowledged: {sends}")


class FirstMessages:
    """Messages to a user instead of a chat, in turn into a filled chat and into a new one.

    Attributes:
        longest: seconds until a response.
        faults: other responses than the message.
    """

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/api/v1/marketplace/chat/messages"
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._send_on, daemon=True)
        self.longest = 0.0
        self.count = 0
        self.faults: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._has_ended.set()
        self._thread.join(TIMEOUT)

    def _send_on(self) -> None:
        distances = itertools.cycle((1, FILLED_PEOPLE // 2))  # filled chats connect near users only
        with requests.Session() as http:
            for number in range(FILLED_PEOPLE // 2):
                if self._has_ended.wait(0.05):
                    return
                if number % 100 != 5:  # these are blocked
                    self._send(http, FIRST_FILLED + number, FIRST_FILLED + number + next(distances))

    def _send(self, http: requests.Session, sender: int, receiver: int) -> None:
        headers = {"Authorization": f"Bearer {token_for(sender)}"}
        body = {"receiver_id": receiver, "content": "hello"}
        began = time.monotonic()
        try:
            answer = http.post(self._url, json=body, headers=headers, timeout=TIMEOUT)
            if answer.status_code != 200:
                self.faults.append(f"{answer.status_code} {answer.text[:200]}")
        except requests.RequestException as error:
            self.faults.append(f"{type(error).__name__}: {error}")
        self.longest, self.count = max(self.longest, time.monotonic() - began), self.count + 1


def serve_side_by_side(scenario: Scenario) -> None:
    """releases: one web server of each release, with edits, deletes, files and blocks in both dialects on both.

    The old one is also restarted on the migrated database, and `worker` is replaced halfway.
    """
    cluster, load = scenario.cluster, scenario.load
    cluster.release()
    at = time.time()
    cluster.upgrade(cluster.webs[1])
    scenario.await_normal(at)
    load.call("set_file_rate", per_second=FILES_PER_SECOND)
    load.call("set_block_rate", per_second=BLOCKS_PER_SECOND)
    load.call("set_drop_share", share=LOST_SHARE)
    for number in range(scenario.rounds):
        time.sleep(scenario.seconds / 2)
        by_port = load.call("snapshot")["by_port"]
        scenario.require(all(by_port.values()), f"a release had no device: {by_port}")
        if number == 0:
            cluster.upgrade(cluster.ops)
            cluster.webs[0].stop()
            cluster.webs[0].start()
        time.sleep(scenario.seconds / 2)
    load.call("set_drop_share", share=0)
    scenario.await_normal(time.time())
    done = load.call("changes")
    scenario.report.measurements |= {f"number of {what}": done.get(what, 0) for what in ACTIONS}
    missing = [what for what in ACTIONS if not done.get(what)]
    scenario.require(not missing, f"did not occur: {missing}")
