"""What starts a run: the input of the protocol, as far as this agent reads it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from pulsegate.reference_server.bodies import Body, Text

Id = Annotated[Text, Field(min_length=1)]
Role = Literal["developer", "system", "user", "assistant", "tool", "activity", "reasoning"]


class Part(Body):
    """One part of a message; those without text are not for this agent."""

    type: str
    text: Text = ""


class InputMessage(Body):
    """One message of the conversation so far."""

    id: Id
    role: Role
    content: Text | list[Part] | dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """What it says: its text, or that of its parts."""
        if isinstance(self.content, str):
            return self.content
        parts = self.content if isinstance(self.content, list) else []
        return "\n".join(part.text for part in parts if part.type == "text")


class RunInput(Body):
    """The input of one run; tools, context and forwarded properties are allowed and not used."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    thread_id: Annotated[Id, Field(alias="threadId")]
    run_id: Annotated[Id, Field(alias="runId")]
    messages: list[InputMessage]
    state: Any = None
    tools: list[dict[str, Any]] | None = None
    context: list[dict[str, Any]] | None = None

    @property
    def asked(self) -> str:
        """The last words of the user; a plain call for help where they said nothing."""
        said = [message.words for message in self.messages if message.role == "user"]
        return said[-1] if said else "Help"

    @property
    def history(self) -> list[tuple[str, str]]:
        """Role and text of what was said before the last words of the user, oldest first."""
        places = [place for place, message in enumerate(self.messages) if message.role == "user"]
        earlier = self.messages[: places[-1]] if places else []
        return [(each.role, each.words) for each in earlier if each.role in ("user", "assistant") and each.words]
