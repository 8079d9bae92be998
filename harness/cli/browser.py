"""`pulsegate browser`: a real browser before the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from typer import Exit, Option

from pulsegate.harness.cli.options import RunOptions, takes

if TYPE_CHECKING:
    from datetime import datetime

    from pulsegate.harness.browser.measuring import BrowserSession, Wanted
    from pulsegate.harness.cli.running import Run
    from pulsegate.harness.record import RunRecord

#: The bundled server passes on what the socket's throughput needs.
SERVER_SETTINGS = {"messages_per_s": 100_000}


@takes(RunOptions)
def browser(
    options: RunOptions,
    *,
    page: Annotated[str | None, Option(help="The application's page, or a path of the target.", metavar="URL")] = None,
    updates_per_s: Annotated[int, Option(help="Updates a second.", min=10, max=500)] = 60,
    messages: Annotated[int, Option(help="Messages of the long conversation.", min=100, max=10_000)] = 10_000,
    repetitions: Annotated[int, Option(help="Pairs with and without each optimisation.", min=2, max=50)] = 6,
    questions: Annotated[int, Option(help="Questions asked on your own page.", min=1, max=200)] = 5,
    contract_only: Annotated[
        bool, Option("--contract-only", help="Judge the clauses of the browser; leave out the figures.")
    ] = False,
    yes: Annotated[bool, Option("--yes", help="Measure what is not this machine without asking.")] = False,
) -> None:
    """Drive the system's Chromium: render time, memory, update frequency, connection, and the contract as pages see it.

    Pages that offer a load (the bundled server's) are measured at --updates-per-s, with conversations of --messages and
    with each optimisation on and off; on your own page the profile's \\[browser] says where to ask.

    [bold]Examples[/bold]

      pulsegate browser --reference

      pulsegate browser --page http://127.0.0.1:5173/ai-chat --target http://127.0.0.1:8000
    """
    from datetime import UTC, datetime

    from pulsegate.harness.browser.tools import require_browser
    from pulsegate.harness.cli.running import Run

    program = require_browser()
    from pulsegate.harness.browser.figures import Inputs
    from pulsegate.harness.browser.measuring import BrowserSession, Wanted

    with Run("browser", _with_target(options, page), server_settings=SERVER_SETTINGS) as run:
        inputs = Inputs(updates_per_s, messages, repetitions, options.seed)
        wanted = Wanted(page, inputs, questions, contract_only)
        _confirm(run, wanted, yes=yes)
        run.await_target()
        began = datetime.now(UTC)
        session = BrowserSession(program, run.target, wanted, server=run.server, say=_say(run))
        record = _measured(run, session, began)
        run.finish(record)
    raise Exit(record.exit_code)


def _with_target(options: RunOptions, page: str | None) -> RunOptions:
    """Without a target the page's own server is the target."""
    from urllib.parse import urlsplit

    from pulsegate.harness.errors import UsageError
    from pulsegate.harness.target import find_profile

    if page is None or page.startswith("/"):
        return options
    parts = urlsplit(page)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--page {page!r} is neither an http:// or https:// address nor a path that starts with '/'")
    if options.reference or options.target is not None or find_profile(options.profile)[0].target.url is not None:
        return options
    return replace(options, target=f"{parts.scheme}://{parts.netloc}")


def _confirm(run: Run, wanted: Wanted, *, yes: bool) -> None:
    """Ask before anything that is not this machine is loaded, target or page."""
    from urllib.parse import urlsplit

    from pulsegate.harness.errors import UsageError
    from pulsegate.harness.wire.address import is_loopback

    asked = f"{wanted.questions} questions on a page, and up to {wanted.inputs.updates_per_s} events a second"
    run.confirm_load(asked, yes=yes)
    page = wanted.page or run.target.profile.browser.page or "/"
    host = urlsplit(page).hostname
    if not (yes or host is None or is_loopback(host) or host == urlsplit(run.target.url).hostname):
        raise UsageError(f"{host}, where the page is, is not this machine and would be loaded; --yes allows it")


def _say(run: Run) -> Callable[[str], None]:
    if run.options.quiet:
        return lambda _: None
    return lambda text: run.console.print(text, markup=False, style="dim")


def _measured(run: Run, session: BrowserSession, began: datetime) -> RunRecord:
    import asyncio
    from datetime import UTC, datetime

    from pulsegate.harness.browser.recording import run_verdict
    from pulsegate.harness.machine import environment
    from pulsegate.harness.record import RunRecord

    interrupted = False
    try:
        asyncio.run(session.measure(run.timeout_s))
    except KeyboardInterrupt:
        interrupted = True
    clauses, measured = session.clauses(), session.run()
    return RunRecord(
        command="browser",
        arguments=run.arguments,
        started_at=began,
        finished_at=datetime.now(UTC),
        interrupted=interrupted,
        target=run.target.info(),
        environment=environment(kernel_stamps=False),
        verdict=run_verdict(clauses, measured, problem=session.problem, interrupted=interrupted),
        warnings=[session.problem] if session.problem else [],
        clauses=clauses,
        browser=measured,
    )
