"""The gevent world: Locust users whose connections are read by hub watchers, and what they record.

Importing this package monkey-patches the process, as importing Locust does.
"""

from pulsegate.harness.load.job import planned
from pulsegate.harness.load.sse_user import SSEUser
from pulsegate.harness.load.websocket_user import WebSocketUser

__all__ = ["SSEUser", "WebSocketUser", "planned"]
