"""A real nginx between the probes and their server: the small facts that the clauses rest on."""

from __future__ import annotations

import asyncio

import pytest

from pulsegate.harness.profile import Profile
from pulsegate.harness.proxy.bench import Bench
from pulsegate.harness.proxy.configuration import read_configuration
from pulsegate.harness.proxy.evidence import Scale
from pulsegate.harness.proxy.installation import find_nginx
from pulsegate.harness.proxy.looking import Looking
from pulsegate.harness.proxy.routing import documented_paths
from pulsegate.harness.target import Target

pytestmark = pytest.mark.needs("nginx")

GOOD = """
location /api/ {
    proxy_pass http://app:8000;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_read_timeout 90s;
}
"""
TARGET = Target(url="http://127.0.0.1:1", profile=Profile())


def look(tmp_path, text, looks, scale=None, load=4):
    """The evidence of one configuration, whose target is not asked for anything."""
    file = tmp_path / "site.conf"
    file.write_text(text)
    paths = documented_paths(TARGET.profile)
    with Bench("site", read_configuration(file), paths, tmp_path / "run", find_nginx()) as bench:
        looking = Looking(TARGET, [bench], scale or Scale(30.0, 0.5), load, 0, looks={"site": frozenset(looks)})
        asyncio.run(run(looking))
    return looking.evidence["site"]


async def run(looking):
    async with looking:
        await looking.glance()
        await looking.listen()
        await looking.watch()


def test_a_good_location_keeps_all_that_nginx_can_break(tmp_path):
    """Idle streams live, a cut is told from an end, and leaving is noticed."""
    seen = look(tmp_path, GOOD, {"idle", "ending", "departure", "crowd"})
    assert seen.idle.lived
    assert (seen.ending.cut.ended, seen.ending.normal.ended) == ("cut", "clean")
    assert seen.departure_s is not None
    assert (seen.crowd.held, seen.crowd.asked) == (4, 4)
    assert (seen.read_timeout, seen.read_timeout_s) == ("90s", 90.0)


def test_a_short_timeout_cuts_an_idle_stream(tmp_path):
    """20 s against heartbeats every 30 s, both divided by 60."""
    seen = look(tmp_path, GOOD.replace("90s", "20s"), {"idle"})
    assert not seen.idle.lived
    assert seen.idle.ended == "cut"


def test_without_chunks_a_cut_looks_like_an_end(tmp_path):
    """Both are the end of the connection."""
    seen = look(tmp_path, GOOD.replace("90s;", "90s; chunked_transfer_encoding off;"), {"ending"})
    assert (seen.ending.cut.ended, seen.ending.normal.ended) == ("eof", "eof")


def test_a_location_made_for_the_stream_swallows_the_socket(tmp_path):
    """The prefix is told with its line; one for all of /api/ swallows nothing."""
    assert look(tmp_path, GOOD.replace("/api/", "/api/copilotkit"), {"none"}).shared_location == "site.conf:2"
    assert look(tmp_path, GOOD, {"none"}).shared_location == ""


def test_a_part_of_a_configuration_is_not_asked_for_the_rest(tmp_path):
    """One location covers its own paths and no others."""
    seen = look(tmp_path, GOOD.replace("/api/", "/api/copilotkit"), {"none"})
    assert {"sse", "rt", "ws"} <= seen.covered
    assert {"kit", "cmp", "health"} <= seen.uncovered
