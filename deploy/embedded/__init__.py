"""PostgreSQL, Redis and S3 servers from PyPI packages, for local runs and tests.

`EmbeddedServers` starts the required ones in one data folder; each server class also works alone. Every failure that a
user can cause is a `StartError` with one sentence that says what to do.
"""

from deploy.embedded.folder import DataFolder, StartError
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.redis import RedisServer
from deploy.embedded.s3 import S3Server
from deploy.embedded.servers import EmbeddedServers, Services

__all__ = [
    "DataFolder",
    "EmbeddedServers",
    "PostgresServer",
    "RedisServer",
    "S3Server",
    "Services",
    "StartError",
]
