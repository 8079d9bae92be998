"""The gevent world: Locust users whose connections are read by hub watchers, and what they record.

Importing this package monkey-patches the process, as importing Locust does.
"""

from pulsegate.harness.load.agents_user import AgentsUser
from pulsegate.harness.load.completion_user import CompletionUser
from pulsegate.harness.load.run_user import RunUser
from pulsegate.harness.load.shapes import planned_shape
from pulsegate.harness.load.sse_user import SSEUser
from pulsegate.harness.load.websocket_user import WebSocketUser

__all__ = ["AgentsUser", "CompletionUser", "RunUser", "SSEUser", "WebSocketUser", "planned_shape"]
