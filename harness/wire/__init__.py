"""What the asyncio and the gevent world share: receive stamps, TLS and WebSocket without I/O."""
