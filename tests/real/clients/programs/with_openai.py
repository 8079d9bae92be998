"""The openai package against the completions endpoint: one JSON line in for each question, one out for each answer."""

from __future__ import annotations

import json
import sys
from typing import Any

import openai

BASE_URL, TOKEN = sys.argv[1:]


def to_documented_path(request: Any) -> None:
    """The package knows one path only; the documented endpoint is elsewhere."""
    request.url = request.url.copy_with(path="/api/v1/chatkit")


client = openai.OpenAI(
    base_url=BASE_URL,
    api_key=TOKEN,
    max_retries=0,
    timeout=15,
    http_client=openai.DefaultHttpxClient(event_hooks={"request": [to_documented_path]}, trust_env=False),
)


def whole(asked: dict[str, Any]) -> dict[str, Any]:
    answer = client.chat.completions.with_raw_response.create(model="any", **asked)
    choice = answer.parse().choices[0]
    return {
        "text": choice.message.content,
        "finish_reason": choice.finish_reason,
        "conversation": answer.headers.get("X-Conversation-Id"),
    }


def streamed(asked: dict[str, Any]) -> dict[str, Any]:
    chunks = [chunk for chunk in client.chat.completions.create(model="any", stream=True, **asked) if chunk.choices]
    pieces = [chunk.choices[0].delta.content for chunk in chunks]
    return {
        "text": "".join(piece or "" for piece in pieces),
        "pieces": len(pieces),
        "finish_reason": chunks[-1].choices[0].finish_reason,
    }


for line in sys.stdin:
    order = json.loads(line)
    ask = streamed if order.pop("stream") else whole
    try:
        seen = ask(order)
    except openai.APIStatusError as refusal:
        seen = {"error": type(refusal).__name__, "status": refusal.status_code}
    except (openai.OpenAIError, IndexError, TypeError) as problem:
        seen = {"error": type(problem).__name__, "message": str(problem)}
    sys.stdout.write(json.dumps(seen) + "\n")
    sys.stdout.flush()
