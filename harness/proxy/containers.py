"""The official nginx container, for machines without an nginx of their own.

It shares the machine's process numbers too: signals and memory are then the same as those of a local nginx. Its folder
is the relocated one, under the same path.
"""

from __future__ import annotations

import os
from pathlib import Path

from pulsegate.harness.parts import part
from pulsegate.harness.parts.containers import Container, engine, is_there, why_not

__all__ = ["IMAGE_VARIABLE", "image", "is_there", "start_nginx", "version_text", "why_not"]

IMAGE_VARIABLE = part("nginx").image_variable


def image() -> str:
    """The image that is used: the official one, unless the environment names another."""
    return part("nginx").wanted_image


def version_text(name: str) -> str:
    """What ``nginx -V`` prints in the image `name`."""
    with engine() as client:
        output: bytes = client.containers.run(
            name, ["nginx", "-V"], entrypoint="", remove=True, stderr=True, network_mode="none"
        )
    return output.decode("utf-8", "replace")


def start_nginx(name: str, arguments: list[str], directory: Path) -> Container:
    """nginx in a container, as ourselves: what it writes is ours to remove."""
    return Container(
        name,
        ["nginx", *arguments],
        folder=directory,
        pid_mode="host",
        user=f"{os.getuid()}:{os.getgid()}",
        entrypoint="",
        working_dir=str(directory),
    )
