from __future__ import annotations

from pulsegate.harness.loading.job import Job, Steps
from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target


def told(job: Job) -> Job:
    return Job.model_validate_json(job.told())


def target(**profile: object) -> Target:
    return Target(url="http://127.0.0.1:8000", profile=Profile.model_validate(profile))


def test_an_identity_that_was_not_named_stays_unnamed():
    """A secret that merely lies in the default variable signs no token for a target whose profile names other ones."""
    heard = told(Job(target=target(identities={"alice_token_env": "KEY"})))

    assert heard.target.profile.identities.alice_token_env == "KEY"
    assert "jwt_secret_env" not in heard.target.profile.identities.model_fields_set


def test_everything_else_arrives_as_it_was():
    """Also what was left at its default."""
    job = Job(target=target(timing={"heartbeat_s": 2.0}), users={"Streams": 3}, shape=Steps(count=2), seconds_fd=5)

    assert told(job).model_dump() == job.model_dump()
