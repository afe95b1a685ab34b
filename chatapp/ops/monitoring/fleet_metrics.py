"""Metrics of all processes that share a Redis, from any web process.

A platform's router sends a scrape to any web process, and `worker` has no port at all. So each process publishes its
exposition in Redis every few seconds, and the process that is scraped merges them, with a label `process`.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import time
import zlib
from typing import Any, NoReturn

import gevent
from redis.exceptions import RedisError

from chatapp.infra.redis_client import redis
from chatapp.metrics.collection import expose
from config import Settings

log = logging.getLogger(__name__)

PUBLISH_PERIOD = 10.0  # seconds; shorter than the usual 15 s between two scrapes
LIFE = 35.0  # seconds after which a process that stopped publishing is omitted
_KEY = "metrics"
_SAMPLE = re.compile(rb"^(\w+)(?:\{(.*)\})? (\S+)$")


def process_name(settings: Settings, kind: str) -> str:
    """The name of this process: from the platform, else its host and its port (`web`) or process id."""
    number = settings.port if kind == "web" else os.getpid()
    return settings.process_name or f"{kind}.{socket.gethostname()}.{number}"


def keep_publishing(settings: Settings, kind: str) -> NoReturn:
    """Publish the exposition of this process in Redis periodically. `kind` is `web` or `worker`."""
    name = process_name(settings, kind)
    while True:
        body, _ = expose()
        try:
            redis().hset(_KEY, name, b"%d " % time.time() + zlib.compress(body))
        except RedisError as error:
            log.debug("metrics not published, will retry", extra={"reason": str(error)})
        gevent.sleep(PUBLISH_PERIOD)


def exposition(own_name: str, own: bytes) -> bytes:
    """The merged exposition of all processes; of this one alone while Redis is unavailable.

    Parameters:
        own: the exposition of this process; those of others may be `PUBLISH_PERIOD` old.
    """
    return merged({own_name: own, **_others(own_name)})


def merged(expositions: dict[str, bytes]) -> bytes:
    """Merge expositions by process name into one, in which each sample has the label `process`."""
    families: dict[bytes, tuple[list[bytes], list[bytes]]] = {}  # by name: lines of comment, samples
    for process, text in expositions.items():
        label = b'process="%s"' % re.sub(rb'[\\"\n]', b"_", process.encode())
        comments: list[bytes] = []
        samples: list[bytes] = []
        for line in text.splitlines():
            if line.startswith(b"# HELP "):
                comments, samples = families.setdefault(line.split(b" ", 3)[2], ([], []))
            if line.startswith(b"#"):
                if line not in comments:
                    comments.append(line)
            elif match := _SAMPLE.match(line):
                labels = b",".join(filter(None, (label, match[2])))
                samples.append(b"%s{%s} %s" % (match[1], labels, match[3]))
    return b"".join(line + b"\n" for lines in families.values() for part in lines for line in part)


def _others(own_name: str) -> dict[str, bytes]:
    try:
        published: Any = redis().hgetall(_KEY)
        oldest = time.time() - LIFE
        found, dead = {}, []
        for name, value in published.items():
            at, _, body = value.partition(b" ")
            if int(at) < oldest:
                dead.append(name)
            elif name.decode() != own_name:
                found[name.decode()] = zlib.decompress(body)
        if dead:
            redis().hdel(_KEY, *dead)
    except RedisError as error:
        log.warning("metrics of other processes are missing", extra={"reason": str(error)})
        return {}
    return dict(sorted(found.items()))
