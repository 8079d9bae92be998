"""Rules for nginx as a whole: its workers, its servers, its upstreams."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator

from pulsegate.harness.proxy.directives import Directive
from pulsegate.harness.proxy.installation import HTTP_1_1_BY_DEFAULT, HTTP_2_DIRECTIVE
from pulsegate.harness.proxy.patch import put, put_headers, remove
from pulsegate.harness.proxy.routing import passes_on
from pulsegate.harness.proxy.rules.scene import LintFinding, Rule, Scene, clause_of, finding
from pulsegate.harness.proxy.settings import header, milliseconds, value

_DEFAULT_CONNECTIONS = 512
_LEAST_CONNECTIONS = 1024
#: A shutdown timeout under this cuts streams that anybody would call live.
_SHORT_SHUTDOWN_MS = 60_000


def capacity(scene: Scene) -> Iterator[LintFinding]:
    """``worker_connections`` below the load: each stream holds two, one to the client and one to the upstream."""
    events = next(iter(scene.configuration.main.named("events")), None)
    if scene.load is None or events is None or events.generated:
        return
    each = int(value(events, "worker_connections", str(_DEFAULT_CONNECTIONS)))
    workers = _workers(scene)
    if scene.load * 2 <= each * workers:
        return
    needed = max(_LEAST_CONNECTIONS, 2 ** math.ceil(math.log2(scene.load * 2.5 / workers)))
    found = next(iter(events.named("worker_connections")), None)
    yield finding(
        "connections",
        "breaks",
        found or events,
        found.text if found else f"worker_connections {_DEFAULT_CONNECTIONS}; (nginx's default)",
        put(events, "worker_connections", str(needed)),
        clause="PROXY-1",
        surfaces=("sse", "rt"),
        effect=f"{workers} x {each} connections hold {each * workers // 2} streams, and the load is {scene.load}",
        remedy=f"allow {needed} connections to each worker",
    )


def _workers(scene: Scene) -> int:
    said = value(scene.configuration.main, "worker_processes", "1")
    return int(said) if said.isdigit() else os.cpu_count() or 1


def shutdown(scene: Scene) -> Iterator[LintFinding]:
    """A short ``worker_shutdown_timeout``: a reload cuts live streams."""
    for found in scene.configuration.main.named("worker_shutdown_timeout"):
        timeout = milliseconds(found.args[0])
        if timeout is not None and timeout < _SHORT_SHUTDOWN_MS:
            yield finding(
                "shutdown",
                "risk",
                found,
                found.text,
                remove(found),
                clause="PROXY-5",
                surfaces=("sse", "rt", "ws"),
                effect=f"a reload cuts every live stream {timeout / 1000:g} s later",
                remedy="take it out, or give streams the time they need",
            )


def plain_http2(scene: Scene) -> Iterator[LintFinding]:
    """HTTP/2 on a port without TLS: until 1.25.1 no other client can speak to it."""
    if scene.version >= HTTP_2_DIRECTIVE:
        return
    for listen in scene.routes.server.named("listen"):
        if "http2" in listen.args and "ssl" not in listen.args:
            yield finding(
                "plain-http2",
                "breaks",
                listen,
                listen.text,
                clause="PROXY-4",
                surfaces=("health",),
                effect=f"nginx {scene.version} takes nothing but HTTP/2 here, and browsers speak that over TLS only",
                remedy="serve HTTP/2 over TLS, or leave http2 out",
            )


def unused_keepalive(scene: Scene) -> Iterator[LintFinding]:
    """``keepalive`` in an upstream to which nothing is kept alive."""
    for location, surfaces in scene.streams.items():
        upstream = _upstream(scene, location)
        found = next(iter(upstream.named("keepalive")), None) if upstream else None
        if found is None or scene.version >= HTTP_1_1_BY_DEFAULT:
            continue
        said = header(location, "Connection")
        cleared = said is not None and (not said or "$" in said)
        if not cleared or scene.http_version(location) == "1.0":
            yield finding(
                "keepalive",
                "risk",
                found,
                found.text,
                *(
                    ()
                    if location is scene.socket
                    else (put(location, "proxy_http_version", "1.1"), *put_headers(location, {"Connection": '""'}))
                ),
                clause=clause_of(surfaces),
                surfaces=surfaces,
                effect=f"no connection is kept: nginx {scene.version} needs HTTP/1.1 and a cleared Connection for it",
                remedy="speak HTTP/1.1 to the upstream and clear Connection",
            )


def _upstream(scene: Scene, location: Directive) -> Directive | None:
    passed = passes_on(location)
    names = scene.routes.names(passed) if passed else set()
    return next((scene.configuration.upstreams[name] for name in names if name in scene.configuration.upstreams), None)


RULES: tuple[Rule, ...] = (capacity, shutdown, plain_http2, unused_keepalive)
