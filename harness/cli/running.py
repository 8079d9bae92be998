"""What every measuring command shares: find the target, start the reference if asked, print, write, clean up."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from rich.console import Console

from pulsegate.harness.cli.arguments import without_secrets
from pulsegate.harness.cli.options import OutputOptions, RunOptions, limit, seconds
from pulsegate.harness.cli.output import console_for, run_directory, write_documents, write_run
from pulsegate.harness.cli.progress import ProgressListener
from pulsegate.harness.errors import UsageError
from pulsegate.harness.record import RunRecord
from pulsegate.harness.target import Target, read_profile, resolve_target
from pulsegate.reports.text import closing_line, headline, print_report

if TYPE_CHECKING:
    from pulsegate.harness.reference import ReferenceServer


class Run:
    """One run of a measuring command; a context manager that leaves nothing running behind."""

    target: Target
    directory: Path
    #: The bundled server, when this run started it.
    server: ReferenceServer | None = None

    def __init__(
        self, command: str, options: RunOptions, *, server_settings: Mapping[str, object] | None = None
    ) -> None:
        self.command = command
        self.options = options
        self._server_settings = server_settings or {}
        self.arguments = without_secrets(sys.argv[1:])
        self.timeout_s = None if options.timeout is None else limit(options.timeout, "--timeout")
        self.wait_s = seconds(options.wait, "--wait")
        self.console = console_for(options.no_color)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._stack:
            self._check_options()
            target = None if self.options.reference else self._named_target()
            self.directory = run_directory(self.options.output, self.command)
            self.target = target or self._start_reference()
            self.console.print(headline(self.command, self.target.info()), markup=False, soft_wrap=True)
            for warning in self.target.warnings:
                self.console.print(f"! {warning}", markup=False, soft_wrap=True)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        with suppress(OSError):  # a run that came to nothing leaves no empty directory
            self.directory.rmdir()

    def _check_options(self) -> None:
        options = self.options
        if options.reference and options.target is not None:
            raise UsageError("--reference and --target exclude each other; give one of them")
        if options.ca_file is not None and not options.ca_file.is_file():
            raise UsageError(f"--ca-file {options.ca_file}: there is no such file")
        if options.heartbeat is not None and not 0 < options.heartbeat < 3600:
            raise UsageError(f"--heartbeat {options.heartbeat:g} is not between 0 and 3600 seconds")

    def _named_target(self) -> Target:
        options = self.options
        target = resolve_target(options.target, options.profile, **self.options.of_target())
        if options.heartbeat is None:
            return target
        timing = target.profile.timing.model_copy(update={"heartbeat_s": options.heartbeat})
        return target.model_copy(update={"profile": target.profile.model_copy(update={"timing": timing})})

    def _start_reference(self) -> Target:
        from pulsegate.harness.reference import REFERENCE_HEARTBEAT_S, ReferenceServer, reference_target

        heartbeat_s = self.options.heartbeat or REFERENCE_HEARTBEAT_S
        profile = None if self.options.profile is None else read_profile(self.options.profile)
        settings = {"heartbeat_s": heartbeat_s, **self._server_settings}
        self.server = ReferenceServer(log=self.directory / "server.log", settings=settings)
        self._stack.enter_context(self.server)
        return reference_target(self.server, heartbeat_s=heartbeat_s, profile=profile, **self.options.of_target())

    def await_target(self) -> None:
        """Wait as long as ``--wait`` allows until the target answers; TargetUnreachable when it does not."""
        from pulsegate.harness.readiness import wait_until_ready

        wait_until_ready(self.target, self.wait_s)

    def confirm_load(self, load: str, *, yes: bool) -> None:
        """Ask before loading a target that is not this machine; UsageError unless the answer is yes."""
        allow_load(self.target, load, self.console, yes=yes)

    def spinner(self, text: str) -> AbstractContextManager[object]:
        """Say what is going on while nothing else is printed."""
        if self.options.quiet:
            return nullcontext()
        if self.console.is_terminal:
            return self.console.status(text)
        self.console.print(text, markup=False)
        return nullcontext()

    def progress(self) -> ProgressListener:
        """The listener that shows how far the check is."""
        return ProgressListener(self.console, quiet=self.options.quiet)

    def finish(self, record: RunRecord) -> None:
        """Print the report, write the run directory and the files asked for, and close with the verdict."""
        record = record.model_copy(update={"warnings": [*self.target.warnings, *record.warnings]})
        conclude(record, self.options, self.directory, self.console)


def allow_load(target: Target, load: str, console: Console, *, yes: bool) -> None:
    """Ask before loading a target that is not this machine; UsageError unless the answer is yes."""
    if target.loopback or yes:
        return
    host = urlsplit(target.url).hostname
    if not (sys.stdin.isatty() and console.is_terminal):
        raise UsageError(f"{host} is not this machine and would be loaded with {load}; --yes allows it")
    console.print(f"{host} is about to be loaded with {load}.", markup=False)
    if console.input("Go on? [y/N] ", markup=False).strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was sent: the load was not allowed")


def conclude(record: RunRecord, options: OutputOptions, directory: Path, console: Console) -> None:
    """Print the report, write the run directory and the files asked for, and close with the verdict."""
    print_report(record, console, quiet=options.quiet)
    try:
        write_run(record, directory)
        write_documents(record, json=options.json, html=options.html, markdown=options.markdown, junit=options.junit)
        console.print(f"HTML report: {directory / 'report.html'}", markup=False, soft_wrap=True)
    finally:
        console.print(closing_line(record, str(directory)), markup=False, soft_wrap=True)
