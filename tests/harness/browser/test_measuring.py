"""What a run writes down, before any browser is started."""

from __future__ import annotations

from pathlib import Path

from pulsegate.harness.browser.measuring import BrowserSession, Wanted
from pulsegate.harness.profile import Profile
from pulsegate.harness.record import ConsoleLine
from pulsegate.harness.target import Target


def session(page: str | None = None) -> BrowserSession:
    environ = {"PULSEGATE_JWT_SECRET": "s3cret-of-the-server-which-is-long"}
    target = Target(url="http://127.0.0.1:9", profile=Profile(), environ=environ)
    return BrowserSession(Path("chromium"), target, Wanted(page))


def test_tokens_never_stand_in_a_record():
    """Pages write them to consoles and addresses; the record says whose they were."""
    one = session()
    assert one._wallet is not None
    token = one._wallet.user("alice").token
    one._seen.console.append(ConsoleLine(at_ms=1, kind="log", text=f"connecting with {token}"))
    one._network_errors.append(f"http://127.0.0.1:9/api?token={token}: answered 503")
    found = one.run()
    assert token not in found.model_dump_json()
    assert found.console[0].text == "connecting with $ALICE_TOKEN"
    assert found.network_errors == ["http://127.0.0.1:9/api?token=$ALICE_TOKEN: answered 503"]


def test_an_address_is_shown_without_what_signs_in():
    """Neither the login nor the fragment, which carries a token to the bundled page."""
    assert session("http://me:pw@127.0.0.1:9/chat?a=1#token=x").run().page == "http://127.0.0.1:9/chat?a=1"


def test_a_page_may_be_a_path_of_the_target():
    """Without any it is the page at the root."""
    assert session("/chat").run().page == "http://127.0.0.1:9/chat"
    assert session().run().page == "http://127.0.0.1:9/"


def test_what_was_not_reached_is_not_measured():
    """Every clause is in the record, with the reason."""
    one = session()
    one.problem = "Chromium ended while opening the page"
    assert {(clause.outcome, clause.reason) for clause in one.clauses()} == {("not_measured", one.problem)}
