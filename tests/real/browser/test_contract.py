"""The clauses of the browser hold on the bundled server, and each is broken by what is declared to break it."""

from __future__ import annotations

import pytest

from pulsegate.harness.browser.declared import declared_breaks
from pulsegate.harness.browser.measuring import BrowserSession, Wanted
from pulsegate.harness.parts import part
from pulsegate.harness.reference import ReferenceServer, reference_target

pytestmark = [pytest.mark.real, pytest.mark.timeout(300), pytest.mark.needs("chromium")]


async def judged(page: str | None = None, **settings: object) -> dict[str, tuple[str, str, str]]:
    """Outcome, actual and cause of each clause on a server with `settings`."""
    with ReferenceServer(settings={"heartbeat_s": 1, **settings}) as server:
        wanted = Wanted(page, contract_only=True)
        session = BrowserSession(part("chromium").require(), reference_target(server), wanted, server=server)
        await session.measure()
    assert session.problem == ""
    return {one.id: (one.outcome, one.actual, one.cause) for one in session.clauses()}


async def test_the_bundled_server_keeps_every_clause():
    """Nothing fails, and nothing is left unmeasured."""
    found = await judged()
    assert {outcome for outcome, _, _ in found.values()} == {"passed"}, found


@pytest.mark.parametrize("fault", declared_breaks()["faults"])
async def test_a_planted_fault_breaks_exactly_its_clauses(fault):
    """The clauses that are declared fail, and no others."""
    found = await judged(faults=(fault,))
    failed = tuple(name for name, (outcome, _, _) in found.items() if outcome == "failed")
    assert failed == declared_breaks()["faults"][fault], found


@pytest.mark.parametrize("page", declared_breaks()["pages"])
async def test_a_planted_page_breaks_exactly_its_clauses(page):
    """A setting of the bundled page that spoils it is found."""
    found = await judged(page)
    failed = tuple(name for name, (outcome, _, _) in found.items() if outcome == "failed")
    assert failed == declared_breaks()["pages"][page], found


async def test_the_mime_type_error_is_explained():
    """The browser's own sentence is shown, with the documented cause beside it."""
    found = await judged(faults=("sse-html-fallback",))
    for clause in ("BROWSER-1", "BROWSER-2"):
        _, actual, cause = found[clause]
        assert 'EventSource\'s response has a MIME type ("text/html") that is not "text/event-stream"' in actual
        assert "front end's fallback" in cause
