"""LiteLLM's proxy, as people run it, in front of a model server that says again what it is told.

Run `python server.py --port 8000`. The proxy's master key is in OPENAI_API_KEY. With `--broken` something in front
of it gathers each streamed answer and sends it at once.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

MODEL = "canned"
WORD_GAP_S = 0.03
ROLES = ("system", "developer", "user", "assistant", "tool")
REPEAT = "Please repeat this to me: "
HELP = "I say again whatever you tell me, one word after the other, and I do it for every role that you may think of."


class ModelServer(BaseHTTPRequestHandler):
    """The upstream: what a model server with an OpenAI-compatible interface does, with canned answers."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer one completion."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        problem = problem_of(body)
        if problem:
            self._send(400, {"error": {"message": problem, "type": "invalid_request_error", "code": None}})
        elif body.get("stream"):
            self._stream(body)
        else:
            answer = answer_to(body)
            message = {"role": "assistant", "content": answer}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self._send(200, {**head("chat.completion"), "choices": [choice], "usage": usage(body, answer)})

    def _send(self, status: int, value: dict[str, Any]) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, body: dict[str, Any]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for data in chunks(body):
            try:
                self.wfile.write(f"data: {data}\n\n".encode())
            except OSError:
                return

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def problem_of(body: dict[str, Any]) -> str:
    """Why a request is refused; empty when it is sound."""
    messages = body.get("messages")
    if not messages:
        return "messages must not be empty"
    if any(message.get("role") not in ROLES for message in messages):
        return "messages: there is no such role"
    if not isinstance(messages[-1].get("content"), (str, list)):
        return "messages: content must be a string or a list of parts"
    return ""


def answer_to(body: dict[str, Any]) -> str:
    """What the model says."""
    said = str(body["messages"][-1]["content"])
    return said.removeprefix(REPEAT) if said.startswith(REPEAT) else HELP


def head(kind: str) -> dict[str, Any]:
    """The members that every answer and every chunk has."""
    return {"id": "chatcmpl-canned", "object": kind, "created": int(time.time()), "model": MODEL}


def usage(body: dict[str, Any], answer: str) -> dict[str, int]:
    """How many words were said, by either side."""
    asked, answered = len(str(body["messages"]).split()), len(answer.split())
    return {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered}


def chunks(body: dict[str, Any]) -> Iterator[str]:
    """The data of each event of a streamed answer, when it is due; pieces are those of a tokenizer, not words."""
    answer = answer_to(body)
    pieces = [answer[start : start + 7] for start in range(0, len(answer), 7)]
    choices = [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]
    choices += [{"index": 0, "delta": {"content": piece}, "finish_reason": None} for piece in pieces]
    choices += [{"index": 0, "delta": {}, "finish_reason": "stop"}]
    for choice in choices:
        yield json.dumps({**head("chat.completion.chunk"), "choices": [choice]})
        time.sleep(WORD_GAP_S)
    if (body.get("stream_options") or {}).get("include_usage"):
        yield json.dumps({**head("chat.completion.chunk"), "choices": [], "usage": usage(body, answer)})
    yield "[DONE]"


def write_config(folder: str, model_server: str) -> str:
    """LiteLLM's configuration, as its documentation shows it, with one model."""
    parameters = {"model": f"openai/{MODEL}", "api_base": model_server, "api_key": "none"}
    config = {
        "model_list": [{"model_name": MODEL, "litellm_params": parameters}],
        "general_settings": {"master_key": "os.environ/OPENAI_API_KEY"},
    }
    file = Path(folder) / "config.yaml"
    file.write_text(json.dumps(config))  # JSON is YAML
    return str(file)


class Gathered:
    """An ASGI application in front of another: bodies are sent when they are complete."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, and gather its answer."""
        body = b""

        async def gather(message: Any) -> None:
            nonlocal body
            if message["type"] != "http.response.body":
                await send(message)
                return
            body += message.get("body", b"")
            if not message.get("more_body"):
                await send({**message, "body": body})

        await self.app(scope, receive, gather)


def main() -> None:
    """Start both."""
    parser = argparse.ArgumentParser(description="LiteLLM's proxy in front of a model server with canned answers.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--broken", action="store_true", help="gather each answer and send it at once")
    settings = parser.parse_args()

    model_server = ThreadingHTTPServer(("127.0.0.1", 0), ModelServer)
    threading.Thread(target=model_server.serve_forever, daemon=True).start()
    # The list of prices is that of the package: nothing is fetched.
    os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", NO_PROXY="127.0.0.1")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CONFIG_FILE_PATH"] = write_config(folder, f"http://127.0.0.1:{model_server.server_port}/v1")
        import uvicorn
        from litellm.proxy.proxy_server import app

        served = Gathered(app) if settings.broken else app
        uvicorn.run(served, host=settings.host, port=settings.port, log_level="warning")


if __name__ == "__main__":
    main()
