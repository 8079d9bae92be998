"""Rival of the reference server: heartbeats as most people write them, an endless generator that sleeps."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

HEADERS = {"Cache-Control": "no-cache", "Connection": "keep-alive", "X-Accel-Buffering": "no"}


def create_app(heartbeat_s: float) -> FastAPI:
    """An application with one endpoint."""
    app = FastAPI()

    async def events() -> AsyncIterator[str]:
        connection = {"type": "connection", "data": {"status": "connected", "authenticated": False}}
        yield f"data: {json.dumps(connection)}\n\n"
        while True:
            await asyncio.sleep(heartbeat_s)
            now = datetime.now(UTC).isoformat()
            heartbeat = {"type": "heartbeat", "data": {"timestamp": now, "authenticated": False}}
            yield f"data: {json.dumps(heartbeat)}\n\n"

    @app.get("/api/copilotkit")
    async def stream() -> StreamingResponse:
        return StreamingResponse(events(), media_type="text/event-stream", headers=HEADERS)

    return app


def main() -> None:
    """Serve until ended, with uvicorn as it comes: uvloop and httptools."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--heartbeat", type=float, required=True)
    given = parser.parse_args()
    uvicorn.run(create_app(given.heartbeat), port=given.port, log_level="warning", backlog=4096)


if __name__ == "__main__":
    main()
