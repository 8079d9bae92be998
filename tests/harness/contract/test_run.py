"""A whole run over a few clauses, against scripted servers."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulsegate.harness.contract import registry
from pulsegate.harness.contract.options import CheckOptions
from pulsegate.harness.contract.run import run_check
from pulsegate.harness.errors import TargetUnreachable, UsageError
from pulsegate.harness.profile import Profile
from pulsegate.harness.record import ClauseResult, RunRecord
from pulsegate.harness.target import Target

OFF = dict.fromkeys(("sse", "rt", "run", "ws", "kit", "cmp", "chat", "fall"), False)

GREETING = """
    @clause("MINE-1")
    async def test_greets(check: Check) -> None:
        answer = await check.call("GET", "health", who=check.user())
        check.expect(answer.json() == {"status": "ok"}, "a friendly status", answer.text)
"""
REFUSING = """
    @clause("MINE-2")
    async def test_refuses(check: Check) -> None:
        answer = await check.call("POST", "health", json={"a": 1})
        check.expect(answer.status == 400, "status 400", answer.status)
"""


@pytest.fixture
def check(suite: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunRecord]:
    """Check a URL with a suite of one's own in place of the shipped one."""
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    monkeypatch.setattr(registry, "shipped_clauses", lambda: nothing)

    def run(
        url: str,
        clauses: list[Any],
        files: dict[str, list[str]],
        options: CheckOptions | None = None,
        listener: Any = None,
        **sections: Any,
    ) -> RunRecord:
        folder = suite(clauses, **files)
        sections = {"surfaces": OFF, "clauses": {"path": str(folder)}, **sections}
        secret = {"PULSEGATE_JWT_SECRET": "a-secret-of-at-least-thirty-two-bytes"}
        target = Target(url=url, profile=Profile.model_validate(sections), environ=secret, answer_timeout_s=5)
        return run_check(target, options, listener, cases=nothing)

    return run


def outcomes(record: RunRecord) -> dict[str, str]:
    return {clause.id: clause.outcome for clause in record.clauses}


TWO = ["MINE-1", "MINE-2"]
BOTH = {"test_mine": [GREETING, REFUSING]}


def test_each_clause_has_its_outcome(check: Any, serve: Any, answers: Any) -> None:
    """The record holds the verdict, the environment, the surfaces and the evidence."""
    server = serve(lambda asked: answers.ok)
    record = check(server.url, TWO, BOTH)

    assert outcomes(record) == {"MINE-1": "passed", "MINE-2": "failed"}
    assert record.verdict.sentence == "1 passed of 2, 0 not measured, 1 failed (MINE-2)"
    assert (record.exit_code, record.command, record.interrupted) == (1, "check", False)
    assert record.surfaces["health"].offered
    assert not record.surfaces["sse"].offered
    assert record.environment.cpus > 0


def test_a_failure_has_both_sides_a_remedy_and_a_curl(check: Any, serve: Any, answers: Any) -> None:
    """What is needed to believe it and to mend it."""
    server = serve(lambda asked: answers.ok)
    failed = check(server.url, TWO, BOTH).clauses[1]

    assert (failed.expected, failed.actual, failed.remedy) == ("status 400", "200", "Mend MINE-2.")
    assert failed.curl.startswith("curl ")
    assert [(each.method, each.status) for each in failed.evidence] == [("POST", 200)]


def test_no_token_is_in_the_record(check: Any, serve: Any, answers: Any) -> None:
    """Also not where the target sends it back."""

    def echo(asked: Any) -> Any:
        return answers.answer(200, "application/json", json.dumps({"status": "ok", **asked.headers}))

    server = serve(echo)
    text = check(server.url, TWO, BOTH).model_dump_json()
    tokens = {asked.headers["authorization"] for asked in server.asked if "authorization" in asked.headers}

    assert len(tokens) == 1
    assert not any(token.removeprefix("Bearer ") in text for token in tokens)
    assert "$ALICE_TOKEN" in text


def test_no_login_of_the_url_is_in_the_record(check: Any, serve: Any, answers: Any) -> None:
    """A name and password in the target's URL are sent, and masked wherever the URL or the header is shown."""
    server = serve(lambda asked: answers.answer(200, "text/plain", asked.headers["authorization"]))
    url = server.url.replace("://", "://staging:hush%21hush@")
    mine = CheckOptions(arguments=["check", "--target", url])

    record = check(url, ["MINE-1"], {"test_mine": [GREETING.replace("who=check.user()", "")]}, mine)

    assert server.asked[-1].headers["authorization"] == "Basic c3RhZ2luZzpodXNoIWh1c2g="
    text = record.model_dump_json()
    for secret in ("hush%21hush", "hush!hush", "c3RhZ2luZzpodXNoIWh1c2g="):
        assert secret not in text
    assert record.target.url == server.url.replace("://", "://$TARGET_LOGIN@")
    assert "Basic $TARGET_LOGIN_BASE64" in text


def test_a_clause_without_a_case_is_in_the_record(check: Any, serve: Any, answers: Any) -> None:
    """Nothing is silently missing."""
    record = check(serve(lambda asked: answers.ok).url, [*TWO, "MINE-3"], BOTH)

    assert outcomes(record)["MINE-3"] == "not_measured"


def test_only_what_is_selected_runs(check: Any, serve: Any, answers: Any) -> None:
    """The others are not even in the record."""
    server = serve(lambda asked: answers.ok)
    record = check(server.url, TWO, BOTH, CheckOptions(select=["MINE-1"]))

    assert outcomes(record) == {"MINE-1": "passed"}
    assert record.exit_code == 0
    assert not [asked for asked in server.asked if asked.method == "POST"]


def test_an_acceptance_does_not_break_and_a_stale_one_is_named(check: Any, serve: Any, answers: Any) -> None:
    """Both kinds of acceptance in one run."""
    server = serve(lambda asked: answers.ok)
    record = check(server.url, TWO, BOTH, accepted={"MINE-1": "old", "MINE-2": "ticket 7"})

    assert outcomes(record) == {"MINE-1": "passed", "MINE-2": "accepted"}
    assert record.exit_code == 0
    assert "MINE-1 is listed under [accepted] but passes now; remove it there" in record.warnings


def test_repeating_finds_a_rare_fault(check: Any, serve: Any, answers: Any) -> None:
    """The third answer is wrong."""
    seen: list[int] = []

    def script(asked: Any) -> Any:
        if "authorization" in asked.headers:
            seen.append(1)
        return answers.answer(200, "application/json", "{}") if len(seen) == 3 else answers.ok

    record = check(serve(script).url, ["MINE-1"], {"test_mine": [GREETING]}, CheckOptions(repeat=5))

    assert (record.clauses[0].outcome, record.clauses[0].reason) == ("failed", "failed 1 of 5")


def test_failing_fast_ends_the_run(check: Any, serve: Any, answers: Any) -> None:
    """What did not run says why."""
    record = check(
        serve(lambda asked: answers.ok).url, TWO, {"test_a": [REFUSING, GREETING]}, CheckOptions(fail_fast=True)
    )

    assert outcomes(record) == {"MINE-1": "not_measured", "MINE-2": "failed"}
    assert record.clauses[0].reason == "stopped after MINE-2 failed (--fail-fast)"
    assert record.exit_code == 1


def test_a_run_has_a_time_limit(check: Any, serve: Any, answers: Any) -> None:
    """What is not done then is not measured, and the run says so with its exit code."""
    endless = """
        @clause("MINE-1")
        async def test_never_ends(check: Check) -> None:
            await asyncio.Event().wait()
    """
    record = check(serve(lambda asked: answers.ok).url, ["MINE-1"], {"test_a": [endless]}, CheckOptions(timeout_s=0.1))

    assert record.clauses[0].reason == "the run's time limit of 0.1 s was reached"
    assert record.exit_code == 3


def test_parameters_are_cases_of_their_own(check: Any, serve: Any, answers: Any) -> None:
    """The one that fails is named."""
    cases = """
        @pytest.mark.parametrize("number", [1, 2, 3])
        @clause("MINE-1")
        async def test_is_not_two(check: Check, number: int) -> None:
            check.expect(number != 2, "another number", number)
    """
    clause = check(serve(lambda asked: answers.ok).url, ["MINE-1"], {"test_a": [cases]}).clauses[0]

    assert (clause.outcome, clause.reason, clause.actual) == ("failed", "in test_is_not_two[2]", "2")


def test_methods_of_a_class_are_cases_too(check: Any, serve: Any, answers: Any) -> None:
    """A user may group cases."""
    cases = """
        class TestGroup:
            @clause("MINE-1")
            async def test_it(self, check: Check) -> None:
                check.expect(isinstance(self, TestGroup), "the group")
    """

    assert check(serve(lambda asked: answers.ok).url, ["MINE-1"], {"test_a": [cases]}).exit_code == 0


def test_a_case_of_an_unknown_clause_is_named(check: Any, serve: Any, answers: Any) -> None:
    """The file, the test and the nearest id."""
    cases = GREETING.replace("MINE-1", "MINE-4")
    with pytest.raises(UsageError, match=r"test_a\.py::test_greets: there is no clause 'MINE-4'; did you mean MINE-1"):
        check(serve(lambda asked: answers.ok).url, ["MINE-1"], {"test_a": [cases]})


def test_a_case_file_that_cannot_be_read_is_named(check: Any, serve: Any, answers: Any) -> None:
    """A syntax error of the user's is no clause failure."""
    with pytest.raises(UsageError, match=r"a case file cannot be used: .*test_a\.py.*no_such_module"):
        check(serve(lambda asked: answers.ok).url, ["MINE-1"], {"test_a": ["import no_such_module"]})


def test_a_case_that_is_no_coroutine_is_named(check: Any, serve: Any, answers: Any) -> None:
    """Plain functions cannot wait for the target."""
    cases = """
        @clause("MINE-1")
        def test_it(check: Check) -> None:
            pass
    """
    with pytest.raises(UsageError, match="a case of clause MINE-1 must be an async function"):
        check(serve(lambda asked: answers.ok).url, ["MINE-1"], {"test_a": [cases]})


def test_nobody_there_is_no_outcome(check: Any, serve: Any, answers: Any) -> None:
    """A refused connection at the start is not a failure of every clause."""
    server = serve(lambda asked: answers.ok)
    server.stop()
    with pytest.raises(TargetUnreachable):
        check(server.url, TWO, BOTH)


def test_no_surface_is_exit_code_three(check: Any, serve: Any, answers: Any) -> None:
    """Nothing could be measured."""
    record = check(serve(lambda asked: answers.missing).url, TWO, BOTH)

    assert set(outcomes(record).values()) == {"not_offered"}
    assert record.exit_code == 3
    assert record.warnings


def test_a_broken_surface_fails_its_entry_clause_only(check: Any, serve: Any, answers: Any) -> None:
    """Even where that clause could not have been measured for another reason."""
    cases = """
        @clause("HEALTH-1")
        async def test_it(check: Check) -> None:
            check.not_measured("no identity")
    """
    record = check(serve(lambda asked: answers.html).url, ["HEALTH-1", "MINE-1"], {"test_a": [cases, GREETING]})

    assert outcomes(record) == {"HEALTH-1": "failed", "MINE-1": "not_measured"}
    assert record.clauses[0].actual == "/health answers text/html"
    assert record.clauses[0].evidence[0].status == 200
    assert record.clauses[1].reason == "HEALTH-1 failed: /health answers text/html"


@pytest.fixture
def missing(serve: Any, answers: Any) -> str:
    """The address of a server that knows no path."""
    url: str = serve(lambda asked: answers.missing).url
    return url


@pytest.mark.parametrize(
    ("causes", "cause", "remedy"),
    [
        ('not-deployed = "Not deployed."', "Not deployed.", "Mend"),
        ("", "", "Name the right path under [surfaces] health"),
    ],
)
def test_nothing_at_a_named_path_has_a_cause_or_a_remedy_of_its_own(
    check: Any, missing: str, causes: str, cause: str, remedy: str
) -> None:
    """The entry clause's documented cause for the answer, and without one what to do about the profile."""
    cases = """
        @clause("HEALTH-1")
        async def test_it(check: Check) -> None:
            check.not_measured("no identity")
    """
    named = {"surfaces": {**OFF, "health": "/health"}}
    entry = {"clause_id": "HEALTH-1", "causes": causes}
    failed = check(missing, [entry], {"test_a": [cases]}, **named).clauses[0]

    assert (failed.outcome, failed.cause) == ("failed", cause)
    assert failed.remedy.startswith(remedy)


def test_without_any_user_the_run_says_so_once(check: Any, serve: Any, answers: Any) -> None:
    """The long reason is a warning; the clauses' own reasons are short."""
    server = serve(lambda asked: answers.ok)
    unset = {"jwt_secret_env": "NEVER_SET"}
    record = check(server.url, ["MINE-1"], {"test_mine": [GREETING]}, identities=unset)

    assert record.clauses[0].reason == "no identity"
    [warning] = [text for text in record.warnings if "NEVER_SET is not set" in text]
    assert warning.startswith("no identity: ")


class Listening:
    def __init__(self) -> None:
        self.total = 0
        self.results: list[ClauseResult] = []
        self.notes: list[str] = []

    def on_start(self, total: int) -> None:
        self.total = total

    def on_clause(self, result: ClauseResult) -> None:
        self.results.append(result)

    def on_note(self, text: str) -> None:
        self.notes.append(text)


def test_a_listener_hears_of_every_clause_once(check: Any, serve: Any, answers: Any) -> None:
    """It can show how far the run is."""
    listener = Listening()
    check(serve(lambda asked: answers.ok).url, [*TWO, "MINE-3"], BOTH, listener=listener)

    assert listener.total == 3
    assert sorted(result.id for result in listener.results) == ["MINE-1", "MINE-2", "MINE-3"]


def test_the_users_pytest_does_not_matter(
    check: Any, serve: Any, answers: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither options in the environment nor a configuration around the clauses has a say."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "conftest.py").write_text("raise RuntimeError\n")
    monkeypatch.chdir(tmp_path)

    assert check(serve(lambda asked: answers.ok).url, ["MINE-1"], {"test_mine": [GREETING]}).exit_code == 0
    assert os.environ["PYTEST_ADDOPTS"] == "--no-such-option"


def test_nothing_is_left_running(check: Any, serve: Any, answers: Any) -> None:
    """No thread outlives a run."""
    server = serve(lambda asked: answers.ok)
    before = {thread.name for thread in threading.enumerate()}
    check(server.url, TWO, BOTH)

    assert "pulsegate lanes" not in {thread.name for thread in threading.enumerate()} - before
