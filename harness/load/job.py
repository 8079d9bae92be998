"""What a Locust process is told by the command that started it; plain `locust -f` runs have the defaults."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from pulsegate.harness.target import Profile, Target

#: The environment variable that carries the job as JSON.
JOB_VARIABLE = "PULSEGATE_LOAD_JOB"


class Job(BaseModel):
    """One load run: its target, how many of which user class, and the file that takes what was measured."""

    target: Target
    users: dict[str, int] = {}
    record_file: Path | None = None


@lru_cache(maxsize=1)
def given_job() -> Job | None:
    """The job in this process's environment, if any."""
    text = os.environ.get(JOB_VARIABLE)
    return Job.model_validate_json(text) if text else None


def target_for(host: str | None) -> Target:
    """The target of this process: the job's, else the documented backend at Locust's ``--host``."""
    job = given_job()
    if job is not None:
        return job.target
    return Target(url=(host or "http://127.0.0.1:8000").rstrip("/"), profile=Profile())


def planned(user_class: str) -> int:
    """How many users of this class the job wants; 0, which leaves it to the weights, without a job."""
    job = given_job()
    return job.users.get(user_class, 0) if job is not None else 0
