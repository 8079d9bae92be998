"""The `pulsegate` command: one small file per subcommand, one place that turns an error into an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
import traceback
from io import TextIOWrapper
from types import FrameType
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from pulsegate.harness.cli.browser import browser
from pulsegate.harness.cli.check import check
from pulsegate.harness.cli.clauses import clauses
from pulsegate.harness.cli.compare import compare
from pulsegate.harness.cli.faults import faults
from pulsegate.harness.cli.gate import gate
from pulsegate.harness.cli.init import init
from pulsegate.harness.cli.load import load
from pulsegate.harness.cli.prove import prove
from pulsegate.harness.cli.proxy import proxy
from pulsegate.harness.cli.report import report
from pulsegate.harness.cli.schema import schema
from pulsegate.harness.cli.serve import serve
from pulsegate.harness.cli.sse_grid import sse_grid
from pulsegate.harness.cli.token import token
from pulsegate.harness.cli.ws import ws
from pulsegate.harness.errors import ExitCode, PulsegateError


def _quietly(params: list[Any]) -> list[Any]:
    """`params`, whose help does not name the environment variable of each: one rule says them all."""
    for one in params:
        if isinstance(one, TyperOption | TyperArgument):
            one.show_envvar = False
    return params


class QuietAboutEnvironment(TyperCommand):
    """A command whose help does not name environment variables."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options and arguments."""
        return _quietly(super().get_params(ctx))


class QuietGroup(TyperGroup):
    """All commands, with a help of the same kind."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The options that are no command's."""
        return _quietly(super().get_params(ctx))


app = typer.Typer(
    name="pulsegate",
    cls=QuietGroup,
    help="Test and load real-time chat endpoints: event streams, WebSockets, streamed completions.",
    epilog=(
        "Exit codes: 0 held, 1 broken, 2 wrong use, 3 could not be measured, 70 internal error, 130 interrupted.\n\n"
        "Every option can also be given by environment, such as PULSEGATE_GATE_TARGET for the --target of gate; "
        "what the command line says goes before it, and it before the profile."
    ),
    context_settings={"auto_envvar_prefix": "PULSEGATE"},
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for command in (
    gate, compare, check, load, proxy, browser, serve, report, clauses, faults, prove, sse_grid, init, token, ws, schema
):  # fmt: skip
    app.command(cls=QuietAboutEnvironment)(command)


def _version(show: bool) -> None:
    if show:
        from importlib.metadata import version

        print(f"pulsegate {version('pulsegate')}")
        raise typer.Exit


@app.callback()
def _options(
    _show: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Test and load real-time chat endpoints: event streams, WebSockets, streamed completions."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its code; an error is one sentence on standard error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what a terminal without UTF-8 cannot show is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupted)
    sys.exit(_run(arguments))


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """End the run in order at the first signal; the second, which often comes with it, changes nothing."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _asked_again)
    os.write(2, b"pulsegate: interrupted; ending in order\n")
    raise KeyboardInterrupt


def _asked_again(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _give_up)
    os.write(2, b"pulsegate: already ending; once more to give up at once\n")


def _give_up(_number: int, _frame: FrameType | None) -> None:
    os._exit(ExitCode.INTERRUPTED)


def _run(arguments: list[str] | None) -> int:
    try:
        app(arguments, standalone_mode=True, prog_name="pulsegate")
    except SystemExit as end:
        return _code_of(end)
    except PulsegateError as problem:
        print(f"pulsegate: {problem}", file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except OSError as problem:
        return _report_refusal(problem)
    except Exception as defect:
        _report_defect(defect)
        return ExitCode.INTERNAL
    return ExitCode.HELD


def _code_of(end: SystemExit) -> int:
    """The exit code; a reader who left has broken nothing, as click's 1 would say."""
    if isinstance(end.__context__, BrokenPipeError):
        return ExitCode.HELD
    return end.code if isinstance(end.code, int) else ExitCode.USAGE


def _report_refusal(problem: OSError) -> ExitCode:
    """The system's own refusals are no defect of ours: a reader gone, a disk full, a path closed to us or too long."""
    if isinstance(problem, BrokenPipeError):
        _print_nowhere()
        return ExitCode.HELD
    if problem.errno == errno.ENOSPC:
        _print_nowhere()
        print(f"pulsegate: the output cannot be written: {problem.strerror}; make room, run it again", file=sys.stderr)
    elif problem.errno in (errno.EACCES, errno.ENAMETOOLONG) and problem.filename is not None:
        print(f"pulsegate: {problem.filename} cannot be used: {problem.strerror}", file=sys.stderr)
    else:
        _report_defect(problem)
        return ExitCode.INTERNAL
    return ExitCode.USAGE


def _print_nowhere() -> None:
    """What is still to be flushed at the end goes where nobody refuses it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report_defect(defect: Exception) -> None:
    print(f"pulsegate: internal error, please report it: {type(defect).__name__}: {defect}", file=sys.stderr)
    if os.environ.get("PULSEGATE_DEBUG"):
        traceback.print_exception(defect)
    else:
        print("pulsegate: PULSEGATE_DEBUG=1 shows where", file=sys.stderr)


if __name__ == "__main__":
    main()
