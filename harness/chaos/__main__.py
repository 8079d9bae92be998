"""The relay as a program: ``python -P -m pulsegate.harness.chaos HOST PORT SEED``.

It says ``{"port": N}`` once it listens, and then answers each line of standard input with one line. It ends when
standard input does, as that does however its parent ends.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from pulsegate.harness.chaos.relay import Harm, Relay
from pulsegate.harness.loading.capacity import raise_descriptor_limit

_LONGEST_LINE = 65_536


async def _serve(host: str, port: int, seed: int) -> None:
    relay = Relay(host, port, seed=seed)
    await relay.start()
    harms: list[Harm] = []
    lines = asyncio.StreamReader(limit=_LONGEST_LINE)
    loop = asyncio.get_running_loop()
    pipe, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    _say({"port": relay.port, "descriptors": raise_descriptor_limit()})
    try:
        while line := await lines.readline():
            _say(_answer(relay, harms, json.loads(line)))
    finally:
        pipe.close()
        relay.stop()


def _answer(relay: Relay, harms: list[Harm], asked: dict[str, Any]) -> dict[str, Any]:
    if asked["ask"] == "arm":
        harms.append(relay.arm(asked["fault"], asked["arguments"], asked["share"]))
        return {"number": len(harms) - 1}
    if asked["ask"] == "harm":
        return asdict(harms[asked["number"]])
    if asked["ask"] == "streams":
        return {"streams": len(relay.streams)}
    return asdict(relay.arrivals)


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
