"""A user with many chats, and the commands of the operators."""

from __future__ import annotations

from tests.ops.conftest import db as db
from tests.ops.conftest import ops as ops
from tests.ops.conftest import ops_environment as ops_environment
from tests.ops.conftest import ops_process as ops_process
from tests.ops.conftest import settings as settings
from tests.queries.conftest import crowd as crowd
