"""Rules for the locations that pass streams of events on."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.installation import HTTP_1_1_BY_DEFAULT
from pulsegate.harness.proxy.patch import put, put_headers, remove, replace
from pulsegate.harness.proxy.rules.scene import LintFinding, Rule, Scene, clause_of, finding, misset, place_of, where
from pulsegate.harness.proxy.settings import header, is_on, milliseconds, setting, settings, size, value

_EVENTS = "text/event-stream"
_DEFAULT_TIMEOUT_MS = 60_000
#: What the documentation of such backends recommends, and at least what is advised here.
_LEAST_TIMEOUT_S = 90


def buffering(scene: Scene) -> Iterator[LintFinding]:
    """``proxy_buffering`` on: live only as long as the upstream asks for it in each answer."""
    for location, surfaces in scene.streams.items():
        if not is_on(location, "proxy_buffering", default=True):
            continue
        certain = _ignores(location, "X-Accel-Buffering") is not None and scene.http_version(location) == "1.0"
        yield misset(
            "buffering",
            "breaks" if certain else "risk",
            location,
            "proxy_buffering",
            put(location, "proxy_buffering", "off"),
            default="on",
            surfaces=surfaces,
            effect=(
                "an answer without X-Accel-Buffering: no is held back whenever nginx cannot tell its pieces apart "
                "(an upstream without chunks, or gzip)"
            ),
            remedy="switch buffering off where streams are",
        )


def ignored_header(scene: Scene) -> Iterator[LintFinding]:
    """``proxy_ignore_headers X-Accel-Buffering``: the server's own word against buffering is not heard."""
    for location, surfaces in scene.streams.items():
        found = _ignores(location, "X-Accel-Buffering")
        if found is None or not is_on(location, "proxy_buffering", default=True):
            continue
        others = [name for name in found.args if name.lower() != "x-accel-buffering"]
        change = replace(found, f"proxy_ignore_headers {' '.join(others)};") if others else remove(found)
        yield finding(
            "ignored-header",
            "breaks" if scene.http_version(location) == "1.0" else "risk",
            found,
            found.text,
            change,
            clause=clause_of(surfaces),
            surfaces=surfaces,
            effect="the server's X-Accel-Buffering: no is ignored, and its events are held back",
            remedy="do not ignore X-Accel-Buffering",
        )


def _ignores(location: Directive, name: str) -> Directive | None:
    found = settings(location, "proxy_ignore_headers")
    return next((d for d in found if name.lower() in (word.lower() for word in d.args)), None)


def old_http(scene: Scene) -> Iterator[LintFinding]:
    """HTTP/1.0 to the upstream: no chunks, so no pieces to pass on and no telling an end from a cut."""
    for location, surfaces in scene.streams.items():
        if scene.http_version(location) != "1.0":
            continue
        yield misset(
            "http-1.0",
            "risk",
            location,
            "proxy_http_version",
            put(location, "proxy_http_version", "1.1"),
            default="1.0",
            surfaces=surfaces,
            effect=(
                "the upstream answers without chunks: its events are held back unless it sends X-Accel-Buffering: no, "
                "and a server that dies looks like one that has finished"
            ),
            remedy="speak HTTP/1.1 to the upstream",
        )


def gzip(scene: Scene) -> Iterator[LintFinding]:
    """gzip on event streams: the compressor holds back what it has not filled its window with."""
    for location, surfaces in scene.streams.items():
        types = setting(location, "gzip_types")
        if types is None or not is_on(location, "gzip", default=False) or not {"*", _EVENTS} & set(types.args):
            continue
        others = [name for name in types.args if name != _EVENTS]
        listed = replace(types, f"gzip_types {' '.join(others)};") if others else remove(types)
        yield finding(
            "gzip",
            "breaks",
            types,
            types.text,
            put(location, "gzip", "off") if "*" in types.args else listed,
            clause=clause_of(surfaces),
            surfaces=surfaces,
            effect="event streams are compressed, and their events come all at once for a client that accepts gzip",
            remedy=f"leave {_EVENTS} uncompressed",
        )


def cache(scene: Scene) -> Iterator[LintFinding]:
    """``proxy_cache``: the next client gets the stored stream of another. What is not buffered is not stored."""
    for location, surfaces in scene.streams.items():
        found = setting(location, "proxy_cache")
        if found is None or found.args == ("off",) or not is_on(location, "proxy_buffering", default=True):
            continue
        ignored = all(_ignores(location, name) for name in ("Cache-Control", "X-Accel-Buffering"))
        stored = ignored and setting(location, "proxy_cache_valid") is not None
        when = "it ends" if stored else "the upstream allows it (max-age or Expires, no X-Accel-Buffering: no)"
        yield finding(
            "cache",
            "breaks" if stored else "risk",
            found,
            found.text,
            put(location, "proxy_cache", "off"),
            clause=clause_of(surfaces),
            surfaces=surfaces,
            effect=f"a stream is stored when {when}, and the next client gets it at once, with another user's data",
            remedy="switch the cache off where streams are",
        )


def read_timeout(scene: Scene) -> Iterator[LintFinding]:
    """``proxy_read_timeout`` no longer than the heartbeat interval: equal kills too."""
    heartbeat = scene.profile.timing.heartbeat_s
    places = {location: surfaces for location, surfaces in scene.streams.items() if {"sse", "rt"} & set(surfaces)}
    if scene.socket is not None:
        places[scene.socket] = (*places.get(scene.socket, ()), "ws")
    for location, surfaces in places.items():
        timeout = milliseconds(value(location, "proxy_read_timeout", f"{_DEFAULT_TIMEOUT_MS}ms"))
        if timeout is None or timeout > heartbeat * 1000:
            continue
        enough = max(_LEAST_TIMEOUT_S, math.ceil(heartbeat * 3))
        yield misset(
            "read-timeout",
            "breaks",
            location,
            "proxy_read_timeout",
            put(location, "proxy_read_timeout", f"{enough}s"),
            default="60s",
            clause="PROXY-3",
            surfaces=surfaces,
            effect=f"an idle stream is cut after {timeout / 1000:g} s, and heartbeats come every {heartbeat:g} s",
            remedy=f"let proxy_read_timeout exceed the heartbeat interval clearly, such as {enough} s",
        )


def no_chunks(scene: Scene) -> Iterator[LintFinding]:
    """``chunked_transfer_encoding off``: the client cannot tell a cut from an end."""
    for location, surfaces in scene.streams.items():
        if is_on(location, "chunked_transfer_encoding", default=True):
            continue
        at, said = place_of(location, "chunked_transfer_encoding", "on")
        yield finding(
            "no-chunks",
            "breaks",
            at,
            said,
            remove(at) if at.parent is location else put(location, "chunked_transfer_encoding", "on"),
            clause="PROXY-7",
            surfaces=surfaces,
            effect="the answer has no end mark: a stream that nginx cuts looks like one that ended",
            remedy="take it out: HTTP/1.1 clients need chunks to notice a cut",
        )


def connection(scene: Scene) -> Iterator[LintFinding]:
    """``Connection`` not cleared: every stream costs the upstream a connection that is thrown away."""
    for location, surfaces in scene.streams.items():
        said = header(location, "Connection")
        if location is scene.socket or said == "" or (said is not None and "$" in said):
            continue
        if said is None and (scene.version >= HTTP_1_1_BY_DEFAULT or scene.http_version(location) == "1.0"):
            continue
        given = [d for d in settings(location, "proxy_set_header") if d.args[0].lower() == "connection"]
        at = given[0] if given else where(location)
        # other WebSockets may need what is said here
        changes = () if header(location, "Upgrade") else put_headers(location, {"Connection": '""'})
        yield finding(
            "connection",
            "risk",
            at,
            at.text if given else "Connection: close (nginx's default)",
            *changes,
            clause=clause_of(surfaces),
            surfaces=surfaces,
            effect=f"the upstream is told Connection: {said or 'close'}, and no connection to it is used again",
            remedy='clear it: proxy_set_header Connection "", or a map of $http_upgrade where WebSockets come too',
        )


def delayed(scene: Scene) -> Iterator[LintFinding]:
    """``tcp_nodelay off``: small events wait for the acknowledgement of those before them."""
    for location, surfaces in scene.streams.items():
        if is_on(location, "tcp_nodelay", default=True):
            continue
        yield misset(
            "nodelay",
            "risk",
            location,
            "tcp_nodelay",
            put(location, "tcp_nodelay", "on"),
            default="on",
            surfaces=surfaces,
            effect="an event smaller than a packet waits until the one before it is acknowledged, up to 40 ms",
            remedy="leave tcp_nodelay on",
        )


def body_size(scene: Scene) -> Iterator[LintFinding]:
    """``client_max_body_size`` under what the application accepts: nginx's HTML 413 comes first."""
    limit = scene.profile.limits.body_bytes
    location = scene.routes.location("cmp")
    if limit is None or location is None:
        return
    allowed = size(value(location, "client_max_body_size", "1m"))
    if not allowed or allowed >= limit:
        return
    yield misset(
        "body-size",
        "risk",
        location,
        "client_max_body_size",
        put(location, "client_max_body_size", str(limit)),
        default="1m",
        clause="CMP-10",
        surfaces=("cmp",),
        effect=f"a body of over {allowed} bytes gets nginx's own HTML, though the application takes {limit}",
        remedy="allow at least what the application allows",
    )


def request_buffering(scene: Scene) -> Iterator[LintFinding]:
    """``proxy_request_buffering off`` over HTTP/1.0: bodies without a length are buffered all the same."""
    for surface in ("kit", "cmp"):
        location = scene.routes.location(surface)
        if location is None or is_on(location, "proxy_request_buffering", default=True):
            continue
        if scene.http_version(location) == "1.0":
            yield misset(
                "request-buffering",
                "risk",
                location,
                "proxy_request_buffering",
                put(location, "proxy_http_version", "1.1"),
                default="on",
                clause="KIT-11",
                surfaces=(surface,),
                effect="over HTTP/1.0 a request body sent in chunks is buffered all the same",
                remedy="speak HTTP/1.1 to the upstream",
            )


RULES: tuple[Rule, ...] = (
    buffering, ignored_header, old_http, gzip, cache, read_timeout, no_chunks, connection, delayed, body_size,
    request_buffering,
)  # fmt: skip
