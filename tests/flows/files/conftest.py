"""Child processes that decode files."""

from __future__ import annotations

from tests.files.conftest import inspects as inspects
from tests.files.conftest import large as large
from tests.files.conftest import open_workshop as open_workshop
from tests.files.conftest import small as small
from tests.files.conftest import workshop as workshop
