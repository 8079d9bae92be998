"""A Redis of our own."""

from __future__ import annotations

import socket
from pathlib import Path

from pulsegate.harness.loopback import ADDRESS
from pulsegate.harness.parts.containers import Container
from pulsegate.harness.parts.processes import KeptProgram, Running
from pulsegate.harness.parts.started import StartedPart


class RedisPart(StartedPart):
    """A Redis that keeps everything in memory only, as a cache does: after `halt` or `kill` it is empty."""

    def __init__(self) -> None:
        super().__init__("redis")

    @property
    def url(self) -> str:
        """Its first database."""
        return f"redis://:{self.password}@{ADDRESS}:{self.port}/0"

    def _settings(self) -> dict[str, str]:
        return {
            "bind": ADDRESS, "port": str(self.port), "requirepass": self.password, "save": '""', "appendonly": "no",
        }  # fmt: skip

    def _local(self, binary: Path) -> Running:
        file = self.folder / "redis.conf"  # not among the arguments: those every user of the machine can read
        file.touch(mode=0o600)
        settings = {**self._settings(), "dir": f'"{self.folder}"'}
        file.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
        return KeptProgram([str(binary), str(file)], self.folder, scratch=True)

    def _contained(self, image: str) -> Running:
        words = [word for name, value in self._settings().items() for word in (f"--{name}", value.replace('""', ""))]
        return Container(image, ["redis-server", *words])

    def _answers(self) -> bool:
        """Whether it wants a password: while it loads, it says so instead."""
        with socket.create_connection((ADDRESS, self.port), timeout=1) as link:
            link.sendall(b"PING\r\n")
            return link.recv(64).startswith((b"-NOAUTH", b"+PONG"))
