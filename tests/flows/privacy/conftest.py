"""Users with a bucket of their own, in this process."""

from __future__ import annotations

from tests.actions.attachments.conftest import inspectors as inspectors
from tests.actions.attachments.conftest import rebind as rebind
from tests.actions.attachments.conftest import storage as storage
