"""Two servers behind nginx are one to every client, whichever of them a request meets."""

from __future__ import annotations

import os
from itertools import product

import httpx
import pytest

from pulsegate.harness.contract.options import CheckOptions
from pulsegate.harness.contract.run import run_check
from pulsegate.harness.profile import Metrics
from pulsegate.harness.reference import reference_profile
from pulsegate.harness.target import Target

pytestmark = [pytest.mark.real, pytest.mark.needs("nginx", "postgres", "redis"), pytest.mark.timeout(300)]

SURFACES = ("ws", "rt", "kit", "cmp", "sse")
#: Each server's part of all requests, at least; sticky balancing shares out a few users, of whom one floods.
LEAST_SHARE = 0.05
#: What cannot be known from before the proxy, of a server that is not the command's own.
OUT_OF_SIGHT = {"SSE-4", "SSE-18", "WS-13"}


def test_the_contract_holds_through_nginx(deployment):
    """No clause fails, and both servers have had a good part of the requests."""
    before = deployment.answered()
    record = run_check(target_of(deployment), CheckOptions(level="hardening", surfaces=SURFACES))
    shares = deployment.answered() - before
    short = {clause.id: (clause.outcome, clause.reason) for clause in record.clauses if clause.outcome != "passed"}
    print(dict(shares), short)  # noqa: T201 - the figures, with -s

    assert {outcome for outcome, _ in short.values()} == {"not_measured"}
    # a busy machine leaves clauses about times unmeasured, and says that it was this machine
    assert {clause for clause, (_, reason) in short.items() if "this machine" not in str(reason)} == OUT_OF_SIGHT
    assert set(shares) == {server.url.removeprefix("http://") for server in deployment.servers}
    assert min(shares.values()) >= LEAST_SHARE * shares.total(), shares


def test_servers_that_share_nothing_are_found_out(strangers):
    """Rooms, runs, threads and conversations that are known to one of the two only break clauses of each surface."""
    record = run_check(target_of(strangers), CheckOptions(level="hardening", surfaces=("ws", "rt", "kit", "cmp")))
    broken = {clause.id for clause in record.clauses if clause.outcome == "failed"}

    assert {clause.partition("-")[0] for clause in broken} == {"WS", "RT", "KIT", "CMP"}, broken


def target_of(deployment) -> Target:
    """The deployment as its operator's profile has it: behind a proxy, and without the page of one server's figures."""
    shipped = reference_profile()
    timing = shipped.timing.model_copy(update={"heartbeat_s": deployment.servers[0].settings["heartbeat_s"]})
    section = shipped.target.model_copy(update={"behind_proxy": "yes"})
    profile = shipped.model_copy(update={"timing": timing, "target": section, "metrics": Metrics()})
    environ = {**os.environ, profile.identities.jwt_secret_env: deployment.secret}
    return Target(url=deployment.url, profile=profile, environ=environ)


def test_where_the_requests_of_one_user_go(deployment):
    """Sticky: to one server, however the token is sent, and not all users to the same. Else to both."""
    users = [f"user-{number}" for number in range(16)]
    with httpx.Client(base_url=deployment.url, trust_env=False) as client:
        for _, user in product(range(4), users):
            client.get(f"/{user}", headers={"Authorization": f"Bearer {user}"})
            client.get(f"/{user}", params={"token": user})
            client.get(f"/{user}", headers={"Cookie": f"auth_token={user}"})
    met = [set(deployment.answered(f"/{user}")) for user in users]

    assert {len(servers) for servers in met} == {1 if deployment.balancing == "sticky" else 2}
    assert len(set().union(*met)) == 2


def test_who_has_no_token_is_spread(deployment):
    """Under either balancing: there is nothing that such a client would come back to."""
    with httpx.Client(base_url=deployment.url, trust_env=False) as client:
        for _ in range(40):
            client.get("/nobody")

    assert len(deployment.answered("/nobody")) == 2


def test_figures_and_tokens_stay_inside(deployment):
    """The page of one server's figures is not passed on, and no token is in nginx's log."""
    with httpx.Client(base_url=deployment.url, trust_env=False) as client:
        assert client.get("/metrics").status_code == 404
        assert client.get("/health", params={"token": "of-somebody"}).status_code == 200

    assert "GET /metrics" in deployment.log
    assert "of-somebody" not in deployment.log
