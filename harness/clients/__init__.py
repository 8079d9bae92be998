"""The asyncio world: API calls, event streams and WebSockets of one target."""
