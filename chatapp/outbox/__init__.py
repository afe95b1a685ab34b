"""Consumers of the outbox: work that follows a commit, with retries.

`CONSUMERS` lists them. `worker` runs a `Feed` for each; nothing else names a consumer.
"""

from __future__ import annotations

from chatapp.outbox.consumer import Consumer
from chatapp.outbox.link_previews import LinkPreviews
from chatapp.outbox.redis_export import RedisExport
from chatapp.outbox.relay import Relay
from chatapp.outbox.search_index import SearchIndex

CONSUMERS: tuple[Consumer, ...] = (Relay(), RedisExport(), LinkPreviews(), SearchIndex())
