"""A configuration in a folder and on ports of its own says what it said, and touches nothing outside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pulsegate.harness.errors import UsageError
from pulsegate.harness.proxy.configuration import read_configuration
from pulsegate.harness.proxy.moving import FRONT_END_PAGE
from pulsegate.harness.proxy.relocation import Place, Relocated, relocate

TARGET = "http://127.0.0.1:8123"


def moved(configuration, folder: Path, **options) -> Relocated:
    """`configuration` relocated."""
    return relocate(configuration, folder, TARGET, **options)


def directives(relocated: Relocated, *names: str) -> list[tuple[str, ...]]:
    """The arguments of the written directives of these names that are the user's."""
    written = read_configuration(relocated.file)
    return [d.args for d in written.walk() if d.name in names and relocated.origin_of(d.line) is not None]


@pytest.mark.parametrize(
    ("address", "becomes"),
    [
        ("http://backend:8000", "http://127.0.0.1:8123"),
        ("http://backend:8000/", "http://127.0.0.1:8123/"),
        ("https://backend/base/", "http://127.0.0.1:8123/base/"),
        ("http://backend:8000$request_uri", "http://127.0.0.1:8123$request_uri"),
        ("http://unix:/run/app.sock:/base/", "http://127.0.0.1:8123/base/"),
    ],
)
def test_application_address(configured, tmp_path, address, becomes):
    """The application's address is the target's; the path in it, which nginx treats apart, is kept."""
    location = f"location /api/ {{ proxy_pass {address}; }}"

    assert directives(moved(configured(location), tmp_path / "run"), "proxy_pass") == [(becomes,)]


def test_upstream_block(configured, tmp_path):
    """The servers of the application's upstream are the target; how they are chosen and kept alive stays."""
    text = """\
    upstream app { least_conn; server a:1 weight=2; server b:2 resolve; server c:3 backup; keepalive 8; }
    server { location /api/ { proxy_pass http://app; } }
    """

    run = moved(configured(text), tmp_path / "run")

    assert directives(run, "least_conn", "keepalive", "proxy_pass") == [(), ("8",), ("http://app",)]
    assert directives(run, "server") == [("127.0.0.1:8123", "weight=2"), ("127.0.0.1:8123",), ()]


def test_servers_of_their_own(configured, tmp_path):
    """Servers of the application's upstream that are somewhere else than the target are there; other upstreams' not."""
    text = """\
    upstream app { server a:1 weight=2; server b:2; server c:3; }
    upstream web { server a:1; }
    server { location /api/ { proxy_pass http://app; } location / { proxy_pass http://web; } }
    """
    there = {"a:1": "127.0.0.1:5001", "b:2": "127.0.0.1:5002"}

    run = moved(configured(text), tmp_path / "run", addresses=there)

    application, (web,) = directives(run, "server")[:3], directives(run, "server")[3]
    assert application == [("127.0.0.1:5001", "weight=2"), ("127.0.0.1:5002",), ("127.0.0.1:8123",)]
    assert web not in there.values()


def test_front_end(configured, tmp_path):
    """What is reached by other paths than the application's leads to a page."""
    text = """\
    location / { proxy_pass http://web:3000; }
    location /api/ { proxy_pass http://app:8000; }
    location /old/ { fastcgi_pass unix:/run/php.sock; }
    """

    run = moved(configured(text), tmp_path / "run")

    (front,), (application,), (old,) = directives(run, "proxy_pass")
    assert application == TARGET
    assert front == old
    assert front not in {TARGET, "http://web:3000"}
    assert FRONT_END_PAGE in run.file.read_text()
    assert any("fastcgi_pass leads to the front end" in note for note in run.notes)


@pytest.mark.parametrize(("name", "application"), [("app", True), ("frontend", False), ("web-ui", False)])
def test_one_location_for_everything(configured, tmp_path, name, application):
    """A location for everything leads to the application, unless it is called like a front end."""
    run = moved(configured(f"location / {{ proxy_pass http://{name}:8000; }}"), tmp_path / "run")

    assert (directives(run, "proxy_pass") == [(TARGET,)]) is application


def test_variables(configured, tmp_path):
    """Addresses that variables make lead to the target too, and stay variables."""
    text = """\
    map $http_x $whole { default http://app:8000; b http://app2:8000/base; }
    server {
        set $host_only app;
        location /api/copilotkit { proxy_pass $whole; }
        location /api/chatkit { proxy_pass http://$host_only:8000$request_uri; }
        location /api/v1/ { proxy_pass http://$arg_any; }
    }
    """

    run = moved(configured(text), tmp_path / "run")

    passed = directives(run, "proxy_pass")
    assert passed == [("$whole",), ("http://$pulsegate_application$request_uri",), ("http://$pulsegate_application",)]
    assert directives(run, "default", "b") == [(TARGET,), (f"{TARGET}/base",)]


def test_own_port_behind_own_port(configured, tmp_path):
    """A server that passes on to another one of the same configuration still does."""
    text = """\
    server { listen 8080; location /api/ { proxy_pass http://app; } }
    server { listen 80; location / { proxy_pass http://127.0.0.1:8080; } }
    """

    run = moved(configured(text), tmp_path / "run")

    inner = run.servers[0].listens[0].port
    assert directives(run, "proxy_pass") == [(TARGET,), (f"http://127.0.0.1:{inner}",)]


def test_listens(configured, tmp_path):
    """Every server has ports of its own on the loopback address; what would not work there is dropped."""
    text = """\
    server { listen 80 default_server; listen [::]:80 ipv6only=on; listen 8080 proxy_protocol backlog=64; }
    server { listen unix:/run/nginx.sock; server_name b; location /api/ { proxy_pass http://a; } }
    server { server_name c; }
    """

    run = moved(configured(text), tmp_path / "run")

    first, second, third = run.servers
    assert [len(server.listens) for server in run.servers] == [2, 1, 1]
    assert len(set(run.ports)) == 4
    assert directives(run, "listen") == [
        (f"127.0.0.1:{first.listens[0].port}",),
        (f"127.0.0.1:{first.listens[1].port}", "backlog=64"),
        (f"127.0.0.1:{second.listens[0].port}",),
    ]
    assert (second.names, second.application, run.url) == (("b",), True, second.url)
    assert f"listen 127.0.0.1:{third.listens[0].port};" in run.file.read_text()


def test_tls(configured, tmp_path):
    """TLS is served with a certificate of our own, and the URL says so; the user's key is not read."""
    text = """\
    listen 80;
    listen 443 ssl http2;
    ssl_certificate /etc/gone.pem;
    ssl_certificate_key /etc/gone.key;
    ssl_dhparam /etc/gone-dh.pem;
    ssl_stapling on;
    location /api/ { proxy_pass http://a; }
    """

    run = moved(configured(text), tmp_path / "run")

    tls = run.servers[0].listens[1]
    assert (tls.tls, tls.http2, run.url) == (True, True, f"https://127.0.0.1:{tls.port}")
    assert directives(run, "listen")[1][1:] == ("ssl", "http2")
    assert run.ca_file is not None
    assert run.ca_file.parent == run.directory
    assert directives(run, "ssl_dhparam", "ssl_stapling") == []
    assert [Path(args[0]).parent for args in directives(run, "ssl_certificate", "ssl_certificate_key")] == [
        run.directory
    ] * 2


def test_nothing_outside(large, tmp_path):
    """No path of the written configuration lies outside its folder, and nothing is resolved or run as others."""
    run = moved(read_configuration(large), tmp_path / "run")

    written = run.file.read_text()
    paths = re.findall(r'(?m)^ *(?:pid|error_log|access_log|root|ssl_certificate\w*|\w+_temp_path) "?([^";]+)', written)
    assert paths
    outside = [path for path in paths if path != "off" and not path.startswith(str(run.directory))]
    assert outside == []
    assert not re.search(r"(resolver|www-data|/var/|/run/|/etc/)", written.replace(str(run.directory), ""))


def test_origins(large, tmp_path):
    """Each line of the user's leads back to its file and line; our own lead nowhere."""
    run = moved(read_configuration(large), tmp_path / "run")

    lines = run.file.read_text().splitlines()
    buffering = next(number for number, line in enumerate(lines, 1) if "proxy_buffering off" in line)
    assert run.origin_of(buffering) == Place(large.parent / "conf.d/50-chat.conf", 18)
    assert str(run.origin_of(buffering)).endswith("conf.d/50-chat.conf:18")
    assert run.origin_of(1) is None
    assert run.origin_of(len(lines) + 1) is None


def test_scaled_times(configured, tmp_path):
    """Timeouts are scaled, those by default too, so that minutes can be measured in seconds."""
    text = "location /api/ { proxy_pass http://a; proxy_read_timeout 90s; send_timeout '1m 30s'; }"

    run = moved(configured(text), tmp_path / "run", scale=0.01)

    assert directives(run, "proxy_read_timeout", "send_timeout") == [("900ms",), ("900ms",)]
    assert "proxy_read_timeout 600ms;" in run.file.read_text()


def test_left_out_with_a_note(configured, tmp_path):
    """Whoever measures is told of what a copy cannot keep."""
    text = """\
    auth_basic "closed";
    auth_basic_user_file /etc/nginx/users;
    location /api/ { proxy_pass http://a; allow 10.0.0.0/8; deny all; }
    """

    run = moved(configured(text), tmp_path / "run")

    assert run.notes == ("password protection (auth_basic) is left out",)
    assert "allow 127.0.0.1;" in run.file.read_text()


@pytest.mark.parametrize("target", ["http://127.0.0.1:8000/base", "http://"])
def test_target_with_a_path(configured, tmp_path, target):
    """A target URL with a path is refused: a proxy_pass cannot keep its own meaning and take that in."""
    with pytest.raises(UsageError, match="a target without a path"):
        relocate(configured("location / { proxy_pass http://a; }"), tmp_path / "run", target)
