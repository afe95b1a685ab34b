"""Commands of the operators, which read the configuration."""

from __future__ import annotations

from tests.ops.conftest import ops as ops
from tests.ops.conftest import ops_environment as ops_environment
from tests.ops.conftest import ops_process as ops_process
