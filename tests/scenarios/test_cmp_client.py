"""What the official client made of an answer, read as its own examples do."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pulsegate.scenarios.contract.cmp_client import Questions, Unreadable


class Model(SimpleNamespace):
    """One of the client's objects."""

    def model_dump(self, *, exclude_unset: bool) -> dict[str, Any]:
        return {name: str(value) for name, value in vars(self).items()}


def questions(answer: Any) -> Questions:
    """Questions to a client whose every request gives `answer`."""

    async def create(**_: Any) -> Any:
        return answer

    completions = SimpleNamespace(create=create)
    return Questions(None, SimpleNamespace(chat=SimpleNamespace(completions=completions)), "pulsegate", "Hello!")


async def chunks(*received: Model) -> Any:
    for chunk in received:
        yield chunk


async def test_reads_the_text_of_both_answers():
    """The content of the message, or of all deltas; null counts as no text."""
    whole = Model(choices=[Model(message=Model(content="Hello you"))])
    pieces = chunks(*(Model(choices=[Model(delta=Model(content=text))]) for text in ("Hello ", None, "you")))

    assert await questions(whole).whole() == "Hello you"
    assert await questions(pieces).streamed() == "Hello you"


@pytest.mark.parametrize("completion", [Model(choices=None), Model(choices=[]), Model(choices=[Model(x=1)]), "<html>"])
async def test_a_completion_without_a_message_is_named(completion):
    """The sentence says what is missing, not which exception that led to."""
    with pytest.raises(Unreadable, match=r"the client finds no choices\[0\].message in"):
        await questions(completion).whole()


@pytest.mark.parametrize(
    ("chunk", "missing"), [(Model(choices=None), "choices"), (Model(choices=[Model(delta=None)]), "delta")]
)
async def test_a_chunk_without_its_members_is_named(chunk, missing):
    """A chunk whose choices or delta are null is named with what it holds."""
    with pytest.raises(Unreadable, match=f"the client finds no {missing} in"):
        await questions(chunks(chunk)).streamed()
