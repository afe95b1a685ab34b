"""psycopg2 under gevent. In a separate process, since the wait callback is global."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_SILENT_SERVER = """
from gevent import monkey; monkey.patch_all()
import gevent, psycopg2, socket, sys, time
from chatapp.infra.gevent_psycopg import assert_cooperative, patch_psycopg

try:
    assert_cooperative()
except RuntimeError:
    pass
else:
    sys.exit("an unpatched process was accepted")
patch_psycopg(0.5)
assert_cooperative()
listener = socket.create_server(("127.0.0.1", 0))
ticks = []
def tick():
    while True:
        ticks.append(time.monotonic())
        gevent.sleep(0.01)
ticker = gevent.spawn(tick)
try:
    psycopg2.connect(host="127.0.0.1", port=listener.getsockname()[1], dbname="x", connect_timeout=60)
except psycopg2.OperationalError as error:
    print(error)
assert len(ticks) > 10, len(ticks)
"""


def test_a_database_that_accepts_and_never_responds_ends_in_a_time_out() -> None:
    result = subprocess.run(
        [sys.executable, "-c", _SILENT_SERVER], cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert "no response from the database within 0.5 s" in result.stdout


_SLOW_STATEMENTS = """
from gevent import monkey; monkey.patch_all()
import gevent, psycopg2, sys
from chatapp.infra.gevent_psycopg import WaitingConnection, patch_psycopg

patch_psycopg(2)
connection = psycopg2.connect(sys.argv[1], connection_factory=WaitingConnection)
connection.autocommit = True

def run(sql, connection=connection):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()[0][0]

assert [run(f"SELECT {number}") for number in range(100)] == list(range(100))
assert len(run("SELECT repeat('x', 5000000)")) == 5_000_000  # arrives in many pieces
for _ in range(3):
    run("SELECT 1 FROM pg_sleep(0.9)")  # each wait has the whole time

in_a_thread = gevent.get_hub().threadpool.spawn(run, "SELECT 5 FROM pg_sleep(0.1)")
assert in_a_thread.get(timeout=60) == 5, "a connection of a pool may be used by another thread, with another loop"
assert run("SELECT 6") == 6

killed = gevent.spawn(run, "SELECT 1 FROM pg_sleep(1.5)")
gevent.sleep(0.1)
killed.kill()
assert connection.closed, "the answer must not go to the next statement"

connection = psycopg2.connect(sys.argv[1], connection_factory=WaitingConnection)
assert run("SELECT 7", connection) == 7, "on a descriptor that was used before"
try:
    run("SELECT 1 FROM pg_sleep(60)", connection)
except psycopg2.OperationalError as error:
    print(error)
assert connection.closed
"""


def test_a_connection_waits_many_times_and_ends_in_a_time_out(postgres_url: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", _SLOW_STATEMENTS, postgres_url],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert "no response from the database within 2 s" in result.stdout
