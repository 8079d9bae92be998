"""Chat: streamed completions, at an open-loop rate or by users who think.

Also by hand: ``locust -f scenarios/load/chat.py --host http://127.0.0.1:8000``.
"""

from __future__ import annotations

from pulsegate.harness.load import CompletionUser, planned_shape


class Chatters(CompletionUser):
    """Ask the completions surface."""


Shape = planned_shape()
