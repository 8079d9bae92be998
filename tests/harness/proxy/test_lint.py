"""Each lint rule finds its line, is silent where all is well, and knows what nginx's version does by default."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulsegate.harness.profile import Limits, Profile, Timing
from pulsegate.harness.proxy.configuration import read_configuration
from pulsegate.harness.proxy.installation import Version
from pulsegate.harness.proxy.lint import lint
from pulsegate.harness.proxy.patch import apply_fixes

FIXTURES = Path(__file__).parents[3] / "fixtures/nginx"
OLD, NEW = Version(1, 22, 1), Version(1, 31, 5)
PATHS = {"sse": "/api/copilotkit", "ws": "/api/copilotkit/ws", "kit": "/api/chatkit", "cmp": "/api/v1/chatkit"}
UPGRADE = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'
#: A location with which nothing is wrong; its lines are 1 to 5, and a test adds its own as the sixth.
GOOD = f"""\
location /api/ {{
    proxy_pass http://app:8000;
    proxy_http_version 1.1;
    proxy_buffering off;
    {UPGRADE}
"""
#: The same without its buffering line.
BUFFERED = GOOD.replace("    proxy_buffering off;\n", "\n")


def found(configuration, *, version: Version = OLD, profile: Profile | None = None, load: int | None = None):
    """What lint finds: rule, clause and line of each."""
    findings = lint(configuration, profile=profile or Profile(), version=version, paths=PATHS, load=load)
    return [(finding.rule, finding.clause, finding.line) for finding in findings]


@pytest.mark.parametrize("version", [OLD, NEW])
def test_nothing_wrong(configured, version):
    """A good location has no findings on any version."""
    assert found(configured(GOOD + "}"), version=version, load=5000) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BUFFERED + "}", ("buffering", "PROXY-1", 1)),
        (BUFFERED + "proxy_buffering on; }", ("buffering", "PROXY-1", 6)),
        (BUFFERED + "proxy_ignore_headers Expires X-Accel-Buffering; }", ("ignored-header", "PROXY-1", 6)),
        (GOOD.replace("1.1", "1.0") + "}", ("http-1.0", "PROXY-1", 3)),
        (GOOD + "gzip on;\ngzip_types text/event-stream; }", ("gzip", "PROXY-1", 7)),
        (GOOD + "gzip on;\ngzip_types *; }", ("gzip", "PROXY-1", 7)),
        (BUFFERED + "proxy_cache zone; }", ("cache", "PROXY-1", 6)),
        (GOOD + "proxy_read_timeout 30s; }", ("read-timeout", "PROXY-3", 6)),
        (GOOD + "proxy_read_timeout 500ms; }", ("read-timeout", "PROXY-3", 6)),
        (GOOD + "chunked_transfer_encoding off; }", ("no-chunks", "PROXY-7", 6)),
        (GOOD + "tcp_nodelay off; }", ("nodelay", "PROXY-1", 6)),
        (GOOD.replace(UPGRADE, "") + "}", ("upgrade", "PROXY-2", 1)),
        (GOOD.replace(UPGRADE, 'proxy_set_header Connection "";') + "}", ("upgrade", "PROXY-2", 1)),
        (GOOD.replace("/api/", "/api/copilotkit") + "}", None),
        (GOOD.replace("/api/", "/api/copilotkit").replace(UPGRADE, "") + "}", ("swallowed", "PROXY-6", 1)),
        (
            GOOD + "}\nlocation /api/chatkit { proxy_pass http://app:8000; proxy_http_version 1.1;\n"
            "proxy_buffering off; }",
            ("connection", "KIT-11", 7),
        ),
        (
            GOOD + "}\nlocation /api/chatkit { proxy_pass http://app:8000; proxy_http_version 1.1;\n"
            "proxy_set_header Connection ''; }",
            ("buffering", "KIT-11", 7),
        ),
        (GOOD + "}\nlocation /api/chatkit/ { proxy_pass http://app:8000; }", ("redirected", "PROXY-4", 7)),
        (GOOD + "}\nlocation = /api/chatkit { return 404; }", ("front-end", "PROXY-4", 7)),
        (GOOD + "}\nlocation ~ kit$ { proxy_pass http://web; }", ("never-reached", "PROXY-1", 1)),
        (
            f"upstream app {{ server a;\nkeepalive 8; }}\nserver {{ {GOOD.replace('app:8000', 'app')} }} }}",
            ("keepalive", "PROXY-1", 2),
        ),
        (f"server {{\nlisten 80 http2;\n{GOOD} }} }}", ("plain-http2", "PROXY-4", 2)),
        (
            f"worker_shutdown_timeout 5s;\nevents {{ }}\nhttp {{ server {{ {GOOD} }} }} }}",
            ("shutdown", "PROXY-5", 1),
        ),
        (
            f"events {{\nworker_connections 64; }}\nhttp {{ server {{ {GOOD} }} }} }}",
            ("connections", "PROXY-1", 2),
        ),
        (f"events {{ }}\nhttp {{ server {{ {GOOD} }} }} }}", ("connections", "PROXY-1", 1)),
    ],
)
def test_rule(configured, text, expected):
    """Each rule names its clause and the line."""
    findings = found(configured(text), load=500)

    assert expected in findings if expected else findings == []


@pytest.mark.parametrize(
    "text",
    [
        GOOD + "gzip on;\ngzip_types text/css; }",
        GOOD + "gzip on; }",
        GOOD + "proxy_cache zone; }",
        GOOD + "proxy_read_timeout 31s; }",
        GOOD + "proxy_ignore_headers X-Accel-Buffering; }",
        f"worker_shutdown_timeout 10m;\nevents {{ worker_connections 1024; }}\nhttp {{ server {{ {GOOD} }} }} }}",
        f"server {{ listen 443 ssl http2; {GOOD} }} }}",
        GOOD.replace('"upgrade"', "$http_connection") + "}",
    ],
)
def test_silent(configured, text):
    """What is harmless is not reported."""
    assert found(configured(text), load=500) == []


def test_http_version_depends_on_nginx(configured):
    """Since 1.29.7 nothing need be said for HTTP/1.1 and kept connections."""
    plain = configured("location /api/ { proxy_pass http://app; proxy_buffering off; proxy_read_timeout 90s; }")

    assert [rule for rule, *_ in found(plain, version=OLD)] == ["http-1.0", "upgrade"]
    assert [rule for rule, *_ in found(plain, version=NEW)] == ["upgrade"]


def test_heartbeat_interval_is_the_profiles(configured):
    """Heartbeats as rare as nginx's own 60 s are too rare for it, as equal kills too."""
    rare = Profile(timing=Timing(heartbeat_s=60))

    assert found(configured(GOOD + "}"), profile=rare) == [("read-timeout", "PROXY-3", 1)]
    (finding,) = lint(configured(GOOD + "}"), profile=rare, version=OLD, paths=PATHS)
    assert "after 60 s" in finding.effect
    assert "every 60 s" in finding.effect
    assert "proxy_read_timeout 180s;" in str(finding.fix)


def test_body_limit_is_the_profiles(configured):
    """nginx's own limit of 1 MB is reported for an application that takes more."""
    large = Profile(limits=Limits(body_bytes=5_000_000))

    assert found(configured(GOOD + "}"), profile=large) == [("body-size", "CMP-10", 1)]


@pytest.mark.parametrize(("version", "severity"), [(OLD, "breaks"), (NEW, "risk")])
def test_severity(configured, version, severity):
    """Ignoring the server's wish breaks streams for certain only where the upstream has no chunks."""
    text = f"location /api/ {{ proxy_pass http://a; {UPGRADE} proxy_ignore_headers X-Accel-Buffering; }}"

    findings = lint(configured(text), profile=Profile(), version=version, paths=PATHS)

    assert {finding.severity for finding in findings if finding.rule == "ignored-header"} == {severity}


def test_part_is_not_blamed_for_what_it_does_not_say(configured):
    """A location alone says nothing of other paths; a whole server does."""
    text = GOOD.replace("/api/", "/api/copilotkit") + "}"

    assert found(configured(text)) == []
    assert found(configured(f"server {{ {text} }}")) == [("front-end", "PROXY-4", 1)]


def test_inherited_setting(configured):
    """A setting of the server is named where it stands, and overruled where streams are."""
    text = f"server {{\nproxy_read_timeout 5s;\ntcp_nodelay off;\n{GOOD} }} }}"

    assert found(configured(text)) == [("read-timeout", "PROXY-3", 2), ("nodelay", "PROXY-1", 3)]


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("documented-upgrade", {"buffering"}),
        ("documented-streaming", {"swallowed", "no-chunks", "buffering", "connection"}),
        ("documented-timeout", {"swallowed", "no-chunks"}),
        ("defaults", {"buffering", "http-1.0", "upgrade"}),
        ("gzip", {"gzip"}),
        ("cache", {"buffering", "cache", "ignored-header"}),
        ("http10-upstream", {"buffering", "http-1.0", "ignored-header", "upgrade"}),
        ("http2", set()),
        ("front-end", {"front-end"}),
        ("swallowed-websocket", {"swallowed", "buffering", "connection"}),
        ("short-timeout", {"read-timeout"}),
        ("recommended", set()),
    ],
)
def test_shipped_configuration(name, rules):
    """The shipped configurations have the faults they are there for, and no others."""
    findings = lint(read_configuration(FIXTURES / f"{name}.conf"), profile=Profile(), version=OLD)

    assert {finding.rule for finding in findings} == rules


@pytest.mark.parametrize("file", sorted(FIXTURES.glob("*.conf")), ids=lambda file: file.stem)
@pytest.mark.parametrize("version", [OLD, NEW])
def test_fixes_repair(file, version, tmp_path):
    """A copy with all fixes breaks nothing any more, and what is left is a matter of cost."""
    configuration = read_configuration(file)
    findings = lint(configuration, profile=Profile(), version=version, load=2000)

    repaired = apply_fixes(configuration, [finding.fix for finding in findings if finding.fix], tmp_path)

    left = lint(read_configuration(repaired.path), profile=Profile(), version=version, load=2000)
    assert {finding.rule for finding in left} <= {"connection"}


@pytest.mark.parametrize(
    ("file", "change", "found_there"),
    [
        ("conf.d/50-chat.conf", ("proxy_buffering off;", "proxy_buffering on;"), ("buffering", 18)),
        ("conf.d/50-chat.conf", ("proxy_read_timeout 90s;", "proxy_read_timeout 15s;"), ("read-timeout", 19)),
        ("conf.d/50-chat.conf", ("location /api/ {", "location /apis/ {"), ("front-end", 7)),
        ("snippets/proxy.conf", ("$host;\n", "$host;\nchunked_transfer_encoding off;\n"), ("no-chunks", 2)),
    ],
)
def test_one_bad_line_among_300(large, tmp_path, file, change, found_there):
    """In a large configuration of many files the one bad line is the one that is named; its fix repairs it."""
    assert lint(read_configuration(large), profile=Profile(), version=OLD) == []
    place = large.parent / file
    place.write_text(place.read_text().replace(*change))

    configuration = read_configuration(large)
    (finding,) = lint(configuration, profile=Profile(), version=OLD)
    assert (finding.rule, finding.file, finding.line) == (found_there[0], place, found_there[1])
    if finding.fix:
        repaired = apply_fixes(configuration, [finding.fix], tmp_path / "repaired")
        left = lint(read_configuration(repaired.path), profile=Profile(), version=OLD)
        assert {finding.rule for finding in left} <= {"keepalive"}
