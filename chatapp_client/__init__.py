"""A client of chatapp that loses nothing: it reconnects, catches up, and retries unanswered requests.

It needs `websocket-client` and `requests`, but nothing of chatapp itself. docs/client.md explains how it works, and how
to write a client in another language.
"""

from chatapp_client.backoff import BackOff
from chatapp_client.client import ChatClient
from chatapp_client.failures import ClientError, Refused, Unanswered
from chatapp_client.outbox import PendingMessage
from chatapp_client.state import ChatState
from chatapp_client.timings import Timings

__all__ = ["BackOff", "ChatClient", "ChatState", "ClientError", "PendingMessage", "Refused", "Timings", "Unanswered"]
