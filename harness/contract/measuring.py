"""What to do so that a clause is measured, by the reason why it was not."""

from __future__ import annotations

import re

from pulsegate.harness.ready_profiles import example_line
from pulsegate.harness.record import Outcome

#: A key of the profile as reasons name it: ``[prompts] show, complete``.
_KEYS = re.compile(r"\[(\w+)\] ([a-z][\w.]*(?:, [a-z][\w.]*)*)")
_CLAUSE = re.compile(r"\b([A-Z]+-\d+)\b")

_NO_IDENTITY = """\
Say who may use the server. Either export the secret that signs its tokens, PULSEGATE_JWT_SECRET, or name tokens in the
profile, each in a variable of its own:

    [identities]
    alice_token_env = "ALICE_TOKEN"
    bob_token_env = "BOB_TOKEN\""""

#: A piece of a reason, and what helps; the first that fits.
_ADVICE = (
    ("no identity", _NO_IDENTITY),
    ("no signing secret", _NO_IDENTITY),
    ("the harness itself starts", "Only a server that Pulsegate starts can show this: pulsegate check --reference."),
    ("this run is read-only", "It changes the target's data: leave out --read-only where that is allowed."),
    ("time limit", "Give the run more time with --timeout."),
    ("machine", "Run it again where less else is running: this machine, not the target, was too slow to tell."),
    ("behind a proxy", 'Check the backend without its proxy, and say so: [target] behind_proxy = "no".'),
    ("openai package", "Install the client that it needs: pip install 'pulsegate[openai]'."),
)  # fmt: skip


def how_to_measure(clause_id: str, surface: str, outcome: Outcome, reason: str) -> str:
    """The remedy of a clause that had to be measured, and was not because of `reason`."""
    spare = (
        f"If it cannot be measured here, leave it out: --skip {clause_id}, or name the others under [require] clauses."
    )
    return f"{_advice(surface, outcome, reason)}\n\n{spare}"


def _advice(surface: str, outcome: Outcome, reason: str) -> str:
    if outcome == "not_offered":
        return (
            f'Name its path in the profile, if the target offers {surface}:\n\n    [surfaces]\n    {surface} = "/..."'
        )
    if lines := _profile_lines(reason):
        return f"Set in the profile, with your own values:\n\n{lines}"
    if advice := next((advice for piece, advice in _ADVICE if piece in reason), ""):
        return advice
    if others := list(dict.fromkeys(_CLAUSE.findall(reason))):
        return f"Mend {' and '.join(others)} first: nothing can be told of this one until then."
    return f"What was missing: {reason}."


def _profile_lines(reason: str) -> str:
    """The keys that `reason` names, as lines of a profile; empty where it names none that an example is known of."""
    sections: dict[str, list[str]] = {}
    for section, keys in _KEYS.findall(reason):
        lines = [line for key in keys.split(", ") if (line := example_line(section, key))]
        if section == "metrics" and lines:
            lines.insert(0, example_line(section, "url"))
        sections.setdefault(section, []).extend(lines)
    return "\n".join(
        "\n".join(f"    {line}" for line in (f"[{section}]", *dict.fromkeys(lines)))
        for section, lines in sections.items()
        if lines
    )
