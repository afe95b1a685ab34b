"""The pool of connections while Postgres hangs. In a separate process, since the wait callback is global."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from chaos.toxics import BlackHole, Relay

_HANGING_SERVER = """
from gevent import monkey; monkey.patch_all()
import gevent, sys
from playhouse.pool import MaxConnectionsExceeded
from chatapp.infra import connection_pool
from chatapp.infra.gevent_psycopg import NoResponse, WaitingConnection, patch_psycopg

patch_psycopg(2)
connection_pool.TRUSTED = 0  # every idle connection is checked
options = {"max_connections": 2, "timeout": 60, "stale_timeout": 60, "connection_factory": WaitingConnection}
pool = connection_pool.ConnectionPool(sys.argv[1], **options)

def answers():
    pool.connect()
    try:
        assert pool.execute_sql("SELECT 1").fetchone() == (1,)
    finally:
        pool.close()

pool.connect()
gevent.spawn(answers).get()
assert (pool.use.size, pool.use.in_use, pool.use.free) == (2, 1, 1)

print("hang", flush=True)
sys.stdin.readline()
checking = gevent.spawn(pool.connect)
while pool.use.in_use < 2:
    gevent.sleep(0)
refused = gevent.spawn(pool.connect, wait=0)
refused.join()
assert isinstance(refused.exception, MaxConnectionsExceeded), refused
assert pool.close()
assert not checking.ready(), "others must not wait for a server that hangs"
checking.join()
assert isinstance(checking.exception, NoResponse), checking
assert pool.use.in_use == 0

print("respond", flush=True)
sys.stdin.readline()
gevent.spawn(answers).get()
assert pool.use.in_use == 0
"""


def test_a_server_that_hangs_delays_only_who_asks_it(postgres_url: str) -> None:
    address = urlsplit(postgres_url)
    assert address.port
    with Relay(address.port) as relay:
        url = address._replace(netloc=address.netloc.replace(f":{address.port}", f":{relay.port}")).geturl()
        process = subprocess.Popen(
            [sys.executable, "-c", _HANGING_SERVER, url],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdin and process.stdout and process.stderr
            for line in process.stdout:
                if line == "hang\n":
                    relay.poison(BlackHole())
                elif line == "respond\n":
                    relay.heal()
                    relay.cut()
                process.stdin.write("\n")
                process.stdin.flush()
            errors = process.stderr.read()
    assert process.returncode == 0, errors
