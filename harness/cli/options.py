"""The options that every measuring command takes, declared once."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

from typer import Option

from pulsegate.harness.errors import UsageError

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|)\s*")
_SECONDS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0}

_TARGET = "Target"
_OUTPUT = "Output"


@dataclass(frozen=True, kw_only=True)
class TargetOptions:
    """What is measured."""

    target: Annotated[str | None, Option(help="Address of the server.", metavar="URL", rich_help_panel=_TARGET)] = None
    profile: Annotated[
        Path | None,
        Option(help="Target profile; ./pulsegate.toml by default.", metavar="FILE", rich_help_panel=_TARGET),
    ] = None
    reference: Annotated[
        bool, Option("--reference", help="Start the bundled reference server and measure it.", rich_help_panel=_TARGET)
    ] = False
    heartbeat: Annotated[
        float | None, Option(help="Seconds between heartbeats, over the profile.", metavar="S", rich_help_panel=_TARGET)
    ] = None


@dataclass(frozen=True, kw_only=True)
class ReachOptions:
    """How the target is reached."""

    header: Annotated[
        list[str], Option(help="A header for every request; repeatable.", metavar="'K: V'", rich_help_panel=_TARGET)
    ] = field(default_factory=list)
    ca_file: Annotated[
        Path | None, Option(help="Certificate authority to trust.", metavar="FILE", rich_help_panel=_TARGET)
    ] = None
    insecure: Annotated[bool, Option("--insecure", help="Accept any certificate.", rich_help_panel=_TARGET)] = False
    wait: Annotated[
        str, Option(help="Wait this long until the target is ready, such as 60s.", rich_help_panel=_TARGET)
    ] = "0s"
    connect_timeout: Annotated[str, Option(help="Limit for one connection.", rich_help_panel=_TARGET)] = "10s"
    seed: Annotated[int, Option(help="Seed of everything random.", rich_help_panel=_TARGET)] = 0

    @property
    def headers(self) -> dict[str, str]:
        """The ``--header`` values by name; UsageError for one without a colon or with a line break."""
        return dict(_header(text) for text in self.header)

    def of_target(self) -> dict[str, Any]:
        """The members of a Target that these options are; UsageError for one that cannot be."""
        return {
            "headers": self.headers,
            "ca_file": self.ca_file,
            "insecure": self.insecure,
            "connect_timeout_s": limit(self.connect_timeout, "--connect-timeout"),
            "seed": self.seed,
        }


@dataclass(frozen=True, kw_only=True)
class OutputOptions:
    """How long one waits, and where the results go."""

    timeout: Annotated[str | None, Option(help="Limit for the whole run, such as 10m.", rich_help_panel=_TARGET)] = None
    output: Annotated[
        Path | None, Option(help="Run directory; a new one under pulsegate-runs/ by default.", rich_help_panel=_OUTPUT)
    ] = None
    json: Annotated[Path | None, Option(help="Also write the run record here.", rich_help_panel=_OUTPUT)] = None
    junit: Annotated[Path | None, Option(help="Also write JUnit XML here.", rich_help_panel=_OUTPUT)] = None
    html: Annotated[Path | None, Option(help="Also write the HTML report here.", rich_help_panel=_OUTPUT)] = None
    markdown: Annotated[Path | None, Option(help="Also write Markdown here.", rich_help_panel=_OUTPUT)] = None
    quiet: Annotated[
        bool, Option("--quiet", "-q", help="Print failures and the verdict only.", rich_help_panel=_OUTPUT)
    ] = False
    no_color: Annotated[bool, Option("--no-color", help="Print without colours.", rich_help_panel=_OUTPUT)] = False


@dataclass(frozen=True, kw_only=True)
class RunOptions(OutputOptions, ReachOptions, TargetOptions):
    """What is measured, how long one waits, and where the results go."""


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name.strip()) or re.search(r"[\r\n\0]", value):
        raise UsageError(f"--header {text!r} is not of the form 'Name: value'")
    return name.strip(), value.strip()


def seconds(text: str, option: str) -> float:
    """``60s``, ``2m``, ``500ms`` or plain seconds as a number, perhaps none; UsageError names `option`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise UsageError(f"{option} {text!r} is not a duration; write 500ms, 60s, 2m or 1h")
    return float(match[1]) * _SECONDS[match[2]]


def limit(text: str, option: str) -> float:
    """The same for a time limit, which leaves time for something; UsageError names `option`."""
    allowed = seconds(text, option)
    if not allowed:
        raise UsageError(f"{option} {text!r} leaves no time for anything; write 500ms, 60s, 2m or 1h")
    return allowed


def takes(options: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command all the options of the dataclass `options`, handed over as its first argument."""

    def expand(command: Callable[..., None]) -> Callable[..., None]:
        own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
        hints = get_type_hints(options, include_extras=True)
        shared = [
            inspect.Parameter(
                one.name, inspect.Parameter.KEYWORD_ONLY, annotation=hints[one.name], default=_default(one)
            )
            for one in fields(options)
        ]

        @wraps(command)
        def run(**given: Any) -> None:
            common = options(**{one.name: given.pop(one.name) for one in fields(options)})
            command(common, **given)

        positional = [one for one in own if one.kind is not inspect.Parameter.KEYWORD_ONLY]
        named = [one for one in own if one.kind is inspect.Parameter.KEYWORD_ONLY]
        run.__signature__ = inspect.Signature([*positional, *named, *shared])  # type: ignore[attr-defined]  # read by typer
        run.__annotations__ = {one.name: one.annotation for one in [*own, *shared]}
        return run

    return expand


def _default(one: Any) -> Any:
    return [] if one.default_factory is list else one.default
