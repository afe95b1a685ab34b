"""The worker process, whose leader runs the relay."""

from __future__ import annotations

from tests.ops.conftest import ops_environment as ops_environment
from tests.ops.worker.test_process import start_worker as start_worker
