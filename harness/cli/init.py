"""`pulsegate init`: a target profile to start from, made of what the target answers."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from pulsegate.harness.cli.completion import profile_names
from pulsegate.harness.cli.options import ReachOptions, limit, seconds, takes
from pulsegate.harness.errors import CouldNotMeasure, UsageError

if TYPE_CHECKING:
    from pulsegate.harness.probing.findings import Findings
    from pulsegate.harness.probing.prober import Identity
    from pulsegate.harness.target import Target

DEFAULT_FILE = Path("pulsegate.toml")
_PANEL = "Probing"


@takes(ReachOptions)
def init(
    common: ReachOptions,
    file: Annotated[
        Path | None, Argument(help="The file to write.", metavar="FILE", show_default="pulsegate.toml")
    ] = None,
    *,
    target: Annotated[str | None, Option(help="Look at this server, and write what it offers.", metavar="URL")] = None,
    profile: Annotated[
        Path | None, Option(help="The file to write, as other commands name it.", metavar="FILE")
    ] = None,
    like: Annotated[
        str | None, Option(help="Start from a ready profile instead.", metavar="NAME", autocompletion=profile_names)
    ] = None,
    force: Annotated[bool, Option("--force", help="Replace an existing file.")] = False,
    token_env: Annotated[
        str | None,
        Option(help="Variable with a token to use where none is refused.", metavar="NAME", rich_help_panel=_PANEL),
    ] = None,
    no_post: Annotated[
        bool, Option("--no-post", help="Send no POST: surfaces that need one are guessed.", rich_help_panel=_PANEL)
    ] = False,
    timeout: Annotated[str, Option(help="Limit for all of it.", rich_help_panel=_PANEL)] = "20s",
) -> None:
    """Write a commented target profile.

    With --target, at most a hundred requests tell which surfaces answer, by their protocol; what they cannot tell is
    asked for in a comment. Where nothing else tells, one greeting is sent, and it is said. With neither --target nor
    --like, every key is written with its default.

    Ready profiles for --like: reference, sse, copilotkit-sse, realtime, chatkit, chatkit-sdk, openai, task-assistant,
    ag-ui.

    [bold]Examples[/bold]

      pulsegate init --target http://127.0.0.1:8000

      pulsegate init staging.toml --like openai --target http://127.0.0.1:8000
    """
    if file is not None and profile is not None:
        raise UsageError("FILE and --profile name the same thing; give one of them")
    chosen = file or profile or DEFAULT_FILE
    if chosen.exists() and not force:
        raise UsageError(f"{chosen} exists already; --force replaces it")
    try:
        if target is None or like is not None:
            text = _ready(like, target)
        else:
            text = _probed(common, target, token_env, limit(timeout, "--timeout"), no_post=no_post)
    except KeyboardInterrupt:
        print("pulsegate: nothing was written", file=sys.stderr)
        raise
    try:
        chosen.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"{chosen} cannot be written: {problem.strerror}") from None
    named = "" if chosen == DEFAULT_FILE else f" --profile {chosen}"
    print(f"wrote {chosen}; read it, then: pulsegate check{named}")


def _ready(like: str | None, url: str | None) -> str:
    from pulsegate.harness.ready_profiles import profile_text

    text = profile_text(like or "template")
    if url is None:
        return text
    return re.sub(r'(?m)^\[target\]\n(?:url = ".*"\n)?', f'[target]\nurl = "{_checked(url)}"\n', text, count=1)


def _checked(url: str) -> str:
    from pulsegate.harness.profile import check_url

    if not url.strip():
        raise UsageError("--target is empty; give the address of the server, such as http://127.0.0.1:8000")
    try:
        return check_url(url)
    except ValueError as problem:
        raise UsageError(f"--target {problem}") from None


def _probed(common: ReachOptions, url: str, token_env: str | None, limit_s: float, *, no_post: bool) -> str:
    import asyncio

    from pulsegate.harness.cli.output import console_for
    from pulsegate.harness.probing.prober import probe
    from pulsegate.harness.probing.writing import profile_for
    from pulsegate.harness.readiness import wait_until_ready

    target = _target(common, url)
    identity = _identity(target, token_env)
    wait_until_ready(target, seconds(common.wait, "--wait"))
    console = console_for(no_color=False, stderr=True)
    with console.status(f"looking at what {target.shown_url} offers, for at most {limit_s:g} s"):
        findings = asyncio.run(probe(target, limit_s=limit_s, identity=identity, posts=not no_post))
    _print_findings(findings)
    if not findings.found:
        raise CouldNotMeasure(_nothing_found(target, findings))
    return profile_for(findings)


def _target(common: ReachOptions, url: str) -> Target:
    from pulsegate.harness.profile import Profile
    from pulsegate.harness.target import Target

    if common.ca_file is not None and not common.ca_file.is_file():
        raise UsageError(f"--ca-file {common.ca_file}: there is no such file")
    return Target(
        url=_checked(url),
        profile=Profile(),
        headers=common.headers,
        ca_file=common.ca_file,
        insecure=common.insecure,
        connect_timeout_s=limit(common.connect_timeout, "--connect-timeout"),
    )


def _identity(target: Target, token_env: str | None) -> Identity | None:
    """The token that `--token-env` names, else one minted from the usual secret, else none."""
    from pulsegate.harness.identities import Wallet
    from pulsegate.harness.probing.prober import Identity

    if token_env is not None:
        token = os.environ.get(token_env, "").strip()
        if not token:
            raise UsageError(f"--token-env names the environment variable {token_env}, which is not set")
        return Identity(token, token_env)
    identities = target.profile.identities
    if not os.environ.get(identities.jwt_secret_env):
        return None
    wallet = Wallet(identities, os.environ, lambda _value, _name: None)
    return Identity(wallet.user("alice").token, identities.jwt_secret_env)


def _nothing_found(target: Target, findings: Findings) -> str:
    page = "; every path gets a web page, so look whether a proxy passes them on" if findings.fallback_page else ""
    hint = "" if findings.token_from else "; if it wants a token, --token-env names the variable that holds one"
    return f"{target.shown_url} answers, but offers no surface that Pulsegate knows{page}{hint}; nothing was written"


def _print_findings(findings: Findings) -> None:
    from rich.markup import escape
    from rich.table import Table

    from pulsegate.harness.cli.output import console_for
    from pulsegate.harness.probing.writing import surface_rows

    table = Table(box=None, pad_edge=False)
    for heading in ("surface", "path", "seen"):
        table.add_column(heading, overflow="fold" if heading != "seen" else "ellipsis", no_wrap=heading == "seen")
    for surface, path, seen in surface_rows(findings):
        table.add_row(escape(surface), escape(path or "-"), escape(seen), style=None if path else "dim")
    console = console_for(no_color=False)
    console.print(table)
    for sent in findings.sent:
        console.print(f"sent once, to tell what answers: {sent}", markup=False)
    if findings.found.keys() == {"health"}:
        console.print("only a health check was found: name the paths of the rest under [surfaces]", markup=False)
