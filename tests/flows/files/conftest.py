"""Child processes that decode files."""

from __future__ import annotations

from tests.files.conftest import inspectors as inspectors
from tests.files.conftest import inspects as inspects
from tests.files.conftest import large as large
from tests.files.conftest import open_inspectors as open_inspectors
from tests.files.conftest import small as small
