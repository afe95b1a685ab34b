"""The core in this process, for what needs no HTTP."""

from __future__ import annotations

from tests.auth.conftest import configure as configure
from tests.auth.conftest import core_database as core_database
