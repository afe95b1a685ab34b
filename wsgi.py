"""Entry point of the web process: `gunicorn wsgi:app`."""

import os
import sys

from chatapp import create_app, metrics, serve
from chatapp.errors import Misconfigured
from chatapp.ops.monitoring import json_logging
from chatapp.ops.startup import check_servers
from config import load

BOOT_FAILED = 3  # gunicorn's WORKER_BOOT_ERROR, on which the master exits instead of starting another worker

settings = load(os.environ)
json_logging.configure(settings.log_level)
app = create_app(settings)
try:
    check_servers()
except Misconfigured as error:
    print(f"chatapp: {error}", file=sys.stderr)
    sys.exit(BOOT_FAILED)
serve(app)
metrics.watch_event_loop()
