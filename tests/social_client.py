"""The reference client for the social dialect: the same state and timings, with another wire format."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from chaos.load.social_requests import to_social
from chaos.load.social_translator import SocialTranslator, marketplace_error
from chatapp.ids.public import encode_chat, encode_message
from chatapp_client import ChatClient, ChatState, Refused, Timings
from chatapp_client.connection import Connection
from chatapp_client.device import Device
from chatapp_client.dispatcher import Dispatcher
from chatapp_client.outbox import Command
from chatapp_client.polling import Polling
from chatapp_client.rest import Rest
from chatapp_client.state import Frame
from tests.social_api import SOCIAL


class PairTranslator(SocialTranslator):
    """Translates the chat of two users. Parameters: ids: integer ids by UUID."""

    def __init__(self, ids: Mapping[str, int]) -> None:
        super().__init__(ids.__getitem__)
        self._pair = frozenset(ids.values())

    def message(self, said: dict[str, Any]) -> dict[str, Any]:
        """Translate a message, and add its recipient, the other user."""
        message = super().message(said)
        (receiver_id,) = self._pair - {message["sender_id"]}
        return {**message, "receiver_id": receiver_id}


class SocialRest(Rest):
    """Maps the client's REST calls to the routes of the social dialect."""

    base = SOCIAL
    socket = f"{SOCIAL}/ws"

    def __init__(self, *args: Any, translator: SocialTranslator) -> None:
        super().__init__(*args)
        self.translator = translator

    def call(
        self, method: str, path: str, *, body: Any = None, params: dict[str, Any] | None = None, key: str | None = None
    ) -> Any:
        """Make a request; see `Rest.call`."""
        message_path = f"/messages/{encode_message(int(path.rpartition('/')[2]))}" if path[-1:].isdigit() else ""
        match method, path:
            case "GET", "/messages/since":
                known = {name: value for name, value in (params or {}).items() if name != "since"}
                return self.translator.page(self._ask("GET", path, params=known))
            case "GET", "":
                page = self._ask("GET", "/conversations", params={"limit": 50})
                return [self.translator.chat(conversation) for conversation in page["conversations"]]
            case "POST", "/messages":
                to = f"/conversations/{encode_chat(body['chat_id'])}/messages"
                return self.translator.message(self._ask("POST", to, body={"content": body["content"]}, key=key))
            case "PUT", "/messages/read":
                to = f"/conversations/{encode_chat(body['chat_id'])}/read"
                return self._ask("POST", to, body={"messageId": encode_message(body["message_ids"][-1])}, key=key)
            case "GET", _ if path.endswith("/pins"):
                pins = self._ask("GET", f"/conversations/{encode_chat(int(path.split('/')[1]))}/pins")
                return [{**pin, "message": self.translator.message(pin["message"])} for pin in pins]
            case _, _ if path.endswith(("/reactions", "/pin", "/star", "/hide")):
                _, _, message_id, mark = path.split("/")
                answer = self._ask(method, f"/messages/{encode_message(int(message_id))}/{mark}", body=body, key=key)
                return self.translator.reactions_answer(answer) if mark == "reactions" else {}
            case "PATCH" | "DELETE", _:
                return self.translator.message(self._ask(method, message_path, body=body, key=key))
        return self._ask(method, path, body=body, params=params, key=key)

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        try:
            return super().call(method, path, **options)
        except Refused as refusal:
            raise type(refusal)(marketplace_error(refusal.error["code"]), status=refusal.status) from None  # type: ignore[index]


class SocialConnection(Connection):
    """Translates the frames of the socket."""

    def __init__(self, rest: SocialRest, session: Device, polling: Polling, timings: Timings) -> None:
        super().__init__(rest, session, polling, timings)
        self._translator = rest.translator

    def send(self, frame: Frame) -> bool:
        """Send a frame; False where there is no socket."""
        return super().send(to_social(frame))

    def _handle(self, frame: Frame) -> None:
        super()._handle(self._translator.frame(frame))


class SocialDispatcher(Dispatcher):
    """Sends edits over HTTP: frames that edit are not acknowledged in this dialect."""

    def _send_frame(self, command: Command) -> None:
        if command.kind == "edit":
            self._request(command)
        else:
            super()._send_frame(command)


class SocialClient(ChatClient):
    """A client of the social dialect. Parameters: translator: for the two users."""

    connection_class = SocialConnection
    dispatcher_class = SocialDispatcher

    def __init__(
        self, base_url: str, token: str, *, translator: SocialTranslator, timings: Timings, state: ChatState
    ) -> None:
        self.rest_class = partial(SocialRest, translator=translator)
        super().__init__(base_url, token, timings=timings, state=state)
