"""What a generator process is told by the command that started it; plain `locust -f` runs have the defaults."""

from __future__ import annotations

import json
import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from pulsegate.harness.profile import Profile
from pulsegate.harness.target import Target
from pulsegate.harness.timing.reconnect import Backoff
from pulsegate.harness.timing.schedule import Arrivals

#: The environment variable that carries the job as JSON.
JOB_VARIABLE = "PULSEGATE_LOAD_JOB"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Steps(_Model):
    """The users grow in equal steps, each of which is held."""

    kind: Literal["steps"] = "steps"
    count: Annotated[int, Field(ge=1)] = 5
    hold_s: Annotated[float, Field(gt=0)] = 10.0


class Ramp(_Model):
    """The users grow evenly up to the full number, which is held for the rest of the run."""

    kind: Literal["ramp"] = "ramp"
    over_s: Annotated[float, Field(gt=0)] = 30.0


class Spike(_Model):
    """A share of the users all along, all of them for a while in the middle."""

    kind: Literal["spike"] = "spike"
    base: Annotated[float, Field(gt=0, lt=1)] = 0.2
    width_s: Annotated[float, Field(gt=0)] = 10.0


class FindLimit(_Model):
    """The users grow step by step until a band degrades; the last sound step is the knee."""

    kind: Literal["find-limit"] = "find-limit"
    start: Annotated[int, Field(ge=1)] = 10
    factor: Annotated[float, Field(gt=1)] = 1.5
    hold_s: Annotated[float, Field(gt=0)] = 5.0
    #: A step has degraded when more than this share of a metric's samples has.
    degraded_share: Annotated[float, Field(gt=0, lt=1)] = 0.05


Shape = Annotated[Steps | Ramp | Spike | FindLimit, Field(discriminator="kind")]


class Job(_Model):
    """One load run. The command writes it, the generators read it."""

    target: Target
    #: How many of which user class; empty leaves it to the weights.
    users: dict[str, int] = {}
    spawn_rate: float = 100.0
    duration_s: float = 60.0
    connections_per_user: int | None = None
    #: This long from the start of the run, nothing counts for the figures.
    warm_up_s: float = 0.0
    seed: int = 0
    #: Requests per second of each user that asks; None for a closed loop.
    rate_per_user: float | None = None
    arrivals: Arrivals = "poisson"
    #: How long a user of a closed loop thinks, in seconds: at least and at most; None leaves it to the user class.
    think_time_s: tuple[float, float] | None = None
    #: What is asked, and as whom; None for what is shipped and for the profile's identities.
    prompts_file: Path | None = None
    tokens_file: Path | None = None
    #: Addresses of this machine to come from in turn.
    sources: tuple[str, ...] = ()
    #: How the number of users changes; None: all are started at `spawn_rate` and stay.
    shape: Shape | None = None
    #: Every request carries a `traceparent` of its own.
    traceparent: bool = False
    #: How connections that are lost come back; None: they stay lost.
    reconnect: Backoff | None = None
    #: The descriptor to which the closed seconds are written, a JSON line each.
    seconds_fd: int | None = None

    def told(self) -> str:
        """The job as JSON; of the target only what was set, because an identity that is merely a default is none."""
        target = self.target.model_dump(mode="json", exclude={"environ"}, exclude_unset=True)
        return json.dumps(self.model_dump(mode="json", exclude={"target"}) | {"target": target})


@lru_cache(maxsize=1)
def given_job() -> Job | None:
    """The job in this process's environment, if any."""
    text = os.environ.get(JOB_VARIABLE)
    return Job.model_validate_json(text) if text else None


def job_for(host: str | None) -> Job:
    """The job of this process, else one for the documented backend at Locust's ``--host``."""
    url = (host or "http://127.0.0.1:8000").rstrip("/")
    return given_job() or Job(target=Target(url=url, profile=Profile()))
