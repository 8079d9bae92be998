"""The page as it is served: its files, their headers, what they refer to, and the load."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

FOLDER = files("pulsegate.reference_server") / "page"
TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
NAMES = sorted(entry.name for entry in FOLDER.iterdir() if entry.name.rpartition(".")[2] in TYPES)
SCRIPTS = [name for name in NAMES if name.endswith(".js")]


def read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
async def test_every_file_is_served_with_its_type(http, name):
    """A browser that is told not to guess needs the exact type."""
    response = await http.get(f"/page/{name}")

    assert response.status_code == 200
    assert response.headers["content-type"] == TYPES[name.rpartition(".")[2]]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.text == read(name)


@pytest.mark.parametrize("path", ["/", "/page/main.js"])
async def test_nothing_but_its_own_files_may_run(http, path):
    """The policy admits no inline code, no text as markup, no other host, no frame."""
    policy = (await http.get(path)).headers["content-security-policy"]

    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert {directives[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}
    assert {directives[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert directives["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in policy
    assert "*" not in policy


async def test_the_page_itself_is_at_the_root(http):
    """The address alone shows it, to HEAD as well."""
    response = await http.get("/")

    assert response.text == read("index.html")
    assert response.headers["content-type"] == TYPES["html"]
    assert (await http.head("/")).headers["etag"] == response.headers["etag"]


async def test_an_unchanged_file_is_not_sent_again(http):
    """A browser asks every time, and gets a file only when it is another."""
    first = await http.get("/page/main.js")

    assert first.headers["cache-control"] == "no-cache"
    again = await http.get("/page/main.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (await http.get("/page/main.js", headers={"If-None-Match": '"other"'})).status_code == 200


@pytest.mark.parametrize("name", ["missing.js", "README.md", "..%2fapp.py", "%2e%2e/app.py", "..%5capp.py", ""])
async def test_nothing_else_of_the_server_is_served(http, name):
    """A name is looked up, never joined to a path."""
    response = await http.get(f"/page/{name}")

    assert response.status_code == 404
    assert response.json()["detail"]


@pytest.mark.parametrize("name", NAMES)
def test_no_other_host_is_referred_to(name):
    """The page works without a network."""
    text = read(name).replace("http://www.w3.org/2000/svg", "")

    assert re.search(r"""(https?|wss?)://|["'(=]//""", text) is None


def test_every_file_that_is_referred_to_is_there():
    """No request of the page's fails."""
    asked = set(re.findall(r'(?:href|src)="/page/([^"]+)"', read("index.html")))
    for name in SCRIPTS:
        asked |= set(re.findall(r'from "\./([^"]+)"', read(name)))

    assert asked == set(NAMES) - {"index.html"}


def test_every_element_that_is_looked_for_is_there():
    """No panel is left unfilled because its name is another."""
    there = re.findall(r'\bid="([^"]+)"', read("index.html"))
    asked = {
        name for script in SCRIPTS for name in re.findall(r'(?:\bat|getElementById|\bfigure)\("([^"]+)"', read(script))
    }

    assert len(there) == len(set(there))
    assert asked <= set(there)


def test_no_code_or_style_is_in_the_markup():
    """The policy would refuse it."""
    html = read("index.html")

    assert re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", html) is None


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_of_a_text(name):
    """What a server says stays text."""
    assert (
        re.search(r"(inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser", read(name))
        is None
    )


def test_every_parameter_is_documented():
    """README.md names what settings.js reads."""
    read_ones = set(re.findall(r'(?:truth|number|choice)\("(\w+)"', read("settings.js"))) | {"session"}
    table = re.findall(r"^\| (`[^|]+) \|", read("README.md").partition("## `window")[0], re.MULTILINE)

    assert read_ones <= set(re.findall(r"`(\w+)`", "".join(table)))


async def load(http, read_events, **query):
    async with http.stream("GET", "/page/load", params=query) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        return await read_events(response).until(lambda block: block.event == "done")


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("updates", ["agent_update"] * 6),
        ("messages", ["message_complete"] * 6),
        ("mixed", ["agent_update", "message_complete"] * 3),
    ],
)
async def test_a_load_is_as_ordered(http, read_events, kind, names):
    """As many events of the kind as were asked for, then one that says so."""
    *events, done = await load(http, read_events, kind=kind, count=6, rate=500, agents=2)

    assert [event.event for event in events] == names
    assert {event.data["agentId"] for event in events} == {"agent-1", "agent-2"}
    assert [event.id for event in events] == [1, 2, 3, 4, 5, 6]
    assert done.data == {"sent": 6}


async def test_a_load_of_updates_shows_every_state(http, read_events):
    """A page that is loaded with them has all five to show."""
    *events, _ = await load(http, read_events, count=105, rate=500, agents=5)

    assert {event.data["status"] for event in events} == {"idle", "running", "completed", "failed", "paused"}
    assert all(0 <= event.data["progress"] <= 100 and event.data["currentTask"] for event in events)


async def test_a_load_never_runs_ahead(http, read_events):
    """An event comes at its time or later, by the stamps it carries."""
    *events, _ = await load(http, read_events, count=30, rate=500, stamp=1)

    stamps = [event.data["stamp"] for event in events]
    assert [stamp["seq"] for stamp in stamps] == list(range(1, 31))
    assert stamps[-1]["emitted_ns"] - stamps[0]["emitted_ns"] > 25 / 500 * 1e9


@pytest.mark.parametrize(
    "query", ["rate=9", "rate=5001", "rate=x", "count=0", "count=10001", "agents=0", "agents=201", "kind=other"]
)
async def test_a_load_beyond_its_limits_is_refused(http, query):
    """One page cannot keep the server busy for ever."""
    response = await http.get(f"/page/load?{query}")

    assert response.status_code == 422
    assert query.partition("=")[0] in response.json()["detail"]


async def test_a_load_that_is_left_ends(http, read_events, gauge):
    """A page that goes away leaves nothing behind."""
    async with http.stream("GET", "/page/load", params={"rate": 500, "count": 10000}) as response:
        reader = read_events(response)
        await reader.take(3)
        assert await gauge("page") == 1
    while await gauge("page"):
        pass
