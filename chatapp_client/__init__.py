"""A client of chatapp that loses nothing: it comes back, catches up, and repeats what was not answered.

It needs `websocket-client` and `requests` and nothing of chatapp itself. How it works, and how to write one in another
language: docs/client.md.
"""

from chatapp_client.backoff import BackOff
from chatapp_client.client import ChatClient
from chatapp_client.failures import ClientError, Refused, Unanswered
from chatapp_client.outbox import PendingMessage
from chatapp_client.state import ChatState
from chatapp_client.timings import Pace

__all__ = ["BackOff", "ChatClient", "ChatState", "ClientError", "Pace", "PendingMessage", "Refused", "Unanswered"]
