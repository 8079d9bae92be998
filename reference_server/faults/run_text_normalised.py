"""Letters that were sent with a combining accent come back as one character."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from pulsegate.reference_server.tampering import Answer, Seams

BREAKS = ("RUN-1",)


def plant(seams: Seams) -> None:
    """Answer texts in normalisation form C."""

    def normalised(value: Any, _: Answer) -> Any:
        if "messages" not in value:
            return value
        return json.loads(unicodedata.normalize("NFC", json.dumps(value, ensure_ascii=False)))

    seams.answers("run", normalised)
