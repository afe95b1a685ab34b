"""All faults and load tests by name, with the cluster and load that each needs."""

from __future__ import annotations

from chaos.faults import (
    assistant,
    clients,
    clocks,
    kills,
    load_tests,
    mixed,
    object_store,
    postgres,
    redis,
    releases,
    soak,
)
from chaos.revisions import RELEASE_BEFORE
from chaos.scenario import Fault

_STAR = {"is_star": True, "chats": 48, "devices": 2}
_RELAYED = {"through": ("postgres", "redis")}
_CLOCKS = {"servers": 2, "workers": 1, "has_clocks": True}
_ONE_CHAT = {"chats": 1, "devices": 4}
_TWO_RELEASES = {"servers": 2, "workers": 1, "revision": RELEASE_BEFORE}
_MANY_DEVICES = {"WS_MAX_CONNECTIONS_PER_USER": "600"}

_FAULTS = (
    Fault("F1", "kill -9 a web worker", kills.kill_web, {}, {"group_size": 8}, full=(12, 0)),
    Fault("F2-commit", "kill -9 between commit and ack", kills.kill_after_commit, _RELAYED),
    Fault("F2-publish", "kill -9 between commit and publish", kills.kill_before_publish, _RELAYED),
    Fault("F3", "SIGTERM to master and workers, twice", kills.terminate_twice),
    Fault("F4", "Postgres restarted, immediate and fast", postgres.restart_postgres),
    Fault("F5", "Postgres hangs", postgres.hang_postgres, full=(10, 20.0)),
    Fault("F6", "Postgres connections cut one by one", postgres.cut_postgres_connections, full=(1, 60.0)),
    Fault("F7", "Redis down and restarted", redis.restart_redis, full=(10, 20.0)),
    Fault("F8-flush", "Redis FLUSHALL", redis.flush_redis),
    Fault("F8", "Redis drops its subscribers, sleeps, hangs", redis.disturb_redis, full=(10, 5.0)),
    Fault(
        "F9",
        "S3 down, hanging, refusing, slow",
        object_store.break_object_store,
        {"through": ("s3",)},
        full=(3, 15.0),
    ),
    Fault(
        "F10",
        "slow readers",
        clients.slow_readers,
        _MANY_DEVICES,
        {**_STAR, "chats": 20, "seller_devices": 104, "padding": 1500},
        rate=25.0,
        full=(3, 20.0),
    ),
    Fault("F11", "half-open connections", clients.half_open, {"WS_PING_PERIOD": "1s", "WS_PONG_WAIT": "3s"}),
    Fault("F12", "wrong clocks", clocks.shift_clocks, _CLOCKS, _ONE_CHAT, full=(3, 60.0)),
    Fault("F13", "reconnect storm", clients.reconnect_storm, _MANY_DEVICES, {"chats": 250}),
    Fault("F14-ticket", "one ticket, 100 at once", clients.one_ticket, full=(100, 0)),
    Fault(
        "F14-newest",
        "the newest socket wins",
        clients.newest_wins,
        {"WS_MAX_CONNECTIONS_PER_USER": "1"},
        {"chats": 5, "devices": 1},
    ),
    Fault("F15", "one key on all routes at once", clients.same_key, full=(1, 60.0)),
    Fault("F16", "disk full", postgres.fill_disk, {"postgres_megabytes": 400}, full=(3, 10.0)),
    Fault("show-1", "kill -9 a web worker, worker, or both", kills.kill_any, rate=500.0, full=(50, 0)),
    Fault("show-2-redis", "Redis kill -9 and restart", redis.kill_redis, rate=300.0),
    Fault("show-2-flush", "Redis FLUSHALL", redis.flush_redis, rate=300.0),
    Fault("show-2-postgres", "Postgres immediate restart", postgres.restart_postgres_immediately, rate=300.0),
    Fault("show-3", "rolling restart", kills.rolling_restart, {"servers": 2, "workers": 1}, rate=300.0, full=(5, 0)),
    Fault("show-4", "a socket that is never read", clients.stalled_reader, {}, {**_STAR, "seller_devices": 5}),
    # While a transaction is open, each catch-up repeats everything since its start: too much at the full rate.
    Fault("show-5-late", "a transaction held open, clocks set back", clocks.late_commit, _CLOCKS, _ONE_CHAT, rate=50.0),
    Fault("show-5-away", "absent for 100,000 messages", clocks.long_absence, {}, {"chats": 5}, rate=20.0, full=(1, 0)),
    Fault(
        "show-d3",
        "1,000 uploads and deletes, S3 killed twice",
        object_store.change_files_with_kills,
        rate=20.0,
        full=(1, 10.0),
    ),
    # Few chats, so that messages of one chat share a commit: that is where an order is easily lost.
    Fault(
        "mixed",
        "a mixed load; web, Postgres and Redis killed in turn",
        mixed.kill_everything_in_turn,
        {},
        {"chats": 5, "devices": 4, "group_size": 5},
        rate=100.0,
        full=(1, 600.0),
    ),
    Fault(
        "L1",
        "1,000 sockets, 50 messages a second",
        load_tests.many_sockets,
        {},
        {"chats": 250},
        rate=50.0,
        has_actions=False,
    ),
    Fault("L4", "soak: 5 % reconnect each second", soak.soak, rate=50.0, full=(1, 1200.0)),
    Fault(
        "L6",
        "fan-out to 500 sockets",
        load_tests.fan_out,
        _MANY_DEVICES,
        rate=100.0,
        full=(1, 30.0),
        has_actions=False,
    ),
    Fault(
        "migration",
        "a filled database of the release before is migrated, then its processes are replaced",
        releases.migrate_under_load,
        _TWO_RELEASES,
        {"chats": releases.LOAD_CHATS},
        rate=100.0,
        full=(1, 30.0),
        prepare=releases.fill,
        has_actions=False,
    ),
    Fault(
        "releases",
        "a server of the release before and one of this release",
        releases.serve_side_by_side,
        _TWO_RELEASES,
        {"chats": 10},
        rate=100.0,
        full=(5, 60.0),
        has_actions=False,
    ),
    *(
        Fault(
            name,
            what,
            run,
            assistant.CLUSTER,
            {"chats": 5},
            rate=10.0,
            full=(50, 0),
            has_actions=False,
        )
        for name, what, run in (
            ("assistant-client", "visitors lose their sockets in the middle of answers", assistant.cut_clients),
            ("assistant-worker", "kill -9 a worker in the middle of answers", assistant.kill_workers),
            ("assistant-twice", "the same, and again in the second attempt", assistant.kill_workers_twice),
            ("assistant-model", "kill -9 the language model in the middle of answers", assistant.kill_model),
        )
    ),
)

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _FAULTS}

# Names for several faults.
GROUPS: dict[str, tuple[str, ...]] = {"assistant": tuple(name for name in FAULTS if name.startswith("assistant-"))}

# Their clients read slowly or not at all, which the SDK cannot.
SLOW_READERS = {"F10", "show-4"}

# Measured by the benchmarks; the command line points there.
IN_BENCH = {
    "L2": "throughput until saturation is `python -m bench closed open`",
    "L3": "memory of idle sockets is `python -m bench idle`",
    "L5": "delay of the event loop during uploads and log-ins is `python -m bench lag`",
}
