"""Entry of the web process: `gunicorn -c config/gunicorn.py wsgi:app`."""

import os

from chatapp import create_app, metrics, serve
from chatapp.ops import logging
from config import load

settings = load(os.environ)
logging.configure(settings.log_level)
app = create_app(settings)
serve(app)
metrics.watch_event_loop()
