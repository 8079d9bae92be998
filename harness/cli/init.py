"""`pulsegate init`: a commented target profile to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def init(
    file: Annotated[Path, Argument(help="The file to write.", metavar="FILE")] = Path("pulsegate.toml"),
    *,
    target: Annotated[str | None, Option(help="Address of the server.", metavar="URL")] = None,
    like: Annotated[str | None, Option(help="Start from a ready profile instead.", metavar="NAME")] = None,
    force: Annotated[bool, Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Write a commented target profile.

    Ready profiles for --like: reference, copilotkit-sse, realtime, chatkit, task-assistant.
    """
    import re

    from pulsegate.harness.errors import UsageError
    from pulsegate.harness.profiles import profile_text
    from pulsegate.harness.target import check_url

    text = profile_text(like or "template")
    if target is not None:
        try:
            text = re.sub(r'(?m)^url = ".*"$', f'url = "{check_url(target)}"', text, count=1)
        except ValueError as problem:
            raise UsageError(f"--target {problem}") from None
    if file.exists() and not force:
        raise UsageError(f"{file} exists already; --force replaces it")
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"{file} cannot be written: {problem.strerror}") from None
    print(f"wrote {file}; check it with: pulsegate check --profile {file}")
