"""The profile that probing leads to: what was found, what was seen, and questions for the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pulsegate.harness.probing import asking_back
from pulsegate.harness.probing.candidates import likeness, surfaces
from pulsegate.harness.probing.findings import MOST_LISTED, Findings
from pulsegate.harness.probing.toml_text import assignment, comment, plain, quoted

_GAUGE = "open_streams.{0} = 'open_streams{{surface=\"{0}\"}}'"
#: The surfaces that stay open, so that a gauge may count them.
_OPEN = {"sse", "rt", "kit", "cmp", "agui", "ws"}


def profile_for(findings: Findings) -> str:
    """The text of a profile, with comments, that says what `findings` hold."""
    parts = [
        _head(findings),
        _target(findings),
        asking_back.identities(findings),
        _surfaces(findings),
        _timing(findings),
        _metrics(findings),
        _cors(findings),
        *asking_back.sections(findings),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, parts) if lines) + "\n"


def surface_rows(findings: Findings) -> list[tuple[str, str | None, str]]:
    """Each surface, its path or None, and what was seen there."""
    return [_row(findings, surface) for surface in surfaces()]


def _row(findings: Findings, surface: str) -> tuple[str, str | None, str]:
    found = findings.found.get(surface)
    if found is not None:
        return surface, found.path, plain(found.seen)
    return surface, None, plain(findings.instead(surface))


def _head(findings: Findings) -> Iterator[str]:
    like = likeness({name: one.path for name, one in findings.found.items()}, sdk=findings.kit_sdk)
    yield "# A Pulsegate target profile, written by `pulsegate init` from what the server answered."
    yield "# `# ?` begins a question that no answer could settle; each answer lets more clauses be measured."
    if like == "chatkit" and "kit" in findings.locked:
        yield "# Most like the ready profile `chatkit`, or `chatkit-sdk` where it is built on the official SDK (only"
        yield "# a token shows it): `pulsegate init --like NAME` shows how each goes on."
    elif like:
        yield f"# Most like the ready profile `{like}`: `pulsegate init --like {like}` shows how that one goes on."
    yield "# Secrets never stand here: name the environment variable that holds them. Every key: docs/profile.md."
    if findings.document:
        yield from comment(f"Paths were also taken from {findings.document}.")
    if findings.left_out:
        yield from comment(f"? Not tried, for they need an id: {', '.join(findings.left_out)}")
    if findings.fallback_page:
        yield from comment(
            "Unknown paths get a web page with 200, a front end's catch-all: a page was taken for no answer. Where a "
            "surface is missing below, look whether the proxy passes its path to the backend."
        )
    for sent in findings.sent:
        yield from comment(f"Sent once, to tell what answers: {sent}")
    if findings.cut_short:
        yield from comment("The time was up before everything was asked; `pulsegate init --timeout 60s` asks more.")


def _target(findings: Findings) -> Iterator[str]:
    yield "[target]"
    yield f"url = {quoted(findings.url)}"
    if findings.login_left_out:
        yield "# The login within the address is a secret and left out: give the whole address with --target."
    if {"cmp", "chat", "fall", "agui"} & findings.found.keys():
        yield "# ? Does the same prompt always give the same text? Then streamed and whole answers are compared:"
        yield "# deterministic = true"
    yield '# behind_proxy = "auto"          # or "yes", "no": behind nginx, X-Accel-Buffering cannot be seen'


def _surfaces(findings: Findings) -> Iterator[str]:
    yield "[surfaces]"
    yield "# A path each, or false when the server does not offer it. A path named here must answer."
    rows = surface_rows(findings)
    assignments = [assignment(surface, path if path is not None else False) for surface, path, _ in rows]
    width = max(map(len, assignments)) + 2
    for told, (_, _, seen) in zip(assignments, rows, strict=True):
        yield f"{told:<{width}}# {seen}"
    ill = sorted(findings.ill - findings.found.keys())
    if ill:
        yield f"# ? Should {', '.join(ill)} be there after all? Name the path, and the check says what is wrong."


def _timing(findings: Findings) -> Iterator[str]:
    beating = bool({"sse", "rt"} & findings.found.keys())
    paced = bool({"cmp", "agui"} & findings.found.keys())
    if beating or paced:
        yield "[timing]"
    if findings.heartbeat is not None:
        yield f"heartbeat_s = {findings.heartbeat.interval_s}  # {findings.heartbeat.how}"
    elif beating:
        yield f"# ? How often does the stream beat, in seconds? No heartbeat came within {findings.heard_s:.0f} s."
        yield "# heartbeat_s = 30.0"
    if beating:
        yield "# heartbeat_tolerance = 0.2      # share of the interval, and never less than 250 ms"
    if paced:
        yield "# ? Are the pieces of a streamed answer paced? Then the gap between them, in milliseconds:"
        yield "# word_gap_ms = 50"


def _metrics(findings: Findings) -> Iterator[str]:
    counted = [surface for surface in surfaces() if surface in _OPEN & findings.found.keys()]
    if findings.metrics_path is None:
        if counted:
            yield "# ? Does a Prometheus page count open streams? It shows whether a client that left is noticed:"
            yield from ("# [metrics]", '# url = "/metrics"', f"# {_GAUGE.format(counted[0])}")
        return
    yield "[metrics]"
    yield f"url = {quoted(findings.metrics_path)}"
    for surface, selector in findings.open_streams.items():
        yield f"open_streams.{surface} = {quoted(selector)}"
    missing = [surface for surface in counted if surface not in findings.open_streams]
    if missing:
        yield f"# ? Which gauge counts the open streams of {', '.join(missing)}?{_gauges(findings.spare_gauges)}"
        yield f"# {_GAUGE.format(missing[0])}"


def _gauges(selectors: Iterable[str]) -> str:
    shown = ", ".join(list(selectors)[:MOST_LISTED])
    return f" There are {plain(shown)}." if shown else ""


def _cors(findings: Findings) -> Iterator[str]:
    cors = findings.cors
    if cors is None:
        return
    yield "[cors]"
    if cors.origin is None:
        yield "# ? Where do the application's pages come from? None of the usual addresses of development was admitted:"
        yield '# origin = "http://localhost:3000"'
    elif cors.any_origin:
        yield "# ? Where do the application's pages come from? The server admits any origin, so this one too:"
        yield f"origin = {quoted(cors.origin)}"
    else:
        yield f"origin = {quoted(cors.origin)}  # admitted, and an invented one was not"
