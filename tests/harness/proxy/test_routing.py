"""Which server and location the documented paths meet, and which upstream is the application."""

from __future__ import annotations

import pytest

from pulsegate.harness.profile import Profile, Surfaces
from pulsegate.harness.proxy.routing import Destination, Routes, destination_of, documented_paths

PATHS = {"sse": "/api/copilotkit", "ws": "/api/copilotkit/ws"}
SERVERS = """\
server { server_name static; location / { root /srv; } }
server { server_name old; location /apix { proxy_pass http://old; } }
server { server_name chat; location / { proxy_pass http://web:3000; }
         location /api/ { proxy_pass http://app:8000; } }
"""


def test_documented_paths():
    """Paths are those of the surfaces that the profile offers, without their query."""
    paths = documented_paths(Profile(surfaces=Surfaces(fall=False)))

    assert paths["rt"] == "/api/copilotkit"
    assert "fall" not in paths
    assert "agui" not in paths


def test_server_and_application(configured):
    """The server is the one that passes most documented paths on; the application is where they go."""
    routes = Routes(configured(SERVERS), PATHS)

    assert routes.server.named("server_name")[0].args == ("chat",)
    assert routes.application == {"app:8000"}
    assert routes.location("sse").args == ("/api/",)
    assert routes.location("cmp") is None


def test_server_that_comes_nearest(configured):
    """Where no server passes a documented path on, the one whose locations come nearest is meant."""
    routes = Routes(configured("server { location /media/ { proxy_pass http://m; } }\n"
                               "server { location /apis/ { proxy_pass http://app; } }"), PATHS)  # fmt: skip

    assert routes.server.line == 2
    assert routes.application == {"app"}
    assert routes.location("sse") is None


def test_front_end_is_not_the_application(configured):
    """A path that only reaches the front end has no location of the application."""
    text = "location / { proxy_pass http://frontend:3000; }\nlocation /docs/ { proxy_pass http://app; }"
    routes = Routes(configured(text), PATHS)

    assert routes.location("sse") is None
    assert routes.answer("sse").location.args == ("/",)


def test_values_of_variables(configured):
    """A variable stands for whatever a set or a map makes of it."""
    text = (
        "map $x $pool { default one; b two; }\nserver { set $scheme_is http; location / { proxy_pass http://$pool; } }"
    )
    routes = Routes(configured(text), PATHS)

    assert routes.values("${scheme_is}://$pool/x") == {"http://one/x", "http://two/x"}
    assert routes.values("http://$arg_host") == {"http://$arg_host"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a:8000", ("http", "a:8000", "")),
        ("https://a/", ("https", "a", "/")),
        ("http://unix:/run/a.sock:/x", ("http", "unix:/run/a.sock:", "/x")),
        ("http://a$request_uri", ("http", "a", "$request_uri")),
        ("http://$pool:80${uri}", ("http", "$pool:80", "${uri}")),
        ("http://$uri_pool", ("http", "$uri_pool", "")),
    ],
)
def test_destination(text, expected):
    """An address falls into scheme, authority and what stands for the path."""
    assert destination_of(text) == Destination(*expected)


def test_no_destination():
    """A variable alone says nothing."""
    assert destination_of("$backend") is None
