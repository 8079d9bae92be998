"""Which location answers: nginx's own order of search."""

from __future__ import annotations

from urllib.request import urlopen

import pytest

from pulsegate.harness.proxy.matching import answering
from pulsegate.harness.proxy.nginx import Nginx
from pulsegate.harness.proxy.relocation import relocate

SERVER = """\
server {
    location = /exact { proxy_pass http://a; }
    location /exact { proxy_pass http://a; }
    location / { proxy_pass http://a; }
    location /api { proxy_pass http://a; }
    location /api/ { proxy_pass http://a; }
    location ^~ /static/ { proxy_pass http://a; }
    location ~ \\.css$ { proxy_pass http://a; }
    location ~* /API/v\\d+/(?<rest>.*) { proxy_pass http://a; }
    location ~ ^/api/v1/never { proxy_pass http://a; }
    location /outer/ {
        proxy_pass http://a;
        location /outer/inner/ { proxy_pass http://a; }
        location ~ \\.css$ { add_header X nested; proxy_pass http://a; }
    }
    location =/glued { proxy_pass http://a; }
    location ^~/glue/ { proxy_pass http://a; }
    location /slash/ { proxy_pass http://a; }
    location /files/ { root /srv; }
    location /app { try_files $uri $uri/index.html @fallback; }
    location /single { try_files $uri /api/index; }
    location /code { try_files $uri =404; }
    location @fallback { proxy_pass http://a; }
}
"""


#: Lines of locations that answer with files, which say no line.
SERVED_AS_FILES = (22,)
PATHS = [
    ("/exact", 2),
    ("/exact/more", 3),
    ("/elsewhere", 4),
    ("/apis", 5),
    ("/api/copilotkit", 6),
    ("/api/copilotkit?token=x.css", 6),
    ("/static/a.css", 7),
    ("/theme/a.css", 8),
    ("/api/v1/never/x", 9),
    ("/outer/page", 11),
    ("/outer/inner/page", 13),
    ("/outer/inner/a.css", 14),
    ("/glued", 16),
    ("/glue/a.css", 17),
    ("/files", 4),
    ("/app/page", 23),
    ("/single/page", 6),
    ("/code/page", 22),
    ("/%61pi/copilotkit", 6),
]


@pytest.mark.parametrize(("path", "line"), PATHS)
def test_order_of_search(configured, path, line):
    """Exact, then the longest prefix, then regular expressions in order unless ^~; nested ones first."""
    assert answering(configured(SERVER).servers[0], path).location.line == line


@pytest.mark.needs("nginx")
def test_same_as_nginx(configured, tmp_path):
    """A real nginx answers every one of these paths from the same location."""
    lines = SERVER.replace("proxy_pass http://a;", "return 200 LINE;").splitlines()
    numbered = [line.replace("LINE", str(number)) for number, line in enumerate(lines, 1)]
    outer = SERVER.splitlines().index("    location /outer/ {") + 1
    numbered[outer] = numbered[outer].replace(f"return 200 {outer + 1}", f"return 200 {outer}")
    asked = [(path, line) for path, line in PATHS if line not in SERVED_AS_FILES]
    moved = relocate(
        configured("\n".join([*numbered[:-1], "location /x/ { proxy_pass http://a; } }"])),
        tmp_path / "run",
        "http://127.0.0.1:9",
    )

    with Nginx(moved) as nginx:
        answers = [(path, int(urlopen(nginx.url + path, timeout=5).read())) for path, _ in asked]

    assert answers == asked


def test_redirect_to_the_slash(configured):
    """A path whose only location has a slash after it is redirected when that is proxied."""
    server = configured(SERVER).servers[0]

    assert answering(server, "/slash").redirect
    assert not answering(server, "/files").redirect


def test_nobody(configured):
    """A path without any location is answered by the server itself."""
    server = configured("location /api/ { proxy_pass http://a; }").servers[0]

    assert answering(server, "/other").location is None


def test_expression_that_python_cannot_read(configured):
    """A regular expression beyond Python's matches nothing instead of failing."""
    server = configured("location ~ ^/(?|a|b)$ { proxy_pass http://a; }").servers[0]

    assert answering(server, "/a").location is None
