"""A plain page that names the endpoints."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Pulsegate reference server</title>
<h1>Pulsegate reference server</h1>
<ul>
<li><a href="/health">GET /health</a>
<li><a href="/metrics">GET /metrics</a>
<li>GET /api/copilotkit, POST /api/copilotkit
<li>GET /api/copilotkit?protocol=sse
<li>WebSocket /api/copilotkit/ws
<li>POST /api/chatkit
<li>POST /api/v1/chatkit, POST /api/v1/chat
<li>POST /ai/chat
</ul>
</html>
"""

router = APIRouter()


@router.get("/", response_class=HTMLResponse)
async def page() -> str:
    """Name the endpoints."""
    return PAGE
