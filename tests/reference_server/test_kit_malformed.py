"""KIT: requests that are none of the protocol's."""

from __future__ import annotations

import json

import pytest

PATH = "/api/chatkit"
#: A message that is sound but for what it brings with it.
ATTACHED = {
    "content": [{"type": "input_text", "text": "x"}],
    "attachments": ["atc_1"],
    "inference_options": {},
}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"{}",
        b'{"type": 5}',
        b'{"type": "unknown"}',
        b'{"type": "threads.create"}',
        b'{"type": "threads.create", "params": {}}',
        b'{"type": "threads.create", "params": {"input": {"content": []}}}',
        b'{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": " "}]}}}',
        b'{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": 5}]}}}',
        b'{"type": "threads.create", "params": {"input": {"content": [{"type": "input_text", "text": "\\u0000"}]}}}',
        b'{"type": "threads.create", "params": {"input": {"content": [{"type": "input_hologram"}]}}}',
        b'{"type": "threads.create", "params": {"input": {"content": "hello"}}}',
        json.dumps({"type": "threads.create", "params": {"input": ATTACHED}}).encode(),
        b'{"type": "threads.list", "params": {"limit": -1}}',
        b'{"type": "threads.list", "params": {"limit": "many"}}',
        b'{"type": "threads.list", "params": {"limit": 1e400}}',
        b'{"type": "threads.list", "params": {"order": "sideways"}}',
        b'{"type": "threads.list", "params": {"after": "thr_1"}}',
        b'{"type": "threads.get_by_id", "params": {"thread_id": 5}}',
        b'{"type": "threads.get_by_id", "params": {"thread_id": "\' OR 1=1 --"}}',
        b'{"type": "threads.get_by_id", "params": []}',
        b'{"type": "threads.update", "params": {"thread_id": "thr_1"}}',
        b'{"type": "items.list", "params": {}}',
        b'{"type": "items.feedback", "params": {"thread_id": "t", "item_ids": "x", "kind": "meh"}}',
        b'{"type": "attachments.create", "params": {"name": "a", "size": 1, "mime_type": "text/plain"}}',
        b'{"type": "attachments.delete", "params": {"attachment_id": "atc_1"}}',
        b'{"type": "input.transcribe", "params": {"audio_base64": "", "mime_type": "audio/wav"}}',
        b'{"type": "threads.list", "params": {"after": ' + b"[" * 2000 + b"]" * 2000 + b"}}",
    ],
)
async def test_malformed_and_unknown_requests_get_a_4xx_in_json(http, bearer, body):
    """Nothing malformed or unknown gets a 5xx, and every refusal has a reason without SQL."""
    answer = await http.post(PATH, content=body, headers=bearer())

    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]
    assert "SELECT" not in answer.text
