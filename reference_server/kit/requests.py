"""What ChatKit clients ask: the parameters of each request type."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from pulsegate.reference_server.bodies import Body, Text

Order = Literal["asc", "desc"]
Limit = Annotated[int, Field(ge=0)]


class TextPart(Body):
    """A piece of text."""

    type: Literal["input_text"]
    text: Text


class TagPart(Body):
    """An entity that the user picked; its `text` is what the user sees."""

    type: Literal["input_tag"]
    id: Text
    text: Text
    data: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies defaults
    group: str | None = None
    interactive: bool = False


class UserInput(Body):
    """What a user submits."""

    content: Annotated[list[Annotated[TextPart | TagPart, Field(discriminator="type")]], Field(min_length=1)]
    attachments: list[str] = []  # noqa: RUF012 - pydantic copies defaults
    quoted_text: Text | None = None
    inference_options: dict[str, Any] = {}  # noqa: RUF012 - pydantic copies defaults

    @property
    def text(self) -> str:
        """The words of every part, joined."""
        return "".join(part.text for part in self.content)


class CreateThread(Body):
    """``threads.create``."""

    input: UserInput


class ListThreads(Body):
    """``threads.list``; `after` is the last id of the page before."""

    limit: Limit | None = None
    order: Order = "desc"
    after: str | None = None


class ThreadParams(Body):
    """``threads.get_by_id``, ``threads.delete``, and what every other request on a thread has."""

    thread_id: str


class AddUserMessage(ThreadParams):
    """``threads.add_user_message``."""

    input: UserInput


class AddToolOutput(ThreadParams):
    """``threads.add_client_tool_output``."""

    result: Any


class ItemParams(ThreadParams):
    """``threads.retry_after_item``."""

    item_id: str


class AddStructuredInput(ItemParams):
    """``threads.add_structured_input``."""

    input: dict[str, Any]


class Action(Body):
    """What a widget sends when it is used."""

    type: Text
    payload: Any = None


class CustomAction(ThreadParams):
    """``threads.custom_action`` and ``threads.sync_custom_action``."""

    item_id: str | None = None
    action: Action


class RenameThread(ThreadParams):
    """``threads.update``."""

    title: Annotated[Text, Field(max_length=255)]


class ListItems(ThreadParams):
    """``items.list``; `after` is the last id of the page before."""

    limit: Limit | None = None
    order: Order = "desc"
    after: str | None = None


class RateItems(ThreadParams):
    """``items.feedback``."""

    item_ids: list[str]
    kind: Literal["positive", "negative"]


class CreateAttachment(Body):
    """``attachments.create``."""

    name: Text
    size: int
    mime_type: Text


class DeleteAttachment(Body):
    """``attachments.delete``."""

    attachment_id: str


class Transcribe(Body):
    """``input.transcribe``."""

    audio_base64: str
    mime_type: str
