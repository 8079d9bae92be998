"""What a profile says beside paths: gauges, origins, models, announced rates."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from prometheus_client.parser import text_string_to_metric_families

from pulsegate.harness.probing.asking import ORIGIN, Asker, Look
from pulsegate.harness.probing.findings import Cors, Findings

METRICS_PATHS = ("/metrics", "/api/metrics")
#: Where pages of applications in development come from; the server's own origin is tried last.
ORIGINS = (ORIGIN["Origin"], "http://localhost:5173", "http://localhost:8080", "http://localhost:4200")

_OPEN = re.compile(r"open|active|current|live|connected|in_?(?:flight|progress)", re.IGNORECASE)
_THINGS = re.compile(r"stream|connection|socket|subscriber|client|session|sse", re.IGNORECASE)
_NAMES = {
    "sse": ("sse", "events", "eventsource", "event_stream"),
    "rt": ("rt", "realtime"),
    "kit": ("kit", "chatkit"),
    "cmp": ("cmp", "completions", "completion"),
    "agui": ("agui", "ag_ui", "ag-ui"),
    "ws": ("ws", "websocket", "websockets", "socket"),
}
_RATE = re.compile(r"^(?:x-)?ratelimit(?:-limit|-policy|-limit-requests)?$", re.IGNORECASE)
_POLICY = re.compile(r"(?:q=)?(\d+)\s*;\s*w=(\d+)")


async def find_gauges(asker: Asker, findings: Findings) -> None:
    """Read the metrics page, while streams are open, for gauges of what is open."""
    for path in METRICS_PATHS:
        look = await asker.get(path, {"Accept": "text/plain"})
        gauges = open_gauges(look)
        if gauges is None:
            continue
        findings.metrics_path = path
        for selector, text in gauges:
            surface = _surface_named(text)
            if surface in findings.found and surface not in findings.open_streams:
                findings.open_streams[surface] = selector
            elif surface is None:
                findings.spare_gauges.append(selector)
        return


def open_gauges(look: Look) -> list[tuple[str, str]] | None:
    """Selector and telling text of each gauge of open things; None where there is no metrics page."""
    if look.status != 200 or look.page or not look.media_type.startswith(("text/plain", "application/openmetrics")):
        return None
    try:
        families = list(text_string_to_metric_families(look.body.decode("utf-8", "replace")))
    except ValueError:
        return None
    samples = [sample for family in families if family.type == "gauge" for sample in family.samples]
    chosen = [one for one in samples if _OPEN.search(one.name) and _THINGS.search(one.name)]
    return [(_selector(one.name, one.labels), " ".join([one.name, *one.labels.values()])) for one in chosen]


def _selector(name: str, labels: dict[str, str]) -> str:
    inner = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{inner}}}" if inner else name


def _surface_named(text: str) -> str | None:
    words = set(re.split(r"[\s_/.-]+", text.lower())) | set(text.lower().split())
    return next((surface for surface, names in _NAMES.items() if words & set(names)), None)


async def find_origin(asker: Asker, path: str, method: str, own: str) -> Cors:
    """The first usual origin that a preflight request for `path` admits."""
    for origin in (*ORIGINS, own):
        if await _admits(asker, path, method, origin):
            invented = f"https://{secrets.token_hex(6)}.invalid"
            return Cors(origin, any_origin=await _admits(asker, path, method, invented))
    return Cors()


async def _admits(asker: Asker, path: str, method: str, origin: str) -> bool:
    asks = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }
    look = await asker.options(path, asks)
    return look.headers.get("access-control-allow-origin") in (origin, "*")


async def find_models(asker: Asker, path: str) -> list[str]:
    """The names of the models that an OpenAI-compatible server lists beside its completions."""
    if not path.endswith("/chat/completions"):
        return []
    look = await asker.get(path.removesuffix("/chat/completions") + "/models", {"Accept": "application/json"})
    listed = look.members.get("data") if look.status == 200 else None
    names = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [name for name in names if isinstance(name, str) and name.isprintable()]


def announced_rates(looks: Iterable[Look]) -> tuple[list[str], int | None]:
    """The header fields that announce a rate limit, and that limit as requests a minute where they say so."""
    fields = {f"{name}: {value}": value for look in looks for name, value in look.headers.items() if _RATE.match(name)}
    rates = [
        int(count) * 60 // int(window)
        for value in fields.values()
        for count, window in _POLICY.findall(value)
        if int(window)
    ]
    lines = [line for line in fields if line.isprintable()]
    return lines[:3], min((rate for rate in rates if rate), default=None)
