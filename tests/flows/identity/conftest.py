"""The core in this process, without HTTP."""

from __future__ import annotations

from tests.auth.conftest import configure as configure
from tests.auth.conftest import core_database as core_database
